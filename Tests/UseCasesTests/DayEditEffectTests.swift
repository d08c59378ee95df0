import Billing
import Dispatch
import Metering
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// What an edit does beyond its own day: versions of other days, billed days, bill runs beside it.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct DayEditEffectTests {
    private func refused(_ body: () async throws -> DayHistory) async throws -> StateConflict? {
        do {
            _ = try await body()
            return nil
        } catch let conflict as StateConflict {
            return conflict
        }
    }

    @Test func `an edit that lets another day's version lapse names it, and passes when told to`()
        async throws
    {
        try await EditedDayStage.make("others") { stage in
            // The gap is estimated from the day before it, and accepted as it stands.
            _ = try await stage.edit(.accept(40...48))
            let edit = EditDay.Change.accept(1...2)
            let conflict = try await refused { try await stage.edit(edit, day: stage.first) }
            #expect(conflict?.code == "others_lapse")
            #expect(conflict?.detail.contains("version 4 of \(stage.day) by ravi") == true)
            let untouched = try await stage.useCases.showDay(
                serial: stage.serial,
                day: stage.first,
                by: stage.engineer
            )
            #expect(untouched.versions.count == 3)

            let done = try await stage.useCases.editDay(
                serial: stage.serial,
                day: stage.first,
                edit,
                reason: "checked",
                lapsesOthers: true,
                by: stage.engineer
            )
            #expect(done.hints.count == 1 && done.hints[0].contains("version 4 of \(stage.day)"))
            #expect(try await stage.history().versions.last?.isLapsed == true)
            #expect(try await stage.differing() == [])
            // Taken back, the other version stands again: nothing lapses, nothing is asked.
            _ = try await stage.useCases.editDay.undo(
                serial: stage.serial,
                day: stage.first,
                version: 4,
                reason: "not needed",
                by: stage.engineer
            )
        }
    }

    @Test func `an edit that would rewrite billed days is refused and names bill and days`()
        async throws
    {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-20T06:00:00Z")))
        try await office.publish(family: "tneb-lt1a")
        let first = try #require(CivilDate("2026-09-01"))
        let (_, meter) = try await office.connect(
            "seam",
            on: "2026-09-01",
            openingRegisterWattHours: 1_000_000
        )
        let stage = EditedDayStage(office: office, meter: meter.meter, first: first)
        // No reading at the cycle's end itself, and 500 Wh more in the quarter after it.
        let seam = 61 * 96
        try await stage.running {
            try await stage.send(Array(1...4 * 96) + Array(55 * 96..<seam))
            try await stage.send(Array(seam + 1...64 * 96), extraWattHours: 500)
            try await office.useCases.rollUpDays(office: office.office)
            let run = try await office.useCases.runBilling(
                cycle: "2026-10",
                issue: true,
                by: office.manager
            )
            #expect(run.counts[.issued] == 1, "\(run.counts)")
            let change = EditDay.Change.rejectReading(stage.at(seam + 1))
            let conflict = try await refused {
                try await stage.edit(change, day: first.adding(days: 61))
            }
            #expect(conflict?.code == "billed_days_change")
            #expect(conflict?.detail.contains("2026-10-31, which bill") == true)
            // What moves nothing before it is free.
            _ = try await stage.edit(.markFinal, day: first.adding(days: 62))
        }
    }

    @Test func `a reading that cannot be is accepted by nobody, and one beyond the load is said`()
        async throws
    {
        try await EditedDayStage.make("impossible") { stage in
            func store(_ wattHours: Int64, at: Instant) async throws {
                try await stage.office.store.withTenant(stage.office.office.id) { transaction in
                    _ = try transaction.insert([
                        ReadingInsertion(
                            meter: stage.meter.id,
                            reading: AcceptedReading(
                                at: at,
                                epoch: 0,
                                sequence: nil,
                                main: ChannelReading(energyWattHours: wattHours),
                                flags: []
                            )
                        )
                    ])
                }
            }
            let wild = stage.at(96 + 60).adding(seconds: 60)
            try await store(stage.meter.registerModulus.wattHours, at: wild)
            let conflict = try await refused { try await stage.edit(.acceptReading(wild)) }
            #expect(conflict?.code == "impossible_reading")
            #expect(conflict?.detail.contains("shows 0 up to") == true)

            let high = stage.at(96 + 70).adding(seconds: 60)
            try await store(1_500_000, at: high)
            let edited = try await stage.edit(.acceptReading(high))
            #expect(edited.hints.first?.contains("the sanctioned load allows") == true)
        }
    }

    @Test func `versions from the readings tell when they were made; what was decided on stays`()
        async throws
    {
        try await EditedDayStage.make("made-at") { stage in
            let edited = try await stage.edit(.accept(40...48))
            #expect(edited.madeAt == stage.office.clock.now)
            let ground = edited.versions.last?.ground
            let raw = edited.versions[0].blocks
            try await stage.send(Array(EditedDayStage.missing))
            try await stage.useCases.rollUpDays(office: stage.office.office)
            stage.office.clock.now = stage.office.clock.now.adding(seconds: 60)
            let later = try await stage.history()
            #expect(later.madeAt == stage.office.clock.now)
            #expect(later.versions[0].blocks != raw)
            #expect(later.versions.last?.ground == ground && ground != nil)
            #expect(later.versions[..<3].allSatisfy { $0.ground == nil })
        }
    }

    @Test func `only methods that have something to say of the day are offered`() async throws {
        try await EditedDayStage.make("offered") { stage in
            let history = try await stage.history()
            #expect(history.methods == [.neighbours, .likeDays, .flat])
            let refusal = await #expect(throws: InvalidInput.self) {
                try await stage.edit(.estimate(40...48, .sender))
            }
            #expect(refusal?.faults.map(\.field) == ["method"])
        }
    }

    // MARK: Beside a bill run

    @Test func `an edit waits for whoever bills the service`() async throws {
        try await EditedDayStage.make("waits") { stage in
            let database = try await SharedDatabase.shared.open().database
            let owner = PostgresPool(configuration: database.owner, logger: TestCluster.logger)
            let tenant = stage.office.office.id.value
            let (pids, found) = AsyncStream<Int32>.makeStream()
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await owner.transaction { connection in
                        try connection.execute(
                            "select set_config('vidyut.tenant', \(String(tenant)), true)"
                        )
                        _ = try connection.query(
                            """
                            select from service where tenant_id = \(tenant)
                                order by number for no key update skip locked
                            """
                        )
                        let rows = try connection.query("select pg_backend_pid()")
                        found.yield(try #require(rows.first)[0])
                        gate.wait()
                    }
                }
                defer { gate.signal() }
                var names = pids.makeAsyncIterator()
                let holder = try #require(await names.next())
                group.addTask { _ = try await stage.edit(.accept(40...48)) }
                try await until {
                    try await owner.transaction { connection in
                        !(try connection.query(
                            """
                            select from pg_stat_activity
                            where \(holder) = any(pg_blocking_pids(pid))
                            """
                        )).isEmpty
                    }
                }
                #expect(try await stage.history().versions.count == 3)
                gate.signal()
                try await group.waitForAll()
            }
            #expect(try await stage.history().versions.count == 4)
        }
    }

    @Test func `a bill run passes over the service of an edit that is under way`() async throws {
        try await EditedDayStage.make("passed-over") { stage in
            let tenant = stage.office.office.id
            @Sendable func claimable() async throws -> Bool {
                try await stage.office.store.withTenant(tenant) { transaction in
                    try transaction.claimServices(
                        of: BillRun.ID(0),
                        group: "",
                        number: nil,
                        after: "",
                        limit: 10
                    ).last != nil
                }
            }
            #expect(try await claimable())
            let (holds, held) = AsyncStream<Void>.makeStream()
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await stage.office.store.withTenant(tenant) { transaction in
                        try transaction.lockDayMaking()
                        held.yield()
                        gate.wait()
                    }
                }
                defer { gate.signal() }
                var signs = holds.makeAsyncIterator()
                _ = await signs.next()
                // The edit has the service and waits for the days.
                group.addTask { _ = try await stage.edit(.accept(40...48)) }
                try await until { try await !claimable() }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(try await claimable())
        }
    }

    /// Asks until it is so; five minutes are for ever.
    private func until(_ body: () async throws -> Bool) async throws {
        for _ in 0..<6_000 {
            if try await body() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it never came to it")
    }
}
