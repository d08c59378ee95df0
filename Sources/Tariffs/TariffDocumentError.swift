/// Why a text is not a tariff: the place as a JSON path, and what would be right there.
package enum TariffDocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    case notJSON(line: Int, reason: String)
    case invalid(path: String, reason: String)

    package var description: String {
        switch self {
        case .notJSON(let line, let reason): "line \(line): \(reason)"
        case .invalid(let path, let reason): "\(path): \(reason)"
        }
    }
}
