package import Metering
package import Registry
package import Tariffs
package import Units

/// A bill that was made, and what a person must see before it is issued.
package struct MadeBill: Sendable {
    package var content: BillContent
    package var holds: [BillHold]
    /// The provisional bills that this actual one settles, each reversed and rebooked (R9, R11).
    package var trueUp: [Rebooking]

    package var state: BillState { holds.isEmpty ? .draft : .held }
}

/// One bill as it stands and as it should have been.
package struct Rebooking: Hashable, Sendable {
    package var bill: Bill.ID
    /// The bill with its notes before.
    package var reversed: Money
    package var content: BillContent

    package init(bill: Bill.ID, reversed: Money, content: BillContent) {
        self.bill = bill
        self.reversed = reversed
        self.content = content
    }

    package var difference: Money { content.total - reversed }
}

/// Makes bills: registers to consumption, consumption to lines, exceptions to holds.
///
/// Pure.
package struct BillMaker: Sendable {
    package let rules: BillingRules
    package let shelf: TariffShelf

    package init(rules: BillingRules, shelf: TariffShelf) {
        self.rules = rules
        self.shelf = shelf
    }

    /// The bill of a service, or by name why there is none.
    package func make(_ input: ServiceToBill) throws(BillRefusal) -> MadeBill {
        if let standing = input.history.first, standing.state != .issued {
            guard standing.basis == .actual, standing.period.last < input.period.first else {
                throw BillRefusal("the bill of cycle \(standing.cycle) is not issued yet")
            }
        }
        let chain = input.provisionalChain
        do {
            return try chain.isEmpty ? actual(input) : settled(input, chain)
        } catch let fault as ConsumptionFault {
            return try provisional(input, instead: fault)
        } catch let refusal as BillRefusal {
            throw refusal
        } catch {
            throw BillRefusal("\(error)")
        }
    }

    /// A bill on registers that were read.
    private func actual(_ input: ServiceToBill) throws -> MadeBill {
        let used: Consumption
        do throws(ConsumptionFault) {
            used = try consumption(
                of: input.period,
                zone: rules.zone,
                installations: input.installations,
                sanctionedLoadWatts: input.service.sanctionedLoadWatts
            )
        } catch {
            guard case .lateReading(_, _, let reading) = error else { throw error }
            return try late(input, reading)
        }
        let content = try shelf.bill(input, used)
        return MadeBill(content: content, holds: try holds(content, input), trueUp: [])
    }

    /// A bill whose reading came after its cycle's end, by the office's policy; it says what the
    /// same units would cost as one printed bill.
    private func late(_ input: ServiceToBill, _ reading: RegisterReading) throws -> MadeBill {
        let lastDay = rules.zone.meteringDay(of: reading.at)
        guard let stretched = BillingPeriod(first: input.period.first, last: lastDay),
            let rest = BillingPeriod(first: input.period.last.adding(days: 1), last: lastDay)
        else { throw BillRefusal("the late reading lies before the end of the cycle") }
        let installations = input.installations.map { $0.closed(by: reading, on: lastDay) }
        let load = input.service.sanctionedLoadWatts
        var printed = input
        printed.period = stretched
        let whole = try consumption(
            ofEach: [stretched],
            zone: rules.zone,
            installations: installations,
            sanctionedLoadWatts: load
        )
        let content: BillContent
        // Who left is billed to the day they left, whatever the policy.
        switch input.kind == .final ? .cycleSplit : rules.late {
        case .asPrinted: content = try shelf.bill(printed, whole[0], scaling: .asOneCycle)
        case .days:
            let asPrinted = try shelf.price(printed, whole[0], scaling: .asOneCycle).total
            content = try shelf.bill(printed, whole[0], scaling: .byDays, asPrinted: asPrinted)
        case .cycleSplit:
            let parts = try consumption(
                ofEach: [input.period, rest],
                zone: rules.zone,
                installations: installations,
                sanctionedLoadWatts: load
            )
            let asPrinted = try shelf.price(printed, whole[0], scaling: .asOneCycle).total
            content = try shelf.bill(input, parts[0], asPrinted: asPrinted)
        }
        return MadeBill(content: content, holds: try holds(content, input), trueUp: [])
    }

    /// The actual bill that ends a chain of provisional ones: every period gets its own share of
    /// what the registers show, and each provisional bill is rebooked (R11).
    private func settled(_ input: ServiceToBill, _ chain: [PastBill]) throws -> MadeBill {
        let used = try consumption(
            ofEach: chain.map(\.period) + [input.period],
            zone: rules.zone,
            installations: input.installations,
            sanctionedLoadWatts: input.service.sanctionedLoadWatts
        )
        var rebooked: [Rebooking] = []
        for (past, part) in zip(chain, used) {
            var earlier = input
            guard let cycle = CivilMonth(past.cycle) else {
                throw BillRefusal("the provisional bill of \(past.cycle) has no cycle")
            }
            earlier.cycle = cycle
            earlier.kind = past.kind
            if let consumer = past.consumer {
                earlier.occupancy = Occupancy(
                    consumer: consumer,
                    consumerNumber: past.consumerNumber,
                    consumerName: past.consumerName,
                    from: past.period.first,
                    to: past.period.last
                )
            }
            earlier.period = past.period
            earlier.history = input.history.filter { $0.period.last < past.period.first }
            rebooked.append(
                Rebooking(
                    bill: past.id,
                    reversed: past.standing,
                    content: try shelf.rebill(earlier, part, wholeMonths: past.months)
                )
            )
        }
        let content = try shelf.bill(input, used[used.count - 1], trueUp: rebooked)
        return MadeBill(content: content, holds: try holds(content, input), trueUp: rebooked)
    }

    // MARK: Provisional bills

    private func provisional(
        _ input: ServiceToBill,
        instead fault: ConsumptionFault
    ) throws(BillRefusal) -> MadeBill {
        guard let method = rules.provisional else { throw BillRefusal(fault.reason) }
        switch fault {
        case .noClosingReading, .lateReading, .registerFell, .impossible: break
        case .noInstallation, .notMetered: throw BillRefusal(fault.reason)
        }
        let yearBefore = input.period.last.adding(days: -365)
        let earlier = input.history.filter {
            $0.basis == .provisional && $0.period.last > yearBefore
        }
        var holds = [BillHold(.provisional, "\(fault.reason); estimated by \(method.rawValue)")]
        if earlier.count >= Limits.provisionalBillsAYear {
            guard let reason = rules.overrideReason else {
                throw BillRefusal(
                    "\(earlier.count) provisional bills within a year already ("
                        + earlier.map(\.cycle).reversed().joined(separator: ", ")
                        + "); another one needs an override with its reason"
                )
            }
            holds.append(BillHold(.override, reason))
        }
        if case .registerFell = fault { holds.append(BillHold(.negative, fault.reason)) }
        let estimate = try Estimate(method, for: input.period, from: input.history)
        guard let metered = input.installations.last,
            let read = metered.opening(atStartOf: input.period, zone: rules.zone)
        else { throw BillRefusal(ConsumptionFault.noInstallation.reason) }
        let meter = metered.installation.meter
        // After an estimate the next one goes on where it ended, as the consumer has it on paper; the
        // real reading is shared out from before the first of them.
        let latest = input.history.first
        let estimated =
            latest?.period.last == input.period.first.adding(days: -1)
            ? latest?.closing(of: meter.id) : nil
        let opening = estimated ?? read
        let steps = estimate.energy.wattHours / Int64(meter.multiplier)
        let register = (opening.register.wattHours + steps) % meter.registerModulus.wattHours
        let segment = ConsumptionSegment(
            meter: meter,
            opening: opening,
            closing: RegisterReading(
                at: rules.zone.bounds(of: input.period).end,
                register: Energy(wattHours: register),
                isEstimated: true
            ),
            energy: Energy(wattHours: steps * Int64(meter.multiplier))
        )
        let content = try shelf.bill(
            input,
            Consumption(segments: [segment], missingDays: []),
            estimate: estimate
        )
        return MadeBill(
            content: content,
            holds: holds
                + (try self.holds(content, input).filter {
                    $0.code == .aboveLimit || $0.code == .missingParameter
                }),
            trueUp: []
        )
    }

    // MARK: Exceptions

    /// What is unusual enough that a person looks before the bill is issued.
    private func holds(
        _ content: BillContent,
        _ input: ServiceToBill
    ) throws(BillRefusal) -> [BillHold] {
        var holds = try shelf.linesWithoutParameter(input).map { missing in
            BillHold(
                .missingParameter,
                "line \(missing.line) is left out: no value of \(missing.parameter) is published "
                    + "for \(input.period)"
            )
        }
        holds += input.doubts.map { BillHold(.readings, $0) }
        holds += content.curve.map { $0.doubts(against: content.energy) } ?? []
        holds += input.derivedMeters.map { serial in
            BillHold(.derived, "the energy of \(serial) is derived from apparent power")
        }
        if let limit = rules.limit, content.total > limit {
            holds.append(
                BillHold(.aboveLimit, "\(content.total.formatted) is above \(limit.formatted)")
            )
        }
        let past = input.comparedBills
        let first = FirstBillRule(
            sanctionedLoadWatts: input.service.sanctionedLoadWatts,
            peers: input.peers,
            thresholds: rules.thresholds
        )
        let seconds = Int64(content.period.days) * 86_400
        let isVouched = content.segments.contains { input.vouched.contains($0.closing.at) }
        let impossible =
            isVouched ? nil : first.impossible(content.energy, seconds: seconds)
        holds += [impossible].compactMap { $0.map(BillHold.init) }
        if rules.usualLowPercent > 0, content.energy == .zero,
            past.first.map({ $0.energy > .zero }) ?? false
        {
            holds.append(BillHold(.zero, "no consumption, and the last bill had some"))
        }
        guard past.count >= Limits.billsComparedMinimum else {
            let isSettled = isVouched || impossible != nil
            let unusual = isSettled ? nil : first.unusual(content.energy, seconds: seconds)
            return holds + [unusual].compactMap { $0.map(BillHold.init) }
        }
        guard content.energy > .zero else { return holds }
        return holds + compared(content, with: past)
    }

    /// What differs from the service's own bills by more than the office takes for usual.
    private func compared(_ content: BillContent, with past: [PastBill]) -> [BillHold] {
        var holds: [BillHold] = []
        // Compared by the day, in milliwatt-hours, because periods differ in length.
        func daily(_ energy: Energy, _ days: Int) -> Int64 {
            energy.wattHours / Int64(days) * 1_000
                + energy.wattHours % Int64(days) * 1_000 / Int64(days)
        }
        let days = past.map { daily($0.energy, $0.period.days) }
        let own = daily(content.energy, content.period.days)
        guard let highest = days.max(), let lowest = days.min() else { return holds }
        if Int128(own) * 100 > Int128(highest) * Int128(rules.usualHighPercent), highest > 0 {
            holds.append(
                BillHold(
                    .high,
                    "\(content.energy.kilowattHoursText) units in \(content.period.days) days are "
                        + "more than \(rules.usualHighPercent) % of the highest of the last "
                        + "\(past.count) bills"
                )
            )
        }
        if Int128(own) * 100 < Int128(lowest) * Int128(rules.usualLowPercent) {
            holds.append(
                BillHold(
                    .low,
                    "\(content.energy.kilowattHoursText) units in \(content.period.days) days are "
                        + "less than \(rules.usualLowPercent) % of the lowest of the last "
                        + "\(past.count) bills"
                )
            )
        }
        return holds
    }
}

/// The estimated energy of a period, and what it was estimated from.
package struct Estimate: Hashable, Sendable {
    package var method: ProvisionalMethod
    /// The energy and days of the bills it is the average of.
    package var base: Energy
    package var baseDays: Int
    package var cycles: [String]
    package var days: Int

    /// Refuses where there is nothing to estimate from: never a guess.
    init(
        _ method: ProvisionalMethod,
        for period: BillingPeriod,
        from history: [PastBill]
    ) throws(BillRefusal) {
        let actual = history.filter { $0.basis == .actual }
        let chosen: [PastBill]
        switch method {
        case .average:
            let oldest = period.first.adding(days: -366)
            chosen = actual.filter { $0.period.first >= oldest }
        case .lastCycle: chosen = Array(actual.prefix(1))
        case .lastYear:
            let middle = period.first.adding(days: period.days / 2 - 365)
            chosen = actual.filter { $0.period.contains(middle) }
        }
        guard !chosen.isEmpty else {
            throw BillRefusal("no actual bill to estimate from by \(method.rawValue)")
        }
        self.method = method
        base = chosen.reduce(.zero) { $0 + $1.energy }
        baseDays = chosen.reduce(0) { $0 + $1.period.days }
        cycles = chosen.map(\.cycle)
        days = period.days
    }

    /// Whole units, so that nobody takes the estimate for a reading.
    package var energy: Energy {
        let wattHours = Int128(base.wattHours) * Int128(days) / Int128(max(1, baseDays))
        return Energy(wattHours: Int64(wattHours / 1_000 * 1_000))
    }
}

extension ServiceToBill {
    /// The last actual bills, which tell what is usual.
    package var comparedBills: [PastBill] {
        Array(history.lazy.filter { $0.basis == .actual }.prefix(Limits.billsCompared))
    }

    /// Whether its own bills are too few to tell.
    package var isNewcomer: Bool { comparedBills.count < Limits.billsComparedMinimum }
}

extension BillHold {
    init(_ doubt: FirstBillRule.Doubt) {
        switch doubt {
        case .abovePossible(let words): self.init(.abovePossible, words)
        case .high(let words): self.init(.high, words)
        case .low(let words): self.init(.low, words)
        }
    }
}

extension MeteredInstallation {
    /// The same with a late reading as the end of its days.
    func closed(by reading: RegisterReading, on day: CivilDate) -> MeteredInstallation {
        guard installation.removedAt == nil else { return self }
        var metered = self
        metered.days.append(DayRegisters(day: day, first: reading, last: reading))
        return metered
    }

    /// The register a period opens with.
    package func opening(atStartOf period: BillingPeriod, zone: OfficeZone) -> RegisterReading? {
        let installed = RegisterReading(
            at: installation.installedAt,
            register: installation.openingRegister
        )
        guard installation.installedAt < zone.bounds(of: period).start, let before,
            before.at > installation.installedAt
        else { return installed }
        return before
    }
}
