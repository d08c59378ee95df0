import Metering
import Registry
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// Exceptions and load curves over HTTP, and what a consumer sees of them.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ExceptionRouteTests {
    /// Two days of quarter hours of meter m-a with a passing zero, taken in over HTTP.
    private func report(_ world: World) async throws {
        let (_, meter) = try await world.office.connect("a")
        _ = try await world.office.connect("b")
        let zone = world.office.office.zone
        let start = zone.start(of: zone.date(of: world.office.clock.now).adding(days: -2))
        for piece in stride(from: 1, through: 192, by: 64) {
            let readings = (piece..<piece + 64).map { number in
                let at = start.adding(seconds: Int64(number) * 900)
                let register = number == 100 ? 0 : 2_000_000 + number * 100
                return """
                    {"at":"\(at)","channels":{"main":{"voltageMillivolts":230000,\
                    "currentMilliamps":1700,"powerMilliwatts":400000,"powerFactorPermille":990,\
                    "energyWattHours":\(register)}}}
                    """
            }
            let answer = try await world.client.send(
                "POST",
                "/v1/readings",
                token: meter.credential,
                json: """
                    {"sequence":\(1_000_000 + piece + 63),"readings":[\
                    \(readings.joined(separator: ","))]}
                    """
            )
            #expect(answer.status == 200, "\(answer.text)")
        }
        _ = try await world.office.useCases.rollUpDays(office: world.office.office)
    }

    @Test func `staff list exceptions, settle them with a reason, and see load curves`()
        async throws
    {
        try await World.run { world in
            try await report(world)
            let token = try await world.people.token(.manager)
            let zone = world.office.office.zone
            let today = zone.date(of: world.office.clock.now)
            let path = "/v1/reading-exceptions?meter=m-a&rule=reset_recovered"
            let found = try await world.client.send("GET", path, token: token)
            #expect(found["items.0.severity"]?.plain == "warning", "\(found.text)")
            #expect(found["items.0.service"]?.plain == "S-a")

            func settle(_ verb: String, _ body: String) async throws -> Int {
                let answer = try await world.client.send(
                    "POST",
                    "/v1/reading-exceptions/\(verb)",
                    token: token,
                    json: body
                )
                return answer.status
            }
            #expect(try await settle("acknowledgement", #"{"reason":"all of them"}"#) == 422)
            let one = #"{"rule":"reset_recovered","meter":"m-a","reason":"a loose wire"}"#
            #expect(try await settle("acknowledgement", one) == 200)
            let open = try await world.client.send("GET", path, token: token)
            #expect(open["items.0"] == nil)
            let all = try await world.client.send("GET", path + "&state=all", token: token)
            #expect(all["items.0.acknowledged.reason"]?.plain == "a loose wire")
            #expect(try await settle("reopening", one) == 200)

            let day = today.adding(days: -1)
            let blocks = try await world.client.send(
                "GET",
                "/v1/meters/m-a/blocks?from=\(day)&to=\(day)",
                token: token
            )
            #expect(blocks["items.0.blockMinutes"]?.plain == "15", "\(blocks.text)")
            #expect(blocks["items.0.energyWattHours.95"]?.plain == "100")
            let wide = try await world.client.send(
                "GET",
                "/v1/meters/m-a/blocks?from=2026-01-01&to=2026-12-31",
                token: token
            )
            #expect(wide.status == 422)
        }
    }

    @Test func `exceptions are counted by rule, and settled by a period`() async throws {
        try await World.run { world in
            try await report(world)
            let token = try await world.people.token(.engineer)
            let zone = world.office.office.zone
            let today = zone.date(of: world.office.clock.now)
            let path = "/v1/reading-exceptions/summary?rule=reset_recovered"
            let counts = try await world.client.send("GET", path, token: token)
            #expect(counts["items.0.count"]?.plain == "1", "\(counts.text)")
            #expect(counts["items.0.newest"]?.plain == "\(today.adding(days: -1))")
            func acknowledge(_ from: CivilDate, _ to: CivilDate) async throws -> String? {
                try await world.client.send(
                    "POST",
                    "/v1/reading-exceptions/acknowledgement",
                    token: token,
                    json: """
                        {"rule":"reset_recovered","from":"\(from)","to":"\(to)","reason":"known"}
                        """
                )["settled"]?.plain
            }
            let yesterday = today.adding(days: -1)
            #expect(try await acknowledge(today.adding(days: -9), today.adding(days: -2)) == "0")
            #expect(try await acknowledge(yesterday, yesterday) == "1")
            let left = try await world.client.send("GET", path, token: token)
            #expect(left["items.0"] == nil)
            let seen = try await world.client.send(
                "GET",
                "/v1/reading-exceptions?state=acknowledged",
                token: token
            )
            #expect(seen["items.0.rule"]?.plain == "reset_recovered")
        }
    }

    @Test func `a day is edited and undone over HTTP, and what cannot be is named`() async throws {
        try await World.run { world in
            try await report(world)
            let token = try await world.people.token(.engineer)
            let zone = world.office.office.zone
            let today = zone.date(of: world.office.clock.now)
            let path = "/v1/meters/m-a/days/\(today.adding(days: -1))/versions"
            func post(_ json: String, to path: String, token: String) async throws -> HTTPAnswer {
                try await world.client.send("POST", path, token: token, json: json)
            }
            let first = try await world.client.send("GET", path, token: token)
            #expect(first.status == 200 && first["versions.2.stage"]?.plain == "estimated")
            #expect(first["madeAt"]?.plain == world.office.clock.now.description)
            #expect(first["versions.2.decidedOn"] == nil && first["methods.0"] != nil)
            let accept = #"{"kind":"accept","firstBlock":3,"reason":"a loose wire"}"#
            let edited = try await post(accept, to: path, token: token)
            #expect(edited.status == 201 && edited["stage"]?.plain == "edited", "\(edited.text)")
            #expect(edited["versions.3.by"]?.plain == "engineer@\(world.code)")
            #expect(edited["blocks.quality.3"]?.plain.contains("edited") == true)
            #expect(edited["versions.3.decidedOn.firstBlock"]?.plain == "3")
            #expect(edited["versions.3.decidedOn.energyWattHours.0"] != nil)
            let undo = #"{"reason":"it was not","lapseOthers":false}"#
            let sender = try await post(
                #"{"kind":"estimate","firstBlock":3,"method":"sender","reason":"x"}"#,
                to: path,
                token: token
            )
            #expect(sender.faults == ["/method": "unknown"] && !sender.text.contains("sender"))
            let undone = try await post(undo, to: path + "/4/undo", token: token)
            #expect(undone.status == 201 && undone["versions.3.isUndone"]?.plain == "true")
            #expect(try await post(undo, to: path + "/4/undo", token: token).status == 409)
            #expect(try await post(undo, to: path + "/99/undo", token: token).status == 404)
            #expect(try await post(undo, to: path + "/x/undo", token: token).status == 404)

            let wrong = try await post(
                #"{"kind":"set","firstBlock":10,"energyWattHours":[101],"reason":"x"}"#,
                to: path,
                token: token
            )
            #expect(wrong.faults == ["/energyWattHours": "contradicts_register"], "\(wrong.text)")
            let empty = try await post("{}", to: path, token: token)
            #expect(empty.faults == ["/kind": "missing", "/reason": "missing"], "\(empty.text)")
            let odd = try await post(
                #"{"kind":"estimate","firstBlock":4,"lastBlock":3,"method":"magic","reason":"x"}"#,
                to: path,
                token: token
            )
            #expect(odd.faults == ["/lastBlock": "invalid", "/method": "unknown"], "\(odd.text)")
            for day in ["\(today)", "2026-02-30", "2020-01-01"] {
                let answer = try await world.client.send(
                    "GET",
                    "/v1/meters/m-a/days/\(day)/versions",
                    token: token
                )
                #expect([404, 409].contains(answer.status), "\(day): \(answer.text)")
            }
            let clerk = try await world.people.token(.clerk)
            #expect(try await world.client.send("GET", path, token: clerk).status == 200)
            #expect(try await post(accept, to: path, token: clerk).status == 403)
        }
    }

    @Test func `thresholds are set by their keys, and a wrong one changes nothing`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            func patch(_ json: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "PATCH",
                    "/v1/office/metering",
                    token: token,
                    json: json
                )
            }
            let set = try await patch(#"{"blockMinutes":30,"rules":{"high_percent":300}}"#)
            #expect(set.status == 200 && set["rules.high_percent"]?.plain == "300", "\(set.text)")
            let wrong = try await patch(
                #"{"blockMinutes":7,"rules":{"high_percent":1,"hihg":3}}"#
            )
            #expect(
                Set(wrong.faults.keys)
                    == ["/blockMinutes", "/rules/high_percent", "/rules/hihg"],
                "\(wrong.text)"
            )
            let back = try await patch(#"{"rules":{"high_percent":null}}"#)
            #expect(back["rules.high_percent"]?.plain == "250")
            #expect(back["blockMinutes"]?.plain == "30")
        }
    }

    @Test func `a consumer sees their own load curves and no exceptions`() async throws {
        try await World.run { world in
            try await report(world)
            let zone = world.office.office.zone
            let day = zone.date(of: world.office.clock.now).adding(days: -1)
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let own = try await world.client.send(
                "GET",
                "/v1/meters/m-a/blocks?from=\(day)&to=\(day)",
                token: token
            )
            #expect(own.status == 200 && own["items.0"] != nil, "\(own.text)")
            let list = try await world.client.send("GET", "/v1/reading-exceptions", token: token)
            #expect(list.status == 403)
        }
    }

    @Test func `who moved in sees nothing of who lived there before`() async throws {
        try await World.run { world in
            try await report(world)
            let zone = world.office.office.zone
            let today = zone.date(of: world.office.clock.now)
            _ = try await world.office.useCases.moveOccupant.transfer(
                "S-a",
                to: "C-b",
                lastDay: today.adding(days: -1),
                by: world.office.manager
            )
            let token = try await world.people.token(.consumer, consumer: "C-b")
            let day = today.adding(days: -1)
            for path in [
                "/v1/meters/m-a/blocks?from=\(day)&to=\(day)",
                "/v1/meters/m-a/readings?from=\(zone.start(of: day))&to=\(zone.start(of: today))",
                "/v1/services/S-a/usage?by=day&from=\(day)&to=\(day)",
            ] {
                let answer = try await world.client.send("GET", path, token: token)
                #expect(answer.status == 200 && answer["items.0"] == nil, "\(path) \(answer.text)")
            }
        }
    }
}
