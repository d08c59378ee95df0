package import Metering

/// Why a whole message cannot be read; nothing of it was used.
package struct WireError: Error, Hashable, Sendable {
    /// Stable names; clients switch on these, never on the detail.
    package enum Code: String, CaseIterable, Sendable {
        case empty
        case malformed
        case missingField = "missing_field"
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case negativeRegister = "negative_register"
        case noTime = "no_time"
        case unknownKey = "unknown_key"
        case unknownChannel = "unknown_channel"
        case duplicateKey = "duplicate_key"
        case tooMany = "too_many"
        case tooLarge = "too_large"
        case checksum
        case unsupportedVersion = "unsupported_version"
        case wrongKind = "wrong_kind"
    }

    package var code: Code
    /// JSON pointer to the field; empty for the message itself, and for frames.
    package var pointer: String
    package var detail: String

    package init(_ code: Code, at pointer: String = "", _ detail: String) {
        self.code = code
        self.pointer = pointer
        self.detail = detail
    }
}

extension ReadingFault {
    /// The same fault when it concerns one reading only.
    package init(_ error: WireError) {
        let code: Code =
            switch error.code {
            case .missingField: .missingField
            case .wrongType: .wrongType
            case .outOfRange, .tooMany, .tooLarge: .outOfRange
            case .negativeRegister: .negativeRegister
            case .noTime: .noTime
            case .unknownChannel: .unknownChannel
            case .duplicateKey: .duplicateKey
            case .empty, .malformed, .unknownKey, .checksum, .unsupportedVersion, .wrongKind:
                .malformed
            }
        let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
        self.init(code, place + error.detail)
    }
}
