import CPQ

/// Where the database is, as whom to come, and how much to ask of it.
package struct PostgresConfiguration: Sendable, Hashable {
    /// libpq's own keywords (`host`, `dbname`, `sslmode`…) and their values.
    package private(set) var parameters: [String: String]
    package var connections = Limits.connections
    package var queuedTransactions = Limits.queuedTransactions
    /// How long a transaction waits for a database that is down before it fails.
    package var connectPatience = Limits.connectPatience
    /// Zero switches the limit off.
    package var statementTimeout = Limits.statementTimeout
    /// Zero switches the limit off.
    package var lockTimeout = Limits.lockTimeout

    /// Reads `postgres://user:password@host:port/database?key=value`; `?host=/folder` names a socket.
    ///
    /// Everything libpq understands is understood; the error says what was wrong with the text.
    package init(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw .misuse("a database URL begins with postgres://")
        }
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &complaint) else {
            let text = complaint.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(complaint)
            throw .misuse("the database URL cannot be read: \(text.trimmedLine)")
        }
        defer { PQconninfoFree(options) }
        parameters = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
    }

    /// Names the place field by field; `host` may be a socket's folder.
    package init(
        host: String,
        port: Int = 5432,
        database: String,
        user: String,
        password: String? = nil
    ) {
        parameters = ["host": host, "port": String(port), "dbname": database, "user": user]
        parameters["password"] = password
    }

    package var host: String { parameters["host"] ?? "" }
    package var user: String { parameters["user"] ?? "" }
    package var database: String { parameters["dbname"] ?? user }

    /// The same place under another role, without the password of the first unless given.
    package func with(user: String, password: String? = nil) -> PostgresConfiguration {
        var copy = self
        copy.parameters["user"] = user
        copy.parameters["password"] = password
        return copy
    }

    /// The same server and role, another database.
    package func with(database: String) -> PostgresConfiguration {
        var copy = self
        copy.parameters["dbname"] = database
        return copy
    }

    /// What a connection is opened with: the caller's words, and the house's where it said nothing.
    var connectionParameters: [String: String] {
        var result = [
            "connect_timeout": String(Limits.connectTimeoutSeconds),
            "application_name": "vidyut",
            "tcp_user_timeout": String(Limits.transportTimeoutMilliseconds),
            "keepalives_idle": "30",
            "keepalives_interval": "5",
            "keepalives_count": "3",
        ].merging(parameters) { $1 }
        result["client_encoding"] = "UTF8"
        let settings = [
            "timezone": "UTC",
            "datestyle": "ISO",
            "statement_timeout": String(statementTimeout.wholeMilliseconds),
            "lock_timeout": String(lockTimeout.wholeMilliseconds),
        ]
        let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
        result["options"] = ([parameters["options"]].compactMap(\.self) + options)
            .joined(separator: " ")
        return result
    }
}

extension PostgresConfiguration: CustomStringConvertible {
    /// Place and role, never the password.
    package var description: String {
        "\(user)@\(host):\(parameters["port"] ?? "5432")/\(database)"
    }
}

extension Duration {
    /// Whole milliseconds, at least one for anything above zero.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        return milliseconds == 0 && self > .zero ? 1 : milliseconds
    }
}

extension String {
    /// libpq ends its messages with a line break and may spread them over several lines.
    var trimmedLine: String {
        split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
            .joined(separator: " ")
    }
}
