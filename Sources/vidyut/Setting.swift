import Foundation

/// A thing that can be set: its key in the file, and everything that follows from it.
enum Setting: String, CaseIterable, Sendable {
    case databaseURL = "database.url"
    case databaseOwnerURL = "database.ownerUrl"
    case mqttURL = "mqtt.url"
    case mqttPasswordFile = "mqtt.passwordFile"
    case mqttPidFile = "mqtt.pidFile"
    case mqttAuthorityFile = "mqtt.authorityFile"
    case gatewayHost = "gateway.host"
    case gatewayPorts = "gateway.ports"
    case gatewayAuthorityFile = "gateway.authorityFile"
    case gatewayCertificateFile = "gateway.certificateFile"
    case gatewayKeyFile = "gateway.keyFile"
    case httpHost = "http.host"
    case httpPort = "http.port"
    case httpSecureCookies = "http.secureCookies"
    case stateDirectory = "state.directory"
    case archiveDirectory = "archive.directory"
    case migrationsDirectory = "migrations.directory"
    case logLevel = "log.level"
    case logFormat = "log.format"

    var isNumber: Bool { self == .httpPort }

    /// Holds or may hold a password.
    var isSecret: Bool {
        self == .databaseURL || self == .databaseOwnerURL || self == .mqttURL
    }

    /// The name in the environment, `VIDYUT_DATABASE_OWNER_URL`, with the short names people know.
    var environmentNames: [String] {
        let full = "VIDYUT_" + words.map { $0.uppercased() }.joined(separator: "_")
        return switch self {
        case .stateDirectory: ["VIDYUT_STATE_DIR", full]
        case .archiveDirectory: ["VIDYUT_ARCHIVE_DIR", full]
        case .migrationsDirectory: ["VIDYUT_MIGRATIONS_DIR", full]
        default: [full]
        }
    }

    /// The words of the key: `database`, `owner`, `url`.
    private var words: [String] {
        var words = [""]
        for character in rawValue {
            if character == "." || character.isUppercase { words.append("") }
            if character != "." { words[words.count - 1] += character.lowercased() }
        }
        return words
    }

    var meaning: String {
        switch self {
        case .databaseURL:
            "PostgreSQL for the program's role, postgres://…; without it a private server is used"
        case .databaseOwnerURL: "the same database for the role that owns the tables: migrations"
        case .mqttURL:
            "the broker, mqtt://user:password@host:port or mqtts://…; without it a private one"
        case .mqttPasswordFile: "password file of your broker, kept as the meters' credentials say"
        case .mqttPidFile: "pid file of your broker, which is told (SIGHUP) of new passwords"
        case .mqttAuthorityFile: "PEM file of the authorities that signed your broker's certificate"
        case .gatewayHost: "address the private broker's listeners of old meters listen on"
        case .gatewayPorts: "first and last port for old meters where none is chosen, 18801-18999"
        case .gatewayAuthorityFile:
            "PEM file of the authority that signed the old meters' certificates; TLS with all three"
        case .gatewayCertificateFile: "PEM file of the certificate shown to old meters"
        case .gatewayKeyFile: "PEM file of its key, readable by the broker"
        case .httpHost: "address the web server listens on"
        case .httpSecureCookies:
            "yes or no: the portal's cookies travel over https only; yes behind a proxy with TLS"
        case .httpPort: "port the web server listens on; 0 takes a free one"
        case .stateDirectory: "where the private database and broker live"
        case .archiveDirectory:
            "where months of readings go that no office keeps; beside a database of yours none leave "
                + "without it"
        case .migrationsDirectory:
            "folder of the schema's migrations, when it is not found by itself"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        case .logFormat: "text or json"
        }
    }
}

/// The value of a setting, and who said so.
struct SettingInForce: Sendable, Hashable {
    let setting: Setting
    /// Nil when nobody set it and there is no default.
    let value: String?
    let source: String

    /// The value as it may be shown: a password within a URL is hidden.
    var shownValue: String? { setting.isSecret ? value.map(redacted) : value }
}

/// A URL without its password: in the place of the user, and in a query.
func redacted(_ url: String) -> String {
    guard let scheme = url.range(of: "://") else { return "(hidden)" }
    var rest = String(url[scheme.upperBound...])
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    if let at = rest[..<end].lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
        rest.replaceSubrange(rest.index(after: colon)..<at, with: "***")
    } else if rest.contains("@"), rest[..<end].lastIndex(of: "@") == nil {
        // A slash in a password that was not encoded: nothing of it may be shown.
        return String(url[..<scheme.upperBound]) + "(hidden)"
    }
    guard let question = rest.firstIndex(of: "?") else {
        return String(url[..<scheme.upperBound]) + rest
    }
    let parts = rest[rest.index(after: question)...].split(separator: "&").map { part in
        part.lowercased().contains("password") ? part.prefix { $0 != "=" } + "=***" : part
    }
    return url[..<scheme.upperBound] + rest[...question] + parts.joined(separator: "&")
}
