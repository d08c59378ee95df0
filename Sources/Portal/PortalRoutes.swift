import HTTPTypes
package import Hummingbird
import NIOCore
import Registry
import Units
package import UseCases
package import Web

/// The pages for consumers and staff.
package struct PortalRoutes: Sendable {
    let useCases: UseCaseSet
    let reception: Reception
    let printer: Printer
    let feed: LiveFeed
    /// Measures how long a live stream lasts.
    let stopwatch: any Clock<Duration>

    /// Reads the templates; the parser's error is thrown for one that cannot be read.
    ///
    /// - Parameters:
    ///   - useCases: the verbs behind the pages.
    ///   - usesSecureCookies: cookies travel over TLS only; wanted wherever browsers use https.
    ///   - stopwatch: measures how long a live stream lasts.
    /// - Throws: the parser's error.
    package init(
        _ useCases: UseCaseSet,
        usesSecureCookies: Bool,
        stopwatch: any Clock<Duration> = ContinuousClock()
    ) throws {
        self.useCases = useCases
        self.stopwatch = stopwatch
        reception = Reception(useCases: useCases, usesSecureCookies: usesSecureCookies)
        printer = try Printer()
        feed = LiveFeed(useCases)
    }

    /// Adds every page to a router.
    package func add(to router: Router<WebContext>) {
        addAssets(to: router)
        addSignIn(to: router)
        addConsumerPages(to: router)
        addForecastPages(to: router)
        addOfficePages(to: router)
        addRunPages(to: router)
        addExceptionPages(to: router)
        addRoundPages(to: router)
        addReadingPages(to: router)
    }

    private func addAssets(to router: Router<WebContext>) {
        let files = [
            (printer.assets.style, styleSheet, "text/css; charset=utf-8"),
            (printer.assets.script, liveScript, "text/javascript; charset=utf-8"),
            (printer.assets.icon, iconImage, "image/svg+xml"),
        ]
        for (path, content, type) in files {
            router.get(RouterPath(path)) { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: type,
                        .cacheControl: "public, max-age=31536000, immutable",
                    ],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: content))
                )
            }
        }
    }

    // MARK: Pages

    /// How the office of a visitor writes times; UTC where there is no office.
    func wording(_ office: Office?) -> Wording {
        Wording(
            zone: office?.zone ?? OfficeZone(name: "UTC", offsetSeconds: 0),
            now: useCases.clock.now()
        )
    }

    /// A page for someone who is signed in.
    func page(
        _ template: Template,
        _ title: String,
        _ page: some Sendable,
        for visitor: Visitor,
        at request: Request,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let frame = PageFrame(
            title: title,
            office: visitor.office?.name,
            zone: visitor.office?.zone.name,
            person: PageFrame.Person(
                name: visitor.caller.name,
                role: visitor.caller.role.title
            ),
            navigation: navigation(for: visitor, path: request.uri.path),
            formToken: visitor.formToken.text,
            assets: printer.assets
        )
        var response = printer.response(
            template,
            Sheet(frame: frame, page: page),
            status: status
        )
        keep(visitor.formToken, in: &response)
        return response
    }

    /// A page for anyone.
    func openPage(
        _ template: Template,
        _ title: String,
        _ page: some Sendable,
        formToken: FormToken? = nil,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        let frame = PageFrame(
            title: title,
            office: nil,
            zone: nil,
            formToken: formToken?.text ?? "",
            assets: printer.assets
        )
        var response = printer.response(
            template,
            Sheet(frame: frame, page: page),
            status: status,
            headers: headers
        )
        if let formToken { keep(formToken, in: &response) }
        return response
    }

    private func keep(_ token: FormToken, in response: inout Response) {
        guard token.isNew else { return }
        response.setCookie(reception.cookie(Cookies.form, token.text))
    }

    /// Answers with a visitor who has an office; an administrator without one is sent to choose.
    func inOffice(
        _ request: Request,
        _ answer: (Visitor, Office) async throws -> Response
    ) async throws -> Response {
        let visitor = try await reception.visitor(request)
        guard let office = visitor.office else { return .redirect(to: "/admin/offices") }
        return try await answer(visitor, office)
    }

    /// The same for staff and administrators only.
    func atDesk(
        _ request: Request,
        _ answer: (Visitor, Office) async throws -> Response
    ) async throws -> Response {
        try await inOffice(request) { visitor, office in
            try visitor.caller.requireStaff()
            return try await answer(visitor, office)
        }
    }

    /// The fields of a form.
    func fields(of request: Request) async throws -> [String: String] {
        let bytes = try await request.bytes(upTo: Limits.formBytes)
        do {
            return try URLEncodedFormDecoder().decode(
                [String: String].self,
                from: String(decoding: bytes, as: UTF8.self)
            )
        } catch {
            throw HTTPError(.badRequest, message: "the form cannot be read")
        }
    }
}
