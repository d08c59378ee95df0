import Fleet
import Synchronization
import Testing
import Units
import Wire

@Suite struct FleetRunnerTests {
    let start = Instant(secondsSince1970: 1_795_305_600)

    private func logins(_ count: Int) -> [MeterLogin] {
        (1...count).map { index in
            MeterLogin(serial: "SM-\(index)", user: "town.SM-\(index)", password: "secret")
        }
    }

    /// Runs a fleet in virtual time until everything up to `until` has reached the server.
    private func run(
        _ configuration: FleetConfiguration,
        meters: Int,
        until end: Instant,
        server: TestServer = TestServer()
    ) async throws -> (runner: FleetRunner, server: TestServer) {
        let clock = TestClock(at: start)
        let runner = try FleetRunner(
            configuration,
            logins: logins(meters),
            clock: clock.fleetClock
        ) { MemoryLink($0.user, server) }
        await withTaskGroup { group in
            group.addTask { await runner.run() }
            while true {
                await Task.yield()
                if clock.now >= end, await isAtRest(runner) { break }
                clock.step()
            }
            group.cancelAll()
        }
        return (runner, server)
    }

    /// Whether everything has arrived and no meter is still about to make a reading: one whose task
    /// was woken but has not had the processor yet would make it after the end.
    private func isAtRest(_ runner: FleetRunner) async -> Bool {
        let before = await runner.counts
        guard before.unacknowledged == 0 else { return false }
        for _ in 0..<3 {
            try? await Task.sleep(for: .milliseconds(50))
            let now = await runner.counts
            guard now.unacknowledged == 0, now.readings == before.readings else { return false }
        }
        return true
    }

    private func expectAllArrived(_ runner: FleetRunner, _ server: TestServer) async {
        for (serial, produced) in await runner.produced {
            #expect(server.stored("town.\(serial)") == produced, "\(serial)")
        }
        #expect(server.conflicts == 0)
        #expect(server.unreadable == 0)
    }

    @Test(arguments: FleetPayload.allCases)
    func `a backlog of two days arrives whole, then the live readings`(
        payload: FleetPayload
    ) async throws {
        let (runner, server) = try await run(
            FleetConfiguration(
                backlogSeconds: 2 * 86_400,
                keepsTruth: true,
                reporting: ReportingConfiguration(payload: payload, maximumReadings: 20)
            ),
            meters: 5,
            until: start.adding(seconds: 7_200)
        )

        await expectAllArrived(runner, server)
        #expect(server.count() >= 5 * (192 + 8))
        #expect((server.jsonMessages > 0) == (payload == .json))
        let counts = await runner.counts
        #expect(counts.dropped == 0)
        #expect(counts.readings == server.count())
    }

    @Test func `whatever the link does, every reading arrives once`() async throws {
        for seed in UInt64(1)...4 {
            let (runner, server) = try await run(
                FleetConfiguration(
                    seed: seed,
                    backlogSeconds: 86_400,
                    keepsTruth: true,
                    reporting: ReportingConfiguration(maximumReadings: 7, spreadSeconds: 60),
                    faults: LinkFaults(
                        lostPermille: 150,
                        duplicatedPermille: 150,
                        reorderedPermille: 150,
                        disconnectsPermille: 100
                    )
                ),
                meters: 6,
                until: start.adding(seconds: 6 * 3_600)
            )
            await expectAllArrived(runner, server)
            let counts = await runner.counts
            #expect(counts.connections > 6)
            #expect(counts.messages * 7 > counts.readings)
        }
    }

    @Test func `a fleet that was killed goes on from its saved states`() async throws {
        let server = TestServer()
        let (first, _) = try await run(
            FleetConfiguration(keepsTruth: true),
            meters: 3,
            until: start.adding(seconds: 5_400),
            server: server
        )
        let states = await first.savedStates
        let clock = TestClock(at: start.adding(seconds: 20_000))
        let second = try FleetRunner(
            FleetConfiguration(keepsTruth: true),
            logins: logins(3),
            clock: clock.fleetClock,
            saved: states
        ) { MemoryLink($0.user, server) }
        let end = clock.now.adding(seconds: 3_600)
        await withTaskGroup { group in
            group.addTask { await second.run() }
            while true {
                await Task.yield()
                if clock.now >= end, await second.counts.unacknowledged == 0 { break }
                clock.step()
            }
            group.cancelAll()
        }

        let before = await first.produced
        for (serial, after) in await second.produced {
            let all = before[serial, default: []] + after
            #expect(server.stored("town.\(serial)") == all)
            #expect(all.map(\.sequence) == Array(1...Int64(all.count)))
        }
    }

    @Test func `a command is carried out, answered, and seen in the next readings`() async throws {
        let server = TestServer()
        let clock = TestClock(at: start)
        let link = MemoryLink("town.SM-1", server)
        let runner = try FleetRunner(
            FleetConfiguration(
                keepsTruth: true,
                reporting: ReportingConfiguration(liveSeconds: 60)
            ),
            logins: logins(1),
            clock: clock.fleetClock
        ) { _ in link }
        link.send(MeterCommand(identifier: 3, channel: .main, action: .off))
        await withTaskGroup { group in
            group.addTask { await runner.run() }
            for await _ in server.progress where !server.results.isEmpty { break }
            while server.live == 0 {
                clock.step()
                await Task.yield()
            }
            group.cancelAll()
        }

        #expect(server.results == [MeterCommandResult(identifier: 3, outcome: .done)])
        #expect(await runner.agent(of: "SM-1")?.isSupplyOn == false)
    }
}
