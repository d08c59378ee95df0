import Configuration
import Foundation
import Logging
import MQTT

/// A setting that cannot be used, in words for whoever set it.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Everything that can be set, from the command line, else the environment, else the file, else by
/// default.
///
/// Keys, types and ranges: `Setting`. `database.url` and `mqtt.url` absent means the private
/// database and broker under `state.directory`.
struct VidyutConfiguration: Sendable {
    /// How records of the log look.
    enum LogFormat: String, Sendable { case text, json }

    let databaseURL: String?
    let databaseOwnerURL: String?
    let mqtt: BrokerAddress?
    let mqttPasswordFile: String?
    let mqttPidFile: String?
    let gateway: GatewaySettings
    let httpHost: String
    let httpPort: Int
    let usesSecureCookies: Bool
    let stateDirectory: String
    /// Nil beside a database of one's own when nobody said where: then nothing leaves it.
    let archiveDirectory: String?
    let migrationsDirectory: String?
    let logLevel: Logger.Level
    let logFormat: LogFormat
    /// Whether someone set the level; commands are quieter than the server otherwise.
    let logLevelIsSet: Bool
    let settings: [SettingInForce]
    /// What was set and has no effect, one sentence each.
    let warnings: [String]

    /// Reads all sources.
    ///
    /// `commandLine` holds the options that were given; without a `configFile` named there,
    /// `VIDYUT_CONFIG_FILE` may name it.
    init(
        commandLine: [Setting: String],
        configFile: String?,
        environment: [String: String],
        defaultStateDirectory: String
    ) async throws {
        let path = configFile ?? environment["VIDYUT_CONFIG_FILE"]
        var sources: [ConfigurationSource] = [
            .given(commandLine, name: "command line"), .environment(environment),
        ]
        if let path { sources.append(try await .file(path)) }
        sources.append(.given(Self.defaults(defaultStateDirectory), name: "default"))
        var settings: [SettingInForce] = []
        for setting in Setting.allCases {
            settings.append(try Self.lookUp(setting, in: sources))
        }
        self.settings = settings
        warnings = sources.flatMap(\.warnings)
        let values = Dictionary(
            uniqueKeysWithValues: settings.compactMap { entry in
                entry.value.map { (entry.setting, $0) }
            }
        )
        databaseURL = values[.databaseURL]
        databaseOwnerURL = values[.databaseOwnerURL]
        mqtt = try values[.mqttURL].map {
            try BrokerAddress(url: $0, authorityFile: values[.mqttAuthorityFile] ?? "")
        }
        mqttPasswordFile = values[.mqttPasswordFile]
        mqttPidFile = values[.mqttPidFile]
        gateway = try GatewaySettings(values)
        httpHost = values[.httpHost] ?? ""
        guard let port = values[.httpPort].flatMap({ Int($0) }), (0...65_535).contains(port) else {
            throw ConfigurationError(
                "http.port is 0 to 65535, not '\(values[.httpPort] ?? "")'"
            )
        }
        httpPort = port
        let secureCookies = values[.httpSecureCookies] ?? ""
        guard ["yes", "no"].contains(secureCookies) else {
            throw ConfigurationError("http.secureCookies is yes or no, not '\(secureCookies)'")
        }
        usesSecureCookies = secureCookies == "yes"
        stateDirectory = values[.stateDirectory] ?? defaultStateDirectory
        archiveDirectory =
            values[.archiveDirectory] ?? (databaseURL == nil ? "\(stateDirectory)/archive" : nil)
        migrationsDirectory = values[.migrationsDirectory]
        guard let level = Logger.Level(rawValue: values[.logLevel] ?? "") else {
            throw ConfigurationError(
                "log.level is \(Setting.logLevel.meaning), not '\(values[.logLevel] ?? "")'"
            )
        }
        logLevel = level
        logLevelIsSet = settings.contains { $0.setting == .logLevel && $0.source != "default" }
        guard let format = LogFormat(rawValue: values[.logFormat] ?? "") else {
            throw ConfigurationError(
                "log.format is text or json, not '\(values[.logFormat] ?? "")'"
            )
        }
        logFormat = format
    }

    private static func defaults(_ stateDirectory: String) -> [Setting: String] {
        [
            .httpHost: "127.0.0.1", .httpPort: "8080", .httpSecureCookies: "no",
            .logLevel: "info", .logFormat: "text", .stateDirectory: stateDirectory,
            .mqttAuthorityFile: "/etc/ssl/certs/ca-certificates.crt",
            .gatewayHost: "127.0.0.1", .gatewayPorts: "18801-18999",
        ]
    }

    private static func lookUp(
        _ setting: Setting,
        in sources: [ConfigurationSource]
    ) throws -> SettingInForce {
        for source in sources {
            if let value = try source.value(of: setting) {
                return SettingInForce(setting: setting, value: value, source: source.name)
            }
        }
        return SettingInForce(setting: setting, value: nil, source: "not set")
    }
}

/// One place that settings come from, and what it holds that is no setting.
private struct ConfigurationSource: Sendable {
    let name: String
    let provider: any ConfigProvider
    var warnings: [String] = []

    static func given(_ values: [Setting: String], name: String) -> ConfigurationSource {
        var entries: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, value) in values {
            let content: ConfigContent =
                if setting.isNumber, let number = Int(value) { .int(number) } else {
                    .string(value)
                }
            entries[setting.absoluteKey] = ConfigValue(content, isSecret: setting.isSecret)
        }
        return ConfigurationSource(
            name: name,
            provider: InMemoryProvider(name: name, values: entries)
        )
    }

    /// Variables are read under the prefix `VIDYUT_`; an empty one counts as not set.
    static func environment(_ environment: [String: String]) -> ConfigurationSource {
        let known = Set(Setting.allCases.flatMap(\.environmentNames) + otherVariables)
        var variables: [String: String] = [:]
        for setting in Setting.allCases {
            let values = setting.environmentNames.compactMap { environment[$0] }
            // The library looks for the long name only.
            if let value = values.first(where: { !$0.isEmpty }),
                let name = setting.environmentNames.last
            {
                variables[name] = value
            }
        }
        let unknown = environment.keys.filter {
            $0.hasPrefix("VIDYUT_") && !$0.hasPrefix("VIDYUT_TEST_") && !known.contains($0)
        }
        return ConfigurationSource(
            name: "environment",
            provider: EnvironmentVariablesProvider(environmentVariables: variables)
                .prefixKeys(with: "vidyut"),
            warnings: unknown.sorted().map { "\($0) is no setting of this program" }
        )
    }

    /// Variables that mean something and are no settings.
    private static let otherVariables = [
        "VIDYUT_CONFIG_FILE", "VIDYUT_PASSWORD", "VIDYUT_SOURCE_ROOT",
    ]

    /// A JSON file of nested objects: `{"http": {"port": 8080}}`.
    static func file(_ path: String) async throws -> ConfigurationSource {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("the configuration file \(path) cannot be read")
        }
        guard let root = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
            throw ConfigurationError("the configuration file \(path) is not a JSON object")
        }
        let known = Set(Setting.allCases.map(\.rawValue))
        let unknown = keys(root).filter { !known.contains($0) }.sorted()
        let location = ConfigReader(
            provider: InMemoryProvider(values: ["filePath": .init(stringLiteral: path)])
        )
        let provider: FileProvider<JSONSnapshot>
        do {
            provider = try await FileProvider<JSONSnapshot>(config: location)
        } catch {
            throw ConfigurationError("the configuration file \(path) cannot be used: \(error)")
        }
        return ConfigurationSource(
            name: path,
            provider: provider,
            warnings: unknown.map { "\($0) in \(path) is no setting of this program" }
        )
    }

    private static func keys(_ object: [String: Any], under prefix: String = "") -> [String] {
        object.flatMap { name, value -> [String] in
            if let inner = value as? [String: Any] {
                return keys(inner, under: "\(prefix)\(name).")
            }
            return [prefix + name]
        }
    }

    func value(of setting: Setting) throws -> String? {
        let found: ConfigValue?
        do {
            found = try provider.value(
                forKey: setting.absoluteKey,
                type: setting.isNumber ? .int : .string
            ).value
        } catch {
            throw ConfigurationError(
                "\(setting.rawValue) (\(name)) is not "
                    + (setting.isNumber ? "a whole number" : "a text")
            )
        }
        return switch found?.content {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }
}

extension Setting {
    fileprivate var absoluteKey: AbsoluteConfigKey {
        AbsoluteConfigKey(rawValue.split(separator: ".").map(String.init))
    }
}
