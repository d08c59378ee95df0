import API
import Metering
import Registry
import TestSupport
import Testing
import Units
import UseCases
import Web
import WebTestSupport

/// Registers that people read, over HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ManualReadingRouteTests {
    static let jpeg = TestPhoto.jpeg

    /// A form with a photo as a browser sends it.
    private func form(
        _ fields: [(String, String)],
        photo: [UInt8]?,
        boundary: String = "----b17"
    ) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
                    .utf8
            )
        }
        if let photo {
            body += Array(
                ("--\(boundary)\r\nContent-Disposition: form-data; name=\"photo\"; "
                    + "filename=\"x.html\"\r\nContent-Type: text/html\r\n\r\n").utf8
            )
            body += photo + Array("\r\n".utf8)
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    private func send(
        _ world: World,
        _ service: String,
        _ body: [UInt8],
        token: String,
        boundary: String = "----b17"
    ) async throws -> HTTPAnswer {
        try await world.client.http.send(
            "POST",
            "/v1/services/\(service)/self-readings",
            headers: [
                "Authorization": "Bearer \(token)",
                "Content-Type": "multipart/form-data; boundary=\(boundary)",
            ],
            body: body
        )
    }

    @Test func `a photo comes with the reading and is shown as nothing but a picture`()
        async throws
    {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-11-01")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let body = form([("registerWattHours", "90000")], photo: Self.jpeg)
            let sent = try await send(world, "S-a", body, token: token)
            #expect(sent.status == 201, "\(sent.text)")
            #expect(sent["state"]?.plain == "accepted" && sent["photo"]?.plain == "true")
            #expect(sent["enteredBy"] == nil)
            #expect(try await send(world, "S-a", body, token: token).status == 200)

            let id = try #require(sent["id"]?.plain)
            let photo = try await world.client.send(
                "GET",
                "/v1/manual-readings/\(id)/photo",
                token: token
            )
            #expect(photo.body == Self.jpeg)
            #expect(photo.headers["content-type"] == "image/jpeg")
            #expect(photo.headers["x-content-type-options"] == "nosniff")
            #expect(photo.headers["content-security-policy"]?.contains("sandbox") == true)
            #expect(photo.headers["cross-origin-resource-policy"] == "same-origin")
            let rows = try await world.client.send(
                "GET",
                "/v1/services/S-a/manual-readings",
                token: token
            )
            #expect(rows["items.0.consumer.verdict"]?.plain == "single")
        }
    }

    @Test func `a photo that comes later is added, and leaves when the office says`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-11-01")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let fields = [("registerWattHours", "90000")]
            let blind = try await send(world, "S-a", form(fields, photo: nil), token: token)
            #expect(blind.status == 201 && blind["findings.0.code"]?.plain == "no_photo")
            let cut = form(fields, photo: Self.jpeg.dropLast())
            #expect(try await send(world, "S-a", cut, token: token).faults == ["/photo": "invalid"])
            let whole = try await send(world, "S-a", form(fields, photo: Self.jpeg), token: token)
            #expect(whole.status == 200 && whole["state"]?.plain == "accepted", "\(whole.text)")
            #expect(whole["id"]?.plain == blind["id"]?.plain && whole["findings.0"] == nil)

            let manager = try await world.people.token(.manager)
            let set = try await world.client.send(
                "PATCH",
                "/v1/office/metering",
                token: manager,
                json: #"{"photoDays":7}"#
            )
            #expect(set.status == 200 && set["photoDays"]?.plain == "7", "\(set.text)")
            let later = world.office.clock.now.adding(seconds: 8 * 86_400)
            let useCases = world.office.useCases
            let office = try await useCases.findOffices(world.office.office.id)
            world.office.clock.now = later
            #expect(try await useCases.removePhotos(office: office) == 1)
            let signedIn = try await world.people.token(.clerk)
            let shown = try await world.client.send(
                "GET",
                "/v1/manual-readings",
                token: signedIn
            )
            #expect(shown["items.0.photo"]?.plain == "false", "\(shown.text)")
            #expect(shown["items.0.photoRemovedAt"]?.plain == later.description)
            let id = try #require(whole["id"]?.plain)
            let gone = try await world.client.send(
                "GET",
                "/v1/manual-readings/\(id)/photo",
                token: signedIn
            )
            #expect(gone.status == 404)
        }
    }

    @Test func `what is no picture, or too much of one, is refused`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-11-01")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let page = form([("registerWattHours", "90000")], photo: Array("<html>".utf8))
            let refused = try await send(world, "S-a", page, token: token)
            #expect(refused.status == 422 && refused.faults == ["/photo": "invalid"])

            let large = Self.jpeg + [UInt8](repeating: 7, count: UseCases.Limits.photoBytesMaximum)
            let big = form([("registerWattHours", "90000")], photo: large)
            let limited = try await send(world, "S-a", big, token: token)
            #expect(limited.status == 422 && limited.faults == ["/photo": "out_of_range"])
            let huge = [UInt8](repeating: 7, count: Web.Limits.photoBodyBytes + 1)
            #expect(try await send(world, "S-a", huge, token: token).status == 413)
            // Only this route takes so much.
            let elsewhere = try await world.client.http.send(
                "POST",
                "/v1/services/S-a/visits",
                headers: [
                    "Authorization": "Bearer \(try await world.people.token(.clerk))",
                    "Content-Type": "application/json",
                ],
                body: [UInt8](repeating: 32, count: Web.Limits.bodyBytes + 1)
            )
            #expect(elsewhere.status == 413)
            let none = try await world.client.send(
                "GET",
                "/v1/services/S-a/manual-readings",
                token: token
            )
            #expect(none["items.0"] == nil)
        }
    }

    @Test func `broken forms and senseless registers are refused by name`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-11-01")
            let token = try await world.people.token(.consumer, consumer: "C-a")
            for body in [
                [], Array("nothing".utf8), Array("--other--\r\n".utf8), Array("------b17".utf8),
                Array("------b17\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nopen".utf8),
                Array("------b17\r\nContent-Disposition: form-data\r\n\r\nx\r\n------b17--".utf8),
            ] {
                #expect(try await send(world, "S-a", body, token: token).status == 400)
            }
            for register in ["NaN", "-5", "", "1e9", "99999999999999999999"] {
                let body = form([("registerWattHours", register)], photo: Self.jpeg)
                let answer = try await send(world, "S-a", body, token: token)
                #expect(answer.faults == ["/registerWattHours": "invalid"], "\(register)")
            }
            let time = form(
                [("registerWattHours", "5"), ("at", "noon"), ("evil", "1")],
                photo: nil
            )
            let answer = try await send(world, "S-a", time, token: token)
            #expect(answer.faults == ["/at": "invalid", "/evil": "unknown"])
            for json in [#"{"registerWattHours":-1}"#, #"{"registerWattHours":"NaN"}"#, "{}"] {
                let answer = try await world.client.send(
                    "POST",
                    "/v1/services/S-a/self-readings",
                    token: token,
                    json: json
                )
                #expect(answer.status == 422, "\(json)")
            }
            let future = try await world.client.send(
                "POST",
                "/v1/services/S-a/self-readings",
                token: token,
                json: #"{"registerWattHours":5,"at":"2030-01-01T00:00:00Z"}"#
            )
            #expect(future.faults == ["/at": "future"])
        }
    }

    @Test func `a held reading is decided by another person, with a reason`() async throws {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-11-01")
            let clerk = try await world.people.token(.clerk)
            let engineer = try await world.people.token(.engineer)
            let visit = try await world.client.send(
                "POST",
                "/v1/services/S-a/visits",
                token: engineer,
                json: #"{"registerWattHours":90000000,"note":"=cmd"}"#
            )
            #expect(visit.status == 201 && visit["state"]?.plain == "held")
            #expect(visit["findings.0.code"]?.plain == "above_possible")
            let id = try #require(visit["id"]?.plain)
            let path = "/v1/manual-readings/\(id)/acceptance"
            let yes = #"{"reason":"seen"}"#
            #expect(
                try await world.client.send("POST", path, token: clerk, json: yes).status == 403
            )
            let own = try await world.client.send("POST", path, token: engineer, json: yes)
            #expect(own.status == 409 && own["code"]?.plain == "maker_is_checker")
            let manager = try await world.people.token(.manager)
            let silent = try await world.client.send(
                "POST",
                path,
                token: manager,
                json: #"{"reason":" "}"#
            )
            #expect(silent.faults == ["/reason": "missing"])
            let waiting = try await world.client.send(
                "GET",
                "/v1/manual-readings?state=held",
                token: clerk
            )
            #expect(waiting["items.0.id"]?.plain == id)
            let done = try await world.client.send("POST", path, token: manager, json: yes)
            #expect(done.status == 200 && done["state"]?.plain == "accepted")
            let twice = try await world.client.send(
                "POST",
                "/v1/manual-readings/\(id)/rejection",
                token: manager,
                json: yes
            )
            #expect(twice["code"]?.plain == "reading_not_waiting")
            for unknown in ["0", "x", "2147483647", "99999999999"] {
                let answer = try await world.client.send(
                    "POST",
                    "/v1/manual-readings/\(unknown)/acceptance",
                    token: manager,
                    json: yes
                )
                #expect(answer.status == 404, "\(unknown)")
            }
            let registers = try await world.client.send(
                "GET",
                "/v1/meters/m-a/readings?from=2026-11-01T00:00:00Z",
                token: manager
            )
            #expect(registers.text.contains("90000000"))
        }
    }

    @Test func `a sheet goes out, is filled and comes back; a fault keeps all of it out`()
        async throws
    {
        try await World.run { world in
            _ = try await world.office.connect("a", on: "2026-09-01")
            _ = try await world.office.connect("b", on: "2026-09-01")
            let token = try await world.people.token(.clerk)
            let path = "/v1/reading-round/sheet?cycle=2026-10"
            let sheet = try await world.client.send("GET", path, token: token)
            #expect(sheet.text.hasPrefix("service,consumer,address,meter,last_register_kwh,"))
            #expect(
                sheet.text.contains("S-a,Consumer a,,m-a,0,2026-09-01T00:00:00+05:30,,,,,,\r\n")
            )
            let faulty = try await world.client.send(
                "POST",
                path,
                token: token,
                csv: "service,register_kwh\r\nS-a,300\r\nS-b,nan\r\n"
            )
            #expect(faulty.faults == ["/lines/3/register_kwh": "invalid"])
            let filled = "service,register_kwh,read_at\r\nS-a,300,2026-10-31\r\nS-b,,\r\n"
            let taken = try await world.client.send("POST", path, token: token, csv: filled)
            #expect(taken["accepted"]?.plain == "1" && taken["blank"]?.plain == "1")
            let again = try await world.client.send("POST", path, token: token, csv: filled)
            #expect(again["duplicates"]?.plain == "1" && again["accepted"]?.plain == "0")
            let list = try await world.client.send(
                "GET",
                "/v1/reading-round?cycle=2026-10",
                token: token
            )
            #expect(list["items.0.visit.registerWattHours"]?.plain == "300000")
            #expect(list["items.1.visit"] == nil)
            for query in ["cycle=2026-11", "cycle=x", "group=none"] {
                let answer = try await world.client.send(
                    "GET",
                    "/v1/reading-round?\(query)",
                    token: token
                )
                #expect(answer.status == 422, "\(query)")
            }
        }
    }
}
