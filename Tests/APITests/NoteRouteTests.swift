import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// Corrections of issued bills: registers, notes and their limits.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct NoteRouteTests {
    /// What a test says again and again.
    private struct Desk {
        let world: World
        let bill: String
        let token: String

        func write(_ key: String?, _ json: String) async throws -> HTTPAnswer {
            try await world.client.send(
                "POST",
                "/v1/bills/\(bill)/notes",
                token: token,
                headers: key.map { ["Idempotency-Key": $0] } ?? [:],
                json: json
            )
        }

        func adjust(_ key: String, _ paise: Int64) async throws -> HTTPAnswer {
            try await write(
                key,
                #"{"kind":"adjustment","amountPaise":\#(paise),"reason":"the supply was away"}"#
            )
        }

        func get(_ path: String, _ other: String? = nil) async throws -> HTTPAnswer {
            try await world.client.send("GET", "/v1/\(path)", token: other ?? token)
        }

        func number(_ path: String, _ member: String) async throws -> Int64 {
            let answer = try await get(path)
            return try #require(Int64(answer[member]?.plain ?? ""), "\(answer.text)")
        }
    }

    private func desk(_ world: World) async throws -> Desk {
        let bill = try await world.billed("a")
        return Desk(world: world, bill: bill, token: try await world.people.token(.manager))
    }

    @Test func `a credit is drafted once for a key, issued, booked and shown to its consumer`()
        async throws
    {
        try await World.run { world in
            let desk = try await desk(world)
            let total = try await desk.number("bills/\(desk.bill)", "totalPaise")
            let draft = try await desk.adjust("k-1", -100)
            let same = try await desk.adjust("k-1", -100)
            let other = try await desk.adjust("k-1", -200)
            let second = try await desk.adjust("k-2", -100)
            let elsewhere = try await Desk(world: world, bill: "x", token: desk.token)
                .adjust("k-1", -100)
            let id = try #require(draft["id"]?.plain)
            #expect(draft.status == 201 && draft["state"]?.plain == "draft")
            #expect(draft["items.0.bill"]?.plain == desk.bill && draft["number"] == nil)
            #expect(same.status == 201 && same.body == draft.body)
            #expect(other.faults == ["/Idempotency-Key": "taken"])
            #expect(elsewhere.faults == ["/Idempotency-Key": "taken"])
            #expect(second.status == 409 && second["code"]?.plain == "note_waits")

            let consumer = try await world.people.token(.consumer, consumer: "C-a")
            let before = try await desk.get("notes/\(id)", consumer)
            #expect(before.status == 404)
            let issued = try await world.client.send(
                "POST",
                "/v1/notes/\(id)/issue",
                token: desk.token
            )
            let again = try await world.client.send(
                "POST",
                "/v1/notes/\(id)/issue",
                token: desk.token
            )
            let number = try #require(issued["number"]?.plain)
            #expect(number.hasPrefix("CN-\(world.code.uppercased())-"), "\(issued.text)")
            #expect(issued["approvedBy"]?.plain == "manager@\(world.code)")
            #expect(again.status == 409 && again["code"]?.plain == "note_not_draft")
            #expect(try await desk.number("services/S-a", "balancePaise") == total - 100)

            let own = try await desk.get("notes/\(number)", consumer)
            let listed = try await desk.get("notes?service=S-a&bill=\(desk.bill)", consumer)
            #expect(own["amountPaise"]?.plain == "-100" && own["kind"]?.plain == "adjustment")
            #expect(own["draftedBy"] == nil && own["approvedBy"] == nil)
            #expect(listed["items.0.number"]?.plain == number && listed["items.1"] == nil)
            let taken = try await world.client.send(
                "DELETE",
                "/v1/notes/\(id)",
                token: desk.token
            )
            #expect(taken.status == 409)
        }
    }

    @Test func `a credit is at most what stands on the bill`() async throws {
        try await World.run { world in
            let desk = try await desk(world)
            let total = try await desk.number("bills/\(desk.bill)", "totalPaise")
            for paise in [-total - 1, 0, 1_000_000_000_001, Int64.min, Int64.max] {
                let refused = try await desk.adjust("over \(paise)", paise)
                #expect(refused.faults == ["/amountPaise": "out_of_range"], "\(refused.text)")
            }
            let whole = try await desk.adjust("whole", -total)
            #expect(whole.status == 201 && whole["items.0.rebookedPaise"]?.plain == "0")
            let taken = try await world.client.send(
                "DELETE",
                "/v1/notes/\(whole["id"]?.plain ?? "")",
                token: desk.token
            )
            let debit = try await desk.adjust("debit", 1)
            #expect(taken.status == 204 && debit.status == 201)
            let listed = try await desk.get("notes?limit=1")
            #expect(listed["items.0.id"] == debit["id"] && listed["next"] != .null)
            let next = try await desk.get("notes?limit=1&after=\(listed["next"]?.plain ?? "")")
            #expect(next["items.0.state"]?.plain == "withdrawn" && next["next"] == .null)
        }
    }

    @Test func `a corrected register becomes a debit note on the issued bill`() async throws {
        try await World.run { world in
            let desk = try await desk(world)
            let total = try await desk.number("bills/\(desk.bill)", "totalPaise")
            let body = #"{"kind":"correction","reason":"the register was read wrongly"}"#
            let nothing = try await desk.write("k-0", body)
            #expect(nothing.status == 409 && nothing["code"]?.plain == "nothing_to_correct")
            let path = "/v1/meters/m-a/corrections"
            func correct(_ at: String, _ wattHours: Int) async throws -> HTTPAnswer {
                try await world.client.send(
                    "POST",
                    path,
                    token: desk.token,
                    json: """
                        {"at":"\(at)","registerWattHours":\(wattHours),"reason":"misread"}
                        """
                )
            }
            let absent = try await correct("2026-10-31T18:30:01Z", 930_000)
            let huge = try await correct("2026-10-31T18:30:00Z", 1_000_000_000_000_000)
            let right = try await correct("2026-10-31T18:30:00Z", 930_000)
            #expect(absent.status == 404)
            #expect(huge.faults == ["/registerWattHours": "out_of_range"])
            // 92 days of 10 units since August.
            #expect(right.status == 200)
            #expect(right["replacedRegisterWattHours"]?.plain == "920000", "\(right.text)")
            let reading = try await desk.get(
                "meters/m-a/readings?from=2026-10-31T18:30:00Z&to=2026-10-31T18:30:01Z"
            )
            #expect(reading.text.contains("\"corrected\""), "\(reading.text)")

            let note = try await desk.write("k-1", body)
            let amount = try #require(Int64(note["amountPaise"]?.plain ?? ""), "\(note.text)")
            #expect(note["kind"]?.plain == "correction")
            #expect(note["items.0.energyWattHours"]?.plain == "620000")
            #expect(note["items.0.reversedPaise"]?.plain == "\(total)")
            // Ten units more in the slab of 9.45.
            #expect(amount == 9_450)
            let issued = try await world.client.send(
                "POST",
                "/v1/notes/\(note["id"]?.plain ?? "")/issue",
                token: desk.token,
                headers: ["Idempotency-Key": "issue"]
            )
            let same = try await world.client.send(
                "POST",
                "/v1/notes/\(note["id"]?.plain ?? "")/issue",
                token: desk.token,
                headers: ["Idempotency-Key": "issue"]
            )
            #expect(issued["number"]?.plain.hasPrefix("DN-") == true)
            #expect(same.status == 200 && same.body == issued.body)
            #expect(try await desk.number("bills/\(desk.bill)", "totalPaise") == total)
            #expect(try await desk.number("services/S-a", "balancePaise") == total + amount)
        }
    }

    @Test func `what is no note is refused by name`() async throws {
        try await World.run { world in
            let desk = try await desk(world)
            let keyless = try await desk.write(nil, #"{"kind":"correction","reason":"x"}"#)
            let kindless = try await desk.write("1", #"{"reason":"x"}"#)
            let odd = try await desk.write("2", #"{"kind":"true_up","reason":"x"}"#)
            let priced = try await desk.write(
                "3",
                #"{"kind":"correction","amountPaise":5,"reason":"x"}"#
            )
            let unpriced = try await desk.write("4", #"{"kind":"adjustment","reason":"x"}"#)
            let silent = try await desk.write(
                "5",
                #"{"kind":"adjustment","amountPaise":-5,"reason":""}"#
            )
            let bare = try await desk.write("6", #"{"kind":"adjustment"}"#)
            let filtered = try await desk.get("notes?colour=red")

            #expect(keyless.faults == ["/Idempotency-Key": "missing"])
            #expect(kindless.faults == ["/kind": "missing"])
            #expect(odd.faults == ["/kind": "unknown"])
            #expect(priced.faults == ["/amountPaise": "invalid"])
            #expect(unpriced.faults == ["/amountPaise": "missing"])
            #expect(silent.faults == ["/reason": "missing"])
            #expect(bare.faults == ["/amountPaise": "missing", "/reason": "missing"])
            #expect(filtered.faults == ["/colour": "unknown"])
            for name in ["0", "x", "99999999999"] {
                let answer = try await desk.get("notes/\(name)")
                #expect(answer.status == 404, "\(name)")
            }
        }
    }

    @Test func `where the office says so another person issues than wrote the note`()
        async throws
    {
        try await World.run { world in
            let desk = try await desk(world)
            _ = try await world.client.send(
                "PATCH",
                "/v1/office/billing",
                token: desk.token,
                json: #"{"makerChecker":true}"#
            )
            let note = try await desk.adjust("k", -100)
            let path = "/v1/notes/\(note["id"]?.plain ?? "")/issue"
            let clerk = try await world.people.token(.clerk)
            let root = try await world.people.token(.administrator)
            let own = try await world.client.send("POST", path, token: desk.token)
            let byClerk = try await world.client.send("POST", path, token: clerk)
            let other = try await world.client.send(
                "POST",
                path,
                token: root,
                office: world.code
            )
            #expect(own.status == 409 && own["code"]?.plain == "maker_is_checker")
            #expect(byClerk.status == 403)
            #expect(other["state"]?.plain == "issued")
        }
    }
}
