import Metering
import Registry
import Store
import Units

/// The days of one office up to yesterday, being made.
struct DayMaking: Sendable {
    let office: Office
    let yesterday: CivilDate
    private let maker: DayMaker

    init(office: Office, today: CivilDate) throws {
        self.office = office
        yesterday = today.adding(days: -1)
        let (rules, _) = ValidationRules.reading(office.metering.validationRules)
        guard
            let grid = BlockGrid(
                zone: office.zone,
                blockMinutes: office.metering.blockMinutes
            )
        else { throw InvalidInput("blockMinutes", "invalid", "5 to 60, dividing the day") }
        maker = DayMaker(
            grid: grid,
            rules: rules,
            intervalSeconds: Int64(office.metering.readingIntervalSeconds)
        )
    }

    /// Makes the days that these marks touch, some meters at a time.
    func make(_ dirty: [MeterDayKey], in transaction: TenantTransaction) throws {
        let byMeter = Dictionary(grouping: dirty, by: \.meter)
        let meters = byMeter.keys.sorted()
        var start = 0
        while start < meters.count {
            let end = min(start + Limits.metersPerDayMaking, meters.count)
            try make(
                meters[start..<end].map { ($0, (byMeter[$0] ?? []).map(\.day)) },
                in: transaction
            )
            start = end
        }
    }

    private func make(
        _ meters: [(meter: Meter.ID, days: [CivilDate])],
        in transaction: TenantTransaction
    ) throws {
        let windows = try windows(
            meters.map { ($0.meter, $0.days.min() ?? yesterday) },
            transaction
        )
        var replaced: [(stretch: DayStretch, made: [MadeDay])] = []
        var byHand: [MeterDayKey] = []
        for (window, own) in zip(windows, meters) {
            guard window.isInterval else {
                byHand += own.days.map { MeterDayKey(meter: own.meter, day: $0) }
                continue
            }
            let stretch = DayStretch(
                meter: own.meter,
                first: window.days.lowerBound,
                last: window.days.upperBound
            )
            replaced.append((stretch, maker.days(of: window)))
        }
        try transaction.replace(replaced)
        try transaction.rebuild(byHand, zone: office.zone)
    }

    /// From two days before the first dirty one, the silence before it included, up to yesterday.
    private func windows(
        _ meters: [(meter: Meter.ID, first: CivilDate)],
        _ transaction: TenantTransaction
    ) throws -> [MeterWindow] {
        let early = meters.map { meter, first in
            DayStretch(
                meter: meter,
                first: first.adding(days: -Limits.daysBeforeDirty),
                last: yesterday
            )
        }
        let stretches = try zip(early, transaction.contexts(of: early, historyDays: 0)).map {
            stretch,
            context in
            var stretch = stretch
            if let read = context.lastRead, read < stretch.first { stretch.first = read }
            return stretch
        }
        let contexts = try transaction.contexts(
            of: stretches,
            historyDays: Limits.historyDays
        )
        let places = try transaction.places(of: stretches.map(\.meter))
        let end = office.zone.start(of: yesterday.adding(days: 1 + Limits.daysAfterClosed))
        let samples = try transaction.samples(
            of: zip(stretches, contexts).map { stretch, context in
                // Without a state the register begins where the meter was hung.
                let hung = places[stretch.meter]?.places.first?.installedAt
                let start = office.zone.start(of: stretch.first)
                return (stretch.meter, min(context.state?.last.at ?? hung ?? start, start), end)
            }
        )
        var windows: [MeterWindow] = []
        for (index, stretch) in stretches.enumerated() {
            guard let known = places[stretch.meter] else { continue }
            windows.append(
                MeterWindow(
                    meter: known.meter,
                    days: stretch.first...stretch.last,
                    places: known.places,
                    samples: samples[index],
                    state: contexts[index].state,
                    history: contexts[index].history,
                    historyBlocks: []
                )
            )
        }
        return windows
    }
}
