import Billing
import Metering
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Editing of closed days down to the rows: append-only, undone by another version, lapsing when the
/// readings change, the same however often days are made.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct DayEditingTests {
    /// The code of the refusal, or of its first fault.
    private func refusal(_ body: () async throws -> DayHistory) async throws -> String? {
        do {
            _ = try await body()
            return nil
        } catch let conflict as StateConflict {
            return conflict.code
        } catch let invalid as InvalidInput {
            return invalid.faults.first.map { "\($0.field) \($0.code)" }
        } catch is NotFound {
            return "not found"
        } catch is NotAllowed {
            return "not allowed"
        }
    }

    @Test func `an edit is a version, its undo another, and days made again are the same`()
        async throws
    {
        try await EditedDayStage.make("edit") { stage in
            let before = try await stage.curve()
            let raw = try await stage.history()
            #expect(raw.stage == .estimated && raw.versions.map(\.number) == [1, 2, 3])
            #expect(raw.blocks.energies == before.energies)

            let values = [0, 0, 0, 0, 0, 0, 0, 400, 500]
            let edited = try await stage.edit(.set(first: 40, wattHours: values))
            #expect(edited.stage == .edited && edited.versions.last?.number == 4)
            #expect(edited.versions.last?.actor == "ravi")
            #expect(edited.versions.last?.reason == "seen on site")
            let kept = try await stage.curve()
            #expect(kept.energies[40...48].map { Int($0) } == values)
            #expect(kept.qualities[47].contains(.edited))
            #expect(try await stage.differing() == [])
            #expect(try await stage.history().blocks == edited.blocks)

            let undone = try await stage.undo(4)
            #expect(undone.stage == .estimated && undone.versions.count == 5)
            #expect(undone.versions[3].isUndone && !undone.versions[4].isUndone)
            #expect(try await stage.curve() == before)
            #expect(try await refusal { try await stage.undo(4) } == "nothing_to_undo")
            // And the undo undone.
            _ = try await stage.undo(5)
            #expect(try await stage.curve() == kept)
            #expect(try await stage.differing() == [])
        }
    }

    @Test func `versions are never changed or taken away, by whomever`() async throws {
        try await EditedDayStage.make("immutable") { stage in
            _ = try await stage.edit(.accept(40...48))
            let database = try await SharedDatabase.shared.open().database
            let owner = PostgresPool(
                configuration: database.owner,
                logger: TestCluster.logger
            )
            let tenant = String(stage.office.office.id.value)
            for statement in ["update day_version set reason = 'x'", "delete from day_version"]
                as [SQL]
            {
                await #expect(throws: PostgresError.self) {
                    try await owner.transaction { connection in
                        try connection.execute(
                            "select set_config('vidyut.tenant', \(tenant), true)"
                        )
                        _ = try connection.execute(statement)
                    }
                }
            }
            #expect(try await stage.history().versions.count == 4)
        }
    }

    @Test func `a late reading under an edit lets it lapse and says so`() async throws {
        try await EditedDayStage.make("late") { stage in
            _ = try await stage.edit(.set(first: 40, wattHours: [0, 0, 0, 0, 0, 0, 0, 400, 500]))
            try await stage.send(Array(EditedDayStage.missing))
            try await stage.office.useCases.rollUpDays(office: stage.office.office)

            let curve = try await stage.curve()
            #expect(curve.energies.allSatisfy { $0 == 100 })
            #expect(curve.qualities.allSatisfy { $0.isDisjoint(with: [.edited, .estimated]) })
            let history = try await stage.history()
            #expect(history.versions.last?.isLapsed == true && history.stage == .validated)
            let review = stage.office.useCases.reviewExceptions
            let found = try await review.list(
                ReviewExceptions.Query(rule: "edit"),
                page: try PageRequest(),
                by: stage.engineer
            ).items
            #expect(found.map(\.exception.day) == [stage.day])
            #expect(found.first?.exception.detail.contains("version 4 of ravi") == true)
            #expect(try await stage.differing() == [])
            // Undone, nothing reminds of it but its version.
            _ = try await stage.undo(4)
            let left = try await review.counts(
                ReviewExceptions.Query(rule: "edit"),
                by: stage.engineer
            )
            #expect(left == [])
        }
    }

    @Test func `what cannot be is refused by name, and adds no version`() async throws {
        try await EditedDayStage.make("bad") { stage in
            let today = stage.office.office.zone.date(of: stage.office.clock.now)
            func set(_ first: Int, _ values: [Int], day: CivilDate? = nil) async throws -> String? {
                try await refusal {
                    try await stage.edit(.set(first: first, wattHours: values), day: day)
                }
            }
            #expect(try await set(96, [1]) == "firstBlock out_of_range")
            #expect(try await set(-1, [1]) == "firstBlock out_of_range")
            #expect(try await set(95, [1, 1]) == "lastBlock out_of_range")
            #expect(try await set(40, [-1]) == "energyWattHours out_of_range")
            #expect(try await set(40, [1 << 40]) == "energyWattHours out_of_range")
            #expect(try await set(40, []) == "energyWattHours missing")
            #expect(try await set(40, [0, 201]) == "energyWattHours contradicts_register")
            #expect(try await set(10, [0, 200]) == "energyWattHours contradicts_register")
            #expect(try await set(10, [100]) == nil)
            #expect(try await set(40, [100], day: today) == "day_not_closed")
            #expect(try await set(40, [100], day: stage.first.adding(days: -30)) == "not found")
            let others: [(EditDay.Change, String)] = [
                (.estimate(40...48, .lastYear), "no_estimate"),
                (.estimate(40...99, nil), "lastBlock out_of_range"),
                (.acceptReading(stage.at(96 + 41)), "not found"),
                (.rejectReading(stage.at(5)), "at out_of_range"),
            ]
            for (change, code) in others {
                #expect(try await refusal { try await stage.edit(change) } == code, "\(change)")
            }
            #expect(
                try await refusal { try await stage.edit(.markFinal, reason: " ") }
                    == "reason missing"
            )
            let clerk = Caller(office: stage.office.office.id, name: "uma", role: .clerk)
            #expect(
                try await refusal { try await stage.edit(.markFinal, by: clerk) } == "not allowed"
            )
            let stranger = try await TestOffice.make()
            #expect(
                try await refusal { try await stage.edit(.markFinal, by: stranger.manager) }
                    == "not found"
            )
            #expect(try await refusal { try await stage.undo(3) } == "nothing_to_undo")
            #expect(try await refusal { try await stage.undo(9) } == "not found")
            #expect(try await stage.history().versions.map(\.number) == [1, 2, 3, 4])
        }
    }

    @Test func `a version that another stands on is undone after it`() async throws {
        try await EditedDayStage.make("stack") { stage in
            _ = try await stage.edit(.set(first: 40, wattHours: [0, 200]))
            _ = try await stage.edit(.set(first: 41, wattHours: [150, 150]))
            #expect(try await refusal { try await stage.undo(4) } == "version_stands_on_it")
            _ = try await stage.undo(5)
            _ = try await stage.undo(4)
            let left = try await stage.history()
            #expect(left.stage == .estimated)
        }
    }

    @Test func `a day marked final takes no edit until the mark is undone`() async throws {
        try await EditedDayStage.make("final") { stage in
            let marked = try await stage.edit(.markFinal)
            #expect(marked.stage == .final)
            #expect(try await refusal { try await stage.edit(.accept(40...48)) } == "day_final")
            let reopened = try await stage.undo(4)
            #expect(reopened.stage == .estimated)
            let accepted = try await stage.edit(.accept(40...48))
            #expect(accepted.stage == .edited)
        }
    }

    @Test func `a day whose readings are in the archive stays as it is`() async throws {
        try await EditedDayStage.make("archived") { stage in
            _ = try await stage.edit(.accept(40...48))
            let now = stage.office.clock.now
            try await stage.office.store.withTenant(stage.office.office.id) { transaction in
                try transaction.upsert(
                    ReadingArchive(
                        month: stage.day.month,
                        file: "none",
                        rows: 0,
                        firstAt: nil,
                        lastAt: nil,
                        bytes: 0,
                        fileDigest: [1],
                        contentDigest: [1],
                        state: .archived
                    ),
                    at: now
                )
            }
            #expect(try await refusal { try await stage.edit(.markFinal) } == "month_archived")
            #expect(try await refusal { try await stage.undo(4) } == "month_archived")
            let history = try await stage.history()
            #expect(history.isArchived && history.versions.map(\.number) == [4])
        }
    }

    @Test func `methods estimate the gap again, and a reading is rejected`() async throws {
        try await EditedDayStage.make("methods") { stage in
            let best = try await stage.edit(.estimate(40...48, nil))
            #expect(best.versions.last?.method == .likeDays, "\(best.versions)")
            #expect(best.blocks.energy.wattHours == 9_600)
            let neighbours = try await stage.edit(.estimate(40...48, .flat))
            #expect(neighbours.versions.last?.method == .flat)
            let rejected = try await stage.edit(.rejectReading(stage.at(96 + 70)))
            #expect(rejected.versions.last?.isLapsed == false)
            #expect(rejected.blocks.energy.wattHours == 9_600)
            #expect(try await stage.differing() == [])
        }
    }

    @Test func `a day that an issued bill covers is final`() async throws {
        let now = try #require(Instant("2026-11-20T06:00:00Z"))
        let office = try await TestOffice.make(at: now)
        try await office.publish(family: "tneb-lt1a")
        let first = try #require(CivilDate("2026-09-01"))
        let (_, meter) = try await office.connect(
            "billed",
            on: "2026-09-01",
            openingRegisterWattHours: 1_000_000
        )
        let stage = EditedDayStage(office: office, meter: meter.meter, first: first)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await office.useCases.acceptReadings.run() }
            do {
                try await stage.send(Array(1...4 * 96) + Array(55 * 96...64 * 96))
                try await office.useCases.rollUpDays(office: office.office)
                _ = try await stage.edit(.markFinal)
                let run = try await office.useCases.runBilling(
                    cycle: "2026-10",
                    issue: true,
                    by: office.manager
                )
                #expect(run.counts[.issued] == 1, "\(run.counts)")
                let history = try await stage.history()
                #expect(history.bill != nil && history.stage == .final && !history.isOpen)
                #expect(try await refusal { try await stage.undo(4) } == "day_final")
                #expect(
                    try await refusal { try await stage.edit(.accept(1...2)) } == "day_final"
                )
            } catch {
                await office.useCases.acceptReadings.close()
                throw error
            }
            await office.useCases.acceptReadings.close()
            try await group.waitForAll()
        }
    }

    @Test func `exceptions are counted by kind, and settled by period and key`() async throws {
        try await EditedDayStage.make("bulk") { stage in
            let review = stage.office.useCases.reviewExceptions
            let counts = try await review.counts(ReviewExceptions.Query(), by: stage.engineer)
            let gaps = try #require(counts.first { $0.rule == .gap })
            #expect(gaps.count == 1 && gaps.meters == 1)
            #expect(gaps.oldest == stage.day && gaps.newest == stage.day)
            func acknowledge(_ query: ReviewExceptions.Query) async throws -> Int {
                try await review.acknowledge(query, reason: "known", by: stage.engineer)
            }
            #expect(
                try await acknowledge(
                    ReviewExceptions.Query(rule: "gap", to: stage.day.adding(days: -1))
                ) == 0
            )
            #expect(
                try await acknowledge(
                    ReviewExceptions.Query(rule: "gap", from: stage.day, to: stage.day)
                ) == 1
            )
            let settled = try await review.list(
                ReviewExceptions.Query(onlySettled: true),
                page: try PageRequest(),
                by: stage.engineer
            ).items
            #expect(settled.map(\.exception.rule) == [.gap])
            let reopened = try await review.reopen(
                ReviewExceptions.Query(),
                keys: settled.map(\.key),
                reason: "look again",
                by: stage.engineer
            )
            #expect(reopened == 1)
            await #expect(throws: NotFound.self) {
                try await review.reopen(
                    ReviewExceptions.Query(),
                    keys: settled.map(\.key),
                    reason: "twice",
                    by: stage.engineer
                )
            }
        }
    }
}
