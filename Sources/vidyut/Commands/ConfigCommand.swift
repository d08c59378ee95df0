import ArgumentParser

/// `vidyut config`: what is set, and by whom.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the settings in force and where each comes from; passwords are hidden.",
        discussion: """
            A setting is taken from the command line, else from the environment, else from the \
            file, else it has a default. The file is named by --config-file or VIDYUT_CONFIG_FILE \
            and holds nested objects: {"http": {"port": 8081}}. In the environment the same \
            setting is VIDYUT_HTTP_PORT, on the command line --http-port.

            Example: VIDYUT_HTTP_PORT=8081 vidyut config
            """
    )

    @Flag(help: "Print JSON for programs.")
    var json = false

    @OptionGroup(title: "Settings")
    var settings: SettingOptions

    private struct Entry: Encodable {
        let key: String
        let value: String?
        let source: String
        let environment: String
    }

    func run() async throws {
        let configuration = try await settings.configuration()
        if json {
            try Output.jsonList(
                configuration.settings.map {
                    Entry(
                        key: $0.setting.rawValue,
                        value: $0.shownValue,
                        source: $0.source,
                        environment: $0.setting.environmentNames[0]
                    )
                }
            )
            return
        }
        Output.table(
            ["Setting", "Value", "From"],
            configuration.settings.map {
                [$0.setting.rawValue, $0.shownValue ?? "-", $0.source]
            },
            none: ""
        )
    }
}
