import Metering
import Registry
import Units
import UseCases

/// A register that a person read, and what became of it.
struct ManualReadingResponse: Encodable {
    /// Why it waits, or waited.
    struct Finding: Encodable {
        var code: String
        var detail: String
    }

    /// What a person decided.
    struct Decision: Encodable {
        /// For staff only.
        var by: String?
        var at: String
        var reason: String
    }

    var id: String
    var service: String
    var meter: String
    var source: String
    var cycle: String?
    var at: String
    var outcome: String
    var registerWattHours: Int64?
    /// For staff only.
    var note: String?
    var state: String
    var findings: [Finding]
    var comparisonOnly: Bool
    var photo: Bool
    var photoRemovedAt: String?
    /// The entry that counts in its place.
    var supersededBy: String?
    var hint: String?
    var enteredBy: String?
    var enteredAt: String
    var decision: Decision?

    init(_ reading: ManualReading, for caller: Caller) {
        let isStaff = caller.role != .consumer
        id = "\(reading.id.value)"
        service = reading.serviceNumber
        meter = reading.meterSerial
        source = reading.source.rawValue
        cycle = reading.cycle?.description
        at = reading.at.description
        outcome = reading.outcome.rawValue
        registerWattHours = reading.register?.wattHours
        note = isStaff ? reading.note : nil
        state = reading.state.rawValue
        findings = reading.findings.map { Finding(code: $0.code.rawValue, detail: $0.detail) }
        comparisonOnly = reading.isComparison
        photo = reading.hasPhoto
        photoRemovedAt = reading.photoRemovedAt?.description
        supersededBy = reading.supersededBy.map { "\($0.value)" }
        hint = reading.hint
        enteredBy = isStaff ? reading.enteredBy : nil
        enteredAt = reading.enteredAt.description
        decision = reading.decision.map {
            Decision(by: isStaff ? $0.by : nil, at: $0.at.description, reason: $0.reason)
        }
    }
}

/// Assessor, consumer and meter of about the same time.
struct ComparisonResponse: Encodable {
    /// A report of the meter that was used.
    struct Report: Encodable {
        var at: String
        var registerWattHours: Int64

        init(_ reading: RegisterReading) {
            at = reading.at.description
            registerWattHours = reading.register.wattHours
        }
    }

    /// One person's register beside the meter's own.
    struct Side: Encodable {
        var reading: ManualReadingResponse
        /// Absent where the meter reported nothing near it.
        var reportedWattHours: Int64?
        /// How the reported register is known: `exact`, `interpolated` or `last_before`.
        var basis: String?
        var before: Report?
        var after: Report?
        /// What was read less what was reported.
        var differenceWattHours: Int64?
        var verdict: String

        init?(_ compared: ComparedRegister?, _ entry: ManualReading?, _ caller: Caller) {
            guard let compared, let entry else { return nil }
            reading = ManualReadingResponse(entry, for: caller)
            reportedWattHours = compared.reported?.register.wattHours
            differenceWattHours = compared.difference?.wattHours
            verdict = compared.verdict.rawValue
            switch compared.reported?.basis {
            case .exact: basis = "exact"
            case .interpolated(let from, let to):
                basis = "interpolated"
                before = Report(from)
                after = Report(to)
            case .lastBefore(let from):
                basis = "last_before"
                before = Report(from)
            case nil: basis = nil
            }
        }
    }

    var verdict: String
    var assessor: Side?
    var consumer: Side?

    init(_ row: CompareSources.Row, for caller: Caller) {
        verdict = row.comparison.verdict.rawValue
        assessor = Side(row.comparison.assessor, row.assessor, caller)
        consumer = Side(row.comparison.consumer, row.consumer, caller)
    }
}

/// A service of a round.
struct RoundStopResponse: Encodable {
    var service: String
    var consumer: String
    var address: String
    var meter: String
    var lastRegisterWattHours: Int64
    var lastReadAt: String
    var expectedLowWattHours: Int64?
    var expectedHighWattHours: Int64?
    /// When the meter last reported by itself.
    var reportedAt: String?
    var visit: ManualReadingResponse?

    init(_ stop: RoundStop, for caller: Caller) {
        service = stop.service.number
        consumer = stop.service.consumerName
        address = stop.service.address
        meter = stop.installation.meter.serial
        lastRegisterWattHours = stop.last.register.wattHours
        lastReadAt = stop.last.at.description
        expectedLowWattHours = stop.expected?.lowerBound.wattHours
        expectedHighWattHours = stop.expected?.upperBound.wattHours
        reportedAt = stop.reportedAt?.description
        visit = stop.visit.map { ManualReadingResponse($0, for: caller) }
    }
}
