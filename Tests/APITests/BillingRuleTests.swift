import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// How an office bills, and who is billed: rules, groups, monthly parameters, moves.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingRuleTests {
    @Test func `the rules of billing change one by one`() async throws {
        try await World.run { world in
            let manager = try await world.people.token(.manager)
            let clerk = try await world.people.token(.clerk)
            func patch(_ token: String, _ json: String) async throws -> HTTPAnswer {
                try await world.client.send("PATCH", "/v1/office/billing", token: token, json: json)
            }
            let standing = try await world.client.send("GET", "/v1/office/billing", token: clerk)
            #expect(standing["approval"]?.plain == "held" && standing["billLimitPaise"] == nil)
            let changed = try await patch(
                manager,
                #"{"approval":"all","lateReadings":"cycle_split","billLimitPaise":500000}"#
            )
            #expect(changed.status == 200 && changed["approval"]?.plain == "all")
            #expect(changed["usualHighPercent"] == standing["usualHighPercent"])
            let lifted = try await patch(manager, #"{"billLimitPaise":0}"#)
            #expect(lifted["billLimitPaise"] == nil && lifted["approval"]?.plain == "all")
            let wrong = try await patch(
                manager,
                """
                {"approval":"none","lateReadings":"later","billLimitPaise":-1,\
                "usualHighPercent":100,"usualLowPercent":100}
                """
            )
            #expect(
                wrong.faults == [
                    "/approval": "unknown", "/lateReadings": "unknown",
                    "/billLimitPaise": "out_of_range", "/usualHighPercent": "out_of_range",
                    "/usualLowPercent": "out_of_range",
                ]
            )
            let now = try await world.client.send("GET", "/v1/office/billing", token: clerk)
            #expect(now.body == lifted.body)
            #expect(try await patch(clerk, #"{"approval":"held"}"#).status == 403)
        }
    }

    @Test func `a service of a group is billed in the group's cycle`() async throws {
        try await World.run { world in
            _ = try await world.billed("a")
            let token = try await world.people.token(.manager)
            func put(_ code: String, _ json: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "PUT",
                    "/v1/billing-groups/\(code)",
                    token: token,
                    json: json
                )
            }
            let made = try await put("monthly", #"{"cycleMonths":1,"cycleDay":15}"#)
            let again = try await put("monthly", #"{"cycleMonths":1}"#)
            let odd = try await put("monthly", #"{"cycleMonths":3,"cycleDay":0}"#)
            let misnamed = try await put("My%20Group", #"{"cycleMonths":1}"#)
            #expect(made["cycleDay"]?.plain == "15" && again["cycleDay"]?.plain == "1")
            #expect(
                odd.faults == ["/cycleMonths": "out_of_range", "/cycleDay": "out_of_range"]
            )
            #expect(misnamed.faults == ["/code": "invalid"], "\(misnamed.text)")
            let groups = try await world.client.send("GET", "/v1/billing-groups", token: token)
            #expect(groups["items.0"] == again.json && groups["items.1"] == nil)

            let service = try await register(
                world,
                token,
                #","group":"monthly","optIn":true,"optionalLines":["rebate","meter-rent"]"#
            )
            let shown = try await world.client.send("GET", "/v1/services/S-9", token: token)
            #expect(service.status == 201 && shown["group"]?.plain == "monthly")
            #expect(shown["optIn"] == .boolean(true))
            #expect(shown["optionalLines.1"]?.plain == "meter-rent")
            let plain = try await world.client.send("GET", "/v1/services/S-a", token: token)
            #expect(plain["group"] == nil && plain["optionalLines"] == .array([]))
            let lost = try await register(world, token, #","group":"weekly""#)
            let comma = try await register(world, token, #","optionalLines":["a,b"]"#)
            #expect(lost.faults == ["/group": "unknown"])
            #expect(comma.faults == ["/optionalLines": "invalid"])

            func run(_ group: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "POST",
                    "/v1/bill-runs",
                    token: token,
                    headers: ["Idempotency-Key": group],
                    json: #"{"cycle":"2026-09","group":"\#(group)"}"#
                )
            }
            let monthly = try await run("monthly")
            #expect(monthly["group"]?.plain == "monthly" && monthly["services"]?.plain == "1")
            #expect(monthly["period.first"]?.plain == "2026-09-01")
            #expect(try await run("weekly").faults == ["/group": "unknown"])
        }
    }

    /// Registers service S-9 with these further fields.
    private func register(
        _ world: World,
        _ token: String,
        tariff: String = "tneb-lt1a",
        _ fields: String = ""
    ) async throws -> HTTPAnswer {
        try await world.client.send(
            "POST",
            "/v1/services",
            token: token,
            json: """
                {"number":"S-9","consumer":"C-a","category":"LT","tariff":"\(tariff)",\
                "sanctionedLoadWatts":1000,"connectedOn":"2026-01-01"\(fields)}
                """
        )
    }

    @Test func `a family that is not published is refused once any is`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            _ = try await world.office.connect("a", tariff: "a-family-to-come")
            try await world.office.publish(family: "tneb-lt1a")
            let unknown = try await register(world, token, tariff: "a-family-to-come")
            let table = try await world.client.send(
                "POST",
                "/v1/services",
                token: token,
                csv: """
                    number,consumer,category,tariff,sanctionedLoadWatts,connectedOn
                    S-8,C-a,LT,tneb-lt1a,1000,2026-01-01
                    S-9,C-a,LT,tneb-lt1b,1000,2026-01-01
                    """
            )
            let known = try await register(world, token)
            let before = try await world.client.send("GET", "/v1/services/S-8", token: token)

            #expect(unknown.status == 422 && unknown.faults == ["/tariff": "unknown"])
            #expect(table.faults == ["/lines/3/tariff": "unknown"], "\(table.text)")
            #expect(known.status == 201)
            #expect(before.status == 404, "a table is registered whole or not at all")
        }
    }

    @Test func `monthly parameters are published once and never change`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let path = "/v1/tariff-parameters"
            func publish(_ windows: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "POST",
                    path,
                    token: token,
                    json: """
                        {"series":[{"utility":"BSES","parameter":"ppac","windows":[\(windows)]}]}
                        """
                )
            }
            // Nothing reads a parameter before its tariff is published: a slip of the pen.
            let early = try await publish(
                #"{"percent":"7.380","from":"2026-10-01","to":"2026-10-31"}"#
            )
            #expect(early.status == 422 && early.faults == ["/file": "unknown"], "\(early.text)")
            let tariff = """
                {"id": "bses-2026", "utility": "BSES", "state": "Delhi", "category": "domestic",
                 "effective": {"from": "2020-01-01", "to": null}, "base_months": 1,
                 "lines": [{"id": "energy", "kind": "blocks", "blocks": [[null, "5"]]},
                  {"id": "ppac", "kind": "percent_windows", "of_line": "energy",
                   "windows": {"param": "ppac"}}],
                 "rounding": {"line": "0.01", "total": "0.01"}}
                """
            let published = try await world.client.send(
                "POST",
                "/v1/tariffs",
                token: token,
                json: tariff
            )
            #expect(published.status == 201, "\(published.text)")
            let october = #"{"percent":"7.380","from":"2026-10-01","to":"2026-10-31"}"#
            let november = #"{"percent":"8.1","from":"2026-11-01","to":"2026-11-30"}"#
            let first = try await publish(october)
            let both = try await publish("\(october),\(november)")
            let same = try await publish(november)
            let other = try await publish(
                #"{"percent":"9","from":"2026-11-01","to":"2026-11-15"}"#
            )
            let over = try await publish(#"{"percent":"9","from":"2026-09-15","to":"2026-12-15"}"#)
            let wrong = try await publish(#"{"percent":"9","from":"2026-12-01"}"#)
            let twice = try await publish("\(november),\(november)")
            let empty = try await world.client.send(
                "POST",
                path,
                token: token,
                json: #"{"series":[]}"#
            )
            let list = try await world.client.send("GET", path, token: token)

            #expect(first.status == 201 && first["published"]?.plain == "1")
            #expect(both.status == 201 && both["published"]?.plain == "1")
            #expect(same.status == 200 && same["published"]?.plain == "0")
            #expect(other.status == 409 && other["code"]?.plain == "parameter_overlaps")
            #expect(over.status == 409 && over["code"]?.plain == "parameter_overlaps")
            #expect(wrong.status == 422 && wrong["errors.0.pointer"] != nil)
            #expect(wrong.faults.keys.allSatisfy { $0.hasPrefix("/series/0/windows/0") })
            #expect(twice.status == 422)
            #expect(empty.status == 422)
            #expect(list["items.0.value.percent"]?.plain == "7.380", "as it was published")
            #expect(list["items.1.from"]?.plain == "2026-11-01" && list["items.2"] == nil)
        }
    }

    @Test func `a service changes hands, and is closed with its meter's last register`()
        async throws
    {
        try await World.run { world in
            _ = try await world.billed("a")
            _ = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: try await world.people.token(.clerk),
                json: #"{"number":"C-b","name":"B"}"#
            )
            let token = try await world.people.token(.manager)
            func send(_ verb: String, _ json: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "POST",
                    "/v1/services/S-a/\(verb)",
                    token: token,
                    json: json
                )
            }
            let bare = try await send("transfer", "{}")
            let strange = try await send("transfer", #"{"consumer":"X","lastDay":"2026-11-10"}"#)
            let billed = try await send("transfer", #"{"consumer":"C-b","lastDay":"2026-10-15"}"#)
            let later = try await send("transfer", #"{"consumer":"C-b","lastDay":"2026-11-24"}"#)
            let moved = try await send("transfer", #"{"consumer":"C-b","lastDay":"2026-10-31"}"#)
            let own = try await send("transfer", #"{"consumer":"C-b","lastDay":"2026-11-12"}"#)
            #expect(bare.faults == ["/consumer": "missing", "/lastDay": "missing"])
            #expect(strange.faults == ["/consumer": "unknown"])
            #expect(billed.status == 409 && billed["code"]?.plain == "billed_already")
            #expect(later.faults == ["/lastDay": "out_of_range"])
            #expect(moved.status == 200 && moved["consumer"]?.plain == "C-b")
            #expect(own.faults == ["/consumer": "invalid"])

            let open = try await send("closure", #"{"lastDay":"2026-11-20"}"#)
            let back = try await send(
                "closure",
                #"{"lastDay":"2026-11-20","closingRegisterWattHours":-1}"#
            )
            let closed = try await send(
                "closure",
                #"{"lastDay":"2026-11-20","closingRegisterWattHours":1200000}"#
            )
            let again = try await send(
                "closure",
                #"{"lastDay":"2026-11-21","closingRegisterWattHours":1200000}"#
            )
            #expect(open.faults == ["/closingRegisterWattHours": "missing"])
            #expect(back.faults == ["/closingRegisterWattHours": "negative_register"])
            #expect(closed.status == 200 && closed["closedOn"]?.plain == "2026-11-20")
            #expect(again.status == 409)
            let meters = try await world.client.send(
                "GET",
                "/v1/services/S-a/installations",
                token: token
            )
            #expect(meters["items.0.removedAt"]?.plain == "2026-11-20T18:30:00Z")
            #expect(meters["items.0.closingRegisterWattHours"]?.plain == "1200000")
        }
    }
}
