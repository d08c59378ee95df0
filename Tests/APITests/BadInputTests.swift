import Registry
import Tariffs
import TestSupport
import Testing
import WebTestSupport

/// What cannot be read or is not valid is refused by name, before anything is done.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BadInputTests {
    /// Every route that takes a JSON body.
    private static let routes = [
        "POST /v1/sessions", "POST /v1/offices", "POST /v1/users",
        "PUT /v1/users/x/password", "POST /v1/consumers", "POST /v1/services",
        "POST /v1/services/S-a/meter-exchange", "POST /v1/meters", "POST /v1/tariffs",
        "POST /v1/tariffs/x/quote", "POST /v1/bill-runs", "POST /v1/bills/x/approval",
        "POST /v1/bills/x/notes", "PATCH /v1/office/billing", "PUT /v1/billing-groups/x",
        "POST /v1/services/S-a/transfer", "POST /v1/services/S-a/closure",
        "POST /v1/tariff-parameters", "POST /v1/meters/x/corrections",
    ]

    private func each(
        _ world: World,
        json: String,
        type: String? = nil,
        _ check: (String, HTTPAnswer) -> Void
    ) async throws {
        let people = TestPeople(try await TestOffice.make())
        let manager = try await people.token(.manager)
        let root = try await people.token(.administrator)
        for (index, route) in Self.routes.enumerated() {
            let parts = route.split(separator: " ").map(String.init)
            var headers = ["Idempotency-Key": "key-\(index)"]
            if let type { headers["Content-Type"] = type }
            let answer = try await world.client.send(
                parts[0],
                parts[1],
                token: parts[1] == "/v1/offices" ? root : manager,
                headers: headers,
                json: json
            )
            check(route, answer)
        }
    }

    @Test(arguments: ["{", "", "{\"name\":NaN}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "nonsense"])
    func `a body that is no JSON is 400 and says on which line`(_ body: String) async throws {
        try await World.run { world in
            try await each(world, json: body) { route, answer in
                #expect(answer.status == 400, "\(route): \(answer.text)")
                #expect(answer["detail"]?.plain.hasPrefix("line 1") == true, "\(route)")
            }
        }
    }

    @Test(arguments: ["[1]", "7", "null", "\"text\""])
    func `a body that is no object is 422`(_ body: String) async throws {
        try await World.run { world in
            try await each(world, json: body) { route, answer in
                #expect(answer.status == 422, "\(route): \(answer.text)")
            }
        }
    }

    @Test func `unknown fields are refused by name`() async throws {
        try await World.run { world in
            try await each(world, json: #"{"colour":"red"}"#) { route, answer in
                #expect(answer.status == 422, "\(route): \(answer.text)")
                let code = answer.faults["/colour"]
                let isDocument = ["tariffs", "tariff-parameters"].contains { route.hasSuffix($0) }
                #expect(code == (isDocument ? "invalid" : "unknown"), "\(route): \(answer.text)")
            }
        }
    }

    @Test func `other media types are 415 and huge bodies 413`() async throws {
        try await World.run { world in
            try await each(world, json: "{}", type: "application/xml") { route, answer in
                #expect(answer.status == 415, "\(route): \(answer.text)")
            }
            let huge = "{\"name\":\"" + String(repeating: "x", count: 2 << 20) + "\"}"
            try await each(world, json: huge) { route, answer in
                #expect(answer.status == 413, "\(route): \(answer.text.prefix(200))")
            }
        }
    }

    @Test func `all fields at fault are named at once, with what would be right`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let types = try await world.client.send(
                "POST",
                "/v1/services",
                token: token,
                json: #"{"number":7,"consumer":true,"sanctionedLoadWatts":"4 kW","phases":1.5}"#
            )
            let ranges = try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                json: """
                    {"serial":"m-1","registerDigits":99,"multiplier":0,"channels":9,\
                    "installedAt":"yesterday","openingRegisterWattHours":-5}
                    """
            )
            let huge = try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                json: #"{"serial":"m-1","multiplier":99999999999999999999}"#
            )
            let control = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                json: #"{"number":"C\u0000","name":"A\nB"}"#
            )

            #expect(
                types.faults == [
                    "/number": "wrong_type", "/consumer": "wrong_type", "/category": "missing",
                    "/tariff": "missing", "/sanctionedLoadWatts": "wrong_type",
                    "/phases": "out_of_range", "/connectedOn": "missing",
                ]
            )
            #expect(
                Set(ranges.faults.keys) == [
                    "/registerDigits", "/multiplier", "/channels", "/installedAt",
                    "/openingRegisterWattHours",
                ]
            )
            #expect(huge.faults == ["/multiplier": "out_of_range"])
            #expect(control.faults == ["/number": "invalid", "/name": "invalid"])
        }
    }

    @Test(arguments: [
        ("/v1/consumers?limit=0", "/limit"), ("/v1/consumers?limit=201", "/limit"),
        ("/v1/consumers?limit=ten", "/limit"), ("/v1/consumers?colour=red", "/colour"),
        ("/v1/consumers?limit=1&limit=2", "/limit"), ("/v1/bills?after=x", "/after"),
        ("/v1/services/S-a/usage?from=2026-11-01", "/to"),
        ("/v1/services/S-a/usage?from=2026-11-31&to=2026-12-01", "/from"),
        ("/v1/services/S-a/usage?from=2026-11-02&to=2026-11-01", "/to"),
        ("/v1/services/S-a/usage?from=2006-11-02&to=2026-11-01", "/from"),
        ("/v1/services/S-a/usage?by=week&from=2026-11-01&to=2026-11-02", "/by"),
        ("/v1/meters/m-a/readings?from=today", "/from"),
    ])
    func `parameters are read as strictly as bodies`(
        _ path: String,
        _ pointer: String
    ) async throws {
        try await World.run { world in
            _ = try await world.office.connect("a")
            let token = try await world.people.token(.manager)
            let answer = try await world.client.send("GET", path, token: token)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.faults[pointer] != nil, "\(answer.text)")
        }
    }

    @Test func `strange paths and methods are told apart`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let nowhere = try await world.client.send("GET", "/v1/nothing", token: token)
            let method = try await world.client.send("DELETE", "/v1/consumers/C-1", token: token)
            let bytes = try await world.client.send("GET", "/v1/consumers/%00", token: token)
            let escape = try await world.client.send("GET", "/v1/consumers/%FF", token: token)

            #expect(nowhere.status == 404 && nowhere["code"]?.plain == "not_found")
            #expect(method.status == 405 && method.headers["allow"] == "GET")
            #expect(bytes.status == 404 && escape.status == 404)
        }
    }

    @Test func `every answer carries the request's id and careful headers`() async throws {
        try await World.run { world in
            let given = try await world.client.send(
                "GET",
                "/v1/services",
                headers: ["X-Request-ID": "abc-123"]
            )
            let hostile = try await world.client.send(
                "GET",
                "/healthz",
                headers: ["X-Request-ID": "a b\"c"]
            )

            #expect(given.headers["x-request-id"] == "abc-123")
            #expect(given["requestId"]?.plain == "abc-123")
            #expect(hostile.headers["x-request-id"]?.contains(" ") == false)
            #expect(given.headers["x-content-type-options"] == "nosniff")
            #expect(given.headers["cache-control"] == "no-store")
            #expect(
                given.headers["content-security-policy"]?.contains("default-src 'none'") == true
            )
        }
    }

    @Test func `the program tells about itself`() async throws {
        try await World.run { world in
            let health = try await world.client.send("GET", "/healthz")
            let ready = try await world.client.send("GET", "/readyz")
            let contract = try await world.client.send("GET", "/openapi.yaml")
            let metrics = try await world.client.send("GET", "/metrics")
            let proxied = try await world.client.send(
                "GET",
                "/metrics",
                headers: ["X-Forwarded-For": "203.0.113.9"]
            )
            let clerk = try await world.client.send(
                "GET",
                "/metrics",
                token: try await world.people.token(.clerk),
                headers: ["X-Forwarded-For": "203.0.113.9"]
            )
            let kind = try await world.client.send("GET", "/problems/invalid")

            #expect(health.status == 200 && ready["parts.database"]?.plain == "ok")
            #expect(contract.text == Contract.text)
            #expect(metrics.text == "vidyut_up 1\n")
            #expect(proxied.status == 401)
            #expect(clerk.status == 403)
            #expect(kind.text.hasPrefix("422 "))
        }
    }
}
