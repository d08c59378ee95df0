import Fleet
import Foundation
import Glibc
import PrivateServices
import Registry
import TestSupport
import Testing
import UseCases
import WebTestSupport

/// Storms that are not kills: a full disk, floods of connections, clients that neither speak nor
/// listen, restarts in order.
///
/// Meters report meanwhile, over MQTT and over HTTP: no acknowledged reading is missing, none is there
/// twice, and the service comes back by itself. `NothingLostTests` kills; `./dev bench chaos` does both
/// for as long as wanted.
@Suite(
    .serialized,
    .enabled(
        if: TestCluster.isAvailable && PrivateBroker.isInstalled && BuiltProgram.path != nil,
        "PostgreSQL, Mosquitto or the built program is missing"
    )
)
struct ChaosTests {
    @Test(
        .enabled(if: SmallDisk.isAvailable, "a small disk may not be mounted here: needs root"),
        .timeLimit(.minutes(10))
    )
    func `a full disk refuses by name, and everything goes on when there is space again`()
        async throws
    {
        let disk = try SmallDisk(megabytes: 192)
        defer { disk.discard() }
        let server = KilledServer(folder: disk.folder)
        defer { server.discard() }
        let storm = try await Storm.begin(server, meters: 12)
        let poster = Poster(storm.logins[0], port: try server.port())
        try await storm.report(1..<12) { fleet in
            try await poster.deliver(20)
            #expect(disk.fill())
            // Pages and log that were there before are still written to; then there are none.
            var taken = 0
            while await poster.refusals.isEmpty, await poster.failures == 0, taken < 2_000 {
                disk.fill()
                if await poster.offer(200) { taken += 1 }
            }
            for _ in 0..<5 {
                disk.fill()
                #expect(await !poster.offer(200))
            }
            let unacknowledged = await fleet.counts.unacknowledged
            #expect(unacknowledged > 0 || taken < 3)
            disk.giveBack()
            try await poster.deliver(200)
        }
        let refusals = await poster.refusals
        #expect(Set(refusals.keys) == [503], "\(refusals)")
        #expect(await poster.withoutRetryAfter == 0)
        #expect(await poster.failures == 0)
        try await poster.compare(storm)
        await poster.close()
        await storm.end()
    }

    @Test(.timeLimit(.minutes(10)))
    func `floods of connections that say nothing keep nobody out`() async throws {
        try #require(RawConnection.allowMany() >= 2_048)
        // Either flood is more than the web server, or the broker, may hold.
        let server = KilledServer(openFiles: 512)
        defer { server.discard() }
        let storm = try await Storm.begin(server, meters: 22)
        let port = try server.port()
        let broker = try #require(PrivateBroker.running(stateDirectory: server.folder)).port
        let posters = storm.logins.prefix(2).map { Poster($0, port: port) }
        let before = try server.residentBytes()
        try await storm.report(2..<22) { fleet in
            for _ in 0..<600 where await fleet.counts.connections < 20 {
                try await Task.sleep(for: .milliseconds(100))
            }
            var flood: [RawConnection] = []
            for round in 0..<40 {
                for place in 0..<16 {
                    guard let connection = try? RawConnection(port: port) else { continue }
                    let halves = ["", "POST /v1/readings HT", "GET / HTTP/1.1\r\nHost: x\r\nX: "]
                    connection.send(halves[place % 3])
                    flood.append(connection)
                }
                for place in 0..<16 {
                    guard let connection = try? RawConnection(port: broker) else { continue }
                    // The first bytes of a packet that never ends, or nothing.
                    if place % 2 == 0 { connection.send("\u{10}\u{7f}") }
                    flood.append(connection)
                }
                for poster in posters where round % 4 == 0 { try await poster.deliver() }
            }
            #expect(flood.count >= 1_000)
            for poster in posters { try await poster.deliver(10) }
            withExtendedLifetime(flood) {}
        }
        for poster in posters {
            #expect(await poster.refusals.isEmpty)
            #expect(await poster.failures == 0)
            try await poster.compare(storm)
            await poster.close()
        }
        let after = try server.residentBytes()
        #expect(after - before < 128 << 20, "\(before) bytes before, \(after) after")
        await storm.end()
    }

    @Test(.timeLimit(.minutes(10)))
    func `clients that never read, and bodies that never end, cost little and stop nobody`()
        async throws
    {
        let server = KilledServer()
        defer { server.discard() }
        let storm = try await Storm.begin(server, meters: 12)
        let port = try server.port()
        _ = try await storm.useCases.addUser(
            AddUser.Input(
                login: "deaf@storm",
                name: "Deaf",
                role: Role.manager.rawValue,
                password: "a long enough password"
            ),
            by: storm.manager
        )
        let session = try await storm.useCases.signIn(
            login: "deaf@storm",
            password: "a long enough password"
        )
        let poster = Poster(storm.logins[0], port: port)
        let before = try server.residentBytes()
        try await storm.report(1..<12, liveSeconds: 0.05) { _ in
            var slow: [RawConnection] = []
            for number in 0..<150 {
                let deaf = try RawConnection(port: port, receiveBytes: 2_048)
                let serial = storm.logins[1 + number % 11].serial
                deaf.send(
                    "GET /v1/meters/\(serial)/live/stream HTTP/1.1\r\nHost: x\r\n"
                        + "Authorization: Bearer \(session.token)\r\n\r\n"
                )
                slow.append(deaf)
                let endless = try RawConnection(port: port)
                endless.send(
                    "POST /v1/readings HTTP/1.1\r\nHost: x\r\n"
                        + "Authorization: Bearer \(storm.logins[0].password)\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
                )
                slow.append(endless)
            }
            for round in 0..<40 {
                for connection in slow where round % 4 == 0 { connection.send(" ") }
                try await poster.deliver(5)
                try await Task.sleep(for: .milliseconds(100))
            }
            withExtendedLifetime(slow) {}
        }
        #expect(await poster.refusals.isEmpty)
        #expect(await poster.failures == 0)
        try await poster.compare(storm)
        let after = try server.residentBytes()
        #expect(after - before < 128 << 20, "\(before) bytes before, \(after) after")
        await poster.close()
        await storm.end()
    }

    @Test(.timeLimit(.minutes(10)))
    func `restarts of database and broker in order are over by themselves`() async throws {
        let server = KilledServer()
        defer { server.discard() }
        let storm = try await Storm.begin(server, meters: 42)
        let poster = Poster(storm.logins[0], port: try server.port())
        try await storm.report(1..<42) { _ in
            try await poster.deliver(10)
            for _ in 0..<3 {
                // As `pg_ctl restart` does, and as an init system ends a broker.
                let database = server.databaseProcess()
                server.signalDatabase(SIGINT)
                for _ in 0..<600 where server.databaseProcess() == database {
                    _ = await poster.offer(10)
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await poster.deliver(10)
                let broker = server.brokerProcess()
                server.signalBroker(SIGTERM)
                for _ in 0..<600 where server.brokerProcess() == broker {
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await poster.deliver(10)
            }
        }
        let refusals = await poster.refusals
        #expect(Set(refusals.keys).isSubset(of: [503]), "\(refusals)")
        #expect(await poster.withoutRetryAfter == 0)
        try await poster.compare(storm)
        await poster.close()
        await storm.end()
    }
}
