/// What may break a rule, and why.
///
/// A line that is no longer needed fails a test of its own.
enum RuleExceptions {
    /// Wrappers of C pointers and foreign threads; a comment beside each states the invariant.
    static let uncheckedSendable: [RuleException] = [
        RuleException(
            path: "Sources/Postgres/CancelTicket.swift",
            reason: "libpq documents PQcancel as safe from any thread"
        ),
        RuleException(
            path: "Sources/Postgres/Row.swift",
            reason: "a PGresult never changes after libpq made it, and is only read"
        ),
    ]

    /// Bridges from synchronous callbacks into actors; each ends by itself at once.
    static let unstructuredTasks: [RuleException] = [
        RuleException(
            path: "Sources/vidyut/OfficeServer.swift",
            reason: "a graceful shutdown is announced synchronously; the service waits for it"
        )
    ]

    /// Where the machine is asked what time it is.
    static let systemClock: [RuleException] = [
        RuleException(
            path: "Sources/vidyut/LiveClock.swift",
            reason: "the one place that hands the clock to everything else"
        ),
        RuleException(
            path: "Sources/Benchmarks/ChaosBenchmark.swift",
            reason: "its meters tell a real server the real time"
        ),
    ]

    /// Where a monotonic clock measures how long something takes; it never says what day it is.
    static let stopwatch: [RuleException] = [
        RuleException(path: "Sources/Benchmarks/", reason: "a benchmark measures real time"),
        RuleException(path: "Sources/vidyut/LiveClock.swift", reason: "the live clock itself"),
        RuleException(path: "Sources/MQTT/", reason: "reconnects later, on its loop's own thread"),
        RuleException(path: "Sources/Postgres/Pool*", reason: "limits and measures waiting"),
        RuleException(path: "Sources/Postgres/Migrator.swift", reason: "records durations"),
        RuleException(path: "Sources/PrivateServices/", reason: "limits how long a child may take"),
    ]

    /// SQL outside Store and Migrations.
    static let sql: [RuleException] = [
        RuleException(path: "Sources/Store/", reason: "the room of all SQL"),
        RuleException(path: "Sources/Benchmarks/", reason: "measures the limit of the database"),
        RuleException(
            path: "Sources/Postgres/Migrator*",
            reason: "its own table, migration, and nothing else"
        ),
        RuleException(
            path: "Sources/PrivateServices/",
            reason: "makes the roles and the database before any migration can run"
        ),
    ]

    /// Names that end in a banned word because it is the trade's own.
    static let names: [String: String] = [:]

    /// Tables that need not have what every table has.
    static let tables: [String: (lacks: Set<SchemaRules.Requirement>, reason: String)] = [
        "migration": (
            [.tenantColumn, .enabledSecurity, .forcedSecurity],
            "belongs to the installation and is written before there are offices"
        )
    ]
}

extension [RuleException] {
    func cover(_ path: String) -> Bool { contains { $0.covers(path) } }
}
