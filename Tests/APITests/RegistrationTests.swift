import Registry
import Tariffs
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// Signing in, registering and finding things.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct RegistrationTests {
    @Test func `a session begins with the right password and ends with signing out`() async throws {
        try await World.run { world in
            let login = try await world.people.add(.clerk)
            let wrong = try await world.client.send(
                "POST",
                "/v1/sessions",
                json: #"{"login":"\#(login)","password":"not this one"}"#
            )
            let right = try await world.client.send(
                "POST",
                "/v1/sessions",
                json: #"{"login":"\#(login)","password":"\#(TestPeople.password)"}"#
            )
            let token = try #require(right["token"]?.plain)
            let current = try await world.client.send("GET", "/v1/sessions/current", token: token)
            let out = try await world.client.send("DELETE", "/v1/sessions/current", token: token)
            let after = try await world.client.send("GET", "/v1/sessions/current", token: token)

            #expect(wrong.status == 401 && wrong["code"]?.plain == "not_signed_in")
            #expect(right.status == 201 && token.hasPrefix("vs_"))
            #expect(right["office"]?.plain == world.code)
            #expect(current["role"]?.plain == "clerk" && current["office"]?.plain == world.code)
            #expect(out.status == 204)
            #expect(after.status == 401)
        }
    }

    @Test func `an expired session is worth nothing`() async throws {
        try await World.run { world in
            let login = try await world.people.add(.clerk)
            world.office.clock.now = TestOffice.noon.adding(seconds: -400 * 86_400)
            let old = try await world.office.useCases.signIn(
                login: login,
                password: TestPeople.password
            )
            world.office.clock.now = TestOffice.noon
            let fresh = try await world.people.token(.engineer)
            let refused = try await world.client.send("GET", "/v1/services", token: old.token)
            let answered = try await world.client.send("GET", "/v1/services", token: fresh)

            #expect(refused.status == 401)
            #expect(answered.status == 200)
        }
    }

    @Test func `an office from nothing over HTTP`() async throws {
        try await World.run { world in
            let root = try await world.people.token(.administrator)
            let code = "new-\(world.code)"
            let office = try await world.client.send(
                "POST",
                "/v1/offices",
                token: root,
                json: #"{"code":"\#(code)","name":"New Office","language":"ta"}"#
            )
            let manager = try await world.client.send(
                "POST",
                "/v1/users",
                token: root,
                office: code,
                json: """
                    {"login":"m@\(code)","name":"M","role":"manager","password":"long enough pass"}
                    """
            )
            let session = try await world.client.send(
                "POST",
                "/v1/sessions",
                json: #"{"login":"M@\#(code)","password":"long enough pass"}"#
            )
            let token = try #require(session["token"]?.plain)
            let consumer = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                json: #"{"number":"C/1","name":"Kōvai \u0b95","phone":"+919840012345"}"#
            )
            let service = try await world.client.send(
                "POST",
                "/v1/services",
                token: token,
                json: """
                    {"number":"05/1","consumer":"C/1","category":"LT I-A","tariff":"tneb-lt1a",\
                    "sanctionedLoadWatts":4000,"connectedOn":"2026-11-01","feeder":"F1"}
                    """
            )
            let meter = try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                json: #"{"serial":"m1","service":"05/1","installedAt":"2026-11-01T00:00:00Z"}"#
            )

            #expect(office.status == 201 && office["cycleMonths"]?.plain == "2")
            #expect(manager.status == 201)
            #expect(consumer.status == 201)
            #expect(consumer.headers["location"] == "/v1/consumers/C%2F1")
            #expect(service.status == 201, "\(service.text)")
            #expect(meter.status == 201 && meter["name"]?.plain == "\(code).m1")

            let shown = try await world.client.send("GET", "/v1/consumers/C%2F1", token: token)
            #expect(shown["services.0.number"]?.plain == "05/1")
            let owing = try await world.client.send("GET", "/v1/services/05%2F1", token: token)
            #expect(owing["balancePaise"]?.plain == "0")
            let one = try await world.client.send("GET", "/v1/meters/m1", token: token)
            #expect(one["service"]?.plain == "05/1")
            let hanging = try await world.client.send(
                "GET",
                "/v1/services/05%2F1/installations",
                token: token
            )
            #expect(hanging["items.0.meter"]?.plain == "m1")
            let people = try await world.client.send("GET", "/v1/users", token: token)
            #expect(people["items.0.login"]?.plain == "m@\(code)")
        }
    }

    @Test func `a meter is exchanged once`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-10-01")
            let token = try await world.people.token(.engineer)
            try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                json: #"{"serial":"m-new"}"#
            )
            let body = """
                {"newSerial":"m-new","at":"2026-11-20T06:00:00Z","closingRegisterWattHours":90000,\
                "openingRegisterWattHours":10}
                """
            let path = "/v1/services/S-a/meter-exchange"
            let done = try await world.client.send("POST", path, token: token, json: body)
            let again = try await world.client.send("POST", path, token: token, json: body)
            let future = try await world.client.send(
                "POST",
                path,
                token: token,
                json: body.replacing("2026-11-20", with: "2036-11-20")
                    .replacing("90000", with: "-1")
            )

            #expect(done.status == 200 && done["items.1.meter"]?.plain == "m-new")
            #expect(done["items.0.closingRegisterWattHours"]?.plain == "90000")
            #expect(again.status == 409 || again.status == 422, "\(again.text)")
            #expect(
                future.faults == [
                    "/at": "invalid", "/closingRegisterWattHours": "negative_register",
                ]
            )
        }
    }

    @Test func `tables register all rows or none, and name the line`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.manager)
            let consumers = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                csv: "number,name\r\nC-1,\"Anbu, A\"\r\nC-2,Bala\r\n"
            )
            let doubled = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                csv: "number,name\r\nC-3,Chitra\r\nC-1,Again\r\n"
            )
            let unknown = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                csv: "number,name,colour\r\nC-4,D,red\r\n"
            )
            let ragged = try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                csv: "number,name\r\nC-4\r\n"
            )
            let services = try await world.client.send(
                "POST",
                "/v1/services",
                token: token,
                csv: """
                    number,consumer,category,tariff,sanctionedLoadWatts,connectedOn
                    S-1,C-1,LT I-A,tneb-lt1a,4000,2026-01-01
                    S-2,C-9,LT I-A,tneb-lt1a,four,2026-01-01

                    """
            )
            let meters = try await world.client.send(
                "POST",
                "/v1/meters",
                token: token,
                csv: "serial,channels\nm-1,1\nm-2,3\n"
            )
            let all = try await world.client.send("GET", "/v1/consumers", token: token)

            #expect(consumers.status == 201 && consumers["registered"]?.plain == "2")
            #expect(doubled.faults == ["/lines/3/number": "taken"])
            #expect(unknown.faults == ["/lines/1": "unknown"])
            #expect(ragged.faults == ["/lines/2": "invalid"])
            #expect(
                services.faults == [
                    "/lines/3/sanctionedLoadWatts": "invalid", "/lines/3/consumer": "unknown",
                ]
            )
            #expect(meters["meters.1.name"]?.plain == "\(world.code).m-2")
            #expect(all["items.1.number"]?.plain == "C-2" && all["items.2"] == nil)
        }
    }

    @Test func `pages follow each other to the end`() async throws {
        try await World.run { world in
            let token = try await world.people.token(.clerk)
            let rows = (1...5).map { "C-\($0),Name \($0)" }.joined(separator: "\n")
            try await world.client.send(
                "POST",
                "/v1/consumers",
                token: token,
                csv: "number,name\n\(rows)\n"
            )
            let first = try await world.client.send("GET", "/v1/consumers?limit=3", token: token)
            let next = try #require(first["next"]?.plain)
            let last = try await world.client.send(
                "GET",
                "/v1/consumers?limit=3&after=\(next)",
                token: token
            )

            #expect(first["items.2.number"]?.plain == "C-3")
            #expect(last["items.0.number"]?.plain == "C-4" && last["next"] == .null)
        }
    }
}
