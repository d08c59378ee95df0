import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Closed days from raw readings, down to the rows: the same for any order of arrival, whatever went
/// wrong with a meter, and recomputable.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct DayMakingTests {
    private func week(endingAt now: Instant, zone: OfficeZone) -> [SentReading] {
        SentReading.faultyWeek(endingAt: now, zone: zone)
    }

    private func kept(_ office: TestOffice, _ meter: Meter) async throws -> [String] {
        let to = office.office.zone.date(of: office.clock.now)
        return try await office.keptDays(of: meter, from: to.adding(days: -20), to: to)
    }

    private func office(_ name: String) async throws -> (TestOffice, Meter) {
        let office = try await TestOffice.make()
        let start = office.office.zone.date(of: office.clock.now).adding(days: -6)
        let (_, meter) = try await office.connect(
            name,
            on: start.description,
            openingRegisterWattHours: 1_000_000
        )
        return (office, meter.meter)
    }

    @Test func `every fault has its name, and no watt-hour is invented or lost`() async throws {
        let (office, meter) = try await office("faults")
        let readings = week(endingAt: office.clock.now, zone: office.office.zone)
        try await office.storing { try await office.send(readings, of: meter) }
        _ = try await office.useCases.rollUpDays(office: office.office)

        let to = office.office.zone.date(of: office.clock.now)
        let (days, curves) = try await office.store.withTenant(office.office.id) { transaction in
            (
                try transaction.days(of: meter.id, from: to.adding(days: -7), to: to),
                try transaction.blocks(of: meter.id, from: to.adding(days: -7), to: to)
            )
        }
        #expect(days.map { $0.energy?.wattHours } == [9_600, 9_600, 9_600, 9_600, 9_600, 9_600])
        #expect(
            curves.map { $0.energies.reduce(0, +) } == [9_600, 9_600, 9_600, 9_600, 9_600, 9_600]
        )
        #expect(
            days.map { $0.quality.contains(.estimated) } == [false, true, false, true, true, false]
        )
        let found = try await office.useCases.reviewExceptions.list(
            ReviewExceptions.Query(),
            page: try PageRequest(limit: 200),
            by: office.manager
        ).items
        let rules = Set(found.map(\.exception.rule))
        #expect(rules.isSuperset(of: [.resetRecovered, .spike, .gap]), "\(rules)")
    }

    @Test func `days, blocks and exceptions are the same for any order of arrival`() async throws {
        var seen: Set<[String]> = []
        for round in 0..<6 {
            var random = SeededRandom(seed: UInt64(round) + 1)
            let (office, meter) = try await office("order-\(round)")
            var readings = week(endingAt: office.clock.now, zone: office.office.zone)
            if round > 0 {
                readings.shuffle(using: &random)
                readings += readings.prefix(150)
            }
            let pieces = stride(from: 0, to: readings.count, by: 90).map {
                Array(readings[$0..<min($0 + 90, readings.count)])
            }
            let rollUpEvery = round % 3
            try await office.storing {
                for (index, piece) in pieces.enumerated() {
                    try await office.send(piece, of: meter)
                    // Days are made in between, from what is there by then.
                    if rollUpEvery > 0, index % rollUpEvery == 0 {
                        _ = try await office.useCases.rollUpDays(office: office.office)
                    }
                }
            }
            _ = try await office.useCases.rollUpDays(office: office.office)
            seen.insert(try await kept(office, meter))
            // Made again from raw readings they are the same.
            let report = try await office.useCases.rebuildDays(
                from: office.office.zone.date(of: office.clock.now).adding(days: -10),
                onlyCompares: true,
                by: office.manager
            )
            #expect(report.days == 6 && report.differing.isEmpty, "round \(round): \(report)")
        }
        let first = Set(seen.first ?? [])
        for other in seen { #expect(first.symmetricDifference(other).sorted() == []) }
    }

    @Test func `an exception is acknowledged with a reason, and opened again`() async throws {
        let (office, meter) = try await office("review")
        let readings = week(endingAt: office.clock.now, zone: office.office.zone)
        try await office.storing { try await office.send(readings, of: meter) }
        _ = try await office.useCases.rollUpDays(office: office.office)
        let review = office.useCases.reviewExceptions
        let spikes = ReviewExceptions.Query(rule: "spike")
        func open() async throws -> Int {
            try await review.list(spikes, page: try PageRequest(), by: office.manager).items.count
        }
        let before = try await open()
        #expect(before >= 1)
        await #expect(throws: InvalidInput.self) {
            try await review.acknowledge(spikes, reason: "", by: office.manager)
        }
        let count = try await review.acknowledge(spikes, reason: "radio noise", by: office.manager)
        #expect(try await open() == 0)
        // What people said outlives that the day is made again.
        _ = try await office.useCases.rebuildDays(
            from: office.office.zone.date(of: office.clock.now).adding(days: -10),
            onlyCompares: false,
            by: office.manager
        )
        #expect(try await open() == 0)
        #expect(try await review.reopen(spikes, reason: "look again", by: office.manager) == count)
        #expect(try await open() == before)
    }
}
