import Billing
import Metering
import Registry
import Units

/// Where the next page of a list is.
struct PageLinks: Sendable {
    let first: String?
    let next: String?

    /// The filters are the query items that stay.
    init(path: String, filters: [(name: String, value: String)] = [], after: String?, next: String?)
    {
        func address(_ cursor: String?) -> String {
            let items = filters + (cursor.map { [("after", $0)] } ?? [])
            let query = items.map { "\($0.name)=\(pathPiece($0.value))" }.joined(separator: "&")
            return query.isEmpty ? path : "\(path)?\(query)"
        }
        first = after == nil ? nil : address(nil)
        self.next = next.map { address($0) }
    }
}

/// A consumer of a list.
struct ConsumerRow: Sendable {
    let address: String
    let number: String
    let name: String
    let place: String
    let phone: String

    init(_ consumer: Consumer) {
        address = "/office/consumers/" + pathPiece(consumer.number)
        number = consumer.number
        name = consumer.name
        place = consumer.address
        phone = consumer.phone ?? "–"
    }
}

/// A service of a list.
struct ServiceRow: Sendable {
    let address: String
    let number: String
    let consumer: String
    let consumerAddress: String
    let category: String
    let tariff: String
    let load: String
    let transformer: String
    let isClosed: Bool

    init(_ service: Service) {
        address = "/services/" + pathPiece(service.number)
        number = service.number
        consumer = service.consumerName
        consumerAddress = "/office/consumers/" + pathPiece(service.consumerNumber)
        category = service.category
        tariff = service.tariffFamily
        load = decimal(thousandths: Int64(service.sanctionedLoadWatts), places: 1) + " kW"
        transformer = service.transformer ?? "–"
        isClosed = service.closedOn != nil
    }
}

/// A meter of a list with the age of its last word.
struct MeterRow: Sendable {
    let address: String
    let serial: String
    let service: String?
    let serviceAddress: String
    let consumer: String
    let register: String
    let age: String
    let at: String
    let isSilent: Bool

    init(_ summary: MeterSummary, wording: Wording) {
        address = "/office/meters/" + pathPiece(summary.meter.serial)
        serial = summary.meter.serial
        service = summary.serviceNumber
        serviceAddress = "/services/" + pathPiece(summary.serviceNumber ?? "")
        consumer = summary.consumerName ?? "–"
        register = summary.latest.map { $0.main.energy.exactText + " kWh" } ?? "–"
        age = summary.latest.map { wording.age($0.at) } ?? "never"
        at = summary.latest.map { wording.fullTime($0.at) } ?? ""
        isSilent = wording.isSilent(since: summary.latest?.at)
    }
}

/// A list of one kind of thing.
struct ListPage<Row: Sendable>: Sendable {
    let rows: [Row]
    let isEmpty: Bool
    let links: PageLinks
    /// What was searched or filtered for.
    let search: String
    let isFiltered: Bool

    init(_ rows: [Row], links: PageLinks, search: String = "") {
        self.rows = rows
        isEmpty = rows.isEmpty
        self.links = links
        self.search = search
        isFiltered = !search.isEmpty
    }
}

/// The services of the office.
struct ServicesPage: Sendable {
    let services: [ServiceRow]
    let isEmpty: Bool
    let links: PageLinks

    init(_ services: [ServiceRow], links: PageLinks) {
        self.services = services
        isEmpty = services.isEmpty
        self.links = links
    }
}

/// A consumer with their services, for staff.
struct ConsumerPage: Sendable {
    let consumer: ConsumerRow
    let email: String
    let language: String
    let services: [ServiceRow]
    let hasServices: Bool

    init(_ consumer: Consumer, services: [Service]) {
        self.consumer = ConsumerRow(consumer)
        email = consumer.email ?? "–"
        language =
            switch consumer.language {
            case .english: "English"
            case .tamil: "Tamil"
            case .hindi: "Hindi"
            }
        self.services = services.map(ServiceRow.init)
        hasServices = !services.isEmpty
    }
}

/// A meter with its newest values and its last hours, for staff.
struct MeterPage: Sendable {
    let serial: String
    let service: String?
    let serviceAddress: String
    let consumer: String
    let digits: String
    let multiplier: String
    let clock: String
    let stream: String
    let yesterday: String
    let live: LivePanel
    let power: ServicePage.Power?

    init(
        _ meter: Meter,
        service: Service?,
        latest: LatestReading?,
        readings: [AcceptedReading],
        clock: ClockDrift?,
        wording: Wording
    ) {
        self.clock = clock?.text ?? "not known yet"
        serial = meter.serial
        self.service = service?.number
        serviceAddress = "/services/" + pathPiece(service?.number ?? "")
        consumer = service?.consumerName ?? "–"
        digits = counted(meter.registerDigits, "digit")
        multiplier = grouped(Int64(meter.multiplier))
        yesterday = dayPath(meter.serial, wording.today.adding(days: -1))
        stream = "/office/meters/\(pathPiece(meter.serial))/live"
        live = LivePanel(latest, wording: wording)
        power = powerLine(readings, wording: wording).map {
            ServicePage.Power(hours: Limits.powerHours, svg: $0.svg)
        }
    }
}

/// A refused reading of the list.
struct RejectionRow: Sendable {
    let meter: String
    let meterAddress: String
    let sequence: String
    let code: String
    let detail: String
    let at: String
    let times: String

    init(_ rejection: RejectedReading, wording: Wording) {
        meter = rejection.meterSerial
        meterAddress = "/office/meters/" + pathPiece(rejection.meterSerial)
        sequence = rejection.sequence < 0 ? "whole message" : "\(rejection.sequence)"
        code = rejection.code
        detail = wording.readable(rejection.detail)
        at = wording.fullTime(rejection.lastAt)
        times = rejection.occurrences == 1 ? "" : "\(rejection.occurrences) times"
    }
}

/// Every refused reading that is kept.
struct RejectionsPage: Sendable {
    let rejections: [RejectionRow]
    let isEmpty: Bool

    init(_ rejections: [RejectionRow]) {
        self.rejections = rejections
        isEmpty = rejections.isEmpty
    }
}

/// An office that an administrator may choose.
struct OfficeRow: Sendable {
    let code: String
    let name: String
    let zone: String
    let isCurrent: Bool
}

/// The offices of the installation.
struct OfficesPage: Sendable {
    let offices: [OfficeRow]
    let isEmpty: Bool

    init(_ offices: [Office], current: Office.ID?) {
        self.offices = offices.map {
            OfficeRow(
                code: $0.code,
                name: $0.name,
                zone: $0.zone.name,
                isCurrent: $0.id == current
            )
        }
        isEmpty = offices.isEmpty
    }
}
