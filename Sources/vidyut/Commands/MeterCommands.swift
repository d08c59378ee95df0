import ArgumentParser
import Metering
import Registry
import Units
import UseCases
import Wire

/// A registered meter with its credential, as JSON.
private struct CredentialEntry: Encodable {
    let serial: String
    let brokerUser: String
    let credential: String
    let gatewayPort: Int?

    init(_ registered: RegisterMeter.Registered) {
        serial = registered.meter.serial
        brokerUser = registered.name
        credential = registered.credential
        gatewayPort = registered.gatewayPort
    }
}

private let credentialNote =
    "The credential is shown this once: it is the meter's password at the broker and its token."

/// `vidyut meter`.
struct MeterCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter",
        abstract: "Register, list, show and exchange meters; renew their credentials.",
        subcommands: [
            Add.self, Import.self, List.self, Show.self, Replace.self, Credential.self,
        ]
    )

    /// `vidyut meter add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a meter, and hang it at a service.",
            discussion: """
                \(credentialNote)
                  vidyut meter add m-17 --service S-17 --installed-at 2026-01-01T00:00:00+05:30
                A meter with the student project's firmware (topics esp32/pub and esp32/sub) is an \
                old one: it gets a listener of its own at the broker, and its energy is derived \
                from apparent power, not for revenue. See vidyut gateway --help.
                  vidyut meter add OLD-1 --old --gateway-port 18801
                """
        )

        @Argument(help: "Serial: letters, digits, '-' and '_', unique in the office.")
        var serial: String

        @Option(help: ArgumentHelp("Service it hangs at.", valueName: "number"))
        var service: String?

        @Option(help: ArgumentHelp("When it was hung; now when left out.", valueName: "instant"))
        var installedAt: String?

        @Option(help: ArgumentHelp("What its register showed then, in kWh.", valueName: "kWh"))
        var openingRegister: String?

        @Option(help: ArgumentHelp("Whole digits of its kWh register.", valueName: "digits"))
        var registerDigits: Int?

        @Option(help: ArgumentHelp("Ratio of its transformers.", valueName: "factor"))
        var multiplier: Int?

        @Option(help: ArgumentHelp("Channels it measures, 1 to 3.", valueName: "count"))
        var channels: Int?

        @Flag(help: "It has the student project's firmware, and comes through the gateway.")
        var old = false

        @Option(
            help: ArgumentHelp(
                "Port of its own listener; the next free one of gateway.ports when left out.",
                valueName: "port"
            )
        )
        var gatewayPort: Int?

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let opening = try openingRegister.map {
                try wholeThousandths($0, option: "--opening-register")
            }
            let input = RegisterMeter.Input(
                serial: serial,
                registerDigits: registerDigits,
                multiplier: multiplier,
                channels: channels,
                serviceNumber: service,
                installedAt: installedAt,
                openingRegisterWattHours: opening,
                isOld: old,
                gatewayPort: gatewayPort
            )
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let registered = try await useCases.registerMeter(input, by: caller)
                try show(registered, asJSON: asJSON, verb: "is registered")
            }
        }
    }

    /// `vidyut meter import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register the meters of a CSV file: all of them, or none.",
            discussion: """
                Columns: serial and, if wished, registerDigits,multiplier,channels,service,\
                installedAt,openingRegisterWattHours,old,gatewayPort (old is yes or no). Prints \
                serial,brokerUser,credential and, where there are old meters, gatewayPort as CSV: \
                keep it, the credentials are shown this once.
                  vidyut meter import meters.csv > credentials.csv
                """
        )

        @Argument(help: "CSV file, may be packed by gzip; '-' is the input.")
        var file: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let rows = try importRows(file)
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let registered = try await useCases.registerMeter.importRows(rows, by: caller)
                let entries = registered.map { CredentialEntry($0) }
                if asJSON { return try Output.jsonList(entries) }
                let hasOld = entries.contains { $0.gatewayPort != nil }
                var text = csvLine(
                    ["serial", "brokerUser", "credential"] + (hasOld ? ["gatewayPort"] : [])
                )
                for entry in entries {
                    let port = entry.gatewayPort.map { "\($0)" } ?? ""
                    text += csvLine(
                        [entry.serial, entry.brokerUser, entry.credential]
                            + (hasOld ? [port] : [])
                    )
                }
                Terminal.printRaw(text)
                Terminal.say("\(registered.count) meters are registered at \(office.code).")
            }
        }
    }

    /// `vidyut meter replace`.
    struct Replace: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Exchange the meter of a service: the old one closes, the new one opens.",
            discussion: """
                The new meter is registered before. The bill of the cycle has a part for each.
                  vidyut meter replace --service S-17 --new m-18 --at 2026-10-05T11:00:00+05:30 \
                --closing-register 5123.4 --opening-register 0
                """
        )

        @Option(help: ArgumentHelp("Service whose meter is exchanged.", valueName: "number"))
        var service: String

        @Option(help: ArgumentHelp("Serial of the new meter.", valueName: "serial"))
        var new: String

        @Option(help: ArgumentHelp("When it was exchanged.", valueName: "instant"))
        var at: String

        @Option(help: ArgumentHelp("What the old register showed.", valueName: "kWh"))
        var closingRegister: String

        @Option(help: ArgumentHelp("What the new register showed.", valueName: "kWh"))
        var openingRegister: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let input = ReplaceMeter.Input(
                serviceNumber: service,
                newSerial: new,
                at: try instant(at, option: "--at"),
                closingRegister: Energy(
                    wattHours: Int64(
                        try wholeThousandths(closingRegister, option: "--closing-register")
                    )
                ),
                openingRegister: Energy(
                    wattHours: Int64(
                        try wholeThousandths(openingRegister, option: "--opening-register")
                    )
                )
            )
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                try await useCases.replaceMeter(input, by: caller)
                if asJSON {
                    return try Output.json([
                        "service": input.serviceNumber, "meter": input.newSerial,
                        "at": input.at.description,
                    ])
                }
                Terminal.print("Meter \(input.newSerial) hangs at \(input.serviceNumber) now.")
            }
        }
    }

    /// `vidyut meter credential`.
    struct Credential: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a meter a new credential; the old one stops at once.",
            discussion: credentialNote
        )

        @Argument(help: "Serial of the meter.")
        var serial: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, serial) = (options.json, serial)
            try await options.withOffice { useCases, _, caller in
                let registered = try await useCases.registerMeter.renewCredential(
                    serial: serial,
                    by: caller
                )
                try show(registered, asJSON: asJSON, verb: "has a new credential")
            }
        }
    }
}

private func show(
    _ registered: RegisterMeter.Registered,
    asJSON: Bool,
    verb: String
) throws {
    if asJSON { return try Output.json(CredentialEntry(registered)) }
    Terminal.print("Meter \(registered.meter.serial) \(verb).")
    Output.pairs([
        ("Broker user", registered.name), ("Credential", registered.credential),
        ("Port of its own", registered.gatewayPort.map { "\($0)" }),
    ])
    Terminal.say(credentialNote)
}
