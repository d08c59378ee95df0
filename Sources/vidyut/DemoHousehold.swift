import Units

/// One service of the demo's town.
struct DemoHousehold: Sendable {
    /// What is odd about it; the town has one of each.
    enum Oddity: CaseIterable, Sendable {
        case none
        /// Its meter was exchanged within the last cycle.
        case exchanged
        /// Its register rolled over to zero in the year.
        case rolledOver
        /// Nine days of its past are missing.
        case gap
        /// Nobody lives there: nothing is used.
        case locked
        /// Its meter has said nothing for some days.
        case silent
        /// Connected some weeks ago, within a cycle.
        case newlyConnected
        /// Its register fell to zero and began anew, which no rollover explains.
        case reset
        /// A shop on three phases and the commercial tariff.
        case shop
        /// A large house far up the slabs.
        case large
        /// Its clock has been wrong: readings from the future were refused.
        case wrongClock
    }

    static let exchangeDaysAgo = 2
    private static let silentDays = 5
    private static let gapDaysAgo = 70..<79
    private static let resetDaysAgo = 30

    let number: Int
    let name: String
    let street: String
    let language: String
    let oddity: Oddity

    /// Forty services on two feeders, in order of number.
    static let town: [DemoHousehold] = names.enumerated().map { index, name in
        let oddities = Oddity.allCases.dropFirst()
        // Every third house from the fourth on is an odd one, until each oddity has its house.
        let position = (index - 3) / 3
        let isOdd = index >= 3 && index % 3 == 0 && position < oddities.count
        return DemoHousehold(
            number: index + 1,
            name: name,
            street: streets[index % streets.count],
            language: index % 5 == 4 ? "en" : "ta",
            oddity: isOdd ? Array(oddities)[position] : .none
        )
    }

    var serial: String { "AM\((10_000 + number * 37).padded(6))" }
    var newSerial: String { serial + "B" }
    var consumerNumber: String { "C\(number.padded(4))" }
    var serviceNumber: String { "07-214-\(number.padded(3))" }
    var login: String { "consumer\(number)" }
    var phone: String { "+9198400\((number * 613 % 100_000).padded(5))" }
    var address: String { "\(number * 3) \(street), Ambur 635802" }
    var feeder: String { number <= 22 ? "11KV-BAZAAR" : "11KV-STATION" }
    var transformer: String { "\(number <= 22 ? "BZ" : "ST")-DTR-\((number % 4 + 1).padded(2))" }
    var isShop: Bool { oddity == .shop }
    var category: String { isShop ? "LT V commercial" : "LT I-A domestic" }
    var tariffFamily: String { isShop ? "tnpdcl-lt5" : "tneb-lt1a" }
    var phases: Int { isShop || oddity == .large ? 3 : 1 }
    var sanctionedLoadWatts: Int { isShop ? 9_000 : oddity == .large ? 12_000 : 4_000 }
    var registerDigits: Int { oddity == .rolledOver ? 5 : 6 }

    /// Watt-hours on the register at the beginning; the one that rolls over begins near its end.
    var openingRegister: Int64 {
        oddity == .rolledOver ? 99_100_000 : Int64(number) * 317_000 + 1_250_000
    }

    /// What the household uses of the load that its seed makes.
    var scale: Double {
        switch oddity {
        case .locked: 0
        case .shop: 2.2
        case .large: 3
        default: 0.75 + Double(number * 7 % 10) / 12
        }
    }

    /// The meter that reports in the demo; nil where none does.
    var reportingSerial: String? {
        switch oddity {
        case .silent, .locked: nil
        case .exchanged: newSerial
        default: serial
        }
    }

    /// The locked house's register is read by hand to the last day; the others' meters do it.
    var isReadByHand: Bool { oddity == .locked }

    /// How long it has been connected.
    func daysOfHistory(_ all: Int) -> Int { oddity == .newlyConnected ? 25 : all }

    /// Whether its meter was heard on a day.
    func isHeard(_ day: CivilDate, before end: CivilDate) -> Bool {
        let ago = end.days(since: day)
        switch oddity {
        case .gap: return !Self.gapDaysAgo.contains(ago)
        case .silent: return ago > Self.silentDays
        default: return true
        }
    }

    /// Whether a day comes after its register fell to zero.
    func isAfterReset(_ day: CivilDate, before end: CivilDate) -> Bool {
        oddity == .reset && end.days(since: day) < Self.resetDaysAgo
    }

    /// Where a register that never fell stands after so many watt-hours.
    func register(after wattHours: Int64) -> Int64 {
        var modulus: Int64 = 1_000
        for _ in 0..<registerDigits { modulus *= 10 }
        return (openingRegister + wattHours) % modulus
    }

    private static let streets = [
        "Bazaar Street", "Mosque Street", "Station Road", "Nethaji Road", "Gandhi Nagar",
        "Bethel Nagar", "Sandpet Road",
    ]

    private static let names = [
        "Lakshmi Narayanan", "கவிதா முருகன்", "Mohammed Rafi", "Selvi Arumugam", "R. Venkatesan",
        "Shanthi Devi", "P. Anbarasan", "Noorjahan Begum", "S. Karthikeyan", "Revathi Balaji",
        "D. Immanuel", "Kamala Subramani", "A. Syed Ibrahim", "தமிழ்ச்செல்வி", "M. Ganesan",
        "Bhuvaneswari", "K. Perumal", "Zeenath Banu", "V. Sathish Kumar", "Malar Kodi",
        "T. Elango", "G. Rajeswari", "Ameena Leather Works", "J. Arokiasamy", "Ponni Ammal",
        "N. Dhanasekaran", "Yasmin Parveen", "L. Murugesan", "Geetha Ravi", "श्री राम प्रसाद",
        "H. Abdul Kareem", "Valarmathi", "C. Palani", "Esther Mary", "B. Suresh Babu",
        "Indira Chandran", "O. Manickam", "Saroja Devaraj", "Q. Farooq", "Uma Maheswari",
    ]
}
