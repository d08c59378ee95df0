import Billing
import Metering
import Registry
import Store
import Units

/// Where registers that people read are taken and judged, inside one transaction of an office.
struct ReadingDesk {
    /// What is to be taken.
    struct Draft {
        var service: Service
        var source: ManualSource
        var cycle: CivilMonth?
        /// Now, when not said.
        var at: Instant?
        var outcome: VisitOutcome
        var register: Energy?
        var note: String
        var photo: ReadingPhoto?
        /// What the sheet says hangs there; nil when it does not say.
        var meterSerial: String?
    }

    let transaction: TenantTransaction
    let office: Office
    let now: Instant
    let caller: Caller
    /// What like services use, asked once for all registers of a sheet.
    let peers = PeerMemory()

    init(_ transaction: TenantTransaction, now: Instant, caller: Caller) throws {
        self.transaction = transaction
        office = try transaction.office()
        self.now = now
        self.caller = caller
    }

    /// The round of a cycle: its name and days; without a name the one that is due now.
    func round(_ name: String?, group: String) throws -> (CivilMonth, BillingPeriod) {
        let name = try name ?? dueCycle(group: group)
        let (cycle, period, _) = try transaction.billingCycle(name, group: group, of: office)
        return (cycle, period)
    }

    /// The cycle that ends within the next days, else the one that ended last.
    private func dueCycle(group: String) throws -> String {
        let rule = try transaction.cycleRule(group: group, of: office)
        let today = office.zone.date(of: now)
        let running = rule.name(containing: today)
        guard let period = rule.period(named: running) else { return running.description }
        if period.last.days(since: today) < Limits.roundLeadDays { return running.description }
        return rule.name(containing: period.first.adding(days: -1)).description
    }

    /// Takes a visit of a round.
    func enter(
        _ visit: EnterReading.Visit,
        cycle: CivilMonth,
        meterSerial: String? = nil
    ) throws -> EnterReading.Entered {
        var faults = FaultCollector()
        faults.checkPrintable(visit.note, "note")
        faults.check(
            visit.note.count <= Limits.noteCharactersMaximum,
            "note",
            "out_of_range",
            "at most \(Limits.noteCharactersMaximum) characters"
        )
        faults.check(
            visit.register != nil || visit.outcome != .read,
            "registerWattHours",
            "missing",
            "the register, or an outcome that says why there is none"
        )
        faults.check(
            visit.register == nil || visit.outcome.mayHaveRegister,
            "outcome",
            "invalid",
            "'\(visit.outcome.rawValue)' goes without a register"
        )
        try faults.finish()
        return try enter(
            Draft(
                service: try transaction.visibleService(visit.serviceNumber, caller),
                source: .assessor,
                cycle: cycle,
                at: visit.at,
                outcome: visit.outcome,
                register: visit.register,
                note: visit.note.trimmed,
                meterSerial: meterSerial
            )
        )
    }

    /// Takes an entry, or finds that it is there already.
    func enter(_ draft: Draft) throws -> EnterReading.Entered {
        // Billing and other entries of the service take turns with this one.
        try transaction.lock(draft.service.id)
        // People read to the second at most.
        let at = draft.at ?? Instant(secondsSince1970: now.secondsSince1970)
        let installation = try installation(of: draft, at: at)
        let day = office.zone.meteringDay(of: at)
        let standing = try standing(draft, day: day, at: at)
        let repeated = standing.filter { isSame($0, draft, installation.meter.id) }
        if let same = repeated.first(where: { $0.state != .rejected }) {
            return EnterReading.Entered(
                reading: try hinted(completed(same, with: draft.photo)),
                isNew: false
            )
        }
        if let other = standing.first(where: { $0.at == at && $0.state != .rejected }) {
            throw InvalidInput(
                "at",
                "taken",
                "\(other.register.map { "\($0.kilowattHoursText) kWh" } ?? other.outcome.words) is "
                    + "entered for this instant already"
            )
        }
        if draft.source == .consumer { try checkBounds(draft.service, at: at) }
        var reading = ManualReading(
            id: ManualReading.ID(0),
            service: draft.service.id,
            serviceNumber: draft.service.number,
            consumerName: draft.service.consumerName,
            meter: installation.meter.id,
            meterSerial: installation.meter.serial,
            source: draft.source,
            cycle: draft.cycle,
            at: at,
            outcome: draft.outcome,
            register: draft.register,
            note: draft.note,
            state: .noted,
            enteredBy: caller.name,
            enteredAt: now,
            hasPhoto: draft.photo != nil
        )
        if let register = draft.register {
            let read = RegisterReading(at: at, register: register)
            reading.findings =
                try judge(read, reading, draft.service, installation)
                + repeated.suffix(1).map(Self.rejectedBefore)
            reading.state = reading.findings.isEmpty ? .accepted : .held
            reading.isComparison = try reports(installation.meter.id, at: at)
        } else if at > now.adding(seconds: Metering.Limits.futureToleranceSeconds) {
            throw InvalidInput("at", "future", "\(at) lies in the future")
        }
        reading.id = try transaction.insert(reading, day: day)
        if let photo = draft.photo {
            try transaction.insert(photo, digest: sha256(photo.content), of: reading.id)
        }
        if reading.state == .accepted { try store(reading) }
        return EnterReading.Entered(reading: try hinted(reading), isNew: true)
    }

    /// Makes an accepted register a reading of its meter, as every other is; what is only compared
    /// stays beside.
    func store(_ reading: ManualReading) throws {
        guard let register = reading.register, !reading.isComparison else { return }
        _ = try transaction.insert([
            ReadingInsertion(
                meter: reading.meter,
                reading: AcceptedReading(
                    at: reading.at,
                    epoch: 0,
                    sequence: nil,
                    main: ChannelReading(energyWattHours: register.wattHours),
                    flags: [.registerOnly, reading.source.flag]
                )
            )
        ])
        try transaction.markDirty([
            MeterDayKey(meter: reading.meter, day: office.zone.meteringDay(of: reading.at))
        ])
    }

    /// Whether the meter reports by itself around an instant.
    private func reports(_ meter: Meter.ID, at: Instant) throws -> Bool {
        try transaction.reports(
            around: [(meter, at)],
            within: Metering.Limits.reportingSilenceSeconds
        ).contains { $0.before != nil || $0.after != nil }
    }

    private func installation(of draft: Draft, at: Instant) throws -> Installation {
        let installations = try transaction.installations(of: draft.service.id)
        let present = installations.last { installed in
            installed.installedAt <= at && installed.removedAt.map { at <= $0 } ?? true
        }
        guard let installation = present ?? installations.last else {
            throw StateConflict(
                "service_without_meter",
                "service \(draft.service.number) has no meter"
            )
        }
        if let serial = draft.meterSerial, serial != installation.meter.serial {
            throw InvalidInput(
                "meter",
                "invalid",
                "meter \(installation.meter.serial) hangs there, not \(serial)"
            )
        }
        return installation
    }

    private func standing(_ draft: Draft, day: CivilDate, at: Instant) throws -> [ManualReading] {
        var found = try transaction.manualReadings(
            of: draft.service.id,
            by: draft.source,
            on: day,
            at: at
        )
        // A sheet without times that is given again on another day.
        if draft.at == nil, let cycle = draft.cycle {
            found += try transaction.manualReadings(
                ManualReadingFilter(service: draft.service.id, source: draft.source),
                before: nil,
                limit: Limits.visitsLookedAt
            ).filter { $0.cycle == cycle && $0.state != .rejected }
        }
        return found
    }

    private func isSame(_ entry: ManualReading, _ draft: Draft, _ meter: Meter.ID) -> Bool {
        entry.meter == meter && entry.register == draft.register
            && entry.outcome == draft.outcome && entry.cycle == draft.cycle
    }

    private func checkBounds(_ service: Service, at: Instant) throws {
        // What was before a consumer moved in is another's.
        if caller.role == .consumer, let since = try transaction.ownSince(service), at < since {
            throw InvalidInput(
                "at",
                "out_of_range",
                "the service is yours since \(office.zone.date(of: since))"
            )
        }
        let counts = try transaction.manualReadingCounts(
            of: service.id,
            by: .consumer,
            since: now.adding(seconds: -86_400)
        )
        guard counts.held < Limits.pendingOwnReadings else {
            throw StateConflict(
                "too_many_pending",
                "\(counts.held) readings of this service wait for the office already"
            )
        }
        guard counts.recent < Limits.ownReadingsADay else {
            throw StateConflict(
                "too_many_today",
                "\(counts.recent) readings of this service came within a day; send the next one "
                    + "tomorrow"
            )
        }
    }
}

extension TenantTransaction {
    /// How the services of a group are billed; of the whole office for an empty name.
    func cycleRule(group: String, of office: Office) throws -> CycleRule {
        guard !group.isEmpty else { return office.cycle }
        guard let found = try billingGroups().first(where: { $0.code == group }) else {
            throw InvalidInput("group", "unknown", "no billing group '\(group)'")
        }
        return found.cycle
    }

    /// The cycle of a name, with its days and months.
    func billingCycle(
        _ name: String,
        group: String,
        of office: Office
    ) throws -> (cycle: CivilMonth, period: BillingPeriod, months: Int) {
        guard let cycle = CivilMonth(name) else {
            throw InvalidInput("cycle", "invalid", "a month such as 2026-10")
        }
        let rule = try cycleRule(group: group, of: office)
        guard let period = rule.period(named: cycle) else {
            throw InvalidInput(
                "cycle",
                "unknown",
                "\(group.isEmpty ? "office \(office.code)" : "group \(group)") has "
                    + "two-monthly cycles; \(cycle) is not the month of a last day, "
                    + "\(cycle.adding(months: 1)) is"
            )
        }
        return (cycle, period, rule.months)
    }
}
