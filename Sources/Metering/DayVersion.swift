package import Units

/// How far a day has come.
package enum DayStage: String, CaseIterable, Hashable, Sendable {
    case raw
    case validated
    case estimated
    case edited
    case final

    /// Whether a version of this stage may follow one of another.
    ///
    /// New readings begin again with raw, also after final: whoever billed the final one keeps it.
    package func canFollow(_ earlier: DayStage?) -> Bool {
        guard let earlier else { return self == .raw }
        return switch self {
        case .raw: true
        case .validated: earlier == .raw || earlier == .validated
        case .estimated: earlier != .final
        case .edited: earlier != .final
        case .final: earlier != .raw
        }
    }
}

/// A day as it stood at some time; versions are added, never changed.
package struct DayVersion: Hashable, Sendable {
    /// From 1, without gaps.
    package var number: Int32
    package var stage: DayStage
    package var blocks: BlockDay
    /// The rule or the estimation that made the version; nil when a person or a reading did.
    package var rule: String?
    package var method: EstimationMethod?
    /// Who: a login, or the name of the job.
    package var actor: String
    package var reason: String
    package var recordedAt: Instant

    /// The version after another one.
    ///
    /// Nil when it would say nothing new: a run that is repeated adds no version.
    package init?(
        after previous: DayVersion?,
        stage: DayStage,
        blocks: BlockDay,
        rule: String? = nil,
        method: EstimationMethod? = nil,
        actor: String,
        reason: String,
        recordedAt: Instant
    ) {
        guard stage.canFollow(previous?.stage) else { return nil }
        if let previous, previous.stage == stage, previous.blocks == blocks { return nil }
        number = (previous?.number ?? 0) + 1
        self.stage = stage
        self.blocks = blocks
        self.rule = rule
        self.method = method
        self.actor = actor
        self.reason = reason
        self.recordedAt = recordedAt
    }
}
