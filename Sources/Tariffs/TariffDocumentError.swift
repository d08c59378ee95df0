/// Why a text is not a tariff: the place as a JSON path, and what would be right there.
package enum TariffDocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    case notJSON(JSONFault)
    case invalid(path: String, reason: String)

    package var description: String {
        switch self {
        case .notJSON(let fault): fault.description
        case .invalid(let path, let reason): "\(path): \(reason)"
        }
    }
}
