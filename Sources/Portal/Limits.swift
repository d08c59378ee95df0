/// Bounds of the pages.
enum Limits {
    /// A form is a few fields.
    static let formBytes = 16 * 1_024
    static let rowsPerPage = 50
    /// Registers that wait on one page, each with its photo.
    static let heldPerPage = 20
    /// Services of one consumer shown with their figures on one page.
    static let serviceCards = 20
    static let billsShown = 24
    static let monthsShown = 13
    /// Rows looked through for one filtered page; the rest follows on the next page.
    static let rowsScanned = 1_000
    static let rowsPerScan = 200
    /// Hours of power drawn as a line, and the most readings read for it.
    static let powerHours = 6
    static let powerReadings = 10_000
    static let powerPoints = 120
    /// A meter that has said nothing for longer than this is marked as silent.
    static let silentSeconds: Int64 = 2 * 3_600
    /// A live stream ends after this time; the browser opens it again and is recognised anew.
    static let liveStreamSeconds = 15 * 60
    /// Longest gap between two readings that a line still joins.
    static let joinedGapSeconds: Int64 = 45 * 60
}
