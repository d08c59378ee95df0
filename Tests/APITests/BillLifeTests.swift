import Billing
import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// A bill from the run to its issue: held, approved, issued, shown, given away as a file.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillLifeTests {
    /// Starts a run of the cycle with these further fields.
    private func run(
        _ world: World,
        _ token: String,
        key: String,
        _ fields: String = ""
    ) async throws -> HTTPAnswer {
        try await world.client.send(
            "POST",
            "/v1/bill-runs",
            token: token,
            headers: ["Idempotency-Key": key],
            json: #"{"cycle":"2026-10"\#(fields)}"#
        )
    }

    private func approve(
        _ world: World,
        _ token: String,
        _ bill: String,
        _ body: String,
        office: String? = nil,
        key: String? = nil
    ) async throws -> HTTPAnswer {
        try await world.client.send(
            "POST",
            "/v1/bills/\(bill)/approval",
            token: token,
            office: office,
            headers: key.map { ["Idempotency-Key": $0] } ?? [:],
            json: body
        )
    }

    @Test func `a bill far above the usual waits until a person says why it is right`()
        async throws
    {
        try await World.run { world in
            try await world.accustomed("a", then: 50_000)
            let clerk = try await world.people.token(.clerk)
            let manager = try await world.people.token(.manager)
            let consumer = try await world.people.token(.consumer, consumer: "C-a")
            let first = try await run(world, clerk, key: "1", #","issue":true"#)
            #expect(first["counts.held"]?.plain == "1" && first["counts.issued"]?.plain == "0")
            #expect(first["issues"] == .boolean(true) && first["services"]?.plain == "1")
            #expect(first["group"] == nil)
            let shown = try await world.client.send(
                "GET",
                "/v1/bill-runs/\(first["id"]?.plain ?? "")",
                token: clerk
            )
            #expect(shown.body == first.body)

            func list(_ query: String, _ token: String) async throws -> HTTPAnswer {
                try await world.client.send("GET", "/v1/bills?\(query)", token: token)
            }
            let held = try await list("state=held&hold=high", clerk)
            let bill = try #require(held["items.0.id"]?.plain)
            #expect(held["items.0.holds.0.code"]?.plain == "high" && held["items.1"] == nil)
            #expect(held["items.0.basis"]?.plain == "actual")
            #expect(try await list("hold=low", clerk)["items.0"] == nil)
            #expect(try await list("state=draft", clerk)["items.0"] == nil)
            #expect(try await list("state=held", consumer)["items.0"] == nil)
            let issuedBefore = try await list("state=issued", consumer)
            #expect(issuedBefore["items.3"] != nil && issuedBefore["items.4"] == nil)
            #expect(issuedBefore["items.0.holds"] == nil)
            #expect(
                try await list("state=lost&hold=none", clerk).faults == [
                    "/state": "unknown", "/hold": "unknown",
                ]
            )
            let hidden = try await world.client.send("GET", "/v1/bills/\(bill)", token: consumer)
            #expect(hidden.status == 404)
            let early = try await world.client.send("GET", "/v1/bills/\(bill).vbill", token: clerk)
            #expect(early.status == 409 && early["code"]?.plain == "bill_not_issued")

            let silent = try await approve(world, manager, bill, "{}")
            let byClerk = try await approve(world, clerk, bill, #"{"reason":"a shop"}"#)
            let byConsumer = try await approve(world, consumer, bill, #"{"reason":"please"}"#)
            let approved = try await approve(world, manager, bill, #"{"reason":"a shop"}"#)
            #expect(silent.status == 422 && silent.faults == ["/reason": "missing"])
            #expect(byClerk.status == 403 && byConsumer.status == 403)
            #expect(approved.status == 200 && approved["state"]?.plain == "approved")
            #expect(approved["approval.by"]?.plain == "manager@\(world.code)")
            #expect(approved["approval.reason"]?.plain == "a shop")
            #expect(approved["draftedBy"]?.plain == "clerk@\(world.code)")

            let second = try await run(world, clerk, key: "2", #","issue":true"#)
            #expect(second["counts.issued"]?.plain == "1" && second["counts.held"]?.plain == "0")
            let own = try await world.client.send("GET", "/v1/bills/\(bill)", token: consumer)
            #expect(own["state"]?.plain == "issued" && own["kind"]?.plain == "regular")
            #expect(own["holds.0.code"]?.plain == "high")
            #expect(own["approval"] == nil && own["draftedBy"] == nil)
            #expect(own["surplusWattHours"] == nil && own["asPrintedPaise"] == nil)
            #expect(own["segments.0.closingEstimated"] == .boolean(false))
            let late = try await approve(world, manager, bill, #"{"reason":"again"}"#)
            let taken = try await world.client.send("DELETE", "/v1/bills/\(bill)", token: clerk)
            #expect(late.status == 409 && late["code"]?.plain == "bill_issued")
            #expect(taken.status == 409)
        }
    }

    @Test func `where the office says so another person approves than ran the bills`()
        async throws
    {
        try await World.run { world in
            try await world.accustomed("a", then: 50_000)
            let manager = try await world.people.token(.manager)
            let root = try await world.people.token(.administrator)
            let rules = try await world.client.send(
                "PATCH",
                "/v1/office/billing",
                token: manager,
                json: #"{"makerChecker":true}"#
            )
            #expect(rules.status == 200)
            let bill = try await heldBill(world, manager)
            let own = try await approve(world, manager, bill, #"{"reason":"a shop"}"#)
            #expect(own.status == 409 && own["code"]?.plain == "maker_is_checker")
            let body = #"{"reason":"a shop"}"#
            let other = try await approve(world, root, bill, body, office: world.code, key: "k")
            let same = try await approve(world, root, bill, body, office: world.code, key: "k")
            let keyless = try await approve(world, root, bill, body, office: world.code)
            #expect(other.status == 200 && same.body == other.body)
            #expect(keyless.status == 409, "it waits no more")
        }
    }

    private func heldBill(_ world: World, _ token: String) async throws -> String {
        _ = try await run(world, token, key: "held")
        let held = try await world.client.send("GET", "/v1/bills?state=held", token: token)
        return try #require(held["items.0.id"]?.plain)
    }

    @Test func `where all bills need approval an ordinary one needs no reason`() async throws {
        try await World.run { world in
            try await world.accustomed("a", then: 11_000)
            let manager = try await world.people.token(.manager)
            _ = try await world.client.send(
                "PATCH",
                "/v1/office/billing",
                token: manager,
                json: #"{"approval":"all"}"#
            )
            let first = try await run(world, manager, key: "1", #","issue":true"#)
            let again = try await run(world, manager, key: "2", #","issue":true"#)
            let drafts = try await world.client.send("GET", "/v1/bills?state=draft", token: manager)
            let bill = try #require(drafts["items.0.id"]?.plain)
            let approved = try await approve(world, manager, bill, "{}")
            let last = try await run(world, manager, key: "3", #","issue":true"#)

            #expect(first["counts.issued"]?.plain == "0" && again["counts.issued"]?.plain == "0")
            #expect(again["counts.held"]?.plain == "1")
            #expect(drafts["items.0.holds"] == nil)
            #expect(approved["approval.reason"]?.plain == "" && approved["holds"] == nil)
            #expect(last["counts.issued"]?.plain == "1")
        }
    }

    @Test func `a bill taken back is made anew by the next run`() async throws {
        try await World.run { world in
            try await world.accustomed("a", then: 50_000)
            let clerk = try await world.people.token(.clerk)
            let bill = try await heldBill(world, clerk)
            let taken = try await world.client.send("DELETE", "/v1/bills/\(bill)", token: clerk)
            let gone = try await world.client.send("GET", "/v1/bills/\(bill)", token: clerk)
            let again = try await world.client.send("DELETE", "/v1/bills/\(bill)", token: clerk)
            let next = try await run(world, clerk, key: "next")

            #expect(taken.status == 204 && gone.status == 404 && again.status == 404)
            #expect(next["counts.held"]?.plain == "1" && next["counts.existing"]?.plain == "0")
        }
    }

    @Test func `a service that was not read is refused, or estimated by a named method`()
        async throws
    {
        try await World.run { world in
            try await world.accustomed("a", then: nil)
            let clerk = try await world.people.token(.clerk)
            let bare = try await run(world, clerk, key: "1", #","service":"S-a""#)
            let odd = try await run(world, clerk, key: "2", #","provisional":"guess""#)
            let lone = try await run(world, clerk, key: "3", #","overrideReason":"why""#)
            let none = try await run(world, clerk, key: "4", #","service":"S-z""#)
            let made = try await run(world, clerk, key: "5", #","provisional":"last_cycle""#)
            #expect(bare["counts.refused"]?.plain == "1")
            #expect(odd.status == 422 && odd.faults == ["/provisional": "unknown"])
            #expect(lone.status == 422 && lone.faults == ["/overrideReason": "invalid"])
            #expect(none.status == 404)
            #expect(made["counts.held"]?.plain == "1", "\(made.text)")
            let held = try await world.client.send(
                "GET",
                "/v1/bills?hold=provisional",
                token: clerk
            )
            #expect(held["items.0.basis"]?.plain == "provisional")
            let bill = try await world.client.send(
                "GET",
                "/v1/bills/\(held["items.0.id"]?.plain ?? "")",
                token: clerk
            )
            #expect(bill["basis"]?.plain == "provisional" && bill["state"]?.plain == "held")
            #expect(bill["segments.0.openingEstimated"] == .boolean(false))
            #expect(bill["segments.0.closingEstimated"] == .boolean(true))
            // 62 days of 10 units before, 61 days now.
            #expect(bill["energyWattHours"]?.plain == "610000")
        }
    }

    @Test func `an issued bill is given away as a file that can be computed again`() async throws {
        try await World.run { world in
            let number = try await world.billed("a")
            let consumer = try await world.people.token(.consumer, consumer: "C-a")
            let type = "application/vnd.vidyut.bill+json"
            let file = try await world.client.send(
                "GET",
                "/v1/bills/\(number).vbill",
                token: consumer
            )
            let asked = try await world.client.send(
                "GET",
                "/v1/bills/\(number)",
                token: consumer,
                headers: ["Accept": "text/plain;q=0.2, Application/vnd.vidyut.bill+json; q=1"]
            )
            let plain = try await world.client.send(
                "GET",
                "/v1/bills/\(number)",
                token: consumer,
                headers: ["Accept": "application/json"]
            )
            let unknown = try await world.client.send("GET", "/v1/bills/x.vbill", token: consumer)
            let wrong = try await world.client.send(
                "PUT",
                "/v1/bills/\(number).vbill",
                token: consumer
            )

            #expect(file.status == 200 && file.headers["content-type"] == type)
            #expect(
                file.headers["content-disposition"] == "attachment; filename=\"\(number).vbill\""
            )
            #expect(try BillFile.verify(file.body).number == number)
            #expect(asked.headers["content-type"] == type && asked.body == file.body)
            #expect(plain.headers["content-type"] == "application/json")
            #expect(plain.headers["vary"] == "Accept" && plain["number"]?.plain == number)
            #expect(unknown.status == 404)
            #expect(wrong.status == 405 && wrong.headers["allow"] == "DELETE, GET")
        }
    }
}
