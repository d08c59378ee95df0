package import Units

/// What a meter that reports by itself showed at an instant.
package struct ReportedRegister: Hashable, Sendable {
    /// How it is known.
    package enum Basis: Hashable, Sendable {
        /// It reported at that very instant.
        case exact
        /// Shared out by time between the reports before and after.
        case interpolated(from: RegisterReading, to: RegisterReading)
        /// Nothing was reported after it yet.
        case lastBefore(RegisterReading)
    }

    package var register: Energy
    package var basis: Basis

    /// The register between two reports; nil where they are too far away to tell.
    ///
    /// `before`: the last report at or before the instant; `after`: the first at or after it.
    package init?(at instant: Instant, before: RegisterReading?, after: RegisterReading?) {
        let silence = Limits.reportingSilenceSeconds
        guard let before, instant.secondsSince1970 - before.at.secondsSince1970 <= silence else {
            return nil
        }
        if before.at == instant {
            self.init(register: before.register, basis: .exact)
            return
        }
        guard let after, after.at.secondsSince1970 - before.at.secondsSince1970 <= 2 * silence
        else {
            self.init(register: before.register, basis: .lastBefore(before))
            return
        }
        if after.at == instant {
            self.init(register: after.register, basis: .exact)
            return
        }
        let rise = Int128(after.register.wattHours) - Int128(before.register.wattHours)
        let passed = Int128(instant.microsecondsSince1970) - Int128(before.at.microsecondsSince1970)
        let whole = Int128(after.at.microsecondsSince1970) - Int128(before.at.microsecondsSince1970)
        let part = Int64(clamping: rise * passed / max(1, whole))
        self.init(
            register: before.register + Energy(wattHours: part),
            basis: .interpolated(from: before, to: after)
        )
    }

    private init(register: Energy, basis: Basis) {
        self.register = register
        self.basis = basis
    }

    /// How far the true register can be from this one: what it moved between the two reports.
    var uncertainty: Int64 {
        guard case .interpolated(let before, let after) = basis else { return 0 }
        return abs(after.register.wattHours - before.register.wattHours)
    }
}

/// Whether the sources of a register agree.
package enum SourceVerdict: String, CaseIterable, Hashable, Sendable {
    case agrees, differs
    /// The meter has reported nothing after it yet.
    case waiting
    /// There is one source only.
    case single
}

/// A register a person read, beside the meter's own.
package struct ComparedRegister: Hashable, Sendable {
    /// The entry it is.
    package var id: Int32
    package var reading: RegisterReading
    package var reported: ReportedRegister?

    package init(id: Int32, reading: RegisterReading, reported: ReportedRegister?) {
        self.id = id
        self.reading = reading
        self.reported = reported
    }

    /// What was read less what the meter reported.
    package var difference: Energy? { reported.map { reading.register - $0.register } }

    /// One whole unit is the reader's rounding; what the meter moved meanwhile is the comparison's.
    package var verdict: SourceVerdict {
        guard let reported, let difference else { return .single }
        if case .lastBefore = reported.basis { return .waiting }
        let tolerance = Limits.comparisonToleranceWattHours + reported.uncertainty
        return abs(difference.wattHours) <= tolerance ? .agrees : .differs
    }
}

/// Assessor, consumer and meter side by side.
package struct SourceComparison: Hashable, Sendable {
    package var assessor: ComparedRegister?
    package var consumer: ComparedRegister?
    package var verdict: SourceVerdict

    /// The instant by which rows are ordered: the later reading's.
    package var at: Instant {
        max(assessor?.reading.at ?? .distantPast, consumer?.reading.at ?? .distantPast)
    }

    /// Pairs an assessor's and a consumer's readings that lie near each other; newest first.
    ///
    /// Each reading stands in one row; the nearest free partner within two days is taken.
    package static func rows(
        assessor: [ComparedRegister],
        consumer: [ComparedRegister],
        rules: RegisterRules
    ) -> [SourceComparison] {
        var free = consumer
        var rows: [SourceComparison] = []
        for own in assessor {
            let near = free.indices.min {
                distance(own, free[$0]) < distance(own, free[$1])
            }.flatMap { distance(own, free[$0]) <= Limits.pairedSeconds ? $0 : nil }
            rows.append(SourceComparison(own, near.map { free.remove(at: $0) }, rules))
        }
        rows += free.map { SourceComparison(nil, $0, rules) }
        return rows.sorted { $0.at > $1.at }
    }

    private static func distance(_ left: ComparedRegister, _ right: ComparedRegister) -> Int64 {
        abs(left.reading.at.secondsSince1970 - right.reading.at.secondsSince1970)
    }

    private init(
        _ assessor: ComparedRegister?,
        _ consumer: ComparedRegister?,
        _ rules: RegisterRules
    ) {
        self.assessor = assessor
        self.consumer = consumer
        var verdicts = [assessor, consumer].compactMap { $0?.verdict }
        if let assessor, let consumer { verdicts.append(agreement(assessor, consumer, rules)) }
        let order: [SourceVerdict] = [.differs, .waiting, .agrees]
        verdict = order.first(where: verdicts.contains) ?? .single
    }
}

extension Instant {
    fileprivate static let distantPast = Instant(microsecondsSince1970: .min)
}

/// Two people's registers agree when the later one is not lower, and not higher than can be.
private func agreement(
    _ left: ComparedRegister,
    _ right: ComparedRegister,
    _ rules: RegisterRules
) -> SourceVerdict {
    let (first, second) =
        left.reading.at <= right.reading.at
        ? (left.reading, right.reading) : (right.reading, left.reading)
    let rise = second.register.wattHours - first.register.wattHours
    let possible = rules.possibleWattHours(
        seconds: second.at.secondsSince1970 - first.at.secondsSince1970,
        measuredMilliwatts: 0
    )
    let tolerance = Limits.comparisonToleranceWattHours
    return rise >= -tolerance && rise <= possible + tolerance ? .agrees : .differs
}

extension Limits {
    /// A meter that has reported nothing for longer than this does not report by itself any more:
    /// registers that people read count.
    package static let reportingSilenceSeconds: Int64 = 86_400
    /// One whole unit: people read no decimals.
    package static let comparisonToleranceWattHours: Int64 = 1_000
    /// A consumer's and an assessor's reading so near each other stand in one row.
    package static let pairedSeconds: Int64 = 2 * 86_400
}
