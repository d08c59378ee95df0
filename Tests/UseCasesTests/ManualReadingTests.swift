import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Registers that people read: from the round and the consumer's page to the bill.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ManualReadingTests {
    @Test func `a round becomes bills, and a held register does once a person says yes`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a", "b", "c", "d")
        let round = office.useCases.readingRound
        let before = try await round.state(cycle: nil, group: "", by: office.manager)
        #expect(before.cycle.description == "2026-10")
        #expect((before.services, before.visited) == (4, 0))

        #expect(try await office.visit("a", 300).reading.state == .accepted)
        #expect(try await office.visit("b", 250).reading.state == .accepted)
        let doubtful = try await office.visit("c", 20_000).reading
        #expect(doubtful.state == .held && doubtful.findings.map(\.code) == [.abovePossible])
        let locked = try await office.visit("d", nil, outcome: .doorLocked).reading
        #expect(locked.state == .noted)
        let after = try await round.state(cycle: nil, group: "", by: office.manager)
        #expect((after.visited, after.read) == (4, 3))
        #expect(
            try await round.next(after: "", cycle: nil, group: "", by: office.manager) == nil
        )

        let first = try await office.billRound()
        #expect(first["S-a"]?.outcome == .issued && first["S-b"]?.outcome == .issued)
        #expect(try await office.billedUnits("S-a") == "300")
        for waiting in ["S-c", "S-d"] {
            #expect(first[waiting]?.outcome == .refused)
            #expect(first[waiting]?.reason.contains("no reading at or after the end") == true)
        }

        let id = "\(doubtful.id.value)"
        await #expect(throws: StateConflict.self, "who entered it does not decide") {
            try await office.useCases.decideReading.accept(id, reason: "x", by: office.manager)
        }
        _ = try await office.useCases.decideReading.accept(
            id,
            reason: "a sawmill; seen",
            by: office.engineer
        )
        #expect(try await office.billRound()["S-c"]?.outcome == .issued)
        #expect(try await office.billedUnits("S-c") == "20000")
        // It is a reading, marked with where it comes from and that a person said yes.
        let stored = try await office.ledger("m-c")
        #expect(stored.map(\.flags) == [[.registerOnly, .readByAssessor, .acceptedForBilling]])

        // Nothing is added to what is billed.
        let late = await #expect(throws: InvalidInput.self) {
            try await office.visit("a", 299, at: "2026-10-20T06:00:00Z")
        }
        #expect(late?.faults.map(\.code) == ["already_billed"])
    }

    @Test func `a sheet is taken whole or not at all, and twice is once`() async throws {
        let office = try await TestOffice.readByPeople("a", "b", "c")
        let round = office.useCases.readingRound
        let faulty = filledSheet([
            "S-a,310,2026-10-31,,", "S-b,NaN,,,", "S-x,5,,,", "S-c,-3,,,", "S-a,311,,,",
            "S-b,,,door_closed,",
        ])
        let refused = try await #require(throws: InvalidInput.self) {
            try await round.take(faulty, cycle: "2026-10", group: "", by: office.manager)
        }
        #expect(
            refused.faults.map { "\($0.field) \($0.code)" } == [
                "line 3, register_kwh invalid", "line 4, service unknown",
                "line 5, register_kwh invalid", "line 6, service taken", "line 7, service taken",
            ]
        )
        let none = try await office.useCases.decideReading.list(
            DecideReading.Query(),
            page: try PageRequest(),
            by: office.manager
        )
        #expect(none.items.isEmpty)

        let good = filledSheet(["S-a,310,2026-10-31,,", "S-b,,,door_locked,dog", "S-c,,,,"])
        let report = try await round.take(good, cycle: "2026-10", group: "", by: office.manager)
        #expect((report.accepted, report.noted, report.blank) == (1, 1, 1))
        // Another day, the same sheet: also the row without a time.
        office.clock.now = office.clock.now.adding(seconds: 86_400)
        let again = try await round.take(good, cycle: "2026-10", group: "", by: office.manager)
        #expect((again.accepted, again.noted, again.duplicates) == (0, 0, 2))
        // A day alone stands for its end, which closes the cycle.
        #expect(try await office.ledger("m-a").map(\.at.description) == ["2026-10-31T18:30:00Z"])

        let printed = try await round.sheet(cycle: "2026-10", group: "", by: office.manager)
        #expect(printed.rows.map { $0[0] } == ["S-a", "S-b", "S-c"])
        #expect(printed.rows[0][8] == "310" && printed.rows[1][10] == "door_locked")
        // What was printed can be sent back as it is.
        let rows = printed.rows.enumerated().map { index, fields in
            ImportRow(
                line: index + 2,
                fields: Dictionary(uniqueKeysWithValues: zip(ReadingRound.columns, fields))
            )
        }
        let back = try await round.take(rows, cycle: "2026-10", group: "", by: office.manager)
        #expect((back.duplicates, back.blank, back.accepted) == (2, 1, 0))
    }

    @Test func `a sheet for another meter than the one that hangs there is refused`() async throws {
        let office = try await TestOffice.readByPeople("a")
        let row = ImportRow(
            line: 2,
            fields: ["service": "S-a", "meter": "m-b", "register_kwh": "5"]
        )
        let refused = await #expect(throws: InvalidInput.self) {
            try await office.useCases.readingRound.take(
                [row],
                cycle: "2026-10",
                group: "",
                by: office.manager
            )
        }
        #expect(refused?.faults.map(\.field) == ["line 2, meter"])
    }

    @Test func `a consumer's reading is billed; without a photo it waits`() async throws {
        let office = try await TestOffice.readByPeople("a", "b")
        let entered = try await office.sendOwn("a", 120)
        #expect(entered.reading.state == .accepted && entered.isNew)
        #expect(try await office.sendOwn("a", 120).isNew == false)
        #expect(try await office.billRound()["S-a"]?.outcome == .issued)
        #expect(try await office.ledger("m-a").map(\.flags) == [[.registerOnly, .readByConsumer]])

        let blind = try await office.sendOwn("b", 120, photo: nil)
        #expect(blind.reading.findings.map(\.code) == [.noPhoto])
        let rejected = try await office.useCases.decideReading.reject(
            "\(blind.reading.id.value)",
            reason: "unreadable",
            by: office.manager
        )
        #expect(rejected.state == .rejected && rejected.decision?.reason == "unreadable")
        #expect(try await office.ledger("m-b").isEmpty)
        await #expect(throws: StateConflict.self) {
            try await office.useCases.decideReading.accept(
                "\(blind.reading.id.value)",
                reason: "after all",
                by: office.manager
            )
        }
    }

    @Test func `what waits and what comes in a day is bounded`() async throws {
        let office = try await TestOffice.readByPeople("a")
        for hour in 1...3 {
            _ = try await office.sendOwn(
                "a",
                Int64(hour),
                at: "2026-10-2\(hour)T06:00:00Z",
                photo: nil
            )
        }
        let full = await #expect(throws: StateConflict.self) {
            try await office.sendOwn("a", 9, at: "2026-10-29T06:00:00Z")
        }
        #expect(full?.code == "too_many_pending")
        for entry in try await office.useCases.decideReading.list(
            DecideReading.Query(state: .held),
            page: try PageRequest(),
            by: office.manager
        ).items {
            _ = try await office.useCases.decideReading.reject(
                "\(entry.id.value)",
                reason: "no photo",
                by: office.manager
            )
        }
        for day in 4...5 {
            _ = try await office.sendOwn("a", Int64(day), at: "2026-10-2\(day)T06:00:00Z")
        }
        let many = await #expect(throws: StateConflict.self) {
            try await office.sendOwn("a", 9, at: "2026-10-29T06:00:00Z")
        }
        #expect(many?.code == "too_many_today")
    }

    @Test func `a reading is nobody else's, and a register that cannot be is refused by name`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a", "b")
        let stranger = try await office.consumer("b")
        await #expect(throws: NotFound.self) {
            try await office.useCases.enterReading.own(
                EnterReading.OwnReading(serviceNumber: "S-a", register: .zero),
                by: stranger
            )
        }
        let entered = try await office.sendOwn("a", 120)
        let id = "\(entered.reading.id.value)"
        await #expect(throws: NotFound.self) {
            try await office.useCases.decideReading.photo(of: id, by: stranger)
        }
        await #expect(throws: NotFound.self) {
            try await office.useCases.compareSources(serviceNumber: "S-a", by: stranger)
        }
        let photo = try await office.useCases.decideReading.photo(
            of: id,
            by: office.consumer("a")
        )
        #expect(photo.mediaType == "image/jpeg")
        for (kWh, at, code) in [
            (130, "2026-11-01T07:00:00Z", "future"), (130, "2026-08-01T06:00:00Z", "out_of_range"),
            (130, "2024-08-01T06:00:00Z", "out_of_range"),
            (-1, "2026-10-31T06:00:00Z", "out_of_range"),
            (999_999_999, "2026-10-31T06:00:00Z", "out_of_range"),
        ] {
            let refused = await #expect(throws: InvalidInput.self) {
                try await office.sendOwn("a", Int64(kWh), at: at)
            }
            #expect(refused?.faults.map(\.code) == [code], "\(kWh) \(at)")
        }
        let early = await #expect(throws: InvalidInput.self) {
            try await office.visit("a", 1, at: "2026-08-01T06:00:00Z")
        }
        #expect(early?.faults.map(\.code) == ["not_installed"])
        for content in [[UInt8]("<svg onload=alert(1)>".utf8), [UInt8](repeating: 1, count: 100)] {
            let refused = await #expect(throws: InvalidInput.self) {
                try await office.sendOwn("a", 130, photo: content)
            }
            #expect(refused?.faults.map(\.field) == ["photo"])
        }
        let big =
            [0xFF, 0xD8, 0xFF] + [UInt8](repeating: 0, count: UseCases.Limits.photoBytesMaximum)
        let refused = await #expect(throws: InvalidInput.self) {
            try await office.sendOwn("a", 130, photo: big)
        }
        #expect(refused?.faults.map(\.code) == ["out_of_range"])
    }

    @Test func `who moved in sees nothing that who moved out has sent`() async throws {
        let office = try await TestOffice.readByPeople("a")
        let entered = try await office.sendOwn("a", 120, at: "2026-10-10T06:00:00Z")
        _ = try await office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: office.manager
        )
        _ = try await office.useCases.moveOccupant.transfer(
            "S-a",
            to: "C-new",
            lastDay: try #require(CivilDate("2026-10-20")),
            by: office.manager
        )
        let successor = try await office.consumer("new")
        let rows = try await office.useCases.compareSources(serviceNumber: "S-a", by: successor)
        #expect(rows.isEmpty)
        await #expect(throws: NotFound.self) {
            try await office.useCases.decideReading.photo(
                of: "\(entered.reading.id.value)",
                by: successor
            )
        }
    }

    @Test func `who moved in enters nothing of the time before`() async throws {
        let office = try await TestOffice.readByPeople("a")
        _ = try await office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: office.manager
        )
        _ = try await office.useCases.moveOccupant.transfer(
            "S-a",
            to: "C-new",
            lastDay: try #require(CivilDate("2026-10-20")),
            by: office.manager
        )
        let refused = await #expect(throws: InvalidInput.self) {
            try await office.useCases.enterReading.own(
                EnterReading.OwnReading(
                    serviceNumber: "S-a",
                    at: Instant("2026-10-10T06:00:00Z"),
                    register: Energy(wattHours: 100_000)
                ),
                by: office.consumer("new")
            )
        }
        #expect(refused?.faults.map(\.code) == ["out_of_range"])
    }

    @Test func `the same reading twice at the same time is one`() async throws {
        let office = try await TestOffice.readByPeople("a")
        let fresh = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { try await office.sendOwn("a", 120).isNew } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(fresh == 1)
        #expect(try await office.ledger("m-a").count == 1)
    }

    @Test func `while a register is held the bill is provisional, and real once it is accepted`()
        async throws
    {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-01T06:00:00Z")))
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect("a", on: "2026-05-01")
        for (at, kWh) in [("2026-06-30T18:30:00Z", 600), ("2026-08-31T18:30:00Z", 1_200)] {
            #expect(try await office.visit("a", Int64(kWh), at: at).reading.state == .accepted)
        }
        for cycle in ["2026-06", "2026-08"] {
            let run = try await office.useCases.runBilling(
                cycle: cycle,
                issue: true,
                by: office.manager
            )
            #expect(run.counts[.issued] == 1, "\(cycle)")
        }
        let held = try await office.visit("a", 9_000).reading
        #expect(held.findings.map(\.code) == [.high])
        let estimated = try await office.useCases.runBilling(
            RunBilling.Input(cycle: "2026-10", issue: true, provisional: .average),
            by: office.manager
        )
        #expect(estimated.counts[.held] == 1)
        _ = try await office.useCases.decideReading.accept(
            "\(held.id.value)",
            reason: "a pump all summer",
            by: office.engineer
        )
        _ = try await office.billRound()
        #expect(try await office.billRound()["S-a"]?.outcome == .issued)
        #expect(try await office.billedUnits("S-a") == "7800")
    }
}
