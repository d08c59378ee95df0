package import Units

/// Why a bill cannot be rated; each case says what to add or mend.
package enum RatingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An exact intermediate does not fit 128 bits, or an amount does not fit 64.
    case overflow
    case missingParameter(name: String, line: String)
    case unknownParameter(name: String, known: [String])
    case unknownLine(name: String, optional: [String])
    case missingInput(name: String, line: String?)
    case badInput(name: String, reason: String)
    /// The document has no rate above its last bound.
    case aboveLastBound(line: String)
    case noTable(line: String)
    case badParameter(name: String, line: String, reason: String)
    case noVersion(family: String, days: [BillingPeriod])
    /// The document does not hold on these days of the bill.
    case notInForce(id: String, days: [BillingPeriod])
    /// Two lengths of one bill that cannot both be right.
    case contradiction(String, String, reason: String)

    /// What a line left out of a check needs.
    var need: String {
        switch self {
        case .missingParameter(let name, _): "needs the parameter \"\(name)\""
        case .missingInput(let name, _): "needs \(name)"
        default: description
        }
    }

    package var description: String {
        switch self {
        case .overflow: "the amount is too large to compute exactly"
        case .missingParameter(let name, let line):
            "line \"\(line)\" needs the parameter \"\(name)\""
        case .unknownParameter(let name, let known):
            "no line reads the parameter \"\(name)\"; known: \(RatingError.list(known))"
        case .unknownLine(let name, let optional):
            "\"\(name)\" is no optional line; optional: \(RatingError.list(optional))"
        case .missingInput(let name, let line?): "line \"\(line)\" needs \(name)"
        case .missingInput(let name, nil): "the bill needs \(name)"
        case .badInput(let name, let reason): "\(name): \(reason)"
        case .aboveLastBound(let line): "line \"\(line)\" has no rate above its last bound"
        case .noTable(let line): "no table or band of line \"\(line)\" applies"
        case .badParameter(let name, let line, let reason):
            "parameter \"\(name)\" of line \"\(line)\": \(reason)"
        case .noVersion(let family, let days):
            "no version of \(family) is in force on "
                + days.map(\.description).joined(separator: " and ")
        case .notInForce(let id, let days):
            "\(id) is not in force on " + days.map(\.text).joined(separator: " and ")
        case .contradiction(let left, let right, let reason):
            "\(left) and \(right) disagree: \(reason)"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
