/// Bounds of the command line.
enum Limits {
    static let lockPollMilliseconds = 50
    /// How long a command waits for a private database that another program is starting.
    static let adoptionPolls = 2_400
    /// A file of consumers, services or meters.
    static let importFileBytes = 64 << 20
    static let tariffFileBytes = 16 << 20
    static let caseFileBytes = 16 << 20
    static let passwordFileBytes = 1 << 10
    /// Connections of one command: most do one thing at a time.
    static let commandConnections = 2
    /// Connections of the server: as many as `performance/limits.md` found worth while.
    static let serverConnections = 8
    /// Exceptions listed for people where nothing else is asked for.
    static let exceptionsListed = 50
    /// Open files of the server besides its web connections: database, broker, event loops.
    static let ownFiles = 128
    static let progressColumns = 30
    /// Of the days without a row, on one line for people.
    static let rangesCharacters = 160
    /// Old months leave once a day.
    static let retentionPauseSeconds = 86_400
    /// How often photos are looked for whose time is over.
    static let photoPauseSeconds = 3_600
    /// How often it is asked whether a night can be forecast.
    static let forecastPauseSeconds = 600
    /// Changes of credentials within so long are one change to the broker.
    static let passwordPauseMilliseconds = 200
    /// How long the demo waits for its meters' backlog.
    static let demoBacklogSeconds = 600
    /// Meters of one `fleet simulate`.
    static let simulatedMeters = 10_000
}
