import Metering
import Registry
import Store
import Units

/// The days of one office up to yesterday, being made.
struct DayMaking: Sendable {
    let office: Office
    let yesterday: CivilDate
    let maker: DayMaker
    /// Readings that are in memory at once, but for a single meter that has more.
    var readingsAtOnce = Limits.readingsPerDayMaking
    /// A meter with more readings in its window is not made.
    var readingsOfMeter = Store.readingsOfMeterMaximum
    private let grid: BlockGrid
    private let rules: ValidationRules

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
        self.grid = grid
        self.rules = rules
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
        let plans = try plans([(meter, day)], last: last, transaction)
        guard let window = try windows(of: plans, transaction).first?.reporting(in: office.zone)
        else { return nil }
        return try withSources(window, transaction)
    }

    /// The window with what its gaps are estimated from; to be asked again when its edits change.
    func withSources(
        _ window: MeterWindow,
        _ transaction: TenantTransaction
    ) throws -> MeterWindow {
        var drafts = [maker.draft(of: window)]
        try addSources(to: &drafts, transaction)
        return drafts[0].window
    }

    /// Puts the days of a window in place of what stands there.
    func keep(_ window: MeterWindow, in transaction: TenantTransaction) throws {
        try transaction.replace([(window.stretch, maker.days(of: window))])
    }

    // MARK: Windows

    /// The days to be made: from two before the first dirty one, the silence before it and what was
    /// undecided included, up to the last.
    private func stretches(
        _ meters: [(meter: Meter.ID, first: CivilDate)],
        last: CivilDate,
        kept: CivilDate?,
        _ transaction: TenantTransaction
    ) throws -> [DayStretch] {
        let early = meters.map { meter, first in
            DayStretch(
                meter: meter,
                first: first.adding(days: -Limits.daysBeforeDirty),
                last: last
            )
        }
        return try zip(early, transaction.contexts(of: early)).map { stretch, context in
            var stretch = stretch
            // Zeros that recover on an undecided day may have begun on the day before it; whether a
            // silence was an outage goes by the one after it too.
            let before = [
                context.readBeforeLast ?? context.lastRead,
                context.firstPending?.adding(days: -1),
            ].compactMap(\.self)
            stretch.first = min(stretch.first, before.min() ?? stretch.first)
            // Days whose readings are in the archive stay as they were made.
            if let kept { stretch.first = max(stretch.first, kept) }
            return stretch
        }.filter { $0.first <= $0.last }
    }

    /// A window whose readings are still to be read.
    struct Plan {
        var window: MeterWindow
        /// Readings after the one and up to the other.
        var after: Instant
        var end: Instant
    }

    /// What is known of the meters' windows before their readings are read.
    func plans(
        _ meters: [(meter: Meter.ID, first: CivilDate)],
        last: CivilDate,
        _ transaction: TenantTransaction
    ) throws -> [Plan] {
        let kept = try firstDayWithReadings(transaction)
        let stretches = try stretches(meters, last: last, kept: kept, transaction)
        // The last day read before leads in: a gap that ends in the first day began there.
        let leads = try zip(stretches, transaction.contexts(of: stretches)).map {
            stretch,
            context in
            var lead = stretch
            lead.first = min(
                max(context.lastRead ?? lead.first, kept ?? context.lastRead ?? lead.first),
                lead.first
            )
            return lead
        }
        let states = try zip(leads, transaction.contexts(of: leads)).map { lead, context in
            // What stood between the state and here is in the archive: its last register is known.
            guard let kept, let read = context.lastRead, read < kept,
                let register = context.lastRegister,
                context.state.map({ $0.last.at < register.at }) ?? true
            else { return context.state }
            return RegisterState(opening: register)
        }
        let history = try history(of: stretches, transaction)
        let places = try transaction.places(of: stretches.map(\.meter))
        let end = office.zone.start(of: last.adding(days: 1 + Limits.daysAfterClosed))
        let starts = zip(leads, states).map { lead, state in
            // Without a state the register begins where the meter was hung.
            let hung = places[lead.meter]?.places.first?.installedAt
            let start = office.zone.start(of: lead.first)
            return min(state?.last.at ?? hung ?? start, start)
        }
        let reports = try transaction.firstReports(of: leads.map(\.meter))
        let edits = try transaction.edits(
            of: zip(leads, starts).map { ($0.meter, office.zone.meteringDay(of: $1)) }
        )
        return leads.indices.compactMap { index in
            places[leads[index].meter].map { known in
                Plan(
                    window: MeterWindow(
                        meter: known.meter,
                        days: leads[index].first...leads[index].last,
                        firstMade: stretches[index].first,
                        firstReport: reports[leads[index].meter],
                        places: known.places,
                        samples: [],
                        state: states[index],
                        history: history[index],
                        edits: edits[index]
                    ),
                    after: starts[index],
                    end: end
                )
            }
        }
    }

    /// The windows with their readings.
    func windows(of plans: [Plan], _ transaction: TenantTransaction) throws -> [MeterWindow] {
        let samples = try transaction.samples(
            of: plans.map { ($0.window.meter.id, $0.after, $0.end) }
        )
        let clocks = try clocks(of: plans.map(\.window), transaction)
        return zip(plans, samples).map { plan, samples in
            var window = plan.window
            window.samples = samples
            window.clocks = clocks[window.meter.id] ?? []
            return window
        }
    }

    private func clocks(
        of windows: [MeterWindow],
        _ transaction: TenantTransaction
    ) throws -> [Meter.ID: [ClockWindow]] {
        guard let first = windows.map(\.firstMade).min(),
            let last = windows.map(\.days.upperBound).max()
        else { return [:] }
        let days = ClockWindow.days(until: office.zone.start(of: first)).lowerBound
        return try transaction.clocks(
            of: windows.map(\.meter.id),
            receivedOn: days...last.adding(days: 1)
        )
    }

    /// The days before each stretch that its days are compared with: the last weeks, and the same
    /// weeks of the year before.
    private func history(
        of stretches: [DayStretch],
        _ transaction: TenantTransaction
    ) throws -> [[DayRollup]] {
        let back = max(Limits.historyDays, Int(rules.zeroDays) + 30)
        let recent = stretches.map {
            DayStretch(
                meter: $0.meter,
                first: $0.first.adding(days: -back),
                last: $0.first.adding(days: -1)
            )
        }
        let season = zip(stretches, recent).map { stretch, recent in
            DayStretch(
                meter: stretch.meter,
                first: stretch.first.adding(days: -364 - Limits.seasonDays),
                last: min(
                    stretch.last.adding(days: -364 + Limits.seasonDays),
                    recent.first.adding(days: -1)
                )
            )
        }
        return try zip(transaction.history(of: season), transaction.history(of: recent)).map {
            $0 + $1
        }
    }

    /// Adds what the gaps of each draft are estimated from, read only where there are such gaps.
    func addSources(
        to drafts: inout [DayMaker.Draft],
        _ transaction: TenantTransaction
    ) throws {
        let wanted = drafts.indices.compactMap { index in
            let days = drafts[index].daysToEstimate
            return days.first.map { (index: index, first: $0, days: Set(days)) }
        }
        guard !wanted.isEmpty else { return }
        let stretches = wanted.flatMap { [drafts] index, first, days -> [DayStretch] in
            let meter = drafts[index].window.meter.id
            let before = drafts[index].window.firstMade.adding(days: -1)
            let year = first.adding(days: -364)
            let recent = first.adding(days: -Metering.Limits.likeDaysBack)
            let end = (days.max() ?? first).adding(days: -364 + Metering.Limits.lastYearDays)
            return [
                DayStretch(
                    meter: meter,
                    first: year.adding(days: -Metering.Limits.lastYearDays),
                    last: min(end, before, recent.adding(days: -1))
                ),
                DayStretch(meter: meter, first: recent, last: before),
            ]
        }
        let curves = try transaction.curves(of: stretches)
        let families = try transaction.tariffFamilies(
            of: wanted.map { drafts[$0.index].window.meter.id }
        )
        let months = Set(wanted.flatMap { $0.days.map(\.month) })
        let profiles = try transaction.peerProfiles(
            families: Set(families.values).sorted(),
            months: months.map { $0.adding(months: -Limits.peerMonthsBack) }.sorted(),
            blockMinutes: grid.blockMinutes
        )
        let edits = try transaction.edits(
            of: (0..<wanted.count).map { (stretches[$0 * 2].meter, stretches[$0 * 2].first) }
        )
        for (place, want) in wanted.enumerated() {
            var sources = EstimationSources()
            sources.editedDays = Set(edits[place].keys)
                .union(drafts[want.index].window.edits.keys)
            sources.history = (curves[place * 2] + curves[place * 2 + 1]).map { BlockDay($0) }
            let family = families[drafts[want.index].window.meter.id] ?? ""
            for (month, profile) in profiles[family] ?? [:] {
                sources.peers[month.adding(months: Limits.peerMonthsBack)] = profile
            }
            drafts[want.index].window.sources = sources
        }
    }
}
