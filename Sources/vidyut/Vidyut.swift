import ArgumentParser
import Glibc

/// The electricity office in one program; every command is a verb of it.
@main
struct Vidyut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vidyut",
        abstract: "The electricity office in one program.",
        discussion: """
            Reads the meters, keeps every reading, bills every service by the real tariff and \
            shows all of it. Without settings it works with a database and a broker of its own; \
            `vidyut config` shows the settings and where each comes from, and every command takes \
            them as options (`vidyut config --help` lists them).

            A first office, from nothing to a bill:
              vidyut office add town --name "Town office"
              vidyut tariff publish --family tneb-lt1a
              vidyut reading import readings.csv --create-with-tariff tneb-lt1a
              vidyut bill run --cycle 2026-08 --issue
              vidyut bill list

            Exit status: 0 done, 1 failed or differs, 64 wrong use.
            """,
        subcommands: [
            ServeCommand.self, DemoCommand.self, FleetCommand.self, ConfigCommand.self,
            DatabaseCommands.self, OfficeCommands.self, UserCommands.self, ConsumerCommands.self,
            ServiceCommands.self, MeterCommands.self, ReadingCommands.self, TariffCommands.self,
            BillCommands.self, ForecastCommands.self, GatewayCommands.self,
        ]
    )

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            exit(withError: error)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // Wrong use and requests for help, which the parser words itself.
            if !(error is ExitCode), exitCode(for: error) != .failure { exit(withError: error) }
            if !(error is ExitCode) {
                for line in errorLines(error) { Terminal.say("vidyut: \(line)") }
            }
            Glibc.exit(exitStatus(of: error).rawValue)
        }
    }
}
