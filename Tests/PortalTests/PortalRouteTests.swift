import FoundationEssentials
import Hummingbird
import Metering
import Portal
import Registry
import TestSupport
import Testing
import Units
import UseCases
import Web
import WebTestSupport

/// The pages over real HTTP, with real people in a real database.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct PortalRouteTests {
    /// An office with two consumers, each with a service, and the portal open.
    private func inOffice(
        _ body: @escaping @Sendable (TestOffice, TestPeople, HTTPClient) async throws -> Void
    ) async throws {
        let office = try await TestOffice.make()
        _ = try await office.connect("1")
        _ = try await office.connect("2")
        let portal = try PortalRoutes(office.useCases, usesSecureCookies: false)
        try await withServer(
            office.useCases,
            page: portal.page(for:request:context:),
            addRoutes: portal.add(to:)
        ) { client in try await body(office, TestPeople(office), client) }
    }

    @Test func `a stranger is asked to sign in and then led back`() async throws {
        try await inOffice { _, people, client in
            let browser = Browser(client)
            let login = try await people.add(.consumer, consumer: "C-1")

            let turned = try await browser.get("/services/S-1")
            #expect(turned.status == 303)
            #expect(turned.headers["location"] == "/sign-in?next=%2Fservices%2FS-1")
            let page = try await browser.get("/sign-in?next=%2Fservices%2FS-1")
            #expect(page.text.contains("name=\"next\" value=\"/services/S-1\""))

            let entered = try await browser.signIn(login, next: "/services/S-1")
            #expect(entered.status == 303 && entered.headers["location"] == "/services/S-1")
            let shown = try await browser.get("/services/S-1")
            #expect(shown.status == 200)
            #expect(shown.text.contains("Service S-1") && shown.text.contains("Consumer 1"))
        }
    }

    @Test func `the cookie is out of reach for scripts and other sites`() async throws {
        try await inOffice { office, people, client in
            let login = try await people.add(.clerk)
            let entered = try await Browser(client).signIn(login)
            let cookie = try #require(entered.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            #expect(cookie.contains("Path=/") && !cookie.contains("Secure"))

            let secure = try PortalRoutes(office.useCases, usesSecureCookies: true)
            try await withServer(
                office.useCases,
                page: secure.page(for:request:context:),
                addRoutes: secure.add(to:)
            ) { client in
                let entered = try await Browser(client).signIn(login)
                #expect(entered.headers["set-cookie"]?.contains("Secure") == true)
            }
        }
    }

    @Test func `a wrong password is said plainly and opens nothing`() async throws {
        try await inOffice { _, people, client in
            let browser = Browser(client)
            let login = try await people.add(.clerk)

            let refused = try await browser.signIn(login, password: "not the right one")

            #expect(refused.status == 422)
            #expect(refused.text.contains("Login name or password is wrong."))
            #expect(refused.text.contains("value=\"\(login)\""))
            #expect(browser.cookies["vidyut_session"] == nil)
            #expect(try await browser.get("/office").status == 303)
        }
    }

    @Test func `a form from another site does nothing`() async throws {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.manager))
            let good = browser.cookies["vidyut_form"] ?? ""

            let forged = [
                try await browser.send(
                    "POST",
                    "/office/runs",
                    form: ["cycle": "2026-10", "formToken": "guess"]
                ),
                try await browser.send("POST", "/office/runs", form: ["cycle": "2026-10"]),
                try await browser.send(
                    "POST",
                    "/office/runs",
                    form: ["cycle": "2026-10", "formToken": good],
                    headers: ["Sec-Fetch-Site": "cross-site"]
                ),
                try await browser.send("POST", "/sign-out", form: ["formToken": "guess"]),
            ]

            #expect(forged.allSatisfy { $0.status == 403 })
            let runs = try await office.useCases.showBills.runs(PageRequest(), by: office.manager)
            #expect(runs.items.isEmpty)
            #expect(try await browser.get("/office").status == 200)
        }
    }

    @Test func `signing out ends the session itself`() async throws {
        try await inOffice { _, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.clerk))
            let stolen = browser.cookies["vidyut_session"] ?? ""

            let left = try await browser.send(
                "POST",
                "/sign-out",
                form: ["formToken": browser.cookies["vidyut_form"] ?? ""]
            )

            #expect(left.status == 303)
            let again = try await client.send(
                "GET",
                "/office",
                headers: ["Cookie": "vidyut_session=\(stolen)", "Accept": "text/html"]
            )
            #expect(again.status == 303)
        }
    }

    @Test func `everyone begins where their work is`() async throws {
        try await inOffice { _, people, client in
            let starts: [(Role, String?, String)] = [
                (.consumer, "C-1", "/home"), (.clerk, nil, "/office"),
                (.administrator, nil, "/admin/offices"),
            ]
            for (role, consumer, start) in starts {
                let browser = Browser(client)
                let entered = try await browser.signIn(
                    try await people.add(role, consumer: consumer)
                )
                #expect(entered.headers["location"] == "/")
                #expect(try await browser.get("/").headers["location"] == start, "\(role)")
                #expect(try await browser.get(start).status == 200, "\(role)")
            }
        }
    }

    @Test func `a consumer reaches nothing of another consumer and no desk`() async throws {
        try await inOffice { _, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.consumer, consumer: "C-1"))

            for path in ["/services/S-2", "/services/S-2/live", "/services/none", "/bills/1"] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
            let desks = [
                "/office", "/office/consumers", "/office/consumers/C-1", "/office/services",
                "/office/meters", "/office/meters/m-1", "/office/meters/m-1/live",
                "/office/runs", "/office/runs/1", "/office/bills", "/office/rejections",
                "/office/exceptions", "/office/meters/m-1/days/2026-11-20", "/admin/offices",
            ]
            for path in desks {
                let answer = try await browser.get(path)
                #expect(answer.status == 403, "\(path)")
                #expect(answer.text.contains("<h1>Not allowed</h1>"), "\(path)")
            }
            let home = try await browser.get("/home")
            #expect(home.text.contains("Service S-1") && !home.text.contains("S-2"))
        }
    }

    @Test func `staff reach nothing of another office`() async throws {
        let other = try await TestOffice.make()
        _ = try await other.connect("elsewhere")
        try await inOffice { _, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.manager))

            for path in [
                "/services/S-elsewhere", "/office/consumers/C-elsewhere",
                "/office/meters/m-elsewhere", "/office/meters/m-elsewhere/live",
                "/office/runs/2147483646", "/office/runs/x",
                "/office/meters/m-elsewhere/days/2026-11-20", "/office/meters/m-1/days/x",
                "/office/exceptions?meter=m-elsewhere",
            ] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
            for path in ["/office/services", "/office/meters", "/office/consumers"] {
                #expect(!(try await browser.get(path)).text.contains("elsewhere"), "\(path)")
            }
        }
    }

    @Test func `an administrator chooses the office to work in`() async throws {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.administrator))
            #expect(
                try await browser.get("/office/services").headers["location"] == "/admin/offices"
            )

            let chosen = try await browser.send(
                "POST",
                "/admin/offices",
                form: [
                    "code": office.office.code,
                    "formToken": browser.cookies["vidyut_form"] ?? "",
                ]
            )

            #expect(chosen.headers["location"] == "/office")
            let services = try await browser.get("/office/services")
            #expect(services.status == 200 && services.text.contains("S-1"))
            #expect(services.text.contains(office.office.name))
        }
    }

    @Test func `consumers are found by the beginning of their number`() async throws {
        try await inOffice { office, people, client in
            for number in ["K-1", "K-10", "K-2", "K10"] {
                _ = try await office.useCases.registerConsumer(
                    RegisterConsumer.Input(number: number, name: "Named \(number)"),
                    by: office.manager
                )
            }
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.clerk))

            let found = try await browser.get("/office/consumers?number=K-1").text

            #expect(found.contains("Named K-1<") && found.contains("Named K-10<"))
            #expect(!found.contains("Named K-2<") && !found.contains("Named K10<"))
            #expect(try await browser.get("/office/consumers?number=%3Cscript%3E").status == 200)
        }
    }

    @Test func `a run that cannot be is explained on the page`() async throws {
        try await inOffice { _, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.manager))
            let token = browser.cookies["vidyut_form"] ?? ""

            for cycle in ["2026-12", "2026-11", "nonsense", ""] {
                let answer = try await browser.send(
                    "POST",
                    "/office/runs",
                    form: ["cycle": cycle, "formToken": token]
                )
                #expect(answer.status == 422, "\(cycle)")
                #expect(answer.text.contains("role=\"alert\""), "\(cycle)")
            }
            let started = try await browser.send(
                "POST",
                "/office/runs",
                form: ["cycle": "2026-10", "issue": "yes", "formToken": token]
            )
            #expect(started.status == 303)
            let run = try await browser.get(try #require(started.headers["location"]))
            #expect(run.text.contains("Run of Oct 2026") && run.text.contains("no bill"))
        }
    }

    @Test func `a live stream brings the part of the page it replaces`() async throws {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.consumer, consumer: "C-1"))
            let (meter, _) = try await office.useCases.showMeters.show(
                serial: "m-1",
                by: office.manager
            )
            let pieces = try client.pieces(
                "/services/S-1/live",
                headers: ["Cookie": "vidyut_session=\(browser.cookies["vidyut_session"] ?? "")"]
            )
            var text = ""
            var sent = false
            for try await piece in pieces {
                text += piece
                if !sent, text.contains("retry:") {
                    sent = true
                    office.useCases.live.note(
                        LatestReading(
                            meter: meter.id,
                            at: office.clock.now,
                            receivedAt: office.clock.now,
                            main: ChannelReading(
                                energyWattHours: 4_200,
                                powerMilliwatts: 640_000,
                                voltageMillivolts: 229_900,
                                currentMilliamps: 2_800,
                                powerFactorPermille: 990
                            )
                        ),
                        office: office.office.id
                    )
                }
                if text.contains("640 W"), text.hasSuffix("\n\n") { break }
            }
            #expect(text.contains("event: reading\ndata: "))
            #expect(text.contains("229.9 V") && text.contains("4.200 kWh"))
        }
    }

    @Test func `errors are pages without secrets`() async throws {
        try await inOffice { _, _, client in
            let browser = Browser(client)
            let missing = try await browser.get("/no/such/page")
            #expect(missing.status == 404 && missing.text.contains("<h1>Not found</h1>"))
            let unreadable = try await browser.send("POST", "/home", form: ["a": "b"])
            #expect(unreadable.status == 405)
            let program = try await client.send("GET", "/no/such/page")
            #expect(program.headers["content-type"] == "application/problem+json")
        }
    }

    @Test func `pages let nothing in from elsewhere and are kept by nobody`() async throws {
        try await inOffice { _, _, client in
            let page = try await Browser(client).get("/sign-in")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
            #expect(page.headers["cache-control"] == "no-store")
            #expect(page.headers["referrer-policy"] == "same-origin")

            let address = page.text.components(separatedBy: "rel=\"stylesheet\" href=\"").last?
                .prefix { $0 != "\"" }
            let style = try await client.send("GET", String(try #require(address)))
            #expect(
                style.status == 200 && style.headers["content-type"]?.hasPrefix("text/css") == true
            )
            #expect(style.headers["cache-control"]?.contains("immutable") == true)
        }
    }
}
