import ArgumentParser
import Metering
import Registry
import Units
import UseCases

/// What a meter said last, as JSON.
private struct LatestEntry: Encodable {
    let at: String
    let energyWattHours: Int64
    let powerMilliwatts: Int32
    let voltageMillivolts: Int32

    init(_ latest: LatestReading) {
        at = latest.at.description
        energyWattHours = latest.main.energyWattHours
        powerMilliwatts = latest.main.powerMilliwatts
        voltageMillivolts = latest.main.voltageMillivolts
    }
}

/// How far a meter's clock is off, as JSON.
private struct ClockEntry: Encodable {
    let secondsSlow: Int64
    let secondsSlowerADay: Int64
}

/// A meter as JSON.
private struct MeterEntry: Encodable {
    let serial: String
    let registerDigits: Int
    let multiplier: Int
    let channels: Int
    let service: String?
    let latest: LatestEntry?
    var clock: ClockEntry?

    init(_ meter: Meter, service: String?, latest: LatestReading?) {
        serial = meter.serial
        registerDigits = meter.registerDigits
        multiplier = meter.multiplier
        channels = meter.channels
        self.service = service
        self.latest = latest.map { LatestEntry($0) }
    }
}

extension MeterCommands {
    /// `vidyut meter list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the meters with what they said last."
        )

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let meters = try await allPages {
                    try await useCases.showMeters.list($0, by: caller)
                }
                if asJSON {
                    return try Output.jsonList(
                        meters.map {
                            MeterEntry($0.meter, service: $0.serviceNumber, latest: $0.latest)
                        }
                    )
                }
                Output.table(
                    ["Meter", "Service", "Consumer", "Last reading", "Register kWh>"],
                    meters.map {
                        [
                            $0.meter.serial, $0.serviceNumber ?? "", $0.consumerName ?? "",
                            $0.latest?.at.description ?? "never", register($0.latest) ?? "",
                        ]
                    },
                    none: "There are no meters yet."
                )
            }
        }
    }

    /// `vidyut meter show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a meter and what it said last."
        )

        @Argument(help: "Serial of the meter.")
        var serial: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, serial) = (options.json, serial)
            try await options.withOffice { useCases, office, caller in
                let (meter, service) = try await useCases.showMeters.show(
                    serial: serial,
                    by: caller
                )
                let latest = try await useCases.showMeters.latest(serial: serial, by: caller)
                let clock = try await useCases.showMeters.clock(serial: serial, by: caller)
                if asJSON {
                    var entry = MeterEntry(meter, service: service?.number, latest: latest)
                    entry.clock = clock.map {
                        ClockEntry(secondsSlow: $0.seconds, secondsSlowerADay: $0.secondsADay)
                    }
                    return try Output.json(entry)
                }
                Output.pairs([
                    ("Serial", meter.serial), ("Broker user", "\(office.code).\(meter.serial)"),
                    ("Register", "\(meter.registerDigits) digits, multiplier \(meter.multiplier)"),
                    ("Channels", "\(meter.channels)"),
                    ("Service", service.map { "\($0.number) (\($0.consumerName))" } ?? "none"),
                    ("Last reading", latest?.at.description ?? "never"),
                    ("Register kWh", register(latest)), ("Clock", clock?.text ?? "not known yet"),
                ])
            }
        }
    }
}

private func register(_ latest: LatestReading?) -> String? {
    latest.map { $0.main.energy.kilowattHoursText }
}
