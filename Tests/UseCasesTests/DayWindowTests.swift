import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Days come out the same from whatever day on they are made again: what lies before the window is
/// read as far as it matters.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct DayWindowTests {
    private static let days = 34

    /// Hours of a month of a house, with silences of an hour to two days, most of them over a midnight.
    ///
    /// `zeros`: also stretches of zeros of up to twenty hours.
    private func hours(
        from start: Instant,
        seed: UInt64,
        zeros isZeroing: Bool = false
    ) -> [SentReading] {
        var random = SeededRandom(seed: seed)
        var register: Int64 = isZeroing ? 7_000_000 : 0
        var sent: [SentReading] = []
        var silent = 0
        var zeros = 0
        for hour in 1...(Self.days * 24) {
            register += Int64(hour % 24 > 17 ? 900 : 150) + Int64(random.next() % 100)
            if silent == 0, random.next() % 40 == 0 { silent = 1 + Int(random.next() % 50) }
            if silent > 0 {
                silent -= 1
                continue
            }
            if isZeroing, hour > 5, zeros == 0, random.next() % 30 == 0 {
                zeros = 1 + Int(random.next() % 20)
            } else if zeros > 0 {
                zeros -= 1
            }
            sent.append(
                SentReading(
                    at: start.adding(seconds: Int64(hour) * 3_600),
                    sequence: Int64(hour),
                    wattHours: zeros > 0 ? 0 : register
                )
            )
        }
        return sent
    }

    @Test(
        arguments: 1...5 as ClosedRange<UInt64>,
        [false, true]
    )
    func `days made night by night are those made again from any day on`(
        seed: UInt64,
        zeros: Bool
    ) async throws {
        let first = OfficeZone.india.date(of: TestOffice.noon).adding(days: -Self.days)
        let start = OfficeZone.india.start(of: first)
        let office = try await TestOffice.make(at: start.adding(seconds: 3_600))
        _ = try await office.useCases.setMetering(
            SetMetering.Input(readingIntervalSeconds: 3_600),
            by: office.manager
        )
        let (_, meter) = try await office.connect(
            "window-\(seed)",
            on: first.description,
            openingRegisterWattHours: zeros ? 7_000_000 : 0
        )
        let readings = hours(from: start, seed: seed, zeros: zeros)
        try await office.storing {
            for day in 0..<Self.days {
                let end = start.adding(seconds: Int64(day + 1) * 86_400)
                office.clock.now = end.adding(seconds: 7_200)
                try await office.send(
                    readings.filter { $0.at <= end && $0.at > end.adding(seconds: -86_400) },
                    of: meter.meter
                )
                try await office.useCases.rollUpDays(office: try await office.current())
            }
        }
        let methods = try await office.store.withTenant(office.office.id) { transaction in
            Set(
                try transaction.blocks(of: meter.meter.id, from: first, to: first.adding(days: 60))
                    .flatMap { $0.qualities.compactMap(\.method) }
            )
        }
        #expect(methods.contains(.likeDays), "\(methods)")
        for back in [2, 3, 5, 8, 13, 20, 33] {
            let report = try await office.useCases.rebuildDays(
                from: office.office.zone.date(of: office.clock.now).adding(days: -back),
                onlyCompares: true,
                by: office.manager
            )
            #expect(report.differing.isEmpty, "\(back) days back: \(report)")
        }
    }

    @Test func `registers that people read in a silence leave the days with the machine`()
        async throws
    {
        let first = OfficeZone.india.date(of: TestOffice.noon).adding(days: -60)
        let start = OfficeZone.india.start(of: first)
        let office = try await TestOffice.make(at: start.adding(seconds: 3_600))
        let (_, registered) = try await office.connect("silence", on: first.description)
        let meter = registered.meter
        @Sendable func night(after days: Int) async throws {
            office.clock.now = start.adding(seconds: Int64(days) * 86_400 + 7_200)
            try await office.useCases.rollUpDays(office: office.office)
        }
        let quarters = (1...192).map { (quarter: Int64) in
            SentReading(
                at: start.adding(seconds: quarter * 900),
                sequence: quarter,
                wattHours: quarter * 100
            )
        }
        try await office.storing {
            office.clock.now = start.adding(seconds: 3 * 86_400)
            for part in stride(from: 0, to: quarters.count, by: 48) {
                try await office.report(Array(quarters[part..<part + 48]), of: meter)
            }
            try await night(after: 3)
        }
        // The modem is silent; people read on three days, ten days apart.
        for day in [12, 22, 32] {
            let at = start.adding(seconds: Int64(day) * 86_400 - 43_200)
            office.clock.now = at.adding(seconds: 3_600)
            _ = try await office.useCases.importReadings(
                [
                    ReadingImportRow(
                        line: 2,
                        meter: meter.serial,
                        value: .register(
                            at,
                            Energy(wattHours: Int64(day) * 9_600),
                            isEstimated: false
                        )
                    )
                ],
                options: ImportReadings.Options(),
                by: office.manager
            )
            try await night(after: day + 1)
        }
        for back in [2, 12, 25, 32] {
            let report = try await office.useCases.rebuildDays(
                from: office.office.zone.date(of: office.clock.now).adding(days: -back),
                onlyCompares: true,
                by: office.manager
            )
            #expect(report.differing.isEmpty, "\(back) days back: \(report)")
        }
    }

    /// A day of hours with 3 kWh in the evening.
    private func evening(_ day: CivilDate, register: Int64, sequence: Int64) -> [SentReading] {
        let start = OfficeZone.india.start(of: day)
        return (1...24).map { (hour: Int64) in
            let used = max(0, hour - 18) * 500
            return SentReading(
                at: start.adding(seconds: hour * 3_600),
                sequence: sequence + hour,
                wattHours: register + used,
                milliwatts: used > 0 ? 500_000 : 0
            )
        }
    }

    @Test func `a gap without like days of its own takes the shape of its peers, once for ever`()
        async throws
    {
        // Five services report all of October; in December a sixth begins and falls silent.
        let october = try #require(CivilDate("2026-10-01"))
        let start = OfficeZone.india.start(of: october)
        let office = try await TestOffice.make(at: start)
        _ = try await office.useCases.setMetering(
            SetMetering.Input(readingIntervalSeconds: 3_600),
            by: office.manager
        )
        let current = try await office.current()
        let peers = try await withThrowingTaskGroup(of: Meter.self) { group in
            for number in 1...5 {
                group.addTask {
                    try await office.connect("peer-\(number)", on: october.description).meter.meter
                }
            }
            return try await group.reduce(into: [Meter]()) { $0.append($1) }
        }
        try await office.storing {
            for meter in peers {
                for day in 0..<2 {
                    office.clock.now = start.adding(seconds: Int64(day + 1) * 86_400 + 7_200)
                    try await office.send(
                        evening(
                            october.adding(days: day),
                            register: Int64(day) * 3_000,
                            sequence: Int64(day) * 24
                        ),
                        of: meter
                    )
                }
            }
            office.clock.now = OfficeZone.india.start(of: october.adding(days: 32))
            try await office.send(
                [SentReading(at: office.clock.now, sequence: 100, wattHours: 90_000)],
                of: peers[0]
            )
            office.clock.now = OfficeZone.india.start(of: october.adding(days: 33))
                .adding(seconds: 7_200)
            try await office.useCases.rollUpDays(office: current)

            let december = try #require(CivilDate("2026-12-01"))
            office.clock.now = OfficeZone.india.start(of: december)
            let (_, meter) = try await office.connect("new", on: december.description)
            office.clock.now = OfficeZone.india.start(of: december.adding(days: 3))
                .adding(seconds: 7_200)
            let heard = evening(december.adding(days: 2), register: 6_000, sequence: 48)
            try await office.send(heard, of: meter.meter)
            try await office.useCases.rollUpDays(office: current)
            let curve = try await office.store.withTenant(office.office.id) { transaction in
                try transaction.blocks(of: meter.meter.id, from: december, to: december)
            }
            let day = try #require(curve.first)
            #expect(day.qualities[50].method == .peers, "\(day.qualities[50].word)")
            #expect(day.energies[12] == 0 && day.energies[80] > 90, "\(day.energies)")
            let report = try await office.useCases.rebuildDays(
                from: december,
                onlyCompares: true,
                by: office.manager
            )
            #expect(report.differing.isEmpty && report.days > 2, "\(report)")
        }
    }
}

extension TestOffice {
    /// The office with its settings as they are now.
    fileprivate func current() async throws -> Office {
        try await FindOffices(store: store)(office.id)
    }
}
