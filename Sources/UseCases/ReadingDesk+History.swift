import Billing
import Metering
import Registry
import Store
import Units

// What a register is held against: its meter's registers, the service's bills, the office's rules.

extension ReadingDesk {
    /// Why a register has to be looked at by a person; empty when it is right as it is.
    ///
    /// `entry`: whose source, outcome and photo count.
    ///
    /// - Throws: `InvalidInput` with the finding's code where it is refused.
    func judge(
        _ reading: RegisterReading,
        _ entry: ManualReading,
        _ service: Service,
        _ installation: Installation
    ) throws -> [ManualReadingFinding] {
        try checkArchive(reading.at)
        switch try verdict(on: reading, entry, service, installation) {
        case .accepted: return []
        case .held(let reasons): return reasons
        case .refused(let reason):
            let field = reason.code == .outOfRange ? "registerWattHours" : "at"
            throw InvalidInput(field, reason.code.rawValue, reason.detail)
        }
    }

    /// What becomes of a register by all that is known now; what the entry itself lacks counts too.
    func verdict(
        on reading: RegisterReading,
        _ entry: ManualReading,
        _ service: Service,
        _ installation: Installation
    ) throws -> ManualReadingCheck.Verdict {
        var check = try check(service, installation, at: reading.at)
        if entry.source == .consumer {
            let others = try transaction.register(
                of: installation.meter.id,
                atOrBefore: reading.at,
                without: .readByConsumer
            )
            check.trusted =
                others.flatMap { $0.at > installation.installedAt ? $0 : nil }
                ?? check.opening
        }
        var findings: [ManualReadingFinding] = []
        switch check.verdict(on: reading) {
        case .accepted: break
        case .held(let reasons): findings = reasons
        case .refused(let reason): return .refused(reason)
        }
        if entry.outcome == .meterStuck {
            findings.append(ManualReadingFinding(.meterStuck, "the assessor says it stands still"))
        }
        if entry.source == .consumer, !entry.hasPhoto {
            findings.append(ManualReadingFinding(.noPhoto, "no photo of the meter came with it"))
        }
        return findings.isEmpty ? .accepted : .held(findings)
    }

    /// Adds the photo that a held reading lacked; it is judged anew, as if it had come with it.
    func completed(_ entry: ManualReading, with photo: ReadingPhoto?) throws -> ManualReading {
        guard let photo, entry.state == .held, !entry.hasPhoto, let register = entry.register else {
            return entry
        }
        let (service, installation) = try place(of: entry)
        var reading = entry
        reading.hasPhoto = true
        reading.findings =
            try judge(
                RegisterReading(at: entry.at, register: register),
                reading,
                service,
                installation
            ) + entry.findings.filter { $0.code == .rejectedBefore }
        reading.state = reading.findings.isEmpty ? .accepted : .held
        try transaction.insert(photo, digest: sha256(photo.content), of: entry.id)
        try transaction.revise(reading)
        if reading.state == .accepted { try store(reading) }
        return reading
    }

    /// An entry with what its reader should know: read on a cycle's last day, it does not close the cycle.
    func hinted(_ entry: ManualReading) throws -> ManualReading {
        let day = office.zone.meteringDay(of: entry.at)
        guard entry.register != nil, !entry.isComparison, entry.state != .rejected,
            let service = try transaction.service(entry.service)
        else { return entry }
        let rule = try transaction.cycleRule(group: service.group ?? "", of: office)
        guard let period = rule.period(named: rule.name(containing: day)), period.last == day else {
            return entry
        }
        let end = office.zone.start(of: day.adding(days: 1))
        let minutes = (end.secondsSince1970 - entry.at.secondsSince1970 + 59) / 60
        guard minutes > 0 else { return entry }
        var reading = entry
        reading.hint =
            "the cycle ends at \(end), \(minutes / 60) h \(minutes % 60) min after this register: the "
            + "bill waits for a register of then or later, or estimates; what is used in between is "
            + "billed with the next"
        return reading
    }

    /// The service and installation that an entry is about.
    func place(of entry: ManualReading) throws -> (Service, Installation) {
        guard let service = try transaction.service(entry.service),
            let installation = try transaction.installations(of: entry.service).last(where: {
                $0.meter.id == entry.meter && $0.installedAt <= entry.at
            })
        else { throw NotFound("installation of meter '\(entry.meterSerial)'") }
        return (service, installation)
    }

    /// The same register of the same day was turned down: whoever decides now should know why.
    static func rejectedBefore(_ entry: ManualReading) -> ManualReadingFinding {
        ManualReadingFinding(
            .rejectedBefore,
            "the office did not take this register before: \(entry.decision?.reason ?? "no reason"); "
                + "it looks at it again"
        )
    }

    /// The check of one instant, with everything it goes by.
    func check(
        _ service: Service,
        _ installation: Installation,
        at: Instant
    ) throws -> ManualReadingCheck {
        let (rules, _) = ValidationRules.reading(office.metering.validationRules)
        let meter = installation.meter
        let opening = RegisterReading(
            at: installation.installedAt,
            register: installation.openingRegister
        )
        let known = try transaction.register(of: meter.id, atOrBefore: at)
        let bills = try issuedBills(of: service)
        let usual = usual(bills)
        let peers =
            usual == nil
            ? try peers.use(
                of: service,
                before: office.zone.meteringDay(of: at),
                fewest: Int(rules.firstPeers),
                transaction
            ) : nil
        return ManualReadingCheck(
            installation: installation,
            rules: rules.registerRules(
                meter: meter,
                sanctionedLoadWatts: service.sanctionedLoadWatts,
                intervalSeconds: Int64(office.metering.readingIntervalSeconds)
            ),
            previous: known.flatMap { $0.at > opening.at ? $0 : nil } ?? opening,
            next: try next(installation, after: at),
            billedUntil: billedUntil(bills, meter.id),
            oldest: now.adding(seconds: -Int64(office.oldestReadingDays) * 86_400),
            now: now,
            usual: usual,
            first: FirstBillRule(
                sanctionedLoadWatts: service.sanctionedLoadWatts,
                peers: peers,
                thresholds: rules
            ),
            highPercent: rules.highPercent,
            lowPercent: rules.lowPercent
        )
    }

    /// What a service uses by its last actual bills.
    func usual(_ bills: [PastBill]) -> UsualUse? {
        UsualUse(
            bills: bills.filter { $0.basis == .actual }.prefix(Billing.Limits.billsCompared)
                .map { ($0.energy, $0.period.days) }
        )
    }

    private func issuedBills(of service: Service) throws -> [PastBill] {
        let after = office.zone.date(of: now).adding(days: 366)
        return try transaction.history(of: [(service.id, after)]).first?
            .filter { $0.state == .issued } ?? []
    }

    /// Provisional bills are settled by a register, wherever in their time it was read.
    private func billedUntil(_ bills: [PastBill], _ meter: Meter.ID) -> Instant? {
        guard let actual = bills.first(where: { $0.basis == .actual }) else { return nil }
        return actual.closing(of: meter)?.at ?? office.zone.bounds(of: actual.period).end
    }

    private func next(_ installation: Installation, after at: Instant) throws -> RegisterReading? {
        let later = Instant(microsecondsSince1970: at.microsecondsSince1970 + 1)
        let read = try transaction.register(of: installation.meter.id, atOrAfter: later)
        guard let removedAt = installation.removedAt, let closing = installation.closingRegister
        else { return read }
        if let read, read.at < removedAt { return read }
        return RegisterReading(at: removedAt, register: closing)
    }

    private func checkArchive(_ at: Instant) throws {
        let utc = OfficeZone(name: "UTC", offsetSeconds: 0)
        let months = [at, office.zone.start(of: office.zone.meteringDay(of: at))]
            .map { utc.date(of: $0).month }
        if let month = try transaction.archivedMonths().first(where: months.contains) {
            throw InvalidInput(
                "at",
                ManualReadingFinding.Code.tooOld.rawValue,
                "the readings of \(month) are in the archive: nothing is added to them"
            )
        }
    }
}

/// What like services use, remembered by tariff family, category and day within one transaction.
final class PeerMemory {
    private struct Key: Hashable {
        let tariffFamily: String
        let category: String
        let day: CivilDate
    }

    private var known: [Key: PeerUse?] = [:]

    func use(
        of service: Service,
        before day: CivilDate,
        fewest: Int,
        _ transaction: TenantTransaction
    ) throws -> PeerUse? {
        let key = Key(
            tariffFamily: service.tariffFamily,
            category: service.category,
            day: day
        )
        if let use = known[key] { return use }
        let use = try transaction.peers(of: [service], before: day, fewest: fewest)[0]
        known[key] = .some(use)
        return use
    }
}
