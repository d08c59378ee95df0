import Metering
import Registry
import Store
import Units

/// The days of one office up to yesterday, being made.
struct DayMaking: Sendable {
    let office: Office
    let yesterday: CivilDate
    let maker: DayMaker

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

    /// Up to the last day that is closed by now.
    init(office: Office, now: Instant) throws {
        let settled = now.adding(seconds: -Limits.dayClosingGraceSeconds)
        try self.init(office: office, today: office.zone.date(of: settled))
    }

    /// The first day of which no reading is in the archive; nil when there is no archive.
    private func firstDayWithReadings(_ transaction: TenantTransaction) throws -> CivilDate? {
        guard let month = try transaction.lastArchivedMonth()?.adding(months: 1) else { return nil }
        let utc = OfficeZone(name: "UTC", offsetSeconds: 0)
        let start = utc.start(of: month.first)
        let day = office.zone.date(of: start)
        return office.zone.start(of: day) >= start ? day : day.adding(days: 1)
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
            last: yesterday,
            transaction
        )
        var replaced: [(stretch: DayStretch, made: [MadeDay])] = []
        var byHand: [MeterDayKey] = []
        let dirty = Dictionary(uniqueKeysWithValues: meters.map { ($0.meter, $0.days) })
        for window in windows {
            let meter = window.meter.id
            let reporting = window.reporting(in: office.zone)
            byHand += (dirty[meter] ?? []).filter { day in
                reporting.map { day < $0.days.lowerBound } ?? true
            }.map { MeterDayKey(meter: meter, day: $0) }
            guard let reporting else { continue }
            replaced.append((stretch(of: reporting), maker.days(of: reporting)))
        }
        try transaction.replace(replaced)
        try transaction.rebuild(byHand, zone: office.zone)
    }

    private func stretch(of window: MeterWindow) -> DayStretch {
        DayStretch(
            meter: window.meter.id,
            first: window.days.lowerBound,
            last: window.days.upperBound
        )
    }

    // MARK: One day

    /// Whether a day's readings are in the archive: it stays as it was made.
    func isArchived(_ day: CivilDate, in transaction: TenantTransaction) throws -> Bool {
        try firstDayWithReadings(transaction).map { day < $0 } ?? false
    }

    /// What a meter's days around a day are made from; nil where it does not report by itself there.
    ///
    /// `through`: days after it, at most to yesterday; nil is all of them, as when days are made.
    func window(
        of meter: Meter.ID,
        around day: CivilDate,
        through: Int? = nil,
        in transaction: TenantTransaction
    ) throws -> MeterWindow? {
        let last = through.map { min(yesterday, day.adding(days: $0)) } ?? yesterday
        return try windows([(meter, day)], last: last, transaction).first?
            .reporting(in: office.zone)
    }

    /// Puts the days of a window in place of what stands there.
    func keep(_ window: MeterWindow, in transaction: TenantTransaction) throws {
        try transaction.replace([(stretch(of: window), maker.days(of: window))])
    }

    /// From two days before the first dirty one, the silence before it included, up to the last.
    private func windows(
        _ meters: [(meter: Meter.ID, first: CivilDate)],
        last: CivilDate,
        _ transaction: TenantTransaction
    ) throws -> [MeterWindow] {
        let early = meters.map { meter, first in
            DayStretch(
                meter: meter,
                first: first.adding(days: -Limits.daysBeforeDirty),
                last: last
            )
        }
        let kept = try firstDayWithReadings(transaction)
        let stretches = try zip(early, transaction.contexts(of: early, historyDays: 0)).map {
            stretch,
            context in
            var stretch = stretch
            if let read = context.lastRead, read < stretch.first { stretch.first = read }
            // Days whose readings are in the archive stay as they were made.
            if let kept { stretch.first = max(stretch.first, kept) }
            return stretch
        }.filter { $0.first <= $0.last }
        let contexts = try transaction.contexts(
            of: stretches,
            historyDays: Limits.historyDays
        )
        let places = try transaction.places(of: stretches.map(\.meter))
        let end = office.zone.start(of: last.adding(days: 1 + Limits.daysAfterClosed))
        let starts = zip(stretches, contexts).map { stretch, context in
            // Without a state the register begins where the meter was hung.
            let hung = places[stretch.meter]?.places.first?.installedAt
            let start = office.zone.start(of: stretch.first)
            return min(context.state?.last.at ?? hung ?? start, start)
        }
        let samples = try transaction.samples(
            of: zip(stretches, starts).map { ($0.meter, $1, end) }
        )
        let edits = try transaction.edits(
            of: zip(stretches, starts).map { ($0.meter, office.zone.meteringDay(of: $1)) }
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
                    historyBlocks: [],
                    edits: edits[index]
                )
            )
        }
        return windows
    }
}
