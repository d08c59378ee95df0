import Billing
import Metering
import Registry
import Store
import Tariffs
import TestSupport
import Testing
import Units
import UseCases

/// Services on tariffs by time of day and demand, billed from the blocks of their own meters.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct LoadCurveBillTests {
    private static let tariff = """
        {"id": "tod-2026", "family": "tod", "utility": "U", "category": "C",
         "effective": {"from": "2026-01-01", "to": null}, "base_months": 2,
         "lines": [
           {"id": "energy", "kind": "per_unit", "rate": "8"},
           {"id": "demand", "kind": "demand", "per": "kw", "rate": "100", "billed": ["recorded"]},
           {"id": "tod", "kind": "time_of_day", "of_line": "energy", "slots": [
             {"id": "peak", "hours": [["18:00", "22:00"]], "percent": "20"},
             {"id": "night", "hours": [["22:00", "05:00"]], "percent": "-10"}]}
         ]}
        """

    /// A shop whose meter reports every quarter hour from 1 September 2026: 100 Wh, 400 Wh in the
    /// evening; `keeps` says which quarter hours came.
    private func shop(
        keeps: (Int) -> Bool = { _ in true }
    ) async throws -> (office: TestOffice, meter: Meter) {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-05T06:00:00Z")))
        _ = try await office.useCases.publishTariff(
            [try TariffDocument.load(Array(Self.tariff.utf8))],
            by: office.manager
        )
        let (_, meter) = try await office.connect("shop", on: "2026-09-01", tariff: "tod")
        let zone = office.office.zone
        let start = zone.start(of: try #require(CivilDate("2026-09-01")))
        var register: Int64 = 0
        var batch: [ReadingInsertion] = []
        for quarter in 1...(63 * 96) {
            let place = (quarter - 1) % 96
            register += (72..<88).contains(place) ? 400 : 100
            guard keeps(quarter) else { continue }
            batch.append(
                ReadingInsertion(
                    meter: meter.meter.id,
                    reading: AcceptedReading(
                        at: start.adding(seconds: Int64(quarter) * 900),
                        epoch: 0,
                        sequence: Int32(quarter),
                        main: ChannelReading(
                            energyWattHours: register,
                            powerMilliwatts: 400_000,
                            voltageMillivolts: 230_000
                        )
                    )
                )
            )
        }
        let rows = batch
        try await office.store.withTenant(office.office.id) { transaction in
            _ = try transaction.insert(rows)
            try transaction.markDirty(
                Set(
                    rows.map {
                        MeterDayKey(meter: $0.meter, day: zone.meteringDay(of: $0.reading.at))
                    }
                )
            )
        }
        _ = try await office.useCases.rollUpDays(office: office.office)
        return (office, meter.meter)
    }

    private func run(_ office: TestOffice) async throws -> (outcome: BillRunOutcome, bill: Bill?) {
        let done = try await office.useCases.runBilling(
            RunBilling.Input(cycle: "2026-10", issue: true),
            by: office.manager
        )
        let outcomes = try await office.useCases.showBills.outcomes(
            of: done.id,
            try PageRequest(),
            by: office.manager
        )
        let page = try await office.useCases.showBills.list(try PageRequest(), by: office.manager)
        let outcome = try #require(outcomes.items.first)
        guard let summary = page.items.first else { return (outcome, nil) }
        return (
            outcome,
            try await office.useCases.showBills.show(
                String(summary.id.value),
                by: office.manager
            )
        )
    }

    @Test func `time of day and demand are billed from blocks, and the file proves it`()
        async throws
    {
        let (office, _) = try await shop()
        let (outcome, found) = try await run(office)
        #expect(outcome.outcome == .issued, "\(outcome.reason)")
        let bill = try #require(found)
        // A day has 80 × 100 and 16 × 400 Wh: 14.4 kWh, of which 6.4 at the peak and 2.8 by night.
        #expect(bill.content.energy.wattHours == 61 * 14_400)
        let curve = try #require(bill.content.curve)
        #expect(curve.slots.map(\.energy.wattHours) == [61 * 6_400, 61 * 2_800])
        #expect(curve.demand?.watts == 1_600 && curve.energy == bill.content.energy)
        // 878.4 × 8; 1.6 kW × 100 × 2 months; 20 % of 390.4 × 8 less 10 % of 170.8 × 8.
        #expect(
            bill.content.lines.map { "\($0.lineID) \($0.amount.plainText)" } == [
                "energy 7027.20", "demand 320.00", "tod 488.00",
            ]
        )
        let file = try await office.useCases.showBills.file(
            try #require(bill.number),
            by: office.manager
        )
        #expect(try BillFile.verify(Array(file.utf8)).total == bill.content.total)
        // A note finds nothing to correct: the blocks are the same.
        await #expect(throws: StateConflict.self) {
            _ = try await office.useCases.writeNotes.rebook(
                bill.number ?? "",
                reason: "once more",
                by: office.manager
            )
        }
    }

    @Test func `estimated blocks of a slot are counted on the bill`() async throws {
        // Nothing came from 18:00 to 20:00 on 10 September.
        let first = 9 * 96 + 73
        let (office, _) = try await shop { !(first..<first + 8).contains($0) }
        let (_, found) = try await run(office)
        let curve = try #require(found?.content.curve)
        #expect(curve.slots.first?.estimatedBlocks ?? 0 >= 7)
        #expect(curve.estimatedBlocks == curve.slots.reduce(0) { $0 + $1.estimatedBlocks })
        #expect(curve.demand?.leftOut ?? 0 >= 7)
        #expect(curve.sentences.contains { $0.contains("blocks estimated") })
        // The register decides what the evening used, so the slots stay whole.
        #expect(curve.slots.map(\.energy.wattHours).reduce(0, +) == 61 * 9_200)
    }

    @Test func `a register read by hand tells no time of day`() async throws {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-05T06:00:00Z")))
        _ = try await office.useCases.publishTariff(
            [try TariffDocument.load(Array(Self.tariff.utf8))],
            by: office.manager
        )
        _ = try await office.connect("hand", on: "2026-09-01", tariff: "tod")
        _ = try await office.visit("hand", 400, at: "2026-10-31T18:30:00Z")
        let (outcome, none) = try await run(office)
        #expect(none == nil && outcome.outcome == .refused)
        #expect(
            outcome.reason.contains("the load curve of 2026-09-01 to 2026-10-31 is known for 0 of"),
            "\(outcome.reason)"
        )
    }
}
