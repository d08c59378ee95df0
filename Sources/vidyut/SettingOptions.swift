import ArgumentParser
import Foundation
import Logging
import Registry
import UseCases

/// The settings as options of every command.
struct SettingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("File of settings (JSON).", valueName: "path"))
    var configFile: String?

    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp("\(Setting.databaseURL.meaning)", valueName: "url")
    )
    var databaseURL: String?

    @Option(
        name: .customLong("database-owner-url"),
        help: ArgumentHelp("\(Setting.databaseOwnerURL.meaning)", valueName: "url")
    )
    var databaseOwnerURL: String?

    @Option(
        name: .customLong("mqtt-url"),
        help: ArgumentHelp("\(Setting.mqttURL.meaning)", valueName: "url")
    )
    var mqttURL: String?

    @Option(help: ArgumentHelp("\(Setting.mqttPasswordFile.meaning)", valueName: "path"))
    var mqttPasswordFile: String?

    @Option(help: ArgumentHelp("\(Setting.mqttPidFile.meaning)", valueName: "path"))
    var mqttPidFile: String?

    @Option(help: ArgumentHelp("\(Setting.mqttAuthorityFile.meaning)", valueName: "path"))
    var mqttAuthorityFile: String?

    @Option(help: ArgumentHelp("\(Setting.gatewayHost.meaning)", valueName: "address"))
    var gatewayHost: String?

    @Option(help: ArgumentHelp("\(Setting.gatewayPorts.meaning)", valueName: "first-last"))
    var gatewayPorts: String?

    @Option(help: ArgumentHelp("\(Setting.gatewayAuthorityFile.meaning)", valueName: "path"))
    var gatewayAuthorityFile: String?

    @Option(help: ArgumentHelp("\(Setting.gatewayCertificateFile.meaning)", valueName: "path"))
    var gatewayCertificateFile: String?

    @Option(help: ArgumentHelp("\(Setting.gatewayKeyFile.meaning)", valueName: "path"))
    var gatewayKeyFile: String?

    @Option(help: ArgumentHelp("\(Setting.httpHost.meaning)", valueName: "address"))
    var httpHost: String?

    @Option(
        name: [.customLong("http-port"), .customLong("port")],
        help: ArgumentHelp("\(Setting.httpPort.meaning)", valueName: "port")
    )
    var httpPort: Int?

    @Option(help: ArgumentHelp("\(Setting.httpSecureCookies.meaning)", valueName: "yes|no"))
    var httpSecureCookies: String?

    @Option(
        name: [.customLong("state-directory"), .customLong("state-dir")],
        help: ArgumentHelp("\(Setting.stateDirectory.meaning)", valueName: "path")
    )
    var stateDirectory: String?

    @Option(
        name: [.customLong("archive-directory"), .customLong("archive-dir")],
        help: ArgumentHelp("\(Setting.archiveDirectory.meaning)", valueName: "path")
    )
    var archiveDirectory: String?

    @Option(
        name: .customLong("migrations"),
        help: ArgumentHelp("\(Setting.migrationsDirectory.meaning)", valueName: "path")
    )
    var migrations: String?

    @Option(help: ArgumentHelp("\(Setting.logLevel.meaning)", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("\(Setting.logFormat.meaning)", valueName: "format"))
    var logFormat: String?

    /// What was given, by setting.
    var given: [Setting: String] {
        let values: [Setting: String?] = [
            .databaseURL: databaseURL, .databaseOwnerURL: databaseOwnerURL, .mqttURL: mqttURL,
            .mqttPasswordFile: mqttPasswordFile, .mqttPidFile: mqttPidFile,
            .mqttAuthorityFile: mqttAuthorityFile, .gatewayHost: gatewayHost,
            .gatewayPorts: gatewayPorts, .gatewayAuthorityFile: gatewayAuthorityFile,
            .gatewayCertificateFile: gatewayCertificateFile, .gatewayKeyFile: gatewayKeyFile,
            .httpHost: httpHost,
            .httpSecureCookies: httpSecureCookies, .httpPort: httpPort.map { "\($0)" },
            .stateDirectory: stateDirectory, .archiveDirectory: archiveDirectory,
            .migrationsDirectory: migrations, .logLevel: logLevel, .logFormat: logFormat,
        ]
        return values.compactMapValues { $0 }
    }

    /// All settings in force; what has no effect is said.
    func configuration() async throws -> VidyutConfiguration {
        let configuration = try await VidyutConfiguration(
            commandLine: given,
            configFile: configFile,
            environment: ProcessInfo.processInfo.environment,
            defaultStateDirectory: Checkout.defaultStateDirectory
        )
        for warning in configuration.warnings { Terminal.say("warning: \(warning)") }
        return configuration
    }
}

/// What every command of an office takes.
struct OfficeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Code of the office; may be left out when there is exactly one.",
            valueName: "code"
        )
    )
    var office: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Act as this user of the office, with their role and under their name.",
            valueName: "login"
        )
    )
    var actor: String?

    @Flag(help: "Print JSON for programs.")
    var json = false

    @OptionGroup(title: "Settings", visibility: .hidden)
    var settings: SettingOptions

    /// Opens the database and runs the body for the office.
    func withOffice(
        _ body: @escaping @Sendable (UseCaseSet, Office, Caller) async throws -> Void
    ) async throws {
        let (code, actor) = (office, self.actor)
        try await settings.withUseCases { useCases in
            let office = try await find(code, useCases)
            var caller = Caller.operatorOfMachine(office.id)
            if let actor {
                let users = try await allPages { try await useCases.addUser.list($0, by: caller) }
                guard let user = users.first(where: { $0.login == actor && !$0.disabled }) else {
                    throw CommandFailure("office \(office.code) has no user '\(actor)'")
                }
                caller = Caller(
                    office: office.id,
                    name: user.login,
                    role: user.role,
                    user: user.id,
                    consumer: user.consumer
                )
            }
            try await body(useCases, office, caller)
        }
    }
}

extension SettingOptions {
    /// Opens the database and runs the body for the installation.
    func withUseCases(
        _ body: @escaping @Sendable (UseCaseSet) async throws -> Void
    ) async throws {
        let configuration = try await configuration()
        startLogging(configuration, quietly: true)
        try await Program.withServices(configuration) { try await body($0.useCases) }
    }
}

/// The office of a code, or the only one.
private func find(_ code: String?, _ useCases: UseCaseSet) async throws -> Office {
    if let code { return try await useCases.findOffices(code: code) }
    let offices = try await useCases.findOffices.all()
    if offices.count == 1, let only = offices.first { return only }
    throw ValidationError(
        offices.isEmpty
            ? "There is no office yet: vidyut office add CODE --name NAME"
            : "Which office? --office takes one of "
                + offices.map(\.code).sorted().joined(separator: ", ")
    )
}
