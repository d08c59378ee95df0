package import HTTPTypes

/// Names of headers that HTTPTypes does not know.
extension HTTPField.Name {
    // These literals are valid header names, so the initialiser gives a value.
    package static let requestID = name("X-Request-ID")
    package static let idempotencyKey = name("Idempotency-Key")
    /// Which office an administrator means.
    package static let vidyutOffice = name("Vidyut-Office")
    package static let xForwardedFor = name("X-Forwarded-For")
    package static let forwarded = name("Forwarded")
    /// Tells nginx to pass events on at once.
    package static let accelBuffering = name("X-Accel-Buffering")
    package static let referrerPolicy = name("Referrer-Policy")
    package static let crossOriginResourcePolicy = name("Cross-Origin-Resource-Policy")
    package static let frameOptions = name("X-Frame-Options")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("\(text) is not a header name")
        }
        return name
    }
}
