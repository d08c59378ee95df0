package import HTTPTypes

/// The kinds of problems: their names are the last part of a problem's `type`.
package enum ProblemKind: String, CaseIterable, Sendable {
    case unreadable
    case notSignedIn = "not_signed_in"
    case notAllowed = "not_allowed"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case conflict
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalid
    case tooMuch = "too_much"
    case overloaded
    case unavailable
    case internalError = "internal_error"

    package var status: HTTPResponse.Status {
        switch self {
        case .unreadable: .badRequest
        case .notSignedIn: .unauthorized
        case .notAllowed: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .invalid: .unprocessableContent
        case .tooMuch: .tooManyRequests
        case .overloaded, .unavailable: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }

    /// The same for every problem of the kind.
    package var title: String {
        switch self {
        case .unreadable: "The request cannot be read"
        case .notSignedIn: "Nobody is signed in"
        case .notAllowed: "This is not allowed"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The method does not fit the path"
        case .conflict: "The present state of things does not permit it"
        case .tooLarge: "The request is too large"
        case .unsupportedMediaType: "The media type of the body is not understood"
        case .invalid: "The request can be read but is not valid"
        case .tooMuch: "Too much of the same sender is waiting"
        case .overloaded: "Too much is waiting"
        case .unavailable: "A part of the office is away"
        case .internalError: "Something went wrong inside"
        }
    }

    /// What to do about it.
    package var advice: String {
        switch self {
        case .unreadable: "Mend the body where `detail` or `errors` points; nothing was done."
        case .notSignedIn: "Sign in with POST /v1/sessions and send `Authorization: Bearer …`."
        case .notAllowed: "Ask someone whose role permits it."
        case .notFound:
            "The thing does not exist, or belongs to another office or another consumer."
        case .methodNotAllowed: "`Allow` names the methods of this path."
        case .conflict: "`code` names the state; change it first, or leave it."
        case .tooLarge: "Send less at a time."
        case .unsupportedMediaType: "Send JSON as `application/json`, tables as `text/csv`."
        case .invalid: "`errors` names every field that has to be mended; nothing was done."
        case .tooMuch: "Send the same again after the seconds in `Retry-After`, and less at once."
        case .overloaded: "Send the same again after the seconds in `Retry-After`."
        case .unavailable: "Send the same again after the seconds in `Retry-After`."
        case .internalError: "Tell the office's operator the `requestId`."
        }
    }
}
