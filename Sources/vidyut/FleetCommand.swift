import ArgumentParser
import Fleet
import Foundation
import Logging
import Metering
import Registry
import Units
import UseCases

/// Simulated meters that run the real firmware core.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Simulated meters that run the real firmware core.",
        subcommands: [SimulateFleet.self]
    )
}

/// Runs simulated meters of an office over real MQTT.
struct SimulateFleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run simulated meters of an office over real MQTT, beside a running server.",
        discussion: """
            Registers the meters sim-SEED-0001, sim-SEED-0002 … where they are new, gives each a \
            fresh credential, and lets them report until Ctrl-C or the given time. A meter goes on \
            from the last register the office has of it. With --truth the readings that the \
            meters made are written to a file at the end, to be compared with the database.

              vidyut fleet simulate --office ambur --meters 200 --interval 15 --duration 60
            """
    )

    @Option(help: "How many meters.")
    var meters: Int

    @Option(help: "Seed of the households' habits.")
    var seed: UInt64 = 1

    @Option(help: "Seconds between two readings.")
    var interval: Int64 = 15

    @Option(help: "Seconds of backlog the meters begin with, as after an outage.")
    var backlog: Int64 = 0

    @Option(help: "Seconds to run; until Ctrl-C when left out.")
    var duration: Double?

    @Option(help: "What the meters send: frame or json.")
    var payload: FleetPayload = .frame

    @Option(help: ArgumentHelp("Seconds between live values; 0 for none.", valueName: "seconds"))
    var live: Double = 2

    @Option(help: ArgumentHelp("Write what the meters made to a CSV file.", valueName: "path"))
    var truth: String?

    @OptionGroup
    var options: OfficeOptions

    func validate() throws {
        guard (1...Limits.simulatedMeters).contains(meters) else {
            throw ValidationError("--meters takes 1 to \(Limits.simulatedMeters)")
        }
        guard (1...86_400).contains(interval) else {
            throw ValidationError("--interval takes 1 to 86400 seconds")
        }
        guard backlog >= 0 else { throw ValidationError("--backlog takes 0 or more seconds") }
    }

    func run() async throws {
        let broker = try await address()
        let this = self
        try await options.withOffice { useCases, office, caller in
            let logins = try await this.logins(useCases, office, caller)
            try await this.simulate(logins, broker: broker, useCases, caller)
        }
    }

    /// The broker of the settings, or the private one of a running server.
    private func address() async throws -> BrokerAddress {
        let configuration = try await options.settings.configuration()
        if let stated = configuration.mqtt { return stated }
        guard let running = runningBroker(stateDirectory: configuration.stateDirectory) else {
            throw ConfigurationError(
                "no broker runs for \(configuration.stateDirectory): start `vidyut serve` first, "
                    + "or set mqtt.url"
            )
        }
        return running
    }

    private func logins(
        _ useCases: UseCaseSet,
        _ office: Office,
        _ caller: Caller
    ) async throws -> [MeterLogin] {
        var logins: [MeterLogin] = []
        let progress = ProgressBar("registering", unit: "meters")
        for number in 1...meters {
            let serial = "sim-\(seed)-\(number.padded(4))"
            let registered: RegisterMeter.Registered
            do {
                registered = try await useCases.registerMeter.renewCredential(
                    serial: serial,
                    by: caller
                )
            } catch is NotFound {
                registered = try await useCases.registerMeter(
                    RegisterMeter.Input(serial: serial),
                    by: caller
                )
            }
            logins.append(
                MeterLogin(
                    serial: serial,
                    user: registered.name,
                    password: registered.credential
                )
            )
            progress.update(number, of: meters)
        }
        progress.finish()
        return logins
    }

    private func simulate(
        _ logins: [MeterLogin],
        broker: BrokerAddress,
        _ useCases: UseCaseSet,
        _ caller: Caller
    ) async throws {
        let configuration = try await fleetConfiguration(logins, useCases, caller)
        let links = MQTTFleet(
            FleetBroker(host: broker.host, port: broker.port),
            logger: .init(label: "fleet")
        )
        let fleet = try FleetRunner(configuration, logins: logins, clock: .live) {
            links.link($0)
        }
        let seconds = duration
        await withTaskGroup { group in
            group.addTask { await fleet.run() }
            group.addTask { await report(fleet) }
            if let seconds {
                try? await Task.sleep(for: .seconds(seconds))
            } else {
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
            }
            group.cancelAll()
        }
        let counts = await fleet.counts
        Terminal.print(
            "\(counts.readings) readings made, "
                + "\(counts.readings - counts.unacknowledged - counts.dropped) acknowledged, "
                + "\(counts.unacknowledged) still held, \(counts.dropped) given up, "
                + "\(counts.messages) messages, \(counts.connections) connections"
        )
        if let truth { try await writeTruth(fleet, to: truth) }
    }

    private func fleetConfiguration(
        _ logins: [MeterLogin],
        _ useCases: UseCaseSet,
        _ caller: Caller
    ) async throws -> FleetConfiguration {
        var configuration = FleetConfiguration(
            seed: seed,
            intervalSeconds: interval,
            backlogSeconds: backlog,
            keepsTruth: truth != nil,
            reporting: ReportingConfiguration(
                payload: payload,
                maximumReadings: 10,
                liveSeconds: live > 0 ? live : nil
            )
        )
        let now = useCases.clock.now()
        for login in logins {
            let last = try await useCases.showMeters.readings(
                serial: login.serial,
                from: now.adding(seconds: -2 * 86_400),
                to: now.adding(seconds: 300),
                limit: 100_000,
                by: caller
            ).last
            guard let last else { continue }
            configuration.openingRegisters[login.serial] = last.main.energyWattHours
            configuration.starts[login.serial] = last.at
            configuration.epoch = max(configuration.epoch, Int32(last.epoch) + 1)
        }
        return configuration
    }

    private func report(_ fleet: FleetRunner) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            let counts = await fleet.counts
            Terminal.say(
                "\(counts.readings) readings, \(counts.unacknowledged) not acknowledged yet, "
                    + "\(counts.connections) connections"
            )
        }
    }

    private func writeTruth(_ fleet: FleetRunner, to path: String) async throws {
        var text = "meter,epoch,sequence,at,register_wh\n"
        for (serial, readings) in await fleet.produced.sorted(by: { $0.key < $1.key }) {
            for reading in readings {
                let register = reading.registerWattHours.first ?? 0
                text += "\(serial),\(reading.epoch),\(reading.sequence),\(reading.at),\(register)\n"
            }
        }
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw ConfigurationError("\(path) cannot be written")
        }
    }
}

extension FleetPayload: ExpressibleByArgument {}
