import ArgumentParser
import Metering
import PrivateServices
import Registry
import Units
import UseCases

/// `vidyut gateway`.
struct GatewayCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Old meters: which there are, what happened to them, a trip released.",
        discussion: """
            Meters with the student project's firmware are registered with `vidyut meter add \
            --old`. Each comes in at a port of the broker that is its own. Their energy is derived \
            from apparent power and not for revenue. Above 300 V their supply is told to go off, and \
            told again after each reset, until the trip is released.

              vidyut gateway list
              vidyut gateway events
            """,
        subcommands: [List.self, Events.self, Release.self, Listeners.self]
    )

    private struct MeterEntry: Encodable {
        let meter: String
        let port: Int
        let lastAt: String?
        let energyWattHours: Int64
        let overVoltage: Bool
        let trippedAt: String?

        init(_ old: OldMeter) {
            meter = old.meter.serial
            port = old.port
            lastAt = old.state.lastAt?.description
            energyWattHours = old.state.main.wattHours
            overVoltage = old.state.protection.isOver
            trippedAt = old.state.protection.trippedAt?.description
        }
    }

    private struct EventEntry: Encodable {
        let id: Int64
        let meter: String
        let at: String
        let kind: String
        let detail: String

        init(_ recorded: RecordedGatewayEvent) {
            id = recorded.id
            meter = recorded.meterSerial
            at = recorded.at.description
            kind = recorded.event.kind.rawValue
            detail = recorded.event.detail
        }
    }

    /// `vidyut gateway list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the old meters with their ports, derived registers and trips."
        )

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let meters = try await useCases.showGateway.list(by: caller)
                if asJSON { return try Output.jsonList(meters.map { MeterEntry($0) }) }
                Output.table(
                    ["Meter", "Port>", "Last message", "Derived kWh>", "Tripped since"],
                    meters.map {
                        [
                            $0.meter.serial, "\($0.port)",
                            $0.state.lastAt?.description ?? "never",
                            ChannelReading(energyWattHours: $0.state.main.wattHours)
                                .energy.kilowattHoursText,
                            $0.state.protection.trippedAt?.description ?? "",
                        ]
                    },
                    none: "There are no old meters."
                )
            }
        }
    }

    /// `vidyut gateway events`.
    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What happened to the old meters, newest first."
        )

        @Option(help: ArgumentHelp("At most so many, 1 to 200.", valueName: "count"))
        var limit: Int?

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, limit) = (options.json, limit)
            try await options.withOffice { useCases, _, caller in
                let events = try await useCases.showGateway.events(
                    try PageRequest(limit: limit),
                    by: caller
                ).items
                if asJSON { return try Output.jsonList(events.map { EventEntry($0) }) }
                Output.table(
                    ["At", "Meter", "Kind", "Detail"],
                    events.map {
                        [
                            $0.at.description, $0.meterSerial, $0.event.kind.rawValue,
                            $0.event.detail,
                        ]
                    },
                    none: "Nothing has happened to the old meters."
                )
            }
        }
    }

    /// `vidyut gateway release`.
    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a tripped supply be switched on again.",
            discussion: "It stays off until someone switches it on."
        )

        @Argument(help: "Serial of the meter.")
        var serial: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, serial) = (options.json, serial)
            try await options.withOffice { useCases, _, caller in
                try await useCases.switchOldRelay.release(serial: serial, by: caller)
                if asJSON { return try Output.json(["meter": serial, "tripped": "no"]) }
                Terminal.print("The trip of \(serial) is released; it may be switched on again.")
            }
        }
    }

    /// `vidyut gateway listeners`.
    struct Listeners: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the listeners of all old meters as Mosquitto's configuration wants them.",
            discussion: """
                For a broker that you run yourself; the private one is kept up by the server. \
                Mosquitto does not take up new listeners on a reload: restart it.

                  vidyut gateway listeners > /etc/mosquitto/conf.d/vidyut_old_meters.conf
                """
        )

        @OptionGroup(title: "Settings")
        var settings: SettingOptions

        func run() async throws {
            let door = try await settings.configuration().gateway.door
            try await settings.withUseCases { useCases in
                let listeners = try await useCases.showGateway.listeners()
                Terminal.printRaw(
                    "# Listeners of old meters, written by: vidyut gateway listeners\n"
                        + door.configurationText(
                            listeners.map {
                                GatewayListener(meterName: $0.meterName, port: $0.port)
                            }
                        )
                )
            }
        }
    }
}
