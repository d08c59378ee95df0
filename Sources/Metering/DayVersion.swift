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

/// A day as it stood at some stage.
///
/// The first three versions are made from the readings anew whenever they are asked for: raw,
/// validated, estimated; what they tell is as made then. From the fourth on they are what people did,
/// kept for ever with what they did it on, never changed; the blocks after them follow the readings.
package struct DayVersion: Hashable, Sendable {
    /// How many versions come from the readings.
    package static let fromReadings: Int64 = 3

    /// From 1, without gaps.
    package var number: Int64
    package var stage: DayStage
    package var blocks: BlockDay
    /// The rules that found something, or what was done.
    package var rule: String?
    package var method: EstimationMethod?
    /// Who: a login, or `readings`.
    package var actor: String
    package var reason: String
    /// When a person did it; nil for what is made from readings.
    package var recordedAt: Instant?
    /// Taken back by a later version.
    package var isUndone: Bool
    /// Its ground has changed: it stands no longer.
    package var isLapsed: Bool
    /// What stood there when a person decided, kept with the decision; nil for what is made from readings.
    package var ground: EditGround?

    /// The version after another one.
    ///
    /// Nil when it would say nothing new, or may not follow.
    package init?(
        after previous: DayVersion?,
        stage: DayStage,
        blocks: BlockDay,
        rule: String? = nil,
        method: EstimationMethod? = nil,
        actor: String,
        reason: String,
        recordedAt: Instant?
    ) {
        guard stage.canFollow(previous?.stage) else { return nil }
        if let previous, previous.stage == stage, previous.blocks == blocks { return nil }
        self.init(
            number: (previous?.number ?? 0) + 1,
            stage: stage,
            blocks: blocks,
            rule: rule,
            method: method,
            actor: actor,
            reason: reason,
            recordedAt: recordedAt
        )
    }

    private init(
        number: Int64,
        stage: DayStage,
        blocks: BlockDay,
        rule: String?,
        method: EstimationMethod?,
        actor: String,
        reason: String,
        recordedAt: Instant?
    ) {
        self.number = number
        self.stage = stage
        self.blocks = blocks
        self.rule = rule
        self.method = method
        self.actor = actor
        self.reason = reason
        self.recordedAt = recordedAt
        isUndone = false
        isLapsed = false
    }

    /// What a person did, with the day as it stood after it.
    package init(_ edit: DayEdit, stage: DayStage, blocks: BlockDay, among edits: [DayEdit]) {
        var chosen: EstimationMethod?
        if case .estimate(let method, _) = edit.change { chosen = method }
        self.init(
            number: edit.id,
            stage: stage,
            blocks: blocks,
            rule: edit.words(blocks: blocks.energies.count),
            method: chosen,
            actor: edit.actor,
            reason: edit.reason,
            recordedAt: edit.at
        )
        isUndone = Metering.undone(edits).contains(edit.id)
        ground = edit.ground
    }
}

extension DayStages {
    /// Every version of the day, oldest first: what the readings made of it, and what people did.
    ///
    /// `edits`: all of the day, those that were undone too, in order; `registers`: as for `editing`.
    package func versions(
        _ edits: [DayEdit],
        registers: (Instant) -> [Int64]
    ) -> [DayVersion] {
        let read = "\(raw.received) of \(raw.expected) readings"
        guard
            let first = DayVersion(
                after: nil,
                stage: .raw,
                blocks: raw,
                actor: "readings",
                reason: read,
                recordedAt: nil
            ),
            let second = DayVersion(
                after: first,
                stage: .validated,
                blocks: raw,
                rule: Set(exceptions.map(\.rule.rawValue)).sorted().joined(separator: ", "),
                actor: "readings",
                reason: exceptions.isEmpty
                    ? "the rules found nothing" : "the rules found \(exceptions.count)",
                recordedAt: nil
            ),
            let third = DayVersion(
                after: second,
                stage: .estimated,
                blocks: estimated,
                method: estimated.qualities.lazy.filter { $0.contains(.estimated) }
                    .compactMap(\.method).min { $0.rank < $1.rank },
                actor: "readings",
                reason: "\(estimated.estimated) blocks estimated",
                recordedAt: nil
            )
        else { return [] }
        return [first, second, third] + made(edits, registers)
    }

    private func made(
        _ edits: [DayEdit],
        _ registers: (Instant) -> [Int64]
    ) -> [DayVersion] {
        let lapsed = Set(edited.lapsed.map(\.id))
        return edits.indices.map { index in
            let edit = edits[index]
            let then = editing(estimated, by: Array(edits[...index]), registers: registers)
            var version = DayVersion(
                edit,
                stage: then.isFinal ? .final : then.blocks == estimated ? .estimated : .edited,
                blocks: then.blocks,
                among: edits
            )
            version.isLapsed = lapsed.contains(edit.id)
            return version
        }
    }
}

extension EstimationMethod {
    /// The best is 0.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}
