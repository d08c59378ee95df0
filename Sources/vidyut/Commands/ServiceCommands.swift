import ArgumentParser
import Metering
import Registry
import Units
import UseCases

/// A service as JSON.
struct ServiceEntry: Encodable {
    let number: String
    let consumer: String
    let consumerName: String
    let category: String
    let tariff: String
    let sanctionedLoadWatts: Int
    let phases: Int
    let feeder: String?
    let transformer: String?
    let address: String
    let connectedOn: String
    let closedOn: String?
    var meters: [InstallationEntry]?
    var balancePaise: Int64?
    /// What those owe who had the service before; nil when nothing.
    var formerBalancePaise: Int64?

    init(_ service: Service) {
        number = service.number
        consumer = service.consumerNumber
        consumerName = service.consumerName
        category = service.category
        tariff = service.tariffFamily
        sanctionedLoadWatts = service.sanctionedLoadWatts
        phases = service.phases
        feeder = service.feeder
        transformer = service.transformer
        address = service.address
        connectedOn = service.connectedOn.description
        closedOn = service.closedOn?.description
    }
}

/// A meter at a service as JSON.
struct InstallationEntry: Encodable {
    let meter: String
    let installedAt: String
    let openingRegisterWattHours: Int64
    let removedAt: String?
    let closingRegisterWattHours: Int64?

    init(_ installation: Installation) {
        meter = installation.meter.serial
        installedAt = installation.installedAt.description
        openingRegisterWattHours = installation.openingRegister.wattHours
        removedAt = installation.removedAt?.description
        closingRegisterWattHours = installation.closingRegister?.wattHours
    }
}

/// Prints services as a table.
func printServices(_ services: [Service]) {
    Output.table(
        ["Service", "Consumer", "Category", "Tariff", "Load W>", "Connected", "Closed"],
        services.map {
            [
                $0.number, "\($0.consumerNumber) \($0.consumerName)", $0.category,
                $0.tariffFamily, "\($0.sanctionedLoadWatts)", $0.connectedOn.description,
                $0.closedOn?.description ?? "",
            ]
        },
        none: "There are no services yet."
    )
}

/// `vidyut service`.
struct ServiceCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Register, list, show, hang, hand over and close service connections.",
        subcommands: [
            Add.self, Import.self, List.self, Show.self, Transfer.self, Close.self, Hang.self,
        ]
    )

    /// `vidyut service add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a service connection of a consumer.",
            discussion: """
                  vidyut service add S-17 --consumer C-17 --tariff tneb-lt1a --load-kw 5 \
                --connected-on 2026-01-01
                """
        )

        @Argument(help: "Number, unique in the office.")
        var number: String

        @Option(help: ArgumentHelp("Number of the consumer.", valueName: "number"))
        var consumer: String

        @Option(help: "Family of tariff documents that prices it, such as tneb-lt1a.")
        var tariff: String

        @Option(help: ArgumentHelp("Category as the office calls it.", valueName: "text"))
        var category = "domestic"

        @Option(help: ArgumentHelp("Sanctioned load in kW.", valueName: "kW"))
        var loadKw: String

        @Option(help: "1 or 3.")
        var phases: Int?

        @Option(help: ArgumentHelp("Day it was connected.", valueName: "date"))
        var connectedOn: String

        @Option(help: "Code of its feeder.")
        var feeder: String?

        @Option(help: "Code of its transformer.")
        var transformer: String?

        @Option(help: "Address, when it is not the consumer's.")
        var address: String?

        @Option(help: ArgumentHelp("Billing group with a cycle of its own.", valueName: "code"))
        var group: String?

        @Flag(help: "The consumer asked for a subsidy that must be asked for.")
        var optIn = false

        @Option(
            name: .customLong("line"),
            help: ArgumentHelp("Optional tariff line that applies; repeat.", valueName: "id")
        )
        var lines: [String] = []

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let input = RegisterService.Input(
                number: number,
                consumerNumber: consumer,
                category: category,
                tariffFamily: tariff,
                sanctionedLoadWatts: try wholeThousandths(loadKw, option: "--load-kw"),
                phases: phases,
                feeder: feeder,
                transformer: transformer,
                address: address,
                connectedOn: connectedOn,
                group: group,
                optIn: optIn,
                optionalLines: lines
            )
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let service = try await useCases.registerService(input, by: caller)
                if asJSON { return try Output.json(ServiceEntry(service)) }
                Terminal.print("Service \(service.number) is registered at \(office.code).")
            }
        }
    }

    /// `vidyut service import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register the services of a CSV file: all of them, or none.",
            discussion: """
                Columns: number,consumer,category,tariff,sanctionedLoadWatts,connectedOn and, if \
                wished, phases,feeder,transformer,address,group.
                """
        )

        @Argument(help: "CSV file, may be packed by gzip; '-' is the input.")
        var file: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let rows = try importRows(file)
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let count = try await useCases.registerService.importRows(rows, by: caller)
                if asJSON { return try Output.json(["registered": count]) }
                Terminal.print("\(count) services are registered at \(office.code).")
            }
        }
    }

    /// `vidyut service list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the services.")

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let services = try await allPages {
                    try await useCases.registerService.list($0, by: caller)
                }
                if asJSON { return try Output.jsonList(services.map { ServiceEntry($0) }) }
                printServices(services)
            }
        }
    }

    /// `vidyut service show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a service, the meters that hung at it, and what it owes."
        )

        @Argument(help: "Number of the service.")
        var number: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, number) = (options.json, number)
            try await options.withOffice { useCases, _, caller in
                let service = try await useCases.registerService.show(number: number, by: caller)
                let meters = try await useCases.showMeters.installations(
                    serviceNumber: number,
                    by: caller
                )
                let balance = try await useCases.showBills.balances(
                    serviceNumber: number,
                    by: caller
                )
                if asJSON {
                    var entry = ServiceEntry(service)
                    entry.meters = meters.map { InstallationEntry($0) }
                    entry.balancePaise = balance.own.paise
                    entry.formerBalancePaise = balance.former == .zero ? nil : balance.former.paise
                    return try Output.json(entry)
                }
                Output.pairs([
                    ("Number", service.number),
                    ("Consumer", "\(service.consumerNumber) \(service.consumerName)"),
                    ("Category", service.category), ("Tariff", service.tariffFamily),
                    ("Load", "\(service.sanctionedLoadWatts) W, \(service.phases)-phase"),
                    ("Feeder", service.feeder), ("Transformer", service.transformer),
                    ("Address", service.address),
                    ("Connected", service.connectedOn.description),
                    ("Closed", service.closedOn?.description), ("Owes", balance.own.formatted),
                    (
                        "Former consumers owe",
                        balance.former == .zero ? nil : balance.former.formatted
                    ),
                ])
                Terminal.print("")
                Output.table(
                    ["Meter", "Installed", "Opening kWh>", "Removed", "Closing kWh>"],
                    meters.map {
                        [
                            $0.meter.serial, $0.installedAt.description,
                            $0.openingRegister.kilowattHoursText, $0.removedAt?.description ?? "",
                            $0.closingRegister?.kilowattHoursText ?? "",
                        ]
                    },
                    none: "No meter hangs at it."
                )
            }
        }
    }
}
