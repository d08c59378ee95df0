import FoundationEssentials
import Metering
import Portal
import Registry
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// The queue of exceptions and the page of a day, over real HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ExceptionPageTests {
    /// An office with one meter that reported 100 Wh every quarter of an hour for two days, but for the
    /// quarters 41 to 48 of the first and a passing zero on the second.
    private func inOffice(
        _ body:
            @escaping @Sendable (TestOffice, TestPeople, HTTPClient, CivilDate) async throws
            -> Void
    ) async throws {
        let office = try await TestOffice.make()
        let zone = office.office.zone
        let first = zone.date(of: office.clock.now).adding(days: -2)
        let (_, meter) = try await office.connect("1", on: first.description)
        let portal = try PortalRoutes(office.useCases, usesSecureCookies: false)
        try await withServer(
            office.useCases,
            page: portal.page(for:request:context:),
            addRoutes: portal.add(to:)
        ) { client in
            for quarter in (1...192) where !(41...48).contains(quarter) {
                _ = try await office.useCases.acceptReadings(
                    MeterReport(
                        epoch: 0,
                        sequence: Int64(quarter),
                        oldestSequence: nil,
                        items: [
                            .success(
                                ReportedReading(
                                    at: zone.start(of: first).adding(seconds: Int64(quarter) * 900),
                                    sequence: Int64(quarter),
                                    main: ChannelReading(
                                        energyWattHours: quarter == 130 ? 0 : Int64(quarter) * 100,
                                        powerMilliwatts: 400_000,
                                        voltageMillivolts: 230_000
                                    )
                                )
                            )
                        ]
                    ),
                    from: office.identity(of: meter.meter)
                )
            }
            try await office.useCases.rollUpDays(office: office.office)
            try await body(office, TestPeople(office), client, first)
        }
    }

    @Test func `staff tick exceptions, acknowledge them with a reason, and open them again`()
        async throws
    {
        try await inOffice { _, people, client, first in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.engineer))
            let token = browser.cookies["vidyut_form"] ?? ""
            let page = try await browser.get("/office/exceptions").text
            #expect(page.contains("2 exceptions") && page.contains("reset_recovered"))
            #expect(page.contains("/office/meters/m-1/days/\(first)"))
            let only = try await browser.get("/office/exceptions?rule=gap&severity=warning").text
            #expect(only.contains("1 exception<") && only.contains("value=\"gap\" selected"))
            let key = try #require(
                only.components(separatedBy: "name=\"key-0\"\nvalue=\"").last?
                    .prefix { $0 != "\"" }
            )
            func post(_ fields: [String: String]) async throws -> HTTPAnswer {
                try await browser.send(
                    "POST",
                    "/office/exceptions",
                    form: fields.merging(["formToken": token, "rule": "gap"]) { given, _ in given }
                )
            }
            let none = try await post(["reason": "x", "action": "acknowledge"])
            #expect(none.status == 422 && none.text.contains("Tick one or more first"))
            let mute = try await post(["key-0": String(key), "action": "acknowledge"])
            #expect(mute.status == 422 && mute.text.contains("checked"))
            let done = try await post([
                "key-0": String(key), "reason": "known", "action": "acknowledge",
            ])
            #expect(
                done.headers["location"] == "/office/exceptions?rule=gap&done=1&did=acknowledged"
            )
            #expect(
                try await browser.get("/office/exceptions?rule=gap").text.contains("Nothing fits")
            )
            let settled = try await browser.get("/office/exceptions?state=acknowledged").text
            #expect(settled.contains(": known"))
            let again = try await post([
                "state": "acknowledged", "all": "yes", "reason": "look again", "action": "reopen",
            ])
            #expect(again.status == 303)
            #expect(try await browser.get("/office/exceptions").text.contains("2 exceptions"))
            #expect(
                try await browser.send("POST", "/office/exceptions", form: ["all": "yes"]).status
                    == 403
            )
        }
    }

    @Test func `a day is looked at, edited and undone on its page`() async throws {
        try await inOffice { _, people, client, first in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.engineer))
            let token = browser.cookies["vidyut_form"] ?? ""
            let path = "/office/meters/m-1/days/\(first)"
            let page = try await browser.get(path).text
            #expect(
                page.contains("class=\"block estimated\"") && page.contains("What the rules found")
            )
            #expect(page.contains("10:00 to 10:15"))
            func post(_ fields: [String: String], _ more: String = "") async throws -> HTTPAnswer {
                try await browser.send(
                    "POST",
                    path + more,
                    form: fields.merging(["formToken": token]) { given, _ in given }
                )
            }
            let wrong = try await post([
                "kind": "set", "from": "10:00", "to": "10:30", "energies": "1 2", "reason": "x",
            ])
            #expect(wrong.status == 422 && wrong.text.contains("the register read at"))
            #expect(wrong.text.contains("value=\"1 2\""))
            for bad in [["from": "10:07", "to": "11:00"], ["from": "12:00", "to": "11:00"], [:]] {
                let answer = try await post(
                    bad.merging(["kind": "accept", "reason": "x"]) { given, _ in given }
                )
                #expect(answer.status == 422, "\(bad)")
            }
            let edited = try await post([
                "kind": "set", "from": "10:00", "to": "10:30", "energies": "50, 150",
                "reason": "seen on site",
            ])
            #expect(edited.status == 303 && edited.headers["location"] == path)
            let after = try await browser.get(path).text
            #expect(after.contains("class=\"block edited\"") && after.contains("seen on site"))
            #expect(after.contains("blocks 40 to 41 set"))
            #expect(try await post(["version": "4", "reason": "no"], "/undo").status == 303)
            #expect(try await browser.get(path).text.contains("version 4 undone"))
            #expect(try await post(["version": "4", "reason": "no"], "/undo").status == 422)
            #expect(try await browser.get("/office/meters/m-1").text.contains("block by block"))

            let clerk = Browser(client)
            _ = try await clerk.signIn(try await people.add(.clerk))
            let seen = try await clerk.get(path).text
            #expect(seen.contains("seen on site") && !seen.contains("Add the version"))
        }
    }

    @Test func `an edit that lets another day's version lapse asks first`() async throws {
        try await inOffice { office, people, client, first in
            let browser = Browser(client)
            _ = try await browser.signIn(try await people.add(.engineer))
            let token = browser.cookies["vidyut_form"] ?? ""
            func post(_ day: CivilDate, _ fields: [String: String]) async throws -> HTTPAnswer {
                try await browser.send(
                    "POST",
                    "/office/meters/m-1/days/\(day)",
                    form: fields.merging(["formToken": token, "reason": "seen"]) { $1 }
                )
            }
            let second = first.adding(days: 1)
            let accepted = try await post(
                second,
                ["kind": "accept", "from": "00:00", "to": "00:30"]
            )
            #expect(accepted.status == 303)
            // The register at midnight: without it the first block of the next day is shared out.
            let midnight = office.office.zone.start(of: second)
            let reject = ["kind": "reject_reading", "at": midnight.description]
            let asked = try await post(first, reject)
            #expect(asked.status == 422 && asked.text.contains("would no longer stand"))
            #expect(asked.text.contains("name=\"lapseOthers\""))
            let done = try await post(first, reject.merging(["lapseOthers": "yes"]) { $1 })
            #expect(done.status == 303)
            let page = try await browser.get("/office/meters/m-1/days/\(second)").text
            #expect(page.contains("lapsed"))
        }
    }
}
