import ArgumentParser
import Billing
import Fleet
import Foundation
import Logging
import Metering
import Registry
import ServiceLifecycle
import Tariffs
import Units
import UseCases

/// Everything at once, to look at: an office with a year of history, a simulated fleet, the portal.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show a whole office at work: history, live meters, bills, portal.",
        discussion: """
            Starts a private database and broker, builds a small town with a year of history, and \
            runs a simulated fleet of the real firmware core that reports over MQTT. The fleet \
            begins with the backlog of its last two days, so that the cycle which ended at the \
            last midnight closes on readings that came through the broker. Ctrl-C stops all of it; \
            the next demo of the same day goes on where this one stopped.
            """
    )

    @Flag(
        help:
            "Wait until the closed cycle is billed and a live reading is seen, print the figures, end."
    )
    var check = false

    @OptionGroup(title: "Settings")
    var settings: SettingOptions

    func run() async throws {
        let configuration = try await settings.configuration()
        let metrics = startLogging(configuration, quietly: true)
        let isCheck = check
        try await Program.withServices(configuration, needsBroker: true) { services in
            let server = try OfficeServer(services, metrics: metrics)
            let ready = DemoProgress()
            let demo = DemoService(
                services: services,
                documents: try shippedTariffs(),
                isCheck: isCheck,
                ready: ready
            )
            try await server.run(onReady: { await ready.set(port: $0) }, extra: [demo])
            if isCheck, await ready.figures == nil {
                throw ConfigurationError("the demo ended before the cycle was billed")
            }
        }
    }
}

/// The tariff documents that the program came with.
func shippedTariffs() throws -> [TariffDocument] {
    let folder = try Resource.tariffs.path()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return try names.filter { $0.hasSuffix(".json") }.flatMap { name in
        try TariffDocument.decodeAll(
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
        )
    }
}

/// What the demo waits for and finds.
actor DemoProgress {
    private var port: Int?
    private(set) var figures: String?

    func set(port: Int) { self.port = port }

    /// The port of the web server, once it listens; ends with the task when it never does.
    func listening() async throws -> Int {
        while true {
            if let port { return port }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func set(figures: String) { self.figures = figures }
}

/// Builds the town, runs its fleet and bills the cycle that has just ended.
struct DemoService: ServiceLifecycle.Service {
    let services: ProgramServices
    let documents: [TariffDocument]
    let isCheck: Bool
    let ready: DemoProgress

    private var useCases: UseCaseSet { services.useCases }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await runDemo()
            } catch is CancellationError {
                // Ctrl-C: the demo ends like this.
            }
        }
    }

    private func runDemo() async throws {
        let port = try await ready.listening()
        let town = try await DemoTown(useCases: useCases, tariffDocuments: documents).open {
            Terminal.say("demo: \($0)")
        }
        let manager = Caller(office: town.office.id, name: "manager", role: .manager)
        let fleet = try await DemoFleet(services: services, town: town, manager: manager).make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            try await waitForBacklog(fleet, of: town.reportingSerials.count)
            let run = try await billCycle(town, manager)
            sayWelcome(town, run, port: port)
            if isCheck {
                try await check(town, run, manager, port: port)
                group.cancelAll()
            }
            try await group.waitForAll()
        }
    }

    /// Until the meters hold nothing that is older than a few minutes.
    private func waitForBacklog(_ fleet: FleetRunner, of meters: Int) async throws {
        Terminal.say("demo: the meters report the backlog of two days")
        for second in 0... {
            try await Task.sleep(for: .milliseconds(second == 0 ? 200 : 1_000))
            let counts = await fleet.counts
            let isConnected = counts.connections >= meters
            if isConnected, counts.unacknowledged < counts.readings / 100 + 1 { return }
            if second > 0, second % 5 == 0 {
                Terminal.say(
                    "demo: \(counts.readings - counts.unacknowledged) of \(counts.readings) "
                        + "readings are acknowledged"
                )
            }
            guard second < Limits.demoBacklogSeconds else {
                throw ConfigurationError(
                    "the meters' backlog was not acknowledged: \(counts.unacknowledged) readings "
                        + "are still held"
                )
            }
        }
    }

    private func billCycle(
        _ town: DemoTown.Town,
        _ manager: Caller
    ) async throws -> String {
        let run = try await useCases.runBilling(
            cycle: town.cycle.description,
            issue: true,
            by: manager
        )
        let outcomes = try await useCases.showBills.outcomes(
            of: run.id,
            try PageRequest(limit: 200),
            by: manager
        )
        var lines = [
            "cycle \(town.cycle) (\(run.period)): \(run.counts[.issued] ?? 0) bills issued, "
                + "\(run.counts[.existing] ?? 0) there already, "
                + "\(run.counts[.refused] ?? 0) refused by name:"
        ]
        for outcome in outcomes.items where outcome.outcome == .refused {
            lines.append("  \(outcome.serviceNumber): \(outcome.reason)")
        }
        return lines.joined(separator: "\n")
    }

    private func sayWelcome(_ town: DemoTown.Town, _ run: String, port: Int) {
        let code = town.office.code
        Terminal.print(
            """
            \(run)

            The office \(town.office.name) is open: http://127.0.0.1:\(port)

              consumer    consumer1@\(code)   (and consumer2, consumer3 …)
              clerk       clerk@\(code)
              manager     manager@\(code)
              password    \(DemoTown.password)   (of all of them)

            To try: sign in as the consumer and watch the live value change; open a bill and read
            how each rupee came about; as the manager look at the runs, the meters with their last
            reports and the refused readings. The same over the API, from another terminal:

              curl -s http://127.0.0.1:\(port)/v1/sessions -H 'Content-Type: application/json' \\
                -d '{"login":"clerk@\(code)","password":"\(DemoTown.password)"}'

            Ctrl-C stops everything.
            """
        )
    }

    /// What `--check` promises: a bill from fresh readings, and a live value that changes.
    private func check(
        _ town: DemoTown.Town,
        _ run: String,
        _ manager: Caller,
        port: Int
    ) async throws {
        let bills = try await useCases.showBills.list(
            try PageRequest(limit: 200),
            cycle: town.cycle.description,
            by: manager
        )
        guard let summary = bills.items.first(where: { $0.serviceNumber == "07-214-001" }) else {
            throw ConfigurationError("no bill was issued for the cycle \(town.cycle)")
        }
        let bill = try await useCases.showBills.show(
            String(summary.id.value),
            by: manager
        )
        let closing = bill.content.segments.last?.closing
        guard let serial = town.reportingSerials.first,
            let identity = try await useCases.directory.meter(
                named: "\(town.office.code).\(serial)"
            )
        else { throw ConfigurationError("the demo's first meter is missing") }
        let values = try useCases.live.watch(
            identity.meter.id,
            office: town.office.id
        )
        guard let live = await values.first(where: { _ in true }) else {
            throw ConfigurationError("no live reading was seen")
        }
        let figures = """
            check: \(bills.items.count) bills for the cycle \(town.cycle)
            check: bill \(bill.number ?? "-") of service \(summary.serviceNumber): \
            \(bill.content.energy.kilowattHoursText) units, \(bill.content.total.formatted), \
            closed on the register of \(closing?.at.description ?? "-") that came over MQTT
            check: live \(identity.name) at \(live.at): \
            \(decimalText(Int64(live.main.voltageMillivolts), places: 3)) V, \
            \(decimalText(Int64(live.main.powerMilliwatts), places: 3)) W, \
            \(live.main.energy.kilowattHoursText) kWh
            """
        Terminal.print(figures)
        await ready.set(figures: figures)
    }
}
