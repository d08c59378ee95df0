import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// Whatever is sent, the office answers what is wrong with it and never fails itself.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct HostileInputTests {
    /// A good body of every route that takes one.
    private static let bodies = [
        "POST /v1/sessions": #"{"login":"x","password":"long enough password"}"#,
        "POST /v1/offices": #"{"code":"c","name":"n","cycleMonths":2,"timeZone":"Asia/Kolkata"}"#,
        "POST /v1/users":
            #"{"login":"l","name":"n","role":"clerk","password":"long enough password"}"#,
        "POST /v1/consumers":
            #"{"number":"n","name":"n","phone":"9840012345","email":"a@b.in","address":"a"}"#,
        "POST /v1/services": """
        {"number":"n","consumer":"C-a","category":"LT","tariff":"t","sanctionedLoadWatts":1,\
        "phases":1,"feeder":"F","transformer":"T","address":"a","connectedOn":"2026-01-01"}
        """,
        "POST /v1/services/S-a/meter-exchange": """
        {"newSerial":"m-a","at":"2026-11-20T06:00:00Z","closingRegisterWattHours":1,\
        "openingRegisterWattHours":0}
        """,
        "POST /v1/meters": """
        {"serial":"m","registerDigits":8,"multiplier":1,"channels":3,"service":"S-a",\
        "installedAt":"2026-11-20T06:00:00Z","openingRegisterWattHours":0,"old":true,\
        "gatewayPort":18801}
        """,
        "POST /prod/fetch_monthly_data/send_to_client": #"{"value":1,"stats":false}"#,
        "POST /v1/tariffs/tneb-lt1a-2024-07/quote": """
        {"energyWattHours":500000,"months":2,"loadWatts":1,"optIn":true,"linesOn":["x"],\
        "parameters":{"p":1}}
        """,
        "POST /v1/bill-runs": #"{"cycle":"2026-10","issue":true}"#,
    ]

    private static let values: [JSONValue] = [
        .null, .boolean(true), .integer(-1), .integer(0), .integer(Int64.max),
        .integer(Int64.min), .number("1e400"), .number("0.1"), .string(""), .string(" "),
        .string("\u{0}"), .string("💡"), .string("க்ஷ"), .string("a\u{202e}b"),
        .string("'; drop table office; --"), .string("%s%n"), .string("../../etc/passwd"),
        .string("9999-12-31"), .string("0001-01-01"), .string("2026-02-30"),
        .string("9999-12-31T23:59:59.999999Z"), .string("0001-01-01T00:00:00Z"),
        .string("9999-12"), .string("0001-02"), .string("C-a"), .string("m-a"),
        .string(String(repeating: "x", count: 3_999)), .array([]), .array([.integer(1)]),
        .object([]), .object([JSONMember("a", .array([.null]))]),
    ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `no body makes a route fail`(_ seed: UInt64) async throws {
        try await World.run { world in
            try await world.office.publish(family: "tneb-lt1a")
            _ = try await world.office.connect("a")
            let manager = try await world.people.token(.manager)
            let root = try await world.people.token(.administrator)
            var random = SeededRandom(seed: seed)
            for (route, body) in Self.bodies.sorted(by: { $0.key < $1.key }) {
                guard case .object(let members) = try JSONValue(parsing: Array(body.utf8)) else {
                    continue
                }
                let parts = route.split(separator: " ").map(String.init)
                for attempt in 0..<25 {
                    var changed = members
                    for _ in 0...Int.random(in: 0...1, using: &random) {
                        let index = Int.random(in: 0..<changed.count, using: &random)
                        let value = Self.values.randomElement(using: &random) ?? .null
                        changed[index] = JSONMember(changed[index].name, value)
                    }
                    let text = String(decoding: JSONValue.object(changed).bytes(), as: UTF8.self)
                    let answer = try await world.client.send(
                        parts[0],
                        parts[1],
                        token: parts[1] == "/v1/offices" ? root : manager,
                        headers: ["Idempotency-Key": "\(seed)-\(attempt)-\(route.count)"],
                        json: text
                    )
                    #expect(answer.status < 500, "\(route) \(text.prefix(600)): \(answer.text)")
                }
            }
        }
    }

    private static let names = [
        "%27", "%22", "%5C", "%2F", "%2e%2e", "-1", "0", "2147483648", "99999999999999999999",
        "%E0%AE%95", "%F0%9F%92%A1", "%25", "a%20b", String(repeating: "x", count: 5_000),
    ]

    @Test func `no path or parameter makes a route fail`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a")
            let token = try await world.people.token(.manager)
            let gets = try #require(Contract.shared).operations.filter {
                $0.method == "GET" && $0.template.hasPrefix("/v1/")
                    && !$0.template.hasSuffix("/stream")
            }
            for operation in gets {
                for name in Self.names {
                    let path = operation.template.split(separator: "/").map {
                        $0.hasPrefix("{") ? Substring(name) : $0
                    }.joined(separator: "/")
                    for query in ["", "?after=\(name)", "?service=\(name)", "?cycle=\(name)"] {
                        let answer = try await world.client.send(
                            "GET",
                            "/\(path)\(query)",
                            token: token
                        )
                        #expect(answer.status < 500, "\(path.prefix(99))\(query.prefix(99))")
                    }
                }
            }
            for instant in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
                for path in ["from", "to", "after"] {
                    let answer = try await world.client.send(
                        "GET",
                        "/v1/meters/m-a/readings?\(path)=\(instant)",
                        token: token
                    )
                    #expect(answer.status < 500, "\(path)=\(instant)")
                }
            }
        }
    }
}
