import Metering
import Registry
import Testing
import Units

@testable import Billing
@testable import Tariffs

/// Blocks into the slots of the day and the demand that a tariff bills.
struct CurveBillingTests {
    private static let tariff = """
        {"id": "tod-2026", "family": "tod", "utility": "U", "category": "C",
         "effective": {"from": "2026-01-01", "to": null}, "base_months": 1,
         "lines": [
           {"id": "energy", "kind": "per_unit", "rate": "8"},
           {"id": "demand", "kind": "demand", "per": "kw", "rate": "100",
            "billed": [{"percent": "80", "of": "contract"}, "recorded"]},
           {"id": "tod", "kind": "time_of_day", "of_line": "energy", "slots": [
             {"id": "peak", "hours": [["18:00", "22:00"]], "percent": "20"},
             {"id": "night", "hours": [["22:00", "05:00"]], "percent": "-10"}]}
         ]}
        """

    private let cycle = period("2026-09-01", "2026-09-30")

    /// A day of blocks: so many watt-hours in each, by the block's place.
    private func curve(
        _ day: Int,
        minutes: Int = 15,
        qualities: [Int: SlotQuality] = [:],
        _ wattHours: (Int) -> Int32
    ) -> BlockCurve {
        let count = 1_440 / minutes
        return BlockCurve(
            day: cycle.first.adding(days: day),
            blockMinutes: minutes,
            energies: (0..<count).map(wattHours),
            qualities: (0..<count).map { qualities[$0] ?? [] },
            counts: [Int16](repeating: 1, count: count)
        )
    }

    private func needs(_ text: String = tariff) throws -> CurveNeeds {
        var inputs = RatingInputs(units: .zero, period: cycle)
        inputs.load = Power(milliwatts: 5_000_000)
        let versions = try TariffVersions([try TariffDocument.load(Array(text.utf8))])
        return try PeriodRating(versions, inputs).curveNeeds()
    }

    private func billed(
        _ curves: [BlockCurve],
        energy: Int64,
        _ text: String = tariff
    ) throws -> BilledCurve {
        try CurveBilling(
            needs: needs(text),
            period: cycle,
            energy: Energy(wattHours: energy),
            curves: curves
        ).billed()
    }

    @Test func `every watt-hour lands in its slot`() throws {
        // 100 Wh a quarter hour: 16 blocks of evening and 28 of night in 96.
        let curves = (0..<30).map { day in curve(day) { _ in 100 } }
        let billed = try billed(curves, energy: 30 * 9_600)
        #expect(billed.slots.map(\.id) == ["peak", "night"])
        #expect(billed.slots.map(\.energy.wattHours) == [30 * 1_600, 30 * 2_800])
        #expect(billed.blocks == 30 * 96 && billed.missingBlocks == 0)
        #expect(billed.doubts(against: billed.energy).isEmpty)
        #expect(billed.tables.map(\.name) == ["tod_units"])
        #expect(
            billed.tables.map(\.table) == [.table(["peak": 48_000_000, "night": 84_000_000])]
        )
    }

    @Test func `registers decide the energy and blocks its shape`() throws {
        let curves = (0..<30).map { day in curve(day) { _ in 100 } }
        // 7 Wh more than the blocks know, and a fifth more, which a person looks at.
        let near = try billed(curves, energy: 288_007)
        #expect(near.slots.map(\.energy.wattHours) == [48_001, 84_002])
        #expect(near.doubts(against: Energy(wattHours: 288_007)).isEmpty)
        let far = try billed(curves, energy: 345_600)
        #expect(far.slots.map(\.energy.wattHours) == [57_600, 100_800])
        let doubts = far.doubts(against: Energy(wattHours: 345_600))
        #expect(
            doubts.map(\.reason) == [
                "the blocks of the load curve sum to 288 kWh, the registers to 345.6 kWh"
            ]
        )
    }

    @Test func `a block across the boundary of a slot is shared by minutes`() throws {
        let text = Self.tariff.replacing("18:00", with: "18:20")
        let curves = (0..<30).map { day in
            curve(day, minutes: 60) { $0 == 18 ? 300 : 0 }
        }
        let billed = try billed(curves, energy: 9_000, text)
        #expect(billed.slots.map(\.energy.wattHours) == [6_000, 0])
    }

    @Test func `the demand is the largest measured block of the period`() throws {
        let curves = (0..<30).map { day in
            curve(day, qualities: day == 3 ? [40: .estimated(.likeDays)] : [:]) { place in
                switch (day, place) {
                case (3, 40): 3_000
                case (7, 75), (9, 20): 1_501
                default: 100
                }
            }
        }
        let billed = try billed(curves, energy: 30 * 9_600 + 2_900 + 2 * 1_401)
        let demand = try #require(billed.demand)
        #expect(demand.watts == 6_004 && demand.leftOut == 1)
        #expect(demand.text == "6.004 kW on 2026-09-08 from 18:45 to 19:00")
        #expect(billed.estimatedBlocks == 1)
        #expect(
            billed.sentences.last
                == "Of 2880 blocks of the load curve 1 are estimated and 0 missing"
        )
    }

    @Test func `two meters of one day are added, and the block of their exchange is whole`() throws
    {
        var curves = (0..<30).map { day in curve(day) { _ in 100 } }
        func missing(_ places: Range<Int>) -> [Int: SlotQuality] {
            var qualities: [Int: SlotQuality] = [40: .partial]
            for place in places { qualities[place] = .missing }
            return qualities
        }
        curves[10] = curve(10, qualities: missing(41..<96)) {
            $0 < 40 ? 100 : $0 == 40 ? 30 : 0
        }
        curves.append(
            curve(10, qualities: missing(0..<40)) {
                $0 > 40 ? 100 : $0 == 40 ? 900 : 0
            }
        )
        let billed = try billed(curves, energy: 29 * 9_600 + 9_500 + 930)
        #expect(billed.missingBlocks == 0 && billed.blocks == 2_880)
        #expect(billed.energy.wattHours == 29 * 9_600 + 9_500 + 930)
        #expect(billed.demand?.watts == 3_720)
    }

    @Test func `a curve with holes waits for a person, one of few blocks is refused by name`()
        throws
    {
        let curves = (0..<28).map { day in curve(day) { _ in 100 } }
        let holes = try billed(curves, energy: 30 * 9_600)
        #expect(holes.missingBlocks == 192)
        #expect(holes.slots.map(\.energy.wattHours) == [48_000, 84_000])
        #expect(
            holes.doubts(against: Energy(wattHours: 268_800)).map(\.reason) == [
                "192 of 2880 blocks of the load curve are missing; their energy is shared out like "
                    + "that of the others"
            ]
        )
        let refusal = #expect(throws: BillRefusal.self) {
            try billed(Array(curves.prefix(20)), energy: 30 * 9_600)
        }
        #expect(refusal?.reason.hasSuffix("is known for 1920 of 2880 blocks only") == true)
        #expect(throws: BillRefusal.self) { try billed([], energy: 0) }
    }

    @Test func `a bill by slots and demand is computed again from its proof`() throws {
        let shelf = try shelf([Self.tariff])
        var input = service("tod", cycle, months: 1, loadWatts: 5_000)
        input.curves = (0..<30).map { day in curve(day) { $0 == 72 ? 1_500 : 100 } }
        let energy = Energy(wattHours: 30 * 11_000)
        let bill = try shelf.bill(
            input,
            Consumption(
                segments: [
                    ConsumptionSegment(
                        meter: Meter(
                            id: Meter.ID(1),
                            serial: "m-1",
                            registerDigits: 6,
                            multiplier: 1,
                            channels: 1
                        ),
                        opening: RegisterReading(at: Instant(secondsSince1970: 0), register: .zero),
                        closing: RegisterReading(
                            at: Instant(secondsSince1970: 1),
                            register: energy
                        ),
                        energy: energy
                    )
                ],
                missingDays: []
            )
        )
        // 330 units at 8; 6 kW at 100, more than 80 % of 5 kW; 90 units at 20 %, 84 at -10 % of 8.
        #expect(
            bill.lines.map { "\($0.lineID) \($0.amount.plainText)" } == [
                "energy 2640.00", "demand 600.00", "tod 76.80",
            ]
        )
        #expect(bill.lines.allSatisfy { $0.rounding == "to 0.01, half up" })
        #expect(bill.curve?.slots.map(\.energy.kilowattHoursText) == ["90", "84"])
        #expect(StoredProof(bill.proof)?.curve == bill.curve)
        let file = BillFile.text(
            Bill(
                id: Bill.ID(1),
                state: .issued,
                number: "T-1",
                issuedAt: Instant(secondsSince1970: 0),
                dueOn: cycle.last,
                content: bill
            ),
            office: "test",
            tariffs: [
                PublishedTariff(
                    id: "tod-2026",
                    family: "tod",
                    effectiveFrom: cycle.first,
                    effectiveTo: nil,
                    digest: sha256(Array(Self.tariff.utf8)),
                    body: Self.tariff
                )
            ]
        )
        // The shelf of this test knows no digests: what is compared is what the curve gave.
        #expect(file.contains("loadCurve"))
    }

    @Test func `kVA are billed at unity power factor and held`() throws {
        let text = Self.tariff.replacing(#""per": "kw""#, with: #""per": "kva""#)
        let curves = (0..<30).map { day in curve(day) { _ in 100 } }
        let billed = try billed(curves, energy: 288_000, text)
        #expect(billed.demand?.isApparent == true)
        #expect(billed.doubts(against: billed.energy).map(\.code) == [.readings])
    }
}
