import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// Tariffs, runs and bills over HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillingRouteTests {
    @Test func `a run is answered once for each key, and bills once for each service`()
        async throws
    {
        try await World.run { world in
            _ = try await world.billed("a")
            let token = try await world.people.token(.clerk)
            func run(_ key: String?, _ cycle: String) async throws -> HTTPAnswer {
                try await world.client.send(
                    "POST",
                    "/v1/bill-runs",
                    token: token,
                    headers: key.map { ["Idempotency-Key": $0] } ?? [:],
                    json: #"{"cycle":"\#(cycle)","issue":true}"#
                )
            }
            let keyless = try await run(nil, "2026-10")
            let first = try await run("k-1", "2026-10")
            let same = try await run("k-1", "2026-10")
            let other = try await run("k-1", "2026-08")
            let again = try await run("k-2", "2026-10")
            let open = try await run("k-3", "2026-12")
            let odd = try await run("k-4", "2026-09")

            #expect(keyless.status == 422 && keyless.faults == ["/Idempotency-Key": "missing"])
            #expect(first.status == 201 && first["counts.existing"]?.plain == "1")
            #expect(same.status == 201 && same.body == first.body)
            #expect(other.faults == ["/Idempotency-Key": "taken"])
            #expect(again["id"] != first["id"] && again["counts.issued"]?.plain == "0")
            #expect(open.faults == ["/cycle": "out_of_range"])
            #expect(odd.faults == ["/cycle": "unknown"])

            let runs = try await world.client.send("GET", "/v1/bill-runs?limit=2", token: token)
            #expect(runs["items.0.id"] == again["id"] && runs["next"] != .null)
            let outcomes = try await world.client.send(
                "GET",
                "/v1/bill-runs/\(first["id"]?.plain ?? "")/outcomes",
                token: token
            )
            #expect(outcomes["items.0.outcome"]?.plain == "existing")
        }
    }

    @Test func `a bill adds up and is not sent twice`() async throws {
        try await World.run { world in
            let number = try await world.billed("a")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let list = try await world.client.send(
                "GET",
                "/v1/bills?cycle=2026-10&service=S-a",
                token: token
            )
            let bill = try await world.client.send("GET", "/v1/bills/\(number)", token: token)
            let tag = try #require(bill.headers["etag"])
            let held = try await world.client.send(
                "GET",
                "/v1/bills/\(number)",
                token: token,
                headers: ["If-None-Match": "\"x\", \(tag)"]
            )

            #expect(list["items.0.number"]?.plain == number)
            #expect(bill["energyWattHours"]?.plain == "610000")
            guard case .array(let lines) = bill["lines"] else {
                Issue.record("no lines")
                return
            }
            let sum = lines.compactMap { Int64($0.member("amountPaise")?.plain ?? "") }.reduce(0, +)
            #expect("\(sum)" == bill["totalPaise"]?.plain)
            #expect(bill["lines.0.slabs.0.rate"] != nil)
            #expect(held.status == 304 && held.body.isEmpty)
            let service = try await world.client.send("GET", "/v1/services/S-a", token: token)
            #expect(service["balancePaise"] == bill["totalPaise"])
        }
    }

    @Test func `usage comes by day and by month with its gaps named`() async throws {
        try await World.run { world in
            _ = try await world.billed("a")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let path = "/v1/services/S-a/usage"
            let days = try await world.client.send(
                "GET",
                "\(path)?from=2026-09-01&to=2026-09-02",
                token: token
            )
            let months = try await world.client.send(
                "GET",
                "\(path)?by=month&from=2026-09-01&to=2026-10-31",
                token: token
            )

            #expect(days["energyWattHours"]?.plain == "20000" && days["missingDays"]?.plain == "0")
            #expect(days["items.1.first"]?.plain == "2026-09-02")
            #expect(months["items.1.energyWattHours"]?.plain == "310000")
        }
    }

    @Test func `a tariff is published once and quoted exactly`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let path = SourceTree.root + "/Sources/Tariffs/Documents/tneb-lt1a-2024-07.json"
            let document = String(decoding: try SourceTree.bytes(of: path), as: UTF8.self)
            let new = try await world.client.send(
                "POST",
                "/v1/tariffs",
                token: token,
                json: document
            )
            let known = try await world.client.send(
                "POST",
                "/v1/tariffs",
                token: token,
                json: document
            )
            let list = try await world.client.send("GET", "/v1/tariffs", token: token)
            let id = try #require(list["items.0.id"]?.plain)
            let shown = try await world.client.send("GET", "/v1/tariffs/\(id)", token: token)
            let tag = try #require(shown.headers["etag"])
            let held = try await world.client.send(
                "GET",
                "/v1/tariffs/\(id)",
                token: token,
                headers: ["If-None-Match": tag]
            )
            let quote = try await world.client.send(
                "POST",
                "/v1/tariffs/\(id)/quote",
                token: token,
                json: #"{"energyWattHours":600000,"months":2}"#
            )
            let byDays = try await world.client.send(
                "POST",
                "/v1/tariffs/\(id)/quote",
                token: token,
                json: #"{"energyWattHours":600000,"days":75}"#
            )
            let both = try await world.client.send(
                "POST",
                "/v1/tariffs/\(id)/quote",
                token: token,
                json: #"{"energyWattHours":600000,"days":75,"months":2}"#
            )

            #expect(new.status == 201 && new["items.0.isNew"] == .boolean(true))
            #expect(known.status == 200 && known["items.0.isNew"] == .boolean(false))
            #expect(tag == "\"\(list["items.0.digest"]?.plain ?? "")\"")
            #expect(held.status == 304)
            #expect(quote["totalPaise"]?.plain == "288000", "\(quote.text)")
            #expect(byDays["totalPaise"]?.plain == "209875", "\(byDays.text)")
            #expect(both.status == 422)
        }
    }

    @Test func `a document at fault says where`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let answer = try await world.client.send(
                "POST",
                "/v1/tariffs",
                token: token,
                json: """
                    {"id":"t-2026","utility":"U","category":"C","base_months":2,"colour":1,"lines":[]}
                    """
            )
            #expect(answer.status == 422)
            #expect(answer.faults["/colour"] == "invalid", "\(answer.text)")
        }
    }
}
