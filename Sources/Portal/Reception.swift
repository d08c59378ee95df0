import HTTPTypes
import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Who is looking at a page, and through which office.
struct Visitor: Sendable {
    /// For administrators with the chosen office in place of the installation.
    let caller: Caller
    /// Nil for an administrator who has not chosen one.
    let office: Office?
    let formToken: FormToken
    /// The session's token, for signing out.
    let session: String
}

/// Proof that a form came from a page of this site: the same random text in a cookie, which no
/// other site can read or set, and in the form.
struct FormToken: Sendable {
    let text: String
    /// Not in a cookie yet.
    let isNew: Bool

    init(_ request: Request) {
        if let known = request.cookies[Cookies.form]?.value, known.utf8.count == 32 {
            text = known
            isNew = false
        } else {
            var generator = SystemRandomNumberGenerator()
            text = (0..<2).map { _ in
                let digits = String(generator.next() as UInt64, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
            isNew = true
        }
    }

    /// Refuses a form that another site may have sent.
    func check(_ given: String?, _ request: Request) throws {
        let site = request.headers[.secFetchSite]
        guard !isNew, given == text, site == nil || site == "same-origin" || site == "none" else {
            throw NotAllowed("this form has expired; open the page again and send it once more")
        }
    }
}

/// The cookies of the pages; none of them is readable by scripts.
enum Cookies {
    static let session = "vidyut_session"
    static let form = "vidyut_form"
    /// The office an administrator has chosen.
    static let office = "vidyut_office"
}

/// Recognises visitors by their cookie and gives them one.
struct Reception: Sendable {
    let useCases: UseCaseSet
    /// Cookies travel over TLS only.
    let usesSecureCookies: Bool

    /// Who asks.
    ///
    /// - Throws: `NotSignedIn` for a stranger.
    func visitor(_ request: Request) async throws -> Visitor {
        guard let token = request.cookies[Cookies.session]?.value, !token.isEmpty else {
            throw NotSignedIn("sign in first")
        }
        var caller = try await useCases.signIn.caller(token: token)
        let office: Office?
        if caller.role == .administrator {
            office = try await chosenOffice(request)
            if let office { caller.office = office.id }
        } else {
            office = try await useCases.findOffices(caller.office)
        }
        return Visitor(
            caller: caller,
            office: office,
            formToken: FormToken(request),
            session: token
        )
    }

    private func chosenOffice(_ request: Request) async throws -> Office? {
        guard let code = request.cookies[Cookies.office]?.value else { return nil }
        do {
            return try await useCases.findOffices(code: code)
        } catch is NotFound {
            return nil
        }
    }

    /// A cookie of this site; an empty value takes it away.
    func cookie(_ name: String, _ value: String, seconds: Int? = nil) -> Cookie {
        Cookie(
            name: name,
            value: value,
            maxAge: value.isEmpty ? 0 : seconds,
            path: "/",
            secure: usesSecureCookies,
            httpOnly: true,
            sameSite: .lax
        )
    }
}

extension HTTPField.Name {
    /// Where a browser says a request comes from: `same-origin`, `cross-site`.
    static let secFetchSite: HTTPField.Name = {
        guard let name = HTTPField.Name("Sec-Fetch-Site") else {
            preconditionFailure("Sec-Fetch-Site is a header name")
        }
        return name
    }()
}
