/// Where the pages' own files are found; their names change with their content.
struct Assets: Sendable {
    let style: String
    let script: String
    let icon: String
    /// The mark as SVG, for the page header.
    let mark: String

    init() {
        style = "/assets/portal-\(contentName(styleSheet)).css"
        script = "/assets/live-\(contentName(liveScript)).js"
        icon = "/assets/icon-\(contentName(iconImage)).svg"
        mark = iconImage
    }
}

/// A short name that changes with the content (FNV-1a), so that browsers may keep a file for ever.
func contentName(_ content: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in content.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 36)
}

/// An entry of the page header.
struct NavigationItem: Sendable, Equatable {
    let label: String
    let address: String
    var isCurrent = false
}

/// What surrounds a page: title, office, who is signed in, where one can go.
struct PageFrame: Sendable {
    /// Who is signed in.
    struct Person: Sendable {
        let name: String
        let role: String
    }

    let title: String
    let office: String
    /// Nil where nobody's office is known.
    let zone: String?
    let person: Person?
    let navigation: [NavigationItem]
    let formToken: String
    let assets: Assets

    /// Mustache asks for this by name, so it is stored.
    let hasNavigation: Bool

    init(
        title: String,
        office: String?,
        zone: String?,
        person: Person? = nil,
        navigation: [NavigationItem] = [],
        formToken: String = "",
        assets: Assets
    ) {
        self.title = title
        self.office = office ?? "Electricity office"
        self.zone = zone
        self.person = person
        self.navigation = navigation
        self.hasNavigation = !navigation.isEmpty
        self.formToken = formToken
        self.assets = assets
    }
}

/// The sign-in form.
struct SignInPage: Sendable {
    var message: String?
    var login = ""
    /// Where to go afterwards; a path of this site.
    var next = ""
}

/// A page that only says something.
struct MessagePage: Sendable {
    var heading: String
    var text: String
    var faults: [String] = []
    var hasFaults: Bool
    var requestID: String?
    var back = "/"
    var backLabel = "To the start"

    init(_ heading: String, _ text: String, faults: [String] = [], requestID: String? = nil) {
        self.heading = heading
        self.text = text
        self.faults = faults
        self.hasFaults = !faults.isEmpty
        self.requestID = requestID
    }
}

/// A piece of a path, with everything escaped that would mean something there.
func pathPiece(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "~"):
            escaped.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            escaped += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    return escaped
}
