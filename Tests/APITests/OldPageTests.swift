import Metering
import Registry
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// The paths of the student project's page, and the gateway's own.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct OldPageTests {
    private static let paths = ["", "/fetch_years", "/-fetch_for_pred", "/fetch_live"]

    /// A consumer's service with an old meter, whose token it is; nothing was read yet.
    private func old(_ world: World, _ name: String) async throws -> RegisterMeter.Registered {
        let office = world.office
        _ = try await office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-\(name)", name: "Consumer \(name)"),
            by: office.manager
        )
        _ = try await office.useCases.registerService(
            RegisterService.Input(
                number: "S-\(name)",
                consumerNumber: "C-\(name)",
                category: "LT I-A",
                tariffFamily: "tneb-lt1a",
                sanctionedLoadWatts: 5_000,
                connectedOn: "2025-11-01"
            ),
            by: office.manager
        )
        return try await office.useCases.registerMeter(
            RegisterMeter.Input(
                serial: "OLD-\(name)",
                serviceNumber: "S-\(name)",
                installedAt: "2025-11-01T00:00:00+05:30",
                isOld: true
            ),
            by: office.manager
        )
    }

    private func post(
        _ world: World,
        _ path: String,
        _ token: String,
        _ body: String = "{}",
        location: SourceLocation = #_sourceLocation
    ) async throws -> (status: Int, text: String) {
        let answer = try await world.client.send(
            "POST",
            "/prod/fetch_monthly_data\(path)",
            token: token,
            json: body,
            location: location
        )
        return (answer.status, answer.text)
    }

    /// Registers at midnights: 10 kWh a day from December to the middle of November.
    private func read(_ world: World, _ serial: String) async throws {
        let start = try #require(CivilDate("2025-12-01"))
        let rows = (0..<357).map { offset in
            ReadingImportRow(
                line: offset + 2,
                meter: serial,
                value: .day(start.adding(days: offset), Energy(wattHours: 10_250))
            )
        }
        _ = try await world.office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: world.office.manager
        )
    }

    @Test func `months and energy are real ones, in the shapes the old page expects`() async throws
    {
        try await World.run { world in
            let meter = try await old(world, "a")
            try await read(world, "OLD-a")
            let today = world.office.office.zone.date(of: world.office.clock.now)
            #expect("\(today)" == "2026-11-23")
            let ten = Array(repeating: "10", count: 22)
            let none = Array(repeating: "0", count: 9)
            for token in [
                meter.credential, try await world.people.token(.consumer, consumer: "C-a"),
            ] {
                let month = try await post(world, "", token)
                #expect(month.status == 200)
                #expect(month.text == "{\"values\":[\((ten + none).joined(separator: ","))]}")
                let year = try await post(world, "/fetch_years", token)
                #expect(
                    year.text == """
                        {"values":[317.75,287.0,317.75,307.5,317.75,307.5,317.75,317.75,307.5,\
                        317.75,225.5,0.0]}
                        """
                )
                let history = try await post(world, "/-fetch_for_pred", token)
                #expect(history.text.hasPrefix("{\"values\":{\"01-12-2025\":10.25,"))
                #expect(history.text.hasSuffix("\"22-11-2026\":10.25}}"))
                #expect(history.text.split(separator: ",").count == 357)
            }
        }
    }

    @Test func `live values are floats, and a channel below 50 V is shown off`() async throws {
        try await World.run { world in
            let meter = try await old(world, "a")
            let before = try await post(world, "/fetch_live", meter.credential)
            #expect(
                before.text == """
                    {"live_voltage_main":0.0,"live_current_main":0.0,"live_power_main":0.0,\
                    "main_status":0.0,"dev1_status":0.0,"dev2_status":0.0}
                    """
            )
            func channel(_ volts: Int32) -> OldChannelReading {
                OldChannelReading(
                    voltageMillivolts: volts,
                    currentMilliamps: 3_410,
                    powerMilliwatts: 788_390
                )
            }
            try await world.office.useCases.takeOldMessage(
                OldMeterMessage(
                    main: channel(231_200),
                    dev1: channel(49_999),
                    dev2: channel(50_000)
                ),
                from: world.office.identity(of: meter.meter),
                receivedAt: world.office.clock.now
            )
            // As another server writes it and as this one hears it.
            for _ in 0..<2 {
                let now = try await post(world, "/fetch_live", meter.credential)
                #expect(
                    now.text == """
                        {"live_voltage_main":231.2,"live_current_main":3.41,\
                        "live_power_main":788.39,"main_status":1.0,"dev1_status":0.0,\
                        "dev2_status":1.0}
                        """
                )
                try await world.office.useCases.live.flush()
            }
            let written = try await world.office.useCases.showMeters.latest(
                serial: "OLD-a",
                by: world.office.manager
            )
            #expect(written?.dev2?.voltageMillivolts == 50_000)
        }
    }

    @Test func `a relay is switched by 1, 2 or 3 and by nothing else`() async throws {
        try await World.run { world in
            let meter = try await old(world, "a")
            let path = "/send_to_client"
            let good = [
                (#"{"value":1,"stats":true}"#, "mainon"),
                (#"{"value":1,"stats":false}"#, "mainoff"),
                (#"{"value":2,"stats":true}"#, "dev1on"),
                (#"{"value":3,"stats":false}"#, "dev2off"),
                (#"{"value":3,"stats":true,"more":1}"#, "dev2on"),
            ]
            for (body, command) in good {
                let answer = try await post(world, path, meter.credential, body)
                #expect(answer.status == 200)
                #expect(answer.text == "\"\(command)\"")
            }
            let bad = [
                "{}", "", "[]", "1", #"{"value":0,"stats":true}"#, #"{"value":4,"stats":true}"#,
                #"{"value":-1,"stats":true}"#, #"{"value":"1","stats":true}"#, #"{"value":1}"#,
                #"{"value":1.5,"stats":true}"#, #"{"value":1,"stats":"true"}"#,
                #"{"value":1,"stats":1}"#, #"{"value":null,"stats":true}"#, #"{"stats":true}"#,
                #"{"value":9223372036854775808,"stats":true}"#,
            ]
            for body in bad {
                let answer = try await post(world, path, meter.credential, body)
                #expect(answer.status == 400, "\(body): \(answer.text)")
            }
            let events = try await world.office.useCases.showGateway.events(
                try PageRequest(),
                by: world.office.manager
            ).items
            #expect(events.map(\.event.kind) == Array(repeating: .switched, count: 5))
            #expect(events.first?.event.detail == "dev2on by \(world.code).OLD-a")
        }
    }

    @Test func `more commands than relays are made for are refused for a while`() async throws {
        try await World.run { world in
            let meter = try await old(world, "a")
            let body = #"{"value":2,"stats":true}"#
            for number in 1...21 {
                let answer = try await post(world, "/send_to_client", meter.credential, body)
                #expect(answer.status == (number < 21 ? 200 : 429), "\(number)")
            }
            world.office.clock.now = world.office.clock.now.adding(seconds: 61)
            let later = try await post(world, "/send_to_client", meter.credential, body)
            #expect(later.status == 200)
        }
    }

    @Test func `a tripped supply is switched on by nobody before the office has released it`()
        async throws
    {
        try await World.run { world in
            let meter = try await old(world, "a")
            let on = #"{"value":1,"stats":true}"#
            try await world.office.useCases.takeOldMessage(
                OldMeterMessage(main: OldChannelReading(voltageMillivolts: 301_000)),
                from: world.office.identity(of: meter.meter),
                receivedAt: world.office.clock.now
            )
            let refused = try await post(world, "/send_to_client", meter.credential, on)
            #expect(refused.status == 409)
            #expect(refused.text.contains("\"tripped\""))
            let clerk = try await world.people.token(.clerk)
            let engineer = try await world.people.token(.engineer)
            let listed = try await world.client.send("GET", "/v1/gateway/meters", token: clerk)
            #expect(listed["items.0.meter"]?.plain == "OLD-a")
            #expect(listed["items.0.trippedAt"] != nil)
            let path = "/v1/gateway/meters/OLD-a/release"
            #expect(try await world.client.send("POST", path, token: clerk).status == 403)
            #expect(try await world.client.send("POST", path, token: engineer).status == 200)
            #expect(try await world.client.send("POST", path, token: engineer).status == 409)
            let now = try await post(world, "/send_to_client", meter.credential, on)
            #expect(now.status == 200)
            let first = try await world.client.send(
                "GET",
                "/v1/gateway/events?limit=2",
                token: clerk
            )
            #expect(first["items.0.kind"]?.plain == "switched")
            #expect(first["items.1.kind"]?.plain == "released")
            let rest = try await world.client.send(
                "GET",
                "/v1/gateway/events?limit=2&after=\(first["next"]?.plain ?? "")",
                token: clerk
            )
            #expect(rest["items.0.kind"]?.plain == "over_voltage")
            #expect(rest["next"]?.plain == "null")
        }
    }

    @Test func `each token shows its own, and another's is not there`() async throws {
        try await World.run { world in
            let meter = try await old(world, "a")
            _ = try await old(world, "b")
            let neighbour = try await world.people.token(.consumer, consumer: "C-b")
            let manager = try await world.people.token(.manager)
            let stranger = try await TestPeople(try await TestOffice.make()).token(.manager)
            for path in Self.paths {
                #expect(
                    try await world.client.http.send("POST", "/prod/fetch_monthly_data\(path)")
                        .status == 401
                )
                #expect(try await post(world, path, "vm_guess").status == 401)
                #expect(try await post(world, path, "vs_guess").status == 401)
                #expect(try await post(world, path + "?service=S-a", neighbour).status == 404)
                #expect(try await post(world, path + "?service=S-a", stranger).status == 404)
                #expect(
                    try await post(world, path + "?service=S-b", meter.credential).status == 404
                )
                #expect(try await post(world, path, manager).status == 422)
                #expect(try await post(world, path + "?service=S-a", manager).status == 200)
                #expect(try await post(world, path, neighbour).status == 200)
            }
            let off = #"{"value":1,"stats":false}"#
            let path = "/send_to_client"
            #expect(try await post(world, path + "?service=S-a", neighbour, off).status == 404)
            #expect(try await post(world, path + "?service=S-a", stranger, off).status == 404)
            let clerk = try await world.people.token(.clerk)
            #expect(try await post(world, path + "?service=S-a", clerk, off).status == 403)
            let events = try await world.office.useCases.showGateway.events(
                try PageRequest(),
                by: world.office.manager
            ).items
            #expect(events == [])
        }
    }

    @Test func `a meter that is no old one cannot be switched, and any stage will do`() async throws
    {
        try await World.run { world in
            let modern = try await world.office.connect("new").meter
            let answer = try await post(
                world,
                "/send_to_client",
                modern.credential,
                #"{"value":1,"stats":false}"#
            )
            #expect(answer.status == 409)
            #expect(answer.text.contains("not_an_old_meter"))
            for stage in ["dev", "default", "Stage-2"] {
                let live = try await world.client.send(
                    "POST",
                    "/\(stage)/fetch_monthly_data/fetch_live",
                    token: modern.credential,
                    json: "{}"
                )
                #expect(live.status == 200, "\(stage): \(live.text)")
            }
            let bare = try await world.client.http.send("POST", "/a/b/fetch_monthly_data")
            #expect(bare.status == 404)
        }
    }

    @Test func `an old meter gets the port that is chosen, or the next free one`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.engineer)
            func add(_ body: String) async throws -> HTTPAnswerOfMeter {
                let answer = try await world.client.send(
                    "POST",
                    "/v1/meters",
                    token: token,
                    json: body
                )
                return HTTPAnswerOfMeter(
                    status: answer.status,
                    port: answer["gatewayPort"].flatMap { Int($0.plain) },
                    fault: answer.faults["/gatewayPort"]
                )
            }
            let first = try await add(#"{"serial":"o1","old":true}"#)
            let second = try await add(#"{"serial":"o2","old":true}"#)
            #expect(first.status == 201 && second.status == 201)
            #expect(Limits.oldMeterPorts.contains(first.port ?? 0))
            #expect(first.port != second.port)
            let port = Int.random(in: 30_000...60_000)
            #expect(
                try await add(#"{"serial":"o3","old":true,"gatewayPort":\#(port)}"#).port == port
            )
            #expect(
                try await add(#"{"serial":"o4","old":true,"gatewayPort":\#(port)}"#).fault
                    == "taken"
            )
            #expect(
                try await add(#"{"serial":"o5","old":true,"gatewayPort":80}"#).fault == "invalid"
            )
            #expect(try await add(#"{"serial":"o6","gatewayPort":18801}"#).fault == "invalid")
            let table = try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                csv: "serial,old,gatewayPort\r\no7,yes,\r\nm8,no,\r\n"
            )
            #expect(table.status == 201)
            #expect(table["meters.0.gatewayPort"] != nil)
            #expect(table["meters.1.gatewayPort"] == nil)
        }
    }

    private struct HTTPAnswerOfMeter {
        let status: Int
        let port: Int?
        let fault: String?
    }
}
