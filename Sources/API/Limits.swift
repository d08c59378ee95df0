/// Bounds of this door beyond those of `Web` and `Wire`.
enum Limits {
    /// Meters in one file: each needs a credential hashed on the way.
    static let meterRows = 1_000
    /// Raw readings without a `from` are those of this many seconds.
    static let readingSpanSeconds: Int64 = 86_400
    /// A text in a JSON body, in bytes.
    static let textBytes = 4_000
}
