import Foundation
import Metering
import Registry
import Tariffs
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// The meters' door over HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ReadingTests {
    /// The instant of the tests' clock, and some before it.
    private static let now = TestOffice.noon

    private func ago(_ seconds: Int64) -> String {
        Self.now.adding(seconds: -seconds).description
    }

    @Test func `readings are stored once, acknowledged, and shown`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let body = World.report(ago(60), sequence: 1)
            let first = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: body
            )
            let second = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: body
            )

            #expect(first.status == 200)
            #expect(first["stored"]?.plain == "1" && first["duplicates"]?.plain == "0")
            #expect(first["acknowledgedSequence"]?.plain == "1")
            #expect(second["stored"]?.plain == "0" && second["duplicates"]?.plain == "1")
            #expect(second["acknowledgedSequence"]?.plain == "1")

            let staff = try await world.people.token(.engineer)
            let stored = try await world.client.send(
                "GET",
                "/v1/meters/m-a/readings",
                token: staff
            )
            #expect(stored["items.0.at"]?.plain == ago(60))
            #expect(stored["items.0.channels.main.energyWattHours"]?.plain == "1000")
            #expect(stored["items.1"] == nil && stored["next"] == .null)
            let live = try await world.client.send("GET", "/v1/meters/m-a/live", token: staff)
            #expect(live["reading.at"]?.plain == ago(60))
        }
    }

    @Test func `what is refused is refused by name and the rest is stored`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let good = "{\"main\":\(World.channel(wattHours: 500))}"
            let negative = "{\"main\":\(World.channel(wattHours: -1))}"
            let answer = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: """
                    {"sequence":14,"readings":[
                    {"at":"\(ago(90))","channels":\(good)},
                    {"at":"\(ago(-400))","channels":\(good)},
                    {"at":"\(ago(86_400 * 400))","channels":\(good)},
                    {"at":"\(ago(80))","channels":\(negative)},
                    {"channels":\(good)}]}
                    """
            )
            let staff = try await world.people.token(.clerk)
            let seen = try await world.client.send(
                "GET",
                "/v1/readings/rejections",
                token: staff
            )

            #expect(answer["stored"]?.plain == "1")
            let codes = (0..<4).compactMap { answer["rejected.\($0).code"]?.plain }
            #expect(codes == ["future_time", "too_old", "negative_register", "no_time"])
            #expect(answer["rejected.0.index"]?.plain == "1")
            #expect(answer["acknowledgedSequence"]?.plain == "14")
            #expect(seen.text.contains("negative_register") && seen.text.contains("future_time"))
        }
    }

    @Test(arguments: [
        ("{", 400, "malformed"), ("", 400, "empty"), ("[]", 422, "wrong_type"),
        ("{\"sequence\":NaN,\"readings\":[]}", 400, "malformed"),
        ("{\"sequence\":1}", 422, "missing_field"),
        ("{\"sequence\":\"1\",\"readings\":[]}", 422, "wrong_type"),
        ("{\"sequence\":1,\"sequence\":2,\"readings\":[]}", 422, "duplicate_key"),
        ("{\"sequence\":1,\"readings\":[],\"colour\":1}", 422, "unknown_key"),
        ("{\"sequence\":-1,\"readings\":[]}", 422, "out_of_range"),
    ])
    func `a body that cannot be used says where`(
        _ body: String,
        _ status: Int,
        _ code: String
    ) async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let answer = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: body
            )

            #expect(answer["errors.0.code"]?.plain == code, "\(answer.text)")
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func `too many readings, too long a body and another type are refused`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let one =
                "{\"at\":\"\(ago(60))\",\"channels\":{\"main\":\(World.channel(wattHours: 1))}}"
            let many = Array(repeating: one, count: 1_001).joined(separator: ",")
            let tooMany = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: "{\"sequence\":2000,\"readings\":[\(many)]}"
            )
            let tooLong = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: String(repeating: " ", count: 3 << 20)
            )
            let table = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                csv: "meter,at,register_wh\r\n"
            )

            #expect(tooMany.status == 413)
            #expect(tooLong.status == 413)
            #expect(table.status == 415)
        }
    }

    @Test func `only a meter's own standing credential reports`() async throws {
        try await World.run { world in
            let old = try await world.office.connect("a").meter.credential
            let engineer = try await world.people.token(.engineer)
            let body = World.report(ago(60))
            let renewed = try await world.client.send(
                "POST",
                "/v1/meters/m-a/credential",
                token: engineer
            )
            let new = try #require(renewed["credential"]?.plain)
            // The change is announced through the database; the directory may be told directly.
            world.office.useCases.directory.forget()
            let withNothing = try await world.client.send("POST", "/v1/readings", json: body)
            let withOld = try await world.client.send(
                "POST",
                "/v1/readings",
                token: old,
                json: body
            )
            let withSession = try await world.client.send(
                "POST",
                "/v1/readings",
                token: engineer,
                json: body
            )
            let withNew = try await world.client.send(
                "POST",
                "/v1/readings",
                token: new,
                json: body
            )
            let asGateway = try await world.client.send(
                "POST",
                "/v1/readings",
                token: new,
                json: #"{"meters":[]}"#
            )

            #expect(withNothing.status == 401)
            #expect(withOld.status == 401)
            #expect(withSession.status == 403)
            #expect(withNew.status == 200)
            #expect(asGateway.status == 403)
        }
    }

    @Test func `a table of readings is imported once, and a wrong one names its lines`()
        async throws
    {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-10-01")
            let token = try await world.people.token(.engineer)
            let table = "meter,date,kwh\r\nm-a,2026-11-01,8.1\r\nm-a,2026-11-03,7.25\r\n"
            let first = try await world.client.send(
                "POST",
                "/v1/readings/import",
                token: token,
                csv: table
            )
            let again = try await world.client.send(
                "POST",
                "/v1/readings/import",
                token: token,
                csv: table
            )
            let wrong = try await world.client.send(
                "POST",
                "/v1/readings/import",
                token: token,
                csv: "meter,date,kwh\r\nm-a,2026-13-01,8\r\nm-a,2026-11-02,-4\r\n"
            )
            let stranger = try await world.client.send(
                "POST",
                "/v1/readings/import",
                token: token,
                csv: "meter,date,kwh\r\nm-z,2026-11-02,4\r\n"
            )

            #expect(first["stored"]?.plain == "2")
            #expect(first["missingDays.0.ranges"]?.plain == "2026-11-02")
            #expect(again["stored"]?.plain == "0" && again["duplicates"]?.plain == "2")
            #expect(wrong.faults == ["/lines/2": "invalid", "/lines/3": "invalid"])
            #expect(stranger.faults == ["/lines/2": "unknown"])
        }
    }

    @Test func `pages of readings join without a gap`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let readings = (0..<5).map { index in
                "{\"at\":\"\(ago(Int64(500 - index * 10)))\",\"channels\":{\"main\":"
                    + "\(World.channel(wattHours: Int64(index)))}}"
            }
            try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: "{\"sequence\":5,\"readings\":[\(readings.joined(separator: ","))]}"
            )
            let staff = try await world.people.token(.clerk)
            var path = "/v1/meters/m-a/readings?limit=2"
            var registers: [String] = []
            while true {
                let page = try await world.client.send("GET", path, token: staff)
                guard case .array(let items) = page["items"] else { break }
                registers += items.indices.compactMap {
                    page["items.\($0).channels.main.energyWattHours"]?.plain
                }
                guard case .string(let next) = page["next"] else { break }
                path = "/v1/meters/m-a/readings?limit=2&after=\(next)"
            }
            #expect(registers == ["0", "1", "2", "3", "4"])
        }
    }

    @Test func `the live stream gives the newest value and then each newer one`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            let staff = try await world.people.token(.clerk)
            try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: World.report(ago(60), sequence: 1)
            )
            var events = EventReader(
                try world.client.http.pieces(
                    "/v1/meters/m-a/live/stream",
                    headers: ["Authorization": "Bearer \(staff)"]
                )
            )

            let first = try await events.next()
            #expect(first?.hasPrefix("event: reading\nid: \(ago(60))\ndata: {") == true)
            try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: World.report(ago(30), sequence: 2, wattHours: 1_005)
            )
            let second = try await events.next()
            #expect(second?.contains("\"energyWattHours\":1005") == true)
        }
    }

    @Test func `an open stream ends when the office closes`() async throws {
        let pieces = try await World.run { world in
            _ = try await world.office.connect("a")
            let staff = try await world.people.token(.clerk)
            let pieces = try world.client.http.pieces(
                "/v1/meters/m-a/live/stream",
                headers: ["Authorization": "Bearer \(staff)"]
            )
            for try await piece in pieces {
                #expect(piece.hasPrefix("retry:"))
                break
            }
            return try world.client.http.pieces(
                "/v1/meters/m-a/live/stream",
                headers: ["Authorization": "Bearer \(staff)"]
            )
        }
        // The server has gone: the stream ends by itself, with or without an error.
        do { for try await _ in pieces {} } catch {}
    }

    @Test func `a closing office tells meters to come back`() async throws {
        try await World.run { world in
            let token = try await world.office.connect("a").meter.credential
            await world.office.useCases.acceptReadings.close()
            let answer = try await world.client.send(
                "POST",
                "/v1/readings",
                token: token,
                json: World.report(ago(60))
            )

            #expect(answer.status == 503 && answer["code"]?.plain == "overloaded")
            #expect(answer.headers["retry-after"].flatMap { Int($0) } != nil)
        }
    }
}

/// Events out of the pieces of a stream; comments and retry times are passed over.
private struct EventReader {
    private var pieces: AsyncThrowingStream<String, any Error>.AsyncIterator
    private var held = ""

    init(_ pieces: AsyncThrowingStream<String, any Error>) {
        self.pieces = pieces.makeAsyncIterator()
    }

    mutating func next() async throws -> String? {
        while true {
            if let end = held.range(of: "\n\n") {
                let event = String(held[..<end.lowerBound])
                held = String(held[end.upperBound...])
                if event.hasPrefix("event:") { return event }
                continue
            }
            guard let piece = try await pieces.next() else { return nil }
            held += piece
        }
    }
}
