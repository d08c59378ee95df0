/// Every bound of this room: how long is waited for, and how much is kept.
package enum Limits {
    /// How often a child process is looked at; its death is noticed within this time.
    static let supervisionMilliseconds = 200
    static let startPollMilliseconds = 10
    /// Starting includes recovery after a crash, which reads the log since the last checkpoint.
    static let clusterStart = Duration.seconds(300)
    static let clusterStop = Duration.seconds(60)
    static let clusterSetup = Duration.seconds(180)
    static let brokerStart = Duration.seconds(15)
    static let brokerStop = Duration.seconds(15)
    static let brokerReload = Duration.seconds(3)
    /// How long server processes without their parent may take to end by themselves.
    static let orphans = Duration.seconds(5)
    static let shortestRestartPauseMilliseconds = 100
    static let longestRestartPauseMilliseconds = 5_000
    /// A service that ran this long is restarted without a pause.
    static let steadyRun = Duration.seconds(30)
    /// A longer log is cut when its service starts.
    static let logBytes = 16 * 1_024 * 1_024
    static let logTailBytes = 2_000
    /// `sun_path` has 108 bytes with its end mark.
    static let socketPathBytes = 107
    static let freePortAttempts = 10
    /// Meters and their open files: connections, log, database.
    static let brokerOpenFiles = 65_536
    static let brokerInflightMessages = 1_000
    /// For each client, while it is away: a few hours of a thousand meters.
    static let brokerQueuedMessages = 200_000
    /// A megabyte of payload, and its topic and properties.
    static let brokerPacketBytes = 1_114_112
    /// Files the broker keeps open besides its connections.
    static let brokerOwnFiles = 64
    static let brokerSaveSeconds = 10
    static let brokerSessionDays = 14
    /// An old meter that comes back before its lost connection is noticed needs a second one.
    static let gatewayConnections = 8
    static let userNameBytes = 128
    static let hashBytes = 512
    static let secretBytes = 24
}
