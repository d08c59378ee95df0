import API
import Billing
import Hummingbird
import Registry
import Tariffs
import TestSupport
import Testing
import Units
import UseCases
import Web
import WebTestSupport

/// Nobody reaches what is not theirs: the routes are taken from the router, so that a new one cannot
/// be forgotten.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct WallTests {
    /// One route under `/v1`.
    private struct Route {
        let method: String
        let template: String

        var isGet: Bool { method == "GET" }
    }

    /// The routes behind a session.
    private func routes(_ world: World) -> [Route] {
        makeRouter { APIRoutes(world.office.useCases, openAPI: "").add(to: $0) }.routes
            .map { Route(method: $0.method.rawValue, template: "\($0.path)") }
            .filter { $0.template.hasPrefix("/v1/") }
            .filter { "\($0.method) \($0.template)" != "POST /v1/sessions" }
            .filter { "\($0.method) \($0.template)" != "POST /v1/readings" }
    }

    private static let queries = [
        "/v1/services/{number}/usage": "?from=2026-09-01&to=2026-09-30",
        "/v1/meters/{serial}/blocks": "?from=2026-09-01&to=2026-09-30",
    ]

    /// Valid bodies, so that only the wall can refuse.
    private static let bodies = [
        "/v1/users/{login}/password": #"{"password":"a stolen password"}"#,
        "/v1/services/{number}/meter-exchange": """
        {"newSerial":"m-b","at":"2026-11-20T06:00:00Z","closingRegisterWattHours":2000000,\
        "openingRegisterWattHours":0}
        """,
        "/v1/services/{number}/transfer": #"{"consumer":"C-b","lastDay":"2026-11-10"}"#,
        "/v1/services/{number}/closure":
            #"{"lastDay":"2026-11-10","closingRegisterWattHours":2000000}"#,
        "/v1/services/{number}/transformer": #"{"transformer":"T-b","feeder":"F-b"}"#,
        "/v1/meters/{serial}/credential": "",
        "/v1/meters/{serial}/corrections":
            #"{"at":"2026-10-31T18:30:00Z","registerWattHours":1,"reason":"a guess"}"#,
        "/v1/meters/{serial}/days/{date}/versions": #"{"kind":"final","reason":"it is right"}"#,
        "/v1/meters/{serial}/days/{date}/versions/{number}/undo": #"{"reason":"it is wrong"}"#,
        "/v1/tariffs/{id}/quote": #"{"energyWattHours":500000,"months":2}"#,
        "/v1/billing-groups/{code}": #"{"cycleMonths":1}"#,
        "/v1/bills/{id}/approval": #"{"reason":"it is right"}"#,
        "/v1/bills/{id}/notes":
            #"{"kind":"adjustment","amountPaise":-100,"reason":"it is wrong"}"#,
        "/v1/notes/{id}/issue": "",
        "/v1/services/{number}/self-readings": #"{"registerWattHours":1160000}"#,
        "/v1/services/{number}/visits": #"{"registerWattHours":1160000}"#,
        "/v1/manual-readings/{id}/acceptance": #"{"reason":"it is right"}"#,
        "/v1/manual-readings/{id}/rejection": #"{"reason":"it is wrong"}"#,
        "/v1/gateway/meters/{serial}/release": "",
    ]

    /// What everyone of an office may see.
    private static let shared = [
        "/v1/offices/{code}", "/v1/tariffs/{id}", "/v1/tariffs/{id}/quote",
    ]

    /// What only staff reads: nobody else is told whether it exists.
    private static let staffOnly = ["bill-runs", "/versions", "feeders"]

    /// Routes whose name is made by the asker, within their own office; `a group of another office…`
    /// tests them.
    private static let made = ["/v1/billing-groups/{code}"]

    private func path(_ route: Route, _ values: [String: String]) throws -> String {
        guard route.template.contains("{") else { return route.template }
        let value = try #require(
            values[route.template],
            "give \(route.template) a value in this test"
        )
        // One value for every parameter, in order.
        var given = value.split(separator: " ")[...]
        let parts = route.template.split(separator: "/").map { part in
            part.hasPrefix("{") ? given.popFirst() ?? Substring(value) : part
        }
        return "/" + parts.joined(separator: "/") + (Self.queries[route.template] ?? "")
    }

    private func body(_ route: Route) throws -> String? {
        if route.isGet || route.method == "DELETE" { return nil }
        return try #require(
            Self.bodies[route.template] as String?,
            "give \(route.template) a body in this test"
        )
    }

    private func firstRun(_ world: World) async throws -> String {
        let runs = try await world.office.useCases.showBills.runs(
            try PageRequest(),
            by: world.office.manager
        )
        return "\(try #require(runs.items.first).id.value)"
    }

    @Test func `another office's things are not there`() async throws {
        try await World.run { world in
            let bill = try await world.billed("a")
            try await world.report(by: world.people.token(.manager))
            let values = try await values(
                world,
                bill: bill,
                run: firstRun(world),
                note: world.noted(bill),
                reading: world.photographed("a")
            )
            _ = try await world.office.useCases.hangService(
                HangService.Input(serviceNumber: "S-a", transformer: "T-a", feeder: "F-a"),
                by: world.office.manager
            )
            let other = try await TestOffice.make()
            let stranger = try await TestPeople(other).token(.manager)
            let own = try await world.people.token(.clerk)
            for route in routes(world)
            where route.template.contains("{") && !Self.made.contains(route.template) {
                let path = try path(route, values)
                let answer = try await world.client.send(
                    route.method,
                    path,
                    token: stranger,
                    headers: ["Idempotency-Key": "k"],
                    json: try body(route)
                )
                #expect(answer.status == 404, "\(route.method) \(path): \(answer.text)")
                #expect(!answer.text.contains("10000"), "\(path)")
                // The path itself is right: it is there for the office's own staff.
                if route.isGet, !route.template.hasSuffix("/stream") {
                    let mine = try await world.client.send(route.method, path, token: own)
                    #expect(mine.status == 200, "\(path): \(mine.text)")
                }
            }
        }
    }

    @Test func `another office's lists are empty, and cannot be asked for by name`() async throws {
        try await World.run { world in
            _ = try await world.billed("a")
            let other = try await TestOffice.make()
            let stranger = try await TestPeople(other).token(.manager)
            for route in routes(world)
            where route.isGet && !route.template.contains("{")
                && !route.template.contains("sessions")
            {
                let answer = try await world.client.send("GET", route.template, token: stranger)
                #expect(answer.status == 200, "\(route.template)")
                #expect(!answer.text.contains("m-a"), "\(route.template)")
                #expect(!answer.text.contains("S-a"), "\(route.template)")
                // With the quote, for `test-2` is also the beginning of `test-27`.
                #expect(!answer.text.contains("\(world.code)\""), "\(route.template)")
                if route.template == "/v1/offices" { continue }
                let named = try await world.client.send(
                    "GET",
                    route.template,
                    token: stranger,
                    office: world.code
                )
                #expect(named.status == 404, "\(route.template)")
            }
        }
    }

    @Test func `another consumer's things are not there`() async throws {
        try await World.run { world in
            let bill = try await world.billed("a")
            _ = try await world.people.add(.manager)
            _ = try await world.office.connect("b")
            let values = try await values(
                world,
                bill: bill,
                run: firstRun(world),
                note: world.noted(bill),
                reading: world.photographed("a")
            )
            let neighbour = try await world.people.token(.consumer, consumer: "C-b")
            let owner = try await world.people.token(.consumer, consumer: "C-a")
            for route in routes(world) where route.template.contains("{") {
                if Self.shared.contains(route.template) { continue }
                let path = try path(route, values)
                let answer = try await world.client.send(
                    route.method,
                    path,
                    token: neighbour,
                    json: try body(route)
                )
                #expect([403, 404].contains(answer.status), "\(path): \(answer.text)")
                // Whether it exists is told to nobody: reading is 404, writing needs staff.
                if route.isGet, !Self.staffOnly.contains(where: route.template.contains) {
                    #expect(answer.status == 404, "\(path)")
                    if route.template.hasSuffix("/stream") { continue }
                    let mine = try await world.client.send("GET", path, token: owner)
                    #expect(mine.status == 200, "\(path): \(mine.text)")
                }
            }
            for list in ["services", "bills", "notes"] {
                let answer = try await world.client.send("GET", "/v1/\(list)", token: neighbour)
                #expect(answer.status == 200)
                #expect(!answer.text.contains("S-a"), "\(list)")
            }
            let staffs = [
                "users", "consumers", "meters", "readings/rejections", "bill-runs",
                "office/billing", "billing-groups", "tariff-parameters", "gateway/meters",
                "gateway/events", "manual-readings", "reading-round", "reading-round/sheet",
                "gateway/events", "office/forecast", "forecasts/feeders", "forecasts/accuracy",
            ]
            for list in staffs {
                let answer = try await world.client.send("GET", "/v1/\(list)", token: neighbour)
                #expect(answer.status == 403, "\(list)")
            }
            for filter in ["bills?service=S-a", "notes?service=S-a", "notes?bill=\(bill)"] {
                let filtered = try await world.client.send(
                    "GET",
                    "/v1/\(filter)",
                    token: neighbour
                )
                #expect(filtered.status == 404, "\(filter)")
            }
        }
    }

    @Test func `nothing is given without a session, with a wrong one or with a meter's token`()
        async throws
    {
        try await World.run { world in
            let bill = try await world.billed("a")
            let values = try await values(
                world,
                bill: bill,
                run: firstRun(world),
                note: world.noted(bill)
            )
            let meter = try await world.office.connect("c").meter.credential
            for route in routes(world) {
                let path = try path(route, values)
                let body = route.isGet || route.method == "DELETE" ? nil : "{}"
                let nobody = try await world.client.send(route.method, path, json: body)
                #expect(nobody.status == 401, "\(route.method) \(path)")
                #expect(nobody.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                let guess = try await world.client.send(
                    route.method,
                    path,
                    token: "vs_guess",
                    json: body
                )
                #expect(guess.status == 401, "\(route.method) \(path)")
                let strange = try await world.client.send(
                    route.method,
                    path,
                    token: meter,
                    json: body
                )
                #expect(strange.status == 403, "\(route.method) \(path)")
            }
        }
    }

    @Test func `a consumer changes nothing but their own password and register`() async throws {
        try await World.run { world in
            _ = try await world.billed("a")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            for route in routes(world)
            where !["GET", "DELETE"].contains(route.method) && !route.template.hasSuffix("/quote")
                && !route.template.hasSuffix("/self-readings")
            {
                let values = values(world, bill: "1", run: "1", note: "1")
                let answer = try await world.client.send(
                    route.method,
                    try path(route, values),
                    token: token,
                    headers: ["Idempotency-Key": "k"],
                    json: Self.bodies[route.template] ?? Self.validBodies[route.template] ?? "{}"
                )
                #expect(answer.status == 403, "\(route.template): \(answer.text)")
            }
            let changed = try await world.client.send(
                "PUT",
                "/v1/users/consumer-c-a@\(world.code)/password",
                token: token,
                json: #"{"password":"a better password"}"#
            )
            #expect(changed.status == 204)
            let after = try await world.client.send("GET", "/v1/services", token: token)
            #expect(after.status == 401)
        }
    }

    private static let validBodies = [
        "/v1/users":
            #"{"login":"x1","name":"X","role":"manager","password":"long enough password"}"#,
        "/v1/consumers": #"{"number":"C-9","name":"X"}"#,
        "/v1/services": """
        {"number":"S-9","consumer":"C-a","category":"LT","tariff":"t",\
        "sanctionedLoadWatts":1000,"connectedOn":"2026-01-01"}
        """,
        "/v1/meters": #"{"serial":"m-9"}"#,
        "/v1/bill-runs": #"{"cycle":"2026-10"}"#,
        "/v1/office/billing": #"{"makerChecker":false}"#,
        "/v1/office/forecast": #"{"climate":"chennai"}"#,
        "/v1/tariff-parameters": #"{"series":[]}"#,
    ]

    @Test func `a group of another office is neither seen nor changed`() async throws {
        try await World.run { world in
            let own = try await world.people.token(.manager)
            let other = try await TestPeople(try await TestOffice.make()).token(.manager)
            for (token, day) in [(own, 5), (other, 9)] {
                let made = try await world.client.send(
                    "PUT",
                    "/v1/billing-groups/monthly",
                    token: token,
                    json: #"{"cycleMonths":1,"cycleDay":\#(day)}"#
                )
                #expect(made.status == 200)
            }
            let mine = try await world.client.send("GET", "/v1/billing-groups", token: own)
            let theirs = try await world.client.send("GET", "/v1/billing-groups", token: other)
            #expect(mine["items.0.cycleDay"]?.plain == "5" && mine["items.1"] == nil)
            #expect(theirs["items.0.cycleDay"]?.plain == "9" && theirs["items.1"] == nil)
        }
    }

    @Test func `an administrator names the office`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a")
            let token = try await world.people.token(.administrator)
            let unnamed = try await world.client.send("GET", "/v1/services", token: token)
            let named = try await world.client.send(
                "GET",
                "/v1/services",
                token: token,
                office: world.code
            )
            let wrong = try await world.client.send(
                "GET",
                "/v1/services",
                token: token,
                office: "nowhere"
            )
            let offices = try await world.client.send("GET", "/v1/offices", token: token)

            #expect(unnamed.status == 422 && unnamed.faults == ["/Vidyut-Office": "missing"])
            #expect(named.status == 200 && named["items.0.number"]?.plain == "S-a")
            #expect(wrong.status == 404)
            #expect(offices.text.contains("\"\(world.code)\""))
        }
    }
}
