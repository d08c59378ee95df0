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

/// The assessor's round, the consumer's form and the readings that wait, over real HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ReadingPageTests {
    /// Noon after the cycle of September and October, with three services.
    private func inOffice(
        _ body: @escaping @Sendable (TestOffice, TestPeople, HTTPClient) async throws -> Void
    ) async throws {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-01T06:30:00Z")))
        for name in ["1", "2", "3"] { _ = try await office.connect(name, on: "2026-09-01") }
        let portal = try PortalRoutes(office.useCases, usesSecureCookies: false)
        try await withServer(
            office.useCases,
            page: portal.page(for:request:context:),
            addRoutes: portal.add(to:)
        ) { client in try await body(office, TestPeople(office), client) }
    }

    private func visit(
        _ browser: Browser,
        _ path: String,
        _ fields: [String: String]
    ) async throws -> HTTPAnswer {
        try await browser.send(
            "POST",
            path,
            form: fields.merging(["formToken": browser.cookies["vidyut_form"] ?? ""]) { $1 }
        )
    }

    @Test func `a round leads from door to door and keeps its place`() async throws {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.clerk))
            let round = try await browser.get("/office/round")
            #expect(round.text.contains("Round of Oct 2026"))
            #expect(round.text.contains("0 of 3 services visited"))
            #expect(round.text.contains("href=\"/office/round/S-1?cycle=2026-10\""))

            let form = try await browser.get("/office/round/S-1?cycle=2026-10")
            #expect(
                form.text.contains("inputmode=\"decimal\"") && form.text.contains("Door locked")
            )
            #expect(!form.text.contains("<script"))
            let saved = try await visit(
                browser,
                "/office/round/S-1?cycle=2026-10",
                ["register": "1,250", "outcome": "read"]
            )
            let next = try #require(saved.headers["location"])
            #expect(saved.status == 303 && next.hasPrefix("/office/round/S-2?cycle=2026-10&saved="))
            #expect(try await browser.get(next).text.contains("S-1: 1250 kWh is accepted."))

            for wrong in ["NaN", "-5", "12.3456"] {
                let refused = try await visit(
                    browser,
                    "/office/round/S-2?cycle=2026-10",
                    ["register": wrong, "outcome": "read", "note": "<b>"]
                )
                #expect(refused.status == 422 && refused.text.contains("is a number such as"))
                #expect(refused.text.contains("&lt;b&gt;") && !refused.text.contains("<b>\""))
            }
            let empty = try await visit(
                browser,
                "/office/round/S-2?cycle=2026-10",
                ["register": "", "outcome": "read"]
            )
            #expect(empty.status == 422)
            let locked = try await visit(
                browser,
                "/office/round/S-2?cycle=2026-10",
                ["register": "", "outcome": "door_locked"]
            )
            #expect(locked.headers["location"]?.hasPrefix("/office/round/S-3") == true)
            let held = try await visit(
                browser,
                "/office/round/S-3?cycle=2026-10",
                ["register": "90000", "outcome": "read"]
            )
            let last = try #require(held.headers["location"])
            #expect(last.hasPrefix("/office/round?cycle=2026-10&saved="))
            let end = try await browser.get(last)
            #expect(end.text.contains("Every service was visited"))
            #expect(end.text.contains("is held for a person"))
            #expect(end.text.contains("3 of 3 services visited, 2 read"))
            #expect(end.text.contains("door locked"))
        }
    }

    @Test func `the sheet is downloaded, filled and sent back`() async throws {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.clerk))
            let sheet = try await browser.get("/office/round-sheet?cycle=2026-10")
            #expect(sheet.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(sheet.headers["content-disposition"]?.contains("round-2026-10.csv") == true)
            func upload(_ text: String) async throws -> HTTPAnswer {
                try await browser.upload(
                    "/office/round-sheet?cycle=2026-10",
                    fields: [("formToken", browser.cookies["vidyut_form"] ?? "")],
                    file: ("file", Array(text.utf8))
                )
            }
            let faulty = try await upload("service,register_kwh\r\nS-1,300\r\nS-2,x\r\n")
            #expect(faulty.status == 422 && faulty.text.contains("line 3, register_kwh"))
            let good = try await upload("service,register_kwh\r\nS-1,300\r\nS-2,\r\n")
            #expect(good.status == 200 && good.text.contains("1 accepted, 0 held"))
            let forged = try await browser.upload(
                "/office/round-sheet?cycle=2026-10",
                fields: [("formToken", "guess")],
                file: ("file", Array("service,register_kwh\r\nS-2,300\r\n".utf8))
            )
            #expect(forged.status == 403)
        }
    }

    @Test func `a consumer sends a reading with a photo, and sees what became of it`()
        async throws
    {
        try await inOffice { office, people, client in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.consumer, consumer: "C-1"))
            let service = try await browser.get("/services/S-1")
            #expect(service.text.contains("href=\"/services/S-1/reading\""))
            let form = try await browser.get("/services/S-1/reading")
            #expect(form.text.contains("accept=\"image/jpeg,image/png\""))
            let token = ("formToken", browser.cookies["vidyut_form"] ?? "")
            let jpeg = TestPhoto.jpeg
            let sent = try await browser.upload(
                "/services/S-1/reading",
                fields: [token, ("register", "150"), ("day", ""), ("time", "")],
                file: ("photo", jpeg)
            )
            let list = try #require(sent.headers["location"])
            #expect(sent.status == 303)
            let shown = try await browser.get(list)
            #expect(shown.text.contains("S-1: 150 kWh is accepted."))
            #expect(shown.text.contains("/photo\">Photo of the meter"))

            let blind = try await browser.upload(
                "/services/S-1/reading",
                fields: [token, ("register", "90"), ("day", "2026-10-30"), ("time", "18:05")],
                file: nil
            )
            let held = try await browser.get(try #require(blind.headers["location"]))
            #expect(held.text.contains("waits for the office"))
            #expect(held.text.contains("30 Oct 2026, 6:05 pm"))

            for (fields, file) in [
                ([token, ("register", "x")], jpeg),
                ([token, ("register", "160")], Array("<svg>".utf8)),
                ([token, ("register", "160"), ("day", "soon")], jpeg),
                ([token, ("register", "160"), ("day", "2027-01-01")], jpeg),
            ] {
                let refused = try await browser.upload(
                    "/services/S-1/reading",
                    fields: fields,
                    file: ("photo", file)
                )
                #expect(refused.status == 422 && refused.text.contains("role=\"alert\""))
            }
            for path in ["/services/S-2/reading", "/services/S-2/readings"] {
                #expect(try await browser.get(path).status == 404)
            }
            let theirs = try await browser.upload(
                "/services/S-2/reading",
                fields: [token, ("register", "1")],
                file: nil
            )
            #expect(theirs.status == 404)
            for path in [
                "/office/round", "/office/readings", "/office/round/S-1", "/office/round-sheet",
            ] {
                #expect(try await browser.get(path).status == 403)
            }
        }
    }

    @Test func `a held reading is decided at a desk, and its photo is nobody else's`()
        async throws
    {
        try await inOffice { office, people, client in
            let consumer = try await office.useCases.registerConsumer.show(
                number: "C-1",
                by: office.manager
            ).consumer
            let entered = try await office.useCases.enterReading.own(
                EnterReading.OwnReading(
                    serviceNumber: "S-1",
                    register: Energy(wattHours: 90_000_000),
                    photo: TestPhoto.jpeg
                ),
                by: Caller(
                    office: office.office.id,
                    name: "c",
                    role: .consumer,
                    consumer: consumer.id
                )
            ).reading
            let photo = "/readings/\(entered.id.value)/photo"
            let neighbour = Browser(client)
            _ = try await neighbour.signIn(try await people.add(.consumer, consumer: "C-2"))
            #expect(try await neighbour.get(photo).status == 404)

            let clerk = Browser(client)
            _ = try await clerk.signIn(try await people.add(.clerk))
            let seen = try await clerk.get("/office/readings")
            #expect(seen.text.contains("the sanctioned load allows") && seen.text.contains(photo))
            #expect(!seen.text.contains("value=\"accept\""))
            let picture = try await clerk.get(photo)
            #expect(picture.headers["content-type"] == "image/jpeg")
            #expect(picture.headers["content-security-policy"]?.contains("sandbox") == true)

            let manager = Browser(client)
            _ = try await manager.signIn(try await people.add(.manager))
            #expect(try await manager.get("/office/readings").text.contains("value=\"accept\""))
            let path = "/office/readings/\(entered.id.value)"
            let silent = try await visit(manager, path, ["decision": "accept", "reason": ""])
            #expect(silent.status == 422 && silent.text.contains("a reason of 1 to 500 characters"))
            let done = try await visit(manager, path, ["decision": "reject", "reason": "blurred"])
            #expect(done.status == 303)
            #expect(try await manager.get("/office/readings").text.contains("No register waits."))
            let again = try await visit(manager, path, ["decision": "accept", "reason": "x"])
            #expect(again.status == 422 && again.text.contains("only held ones are decided"))
        }
    }
}
