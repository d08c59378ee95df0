package import Units

/// One hanging of a meter at a service, with what that service may draw.
package struct MeterPlace: Hashable, Sendable {
    package var installedAt: Instant
    package var openingRegister: Energy
    package var removedAt: Instant?
    package var closingRegister: Energy?
    package var sanctionedLoadWatts: Int

    package init(
        installedAt: Instant,
        openingRegister: Energy,
        removedAt: Instant? = nil,
        closingRegister: Energy? = nil,
        sanctionedLoadWatts: Int
    ) {
        self.installedAt = installedAt
        self.openingRegister = openingRegister
        self.removedAt = removedAt
        self.closingRegister = closingRegister
        self.sanctionedLoadWatts = sanctionedLoadWatts
    }
}

/// One stored reading as day making sees it.
package struct MeterSample: Hashable, Sendable {
    package var main: RegisterSample
    package var dev1WattHours: Int64?
    package var dev2WattHours: Int64?

    package init(main: RegisterSample, dev1WattHours: Int64? = nil, dev2WattHours: Int64? = nil) {
        self.main = main
        self.dev1WattHours = dev1WattHours
        self.dev2WattHours = dev2WattHours
    }
}

/// A closed day of a meter: what is kept of it, and what the office's rules found.
package struct MadeDay: Hashable, Sendable {
    package var blocks: BlockDay
    package var rollup: DayRollup
    package var exceptions: [ReadingException]
    /// The registers of the sub-circuits at the day's last reading that has them.
    package var dev1Last: Int64?
    package var dev2Last: Int64?
    /// The register machine's settled state at the day's end; on the first day with a reading only,
    /// where the next night's computation begins.
    package var state: RegisterState?
}

/// Consecutive closed days of one meter with everything they are made from.
///
/// Pure: the same readings make the same days, to the byte, in whatever order they arrived.
package struct MeterWindow: Sendable {
    package var meter: Meter
    package var days: ClosedRange<CivilDate>
    /// The first day that comes out; those before lead in, so that a gap over midnight is seen whole.
    package var firstMade: CivilDate
    /// When the meter first reported by itself, ever; nil while it never did.
    package var firstReport: Instant?
    /// In order of time.
    package var places: [MeterPlace]
    /// Readings after the state (or all there are), in any order, those of some days after the window
    /// included: what follows decides about a doubtful end.
    package var samples: [MeterSample]
    /// Settled, from before the window; nil begins with the installation's opening register.
    package var state: RegisterState?
    /// Days before the first that comes out, in any order.
    package var history: [DayRollup]
    /// What gaps are estimated from, besides the days of the window itself.
    package var sources = EstimationSources()
    /// How the meter's clock stood by what came on these days and the four before.
    package var clocks: [ClockWindow] = []
    /// What people decided, of every day that has a reading among the samples.
    package var edits: [CivilDate: [DayEdit]]

    package init(
        meter: Meter,
        days: ClosedRange<CivilDate>,
        firstMade: CivilDate? = nil,
        firstReport: Instant? = nil,
        places: [MeterPlace],
        samples: [MeterSample],
        state: RegisterState?,
        history: [DayRollup] = [],
        edits: [CivilDate: [DayEdit]] = [:]
    ) {
        self.edits = edits
        self.meter = meter
        self.days = days
        self.firstMade = firstMade ?? days.lowerBound
        self.firstReport = firstReport
        self.places = places
        self.samples = samples
        self.state = state
        self.history = history
    }

    /// The days from which the meter reports by itself, beginning with the last register that was read
    /// before it ever did; the days before stay as they were read, those after it are the machine's even
    /// where people read in a silence.
    ///
    /// Nil when the window has no day of them.
    package func reporting(in zone: OfficeZone) -> MeterWindow? {
        guard let first = firstReport else { return nil }
        guard
            let byHand = samples.filter({ $0.main.at < first }).max(by: { $0.main.at < $1.main.at }
            ),
            byHand.main.at > state?.last.at ?? byHand.main.at.adding(seconds: -1)
        else { return self }
        var window = self
        let start = max(days.lowerBound, zone.meteringDay(of: byHand.main.at).adding(days: 1))
        guard start <= days.upperBound else { return nil }
        window.days = start...days.upperBound
        window.firstMade = max(start, firstMade)
        window.samples = samples.filter { $0.main.at > byHand.main.at }
        window.state = RegisterState(opening: byHand.main)
        return window
    }
}

/// How an office makes its days.
package struct DayMaker: Sendable {
    let grid: BlockGrid
    let rules: ValidationRules
    let intervalSeconds: Int64

    package init(grid: BlockGrid, rules: ValidationRules, intervalSeconds: Int64) {
        self.grid = grid
        self.rules = rules
        self.intervalSeconds = intervalSeconds
    }

    /// What registers alone say of a window's days; estimates and edits come after.
    package struct Draft: Sendable {
        package var window: MeterWindow
        let stretches: [Stretch]
        /// A day of the window each; empty when registers say nothing.
        let blocks: [BlockDay]

        /// The days with a gap to which only other days can give a shape, in order.
        package var daysToEstimate: [CivilDate] { Metering.daysToEstimate(blocks) }
    }

    /// Walks the registers of a window and cuts their steps into blocks.
    package func draft(of window: MeterWindow) -> Draft {
        let stretches = stretches(of: window)
        var blocks = stretches.first?.blocks ?? []
        for stretch in stretches.dropFirst() {
            blocks = zip(blocks, stretch.blocks).map { merged($0, $1) }
        }
        return Draft(window: window, stretches: stretches, blocks: blocks)
    }

    /// Every day of the window that comes out and of which registers tell something, oldest first.
    package func days(of window: MeterWindow) -> [MadeDay] { days(of: draft(of: window)) }

    /// The same, of registers that were walked already.
    package func days(of draft: Draft) -> [MadeDay] {
        let (window, stretches) = (draft.window, draft.stretches)
        let edited = edited(estimated(draft), window)
        let circuits = [subCircuits(window, \.dev1WattHours), subCircuits(window, \.dev2WattHours)]
        var history = window.history.filter { $0.day < window.firstMade }
        let checkpointDay = checkpointDay(window)
        let lastRegisters = (
            dev1: lastRegisters(window, \.dev1WattHours),
            dev2: lastRegisters(window, \.dev2WattHours)
        )
        var made: [MadeDay] = []
        for (index, edit) in edited.enumerated() where edit.blocks.day >= window.firstMade {
            let day = edit.blocks
            let rollup = DayRollup(day)
            guard rollup.energy != nil || day.received > 0 else { continue }
            defer { history.append(rollup) }
            var found = exceptions(of: edit, meter: window.meter.id)
            for stretch in stretches where stretch.concerns(day.day, grid.zone) {
                var own = DayUnderValidation(
                    meter: window.meter.id,
                    blocks: day,
                    run: stretch.run,
                    sanctionedLoadWatts: Int64(stretch.place.sanctionedLoadWatts)
                )
                if !window.places.isEmpty { own.installedAt = stretch.place.installedAt }
                own.removedAt = stretch.place.removedAt
                own.subCircuits = circuits.compactMap { $0.isEmpty ? nil : $0[index] }
                own.history = history
                own.receipts = window.clocks(through: grid.zone.start(of: day.day.adding(days: 1)))
                found += exceptions(of: own, rules: rules, grid: grid)
            }
            made.append(
                MadeDay(
                    blocks: day,
                    rollup: rollup,
                    exceptions: stretches.count == 1 ? found : distinct(found),
                    dev1Last: lastRegisters.dev1[day.day]?.wattHours,
                    dev2Last: lastRegisters.dev2[day.day]?.wattHours,
                    state: day.day == checkpointDay ? stretches.last?.checkpoint : nil
                )
            )
        }
        return made
    }

    // MARK: Registers

    struct Stretch: Sendable {
        let place: MeterPlace
        let rules: RegisterRules
        let run: RegisterRun
        let blocks: [BlockDay]
        /// Where the next night's computation begins; nil once the meter is taken off.
        let checkpoint: RegisterState?

        func concerns(_ day: CivilDate, _ zone: OfficeZone) -> Bool {
            place.installedAt < zone.start(of: day.adding(days: 1))
                && place.removedAt.map { $0 > zone.start(of: day) } ?? true
        }
    }

    private func registerRules(_ window: MeterWindow, _ place: MeterPlace) -> RegisterRules {
        rules.registerRules(
            meter: window.meter,
            sanctionedLoadWatts: place.sanctionedLoadWatts,
            intervalSeconds: intervalSeconds
        )
    }

    /// One run for each hanging of the meter: never subtracted across an exchange (R13).
    func stretches(of window: MeterWindow) -> [Stretch] {
        let end = grid.zone.start(of: window.days.upperBound.adding(days: 1))
        let firstEnd = grid.zone.start(of: checkpointDay(window).adding(days: 1))
        let start = grid.zone.start(of: window.days.lowerBound)
        let decided =
            window.edits.isEmpty
            ? ReadingDecisions.none
            : decisions(of: window.edits, registers: window.registers(at:))
        return places(of: window).compactMap { place -> Stretch? in
            guard place.installedAt < end, place.removedAt.map({ $0 > start }) ?? true else {
                return nil
            }
            let rules = registerRules(window, place)
            let samples = window.samples.map(\.main).filter { sample in
                sample.at > place.installedAt && place.removedAt.map { sample.at < $0 } ?? true
            }
            let opening = RegisterState(
                opening: RegisterReading(at: place.installedAt, register: place.openingRegister)
            )
            let known = window.state.flatMap { $0.last.at > place.installedAt ? $0 : nil }
            var run = RegisterMachine.run(
                samples,
                from: known ?? opening,
                rules: rules,
                checkpoint: firstEnd,
                decisions: decided
            )
            let checkpoint = run.checkpoint
            if let removedAt = place.removedAt, let register = place.closingRegister {
                run = RegisterMachine.close(
                    run,
                    with: RegisterReading(at: removedAt, register: register),
                    rules: rules
                )
            }
            return Stretch(
                place: place,
                rules: rules,
                run: run,
                blocks: blockDays(window.days, of: run, rules: rules, grid: grid),
                checkpoint: place.removedAt == nil ? checkpoint : nil
            )
        }
    }

    /// The first day that comes out and has a reading.
    private func checkpointDay(_ window: MeterWindow) -> CivilDate {
        let start = grid.zone.start(of: window.firstMade)
        let first = window.samples.lazy.map(\.main.at).filter { $0 > start }.min()
        return first.map { min(grid.zone.meteringDay(of: $0), window.days.upperBound) }
            ?? window.firstMade
    }

    /// A meter that hangs nowhere yet begins with its first reading.
    private func places(of window: MeterWindow) -> [MeterPlace] {
        if !window.places.isEmpty { return window.places }
        guard let first = window.samples.min(by: { $0.main.at < $1.main.at })?.main else {
            return []
        }
        return [
            MeterPlace(
                installedAt: first.at,
                openingRegister: Energy(wattHours: first.registerWattHours),
                sanctionedLoadWatts: Limits.unknownLoadWatts
            )
        ]
    }

    private func subCircuits(
        _ window: MeterWindow,
        _ register: KeyPath<MeterSample, Int64?>
    ) -> [BlockDay] {
        let samples = window.samples.compactMap { sample -> RegisterSample? in
            guard let value = sample[keyPath: register] else { return nil }
            var own = sample.main
            own.registerWattHours = value
            own.powerMilliwatts = nil
            return own
        }
        guard let first = samples.min(by: { $0.at < $1.at }), let place = window.places.last else {
            return []
        }
        let rules = registerRules(window, place)
        let run = RegisterMachine.run(
            samples,
            from: RegisterState(opening: first),
            rules: rules
        )
        return blockDays(window.days, of: run, rules: rules, grid: grid)
    }

    /// The last register of a sub-circuit on each day that has one.
    private func lastRegisters(
        _ window: MeterWindow,
        _ register: KeyPath<MeterSample, Int64?>
    ) -> [CivilDate: (at: Instant, wattHours: Int64)] {
        var last: [CivilDate: (at: Instant, wattHours: Int64)] = [:]
        for sample in window.samples {
            guard let wattHours = sample[keyPath: register] else { continue }
            let day = grid.zone.meteringDay(of: sample.main.at)
            if let known = last[day], known.at >= sample.main.at { continue }
            last[day] = (sample.main.at, wattHours)
        }
        return last
    }

    /// A day of two hangings of one meter: each knows its own part.
    func merged(_ first: BlockDay, _ second: BlockDay) -> BlockDay {
        var day = first
        for slot in day.energies.indices {
            day.energies[slot] += second.energies[slot]
            day.counts[slot] += second.counts[slot]
            if first.qualities[slot].contains(.missing) {
                day.qualities[slot] = second.qualities[slot]
            } else if !second.qualities[slot].contains(.missing) {
                day.qualities[slot].formUnion(second.qualities[slot])
            }
        }
        day.received += second.received
        day.opening = first.opening ?? second.opening
        day.closing = second.closing ?? first.closing
        day.first = first.first ?? second.first
        day.last = second.last ?? first.last
        day.maximumPower = [first.maximumPower, second.maximumPower].compactMap(\.self).max()
        day.minimumVoltage = [first.minimumVoltage, second.minimumVoltage].compactMap(\.self).min()
        day.maximumVoltage = [first.maximumVoltage, second.maximumVoltage].compactMap(\.self).max()
        day.isPending = first.isPending || second.isPending
        return day
    }

    private func distinct(_ found: [ReadingException]) -> [ReadingException] {
        var seen: Set<String> = []
        return found.sorted { ($0.key, $0.detail) < ($1.key, $1.detail) }
            .filter { seen.insert($0.key).inserted }
    }
}
