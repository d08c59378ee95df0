import ArgumentParser

/// Opens the office: intake, jobs, API and portal, until a signal to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Open the office: intake from the meters, jobs, API and portal.",
        discussion: """
            Without settings it starts a private database and broker of its own and stops them \
            with itself. It ends cleanly on SIGTERM or Ctrl-C: what was acknowledged is stored. \
            Several copies may run with one database and one broker; they divide the work.

              vidyut serve --port 8080
              VIDYUT_DATABASE_URL=postgres://… VIDYUT_MQTT_URL=mqtt://… vidyut serve
            """
    )

    @Flag(
        help: """
            Only the jobs (days closed, partitions made, old months archived), beside servers that \
            do the rest.
            """
    )
    var jobsOnly = false

    @OptionGroup(title: "Settings")
    var settings: SettingOptions

    func run() async throws {
        let configuration = try await settings.configuration()
        let metrics = startLogging(configuration, quietly: false)
        let doesJobsOnly = jobsOnly
        try await Program.withServices(configuration, needsBroker: true) { services in
            let host = configuration.httpHost
            let server = try OfficeServer(services, metrics: metrics)
            guard !doesJobsOnly else { return try await server.runJobs() }
            try await server.run(onReady: { port in
                Terminal.say("vidyut: the office is open at http://\(host):\(port)")
            })
        }
    }
}
