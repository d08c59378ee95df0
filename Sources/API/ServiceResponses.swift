import Metering
import Registry
import Units
import UseCases

/// A service on the wire.
struct ServiceResponse: Encodable {
    var number: String
    var consumer: String
    var consumerName: String
    var category: String
    var tariff: String
    var sanctionedLoadWatts: Int
    var phases: Int
    var feeder: String?
    var transformer: String?
    var address: String
    var connectedOn: String
    var closedOn: String?
    /// The billing group; absent for the office's own cycle.
    var group: String?
    /// Whether the consumer asked for a subsidy that must be asked for.
    var optIn: Bool
    /// Ids of optional tariff lines that apply.
    var optionalLines: [String]
    /// Only where one service is asked for: what it owes by the ledger.
    var balancePaise: Int64?

    init(_ service: Service, balance: Money? = nil) {
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
        group = service.group
        optIn = service.optIn
        optionalLines = service.optionalLines
        balancePaise = balance?.paise
    }
}

/// What a service used; spans without a reading have no energy.
struct UsageResponse: Encodable {
    /// A day or a month.
    struct Span: Encodable {
        var first: String
        var last: String
        var energyWattHours: Int64?
        /// Present where a silence was shared out over its time.
        var isEstimated: Bool?
        var missingDays: Int
        var isOpen: Bool

        init(_ value: UsageValue) {
            isEstimated = value.isEstimated ? true : nil
            first = value.first.description
            last = value.last.description
            energyWattHours = value.energy?.wattHours
            missingDays = value.missingDays
            isOpen = value.isOpen
        }
    }

    var service: String
    var by: String
    var from: String
    var to: String
    var energyWattHours: Int64
    var missingDays: Int
    var items: [Span]

    init(
        service: String,
        by step: ShowUsage.Step,
        from: CivilDate,
        to: CivilDate,
        values: [UsageValue]
    ) {
        self.service = service
        by = step.rawValue
        self.from = from.description
        self.to = to.description
        energyWattHours = values.reduce(0) { $0 + ($1.energy?.wattHours ?? 0) }
        missingDays = values.reduce(0) { $0 + $1.missingDays }
        items = values.map { Span($0) }
    }
}

/// A meter at a service from one instant, and perhaps until another.
struct InstallationResponse: Encodable {
    var meter: String
    var installedAt: String
    var openingRegisterWattHours: Int64
    var removedAt: String?
    var closingRegisterWattHours: Int64?

    init(_ installation: Installation) {
        meter = installation.meter.serial
        installedAt = installation.installedAt.description
        openingRegisterWattHours = installation.openingRegister.wattHours
        removedAt = installation.removedAt?.description
        closingRegisterWattHours = installation.closingRegister?.wattHours
    }
}
