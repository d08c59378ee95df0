/// The bounds this room sets on what it reads and computes.
enum Limits {
    /// Largest JSON text accepted, in bytes: some hundred tariffs.
    static let documentBytes = 8 << 20
    /// Deepest nesting of a JSON text.
    static let jsonDepth = 32
    /// Most documents of one text.
    static let documents = 1_000
    /// Most lines of one document.
    static let lines = 60
    /// Most tables of a line, blocks of a table, bands, slots or steps.
    static let entries = 100
    /// Most elements of a base such as `of`.
    static let terms = 60
    /// Longest text of an id, label or note, in bytes.
    static let textBytes = 4_000
    /// Longest bill, in months and in days.
    static let months: Int64 = 120
    static let days = 3_660
    /// Largest energy of one bill: 10^15 Wh, a thousand TWh.
    static let wattHours: Int64 = 1_000_000_000_000_000
    /// Most mistakes that are told of one text.
    static let faults = 200
    /// Most cases of one check.
    static let cases = 100_000
    /// Most windows that one parameter may have.
    static let windows = 200
}
