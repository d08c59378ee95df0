/// Bounds and sizes of the benchmarks.
enum Limits {
    /// Unmeasured seconds before each measurement: caches fill, pages are written whole once.
    static let warmUpSeconds = 1.0
    /// A whole start of the server, with its connections.
    static let serverStartSeconds = 60.0
    static let serverStopSeconds = 20.0
    /// How long answers are waited for once nothing more is sent.
    static let drainSeconds = 30.0
    /// A meter whose frames are not acknowledged for so long sends them again.
    static let resendSeconds = 3.0
    /// Instants that each meter needs, a second apart, within one day and one month.
    static let instantsPerMeter: Int64 = 20_000
    /// Rows of one statement of the plain insert, and who sends them at once.
    static let insertRows = 1_000
    static let insertWriters = 2
    /// Meters of a file of registers, and days of a file of daily energies.
    static let importMeters = 500
    static let importDays = 365
    /// As many rows a transaction as an import stores.
    static let importBatch = 2_000
    static let importPlainRows = 1_000_000
    static let importLookMilliseconds = 20
    /// What may be asked for on the command line.
    static let seconds = 1...600
    static let rounds = 1...99
    static let meters = 10...10_000
    static let rows = 0...200_000_000
    static let connections = 1...1_000
    static let window = 1...100
    /// Bytes of one answer of the server.
    static let answerBytes = 1 << 20
    static let receiveBytes = 1 << 16
    static let loopWaitMilliseconds: Int32 = 100
    /// Above so many connections the sender waits a little for more answers: each look at all of
    /// them costs processor time that the server should have.
    static let linesLookedAtAtOnce = 256
    static let gatherMicroseconds: UInt32 = 500
    static let logTailBytes = 2_000
    /// Open files beside the meters' connections.
    static let ownFiles = 256
    static let threadStackBytes = 1 << 20
    /// Meters of a fleet whose connection is not answered yet, and frames of each under way.
    static let fleetConnecting = 64
    static let fleetWindow = 40
    static let fleetTurnMicroseconds: UInt32 = 10_000
    /// Reports handed to the program's own verb at once.
    static let reportsAtOnce = 64
    /// Silent connections of one flood, and how long a hurt service is waited for.
    static let floodConnections = 600
    static let detailsTold = 50
    static let stormPatienceSeconds = 180.0
    /// Looks, 20 ms apart, for the rest of a page.
    static let pageLooks = 250
}
