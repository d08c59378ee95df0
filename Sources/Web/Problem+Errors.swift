import HTTPTypes
import Hummingbird
import NIOCore
package import Registry
import UseCases

extension Problem {
    /// What an error of the office means to whoever asked.
    ///
    /// Everything unknown becomes an internal error that tells no more than that; it is the
    /// caller's business to log it.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let invalid as InvalidInput: self.init(invalid)
        case let missing as NotFound: self.init(.notFound, detail: missing.description)
        case let refusal as NotAllowed: self.init(.notAllowed, detail: refusal.detail)
        case let conflict as StateConflict:
            self.init(.conflict, code: conflict.code, detail: conflict.detail)
        case let stranger as NotSignedIn:
            self.init(
                .notSignedIn,
                detail: stranger.detail,
                headers: [.wwwAuthenticate: "Bearer realm=\"vidyut\""]
            )
        case let overload as Overloaded:
            self.init(
                overload.isOwnShare ? .tooMuch : .overloaded,
                detail: overload.isOwnShare
                    ? "this sender's share is used up" : "the queue is full",
                headers: [.retryAfter: "\(overload.retryAfterSeconds)"]
            )
        case is Unavailable:
            self.init(
                .unavailable,
                detail: "the database is away or full",
                headers: [.retryAfter: "\(Limits.retryAfterSeconds)"]
            )
        case is UnknownOutcome:
            self.init(
                .unavailable,
                code: "outcome_unknown",
                detail: "the database went away while this was stored; look whether it was",
                headers: [.retryAfter: "\(Limits.retryAfterSeconds)"]
            )
        case is NIOTooManyBytesError: self.init(.tooLarge)
        case let known as HTTPError: self.init(known)
        default: self.init(.internalError)
        }
    }

    /// Every fault of an input, with pointers.
    package init(_ invalid: InvalidInput) {
        self.init(
            .invalid,
            detail: Problem.summary(invalid.faults),
            faults: invalid.faults.map {
                Fault(pointer: Problem.pointer($0.field), code: $0.code, detail: $0.detail)
            }
        )
    }

    private init(_ error: HTTPError) {
        let kind = ProblemKind.allCases.first { $0.status == error.status }
        switch kind {
        case .some(let kind): self.init(kind, detail: error.body, headers: error.headers)
        case nil where error.status.kind == .clientError:
            self.init(.unreadable, detail: error.body)
        case nil: self.init(.internalError)
        }
    }

    private static func summary(_ faults: [FieldFault]) -> String? {
        guard let first = faults.first else { return nil }
        let rest = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
        return "\(first.field): \(first.detail)\(rest)"
    }

    /// `name` is `/name`, `effective.from` is `/effective/from`, and `line 7, number` of a file is
    /// `/lines/7/number`.
    static func pointer(_ field: String) -> String {
        if field.isEmpty || field.hasPrefix("/") { return field }
        var parts: [String] = []
        for part in field.split(separator: ", ") {
            if part.hasPrefix("line ") {
                parts += ["lines", String(part.dropFirst("line ".count))]
            } else {
                parts += part.split(separator: ".").map(String.init)
            }
        }
        return parts.map { "/" + escaped($0) }.joined()
    }

    private static func escaped(_ part: String) -> String {
        var text = ""
        for character in part {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}
