import Billing
import Forecasting
package import Registry
package import Store
import Tariffs
package import Units

/// Forecasts every service of an office from its days up to one evening, and scores older forecasts.
///
/// A night is cut into parts of some hundred services; each is a transaction, claimed by whoever is
/// free, so several processes may work on one night and a night that was killed goes on where it
/// stopped. Forecasts rest on what the fleet had taught by the night before, so no part waits for
/// another; what tonight's services say is merged at the end. A night that is finished is not done
/// again.
package struct RunForecasts: Sendable {
    /// The name under which families beyond the largest are peers.
    static let otherFamilies = ""

    let store: Store
    let clock: WallClock
    let servicesPerPart: Int

    package init(
        store: Store,
        clock: WallClock,
        servicesPerPart: Int = Limits.servicesPerForecastPart
    ) {
        self.store = store
        self.clock = clock
        self.servicesPerPart = servicesPerPart
    }

    /// Runs a night of the office, or goes on with it; a finished one is returned as it is.
    ///
    /// `origin`: the last day that counts, at most yesterday and after every night before; of an
    /// older day the readings count as they are known now. Without one it is yesterday, after the nights
    /// that were missed. `progress`: told how many parts of it are done, and of how many; what it throws
    /// stops the night, to be gone on with.
    package func callAsFunction(
        origin: CivilDate? = nil,
        by caller: Caller,
        progress: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
    ) async throws -> ForecastRun {
        try caller.require(.manager, .engineer)
        let office = try await FindOffices(store: store)(caller.office)
        let yesterday = office.zone.date(
            of: clock.now().adding(seconds: -Limits.dayClosingGraceSeconds)
        ).adding(days: -1)
        let night = origin ?? yesterday
        guard night <= yesterday else {
            throw InvalidInput(
                "origin",
                "out_of_range",
                "\(night) is not over; the last day that is known to its end is \(yesterday)"
            )
        }
        if origin == nil {
            for missed in try await openNights(of: office, through: night).dropLast() {
                _ = try await self(origin: missed, by: caller)
            }
        }
        let standing = try await store.withTenant(office.id, readOnly: true) {
            try $0.forecastRun(night)
        }
        if let standing, standing.finishedAt != nil { return standing }
        try await RollUpDays(store: store, clock: clock)(office: office)
        let run = try await open(night, office: office)
        let round = try await round(run, office: office)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Limits.forecastWorkers {
                group.addTask { try await workThrough(round, progress: progress) }
            }
            try await group.waitForAll()
        }
        return try await finish(round)
    }

    /// Runs the nights that are over for every office where they were not yet done; what was done, by
    /// the offices' codes.
    package func all() async throws -> [(office: String, run: ForecastRun)] {
        var done: [(String, ForecastRun)] = []
        var failure: (any Error)?
        for office in try await FindOffices(store: store).all() {
            do {
                for run in try await due(office) { done.append((office.code, run)) }
            } catch {
                if error is CancellationError || error is StoreUnavailable { throw error }
                // One office's failure is told after the others had their night.
                failure = error
            }
        }
        if let failure { throw failure }
        return done
    }

    /// Runs the nights that are over and were not done, the oldest first: a while after midnight, so
    /// that the last readings of the day are in.
    package func due(_ office: Office) async throws -> [ForecastRun] {
        let night = office.zone.date(
            of: clock.now().adding(seconds: -Limits.forecastPauseSeconds)
        ).adding(days: -1)
        var done: [ForecastRun] = []
        for origin in try await openNights(of: office, through: night) {
            done.append(try await self(origin: origin, by: .operatorOfMachine(office.id)))
        }
        return done
    }

    /// Nights up to one that were not done, the oldest first; empty when that one was.
    ///
    /// Nights that were missed since the last one, at most `Limits.forecastNightsMadeUp` with it, are
    /// made up for, each from the days up to its own origin: the record of how forecasts went has no
    /// hole. A night that was begun and given up by a later one stays as it is.
    private func openNights(of office: Office, through night: CivilDate) async throws -> [CivilDate]
    {
        let (last, begun) = try await store.withTenant(office.id, readOnly: true) {
            (
                try $0.lastForecastRun(finished: true)?.origin,
                try $0.lastForecastRun(finished: false)?.origin
            )
        }
        var next = max(
            last?.adding(days: 1) ?? night,
            night.adding(days: 1 - Limits.forecastNightsMadeUp)
        )
        if let begun, begun > last ?? begun.adding(days: -1) { next = max(next, begun) }
        return (0..<max(0, night.days(since: next) + 1)).map { next.adding(days: $0) }
    }

    // MARK: Opening

    private func open(_ night: CivilDate, office: Office) async throws -> ForecastRun {
        let (now, servicesPerPart) = (clock.now(), servicesPerPart)
        return try await store.withTenant(office.id) { transaction in
            // One at a time decides, so that two that begin at once share one night.
            try transaction.lockForecasts()
            if let found = try transaction.forecastRun(night) { return found }
            if let last = try transaction.lastForecastRun(finished: false), last.origin > night {
                throw InvalidInput(
                    "origin",
                    "out_of_range",
                    "the night of \(last.origin) was forecast already; forecasts go forward only"
                )
            }
            let previous = try transaction.lastForecastRun(finished: true)?.origin
            // What a fleet used weeks ago was used in another season: it begins anew.
            let fleet = previous.flatMap {
                night.days(since: $0) > Forecasting.Limits.fleetNights ? nil : $0
            }
            let run = ForecastRun(
                origin: night,
                previous: previous,
                stateOrigin: fleet ?? night.adding(days: -1),
                startedAt: now
            )
            let settings = try NightSettings(in: transaction)
            try transaction.open(
                run,
                settings: try jsonText(settings),
                servicesPerPart: servicesPerPart
            )
            if fleet == nil { try beginFleet(run, office, settings, in: transaction) }
            return run
        }
    }

    /// On the first night, and after a week without one, some parts say what the night before would
    /// have left; errors that were counted before go on to count.
    private func beginFleet(
        _ run: ForecastRun,
        _ office: Office,
        _ settings: NightSettings,
        in transaction: TenantTransaction
    ) throws {
        let round = ForecastRound(
            office: settings.applied(to: office),
            run: run,
            groups: [],
            families: settings.families,
            states: [:],
            pastStates: [:]
        )
        var sum = ForecastPartResult()
        for part in try transaction.forecastPartSample(
            of: run.origin,
            count: Limits.forecastSampleParts
        ) {
            sum.merge(try round.summarise(part, in: transaction))
        }
        let books = try transaction.scoreBooks()
        var states: [String: String] = [:]
        for (name, family) in sum.families {
            let book: ScoreBook = try books[name].map { try jsonValue($0) } ?? ScoreBook()
            states[name] = try jsonText(FleetState(family.summary, scores: book))
        }
        try transaction.keep(fleetStates: states, of: run.stateOrigin)
    }

    private func round(_ run: ForecastRun, office: Office) async throws -> ForecastRound {
        try await store.withTenant(office.id, readOnly: true) { transaction in
            let settings = try transaction.settings(of: run)
            let office = settings.applied(to: office)
            let groups = settings.groups
            let nights = ForecastNights(run, office: office, groups: groups)
            var pastStates: [CivilDate: [String: FleetState]] = [:]
            for past in try transaction.forecastRuns(nights.dueSpans.map(\.origin)) {
                pastStates[past.origin] = try transaction.decodedStates(of: past.stateOrigin)
            }
            let pricesBills = nights.dueSpans.contains { $0.kind == .cycle }
            return ForecastRound(
                office: office,
                run: run,
                groups: groups,
                families: settings.families,
                states: try transaction.decodedStates(of: run.stateOrigin),
                pastStates: pastStates,
                pricing: pricesBills ? try transaction.billForecaster() : nil
            )
        }
    }

    // MARK: Working

    /// Part after part until none is left; what other processes have claimed is waited for, and taken
    /// over when they die.
    private func workThrough(
        _ round: ForecastRound,
        progress: @escaping @Sendable (Int, Int) throws -> Void
    ) async throws {
        let (office, origin, clock) = (round.office.id, round.run.origin, clock)
        while true {
            try Task.checkCancellation()
            let isDone = try await store.withTenant(office) { transaction -> Bool in
                guard let part = try transaction.claimForecastPart(of: origin) else {
                    return false
                }
                let result = try round.work(on: part, in: transaction)
                try transaction.finish(
                    part,
                    of: origin,
                    result: try result.text(),
                    at: clock.now()
                )
                return true
            }
            let parts = try await store.withTenant(office, readOnly: true) {
                try $0.forecastPartsLeft(of: origin)
            }
            if isDone {
                try progress(parts.all - parts.left, parts.all)
            } else if parts.left == 0 {
                return
            } else {
                // Another worker has the rest; should it die, its parts are free again.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    // MARK: Finishing

    private func finish(_ round: ForecastRound) async throws -> ForecastRun {
        let (run, now) = (round.run, clock.now())
        return try await store.withTenant(round.office.id) { transaction in
            try transaction.lockForecasts()
            guard let standing = try transaction.forecastRun(run.origin) else {
                throw NotFound("night of \(run.origin)")
            }
            // Another process has finished it.
            if standing.finishedAt != nil { return standing }
            if let last = try transaction.lastForecastRun(finished: false),
                last.origin > run.origin
            {
                throw StateConflict(
                    "night_given_up",
                    "the night of \(last.origin) began before that of \(run.origin) was finished"
                )
            }
            var sum = ForecastPartResult()
            var part: Int32 = -1
            while true {
                let results = try transaction.forecastResults(
                    of: run.origin,
                    after: part,
                    limit: Limits.forecastResultsPerRead
                )
                for entry in results { sum.merge(try ForecastPartResult(text: entry.result)) }
                guard let last = results.last?.part else { break }
                part = last
            }
            try keep(sum, of: round, in: transaction)
            try transaction.mergeForecastSums(of: run.origin)
            try transaction.finishForecastRun(run.origin, forecasts: sum.forecasts, at: now)
            guard let finished = try transaction.forecastRun(run.origin) else {
                throw NotFound("night of \(run.origin)")
            }
            return finished
        }
    }

    /// What tonight has taught, for the nights to come.
    private func keep(
        _ sum: ForecastPartResult,
        of round: ForecastRound,
        in transaction: TenantTransaction
    ) throws {
        let standing = try transaction.scoreBooks()
        var (books, states): ([String: String], [String: String]) = ([:], [:])
        for (name, family) in sum.families {
            var book: ScoreBook = try standing[name].map { try jsonValue($0) } ?? ScoreBook()
            book.append(family.scores)
            books[name] = try jsonText(book)
            states[name] = try jsonText(FleetState(family.summary, scores: book))
        }
        try transaction.keep(scoreBooks: books)
        try transaction.keep(fleetStates: states, of: round.run.origin)
        try transaction.keep(
            sum.spans.compactMap { span in
                ForecastScore(sums: span.sums).map {
                    ScoredSpan(kind: span.kind, first: span.first, last: span.last, score: $0)
                }
            }
        )
        try transaction.forgetFleet(before: round.nights.recent, kept: round.nights.kept)
    }
}

extension TenantTransaction {
    /// Prices coming bills by the office's tariffs as they are published now.
    func billForecaster() throws -> BillForecaster {
        BillForecaster(
            shelf: try TariffShelf(
                try tariffs(),
                parameters: try ParameterWindowRow.series(parameterWindows())
            )
        )
    }

    /// The settings that a night began with; those of now where none were kept.
    fileprivate func settings(of run: ForecastRun) throws -> NightSettings {
        try forecastSettings(of: run.origin).map { try jsonValue($0) }
            ?? NightSettings(in: self)
    }

    /// States of the fleet after a night, by tariff family.
    func decodedStates(of origin: CivilDate) throws -> [String: FleetState] {
        try fleetStates(of: origin).mapValues { try jsonValue($0) }
    }
}
