import Metering
import Registry
import Units
import UseCases

/// The form by which a consumer sends a register with a photo.
struct OwnReadingPage: Sendable {
    let number: String
    let back: String
    let action: String
    let list: String
    let meter: String
    let photoLimit: String
    let message: String?
    let register: String
    let day: String?
    let time: String

    init(
        _ service: Service,
        meter: Meter?,
        message: String? = nil,
        typed: (register: String, day: String, time: String) = ("", "", "")
    ) {
        number = service.number
        back = "/services/" + pathPiece(service.number)
        action = back + "/reading"
        list = back + "/readings"
        self.meter = meter?.serial ?? "–"
        photoLimit = "\(UseCases.Limits.photoBytesMaximum / 1_048_576) MB"
        self.message = message
        (register, time) = (typed.register, typed.time)
        day = typed.day.isEmpty ? nil : typed.day
    }
}

/// Assessor, consumer and meter of about the same time.
struct ComparisonRow: Sendable {
    /// One person's register beside the meter's own.
    struct Side: Sendable {
        let who: String
        let register: String
        let at: String
        let state: String
        let isHeld: Bool
        let why: String?
        let reported: String
        let basis: String?
        let difference: String?
        let photo: String?
        let photoRemoved: String?

        init?(_ compared: ComparedRegister?, _ entry: ManualReading?, wording: Wording) {
            guard let compared, let entry else { return nil }
            who = entry.source == .assessor ? "Assessor" : "Consumer"
            register = "\(compared.reading.register.kilowattHoursText) kWh"
            at = wording.fullTime(compared.reading.at)
            isHeld = entry.state == .held
            state =
                isHeld
                ? "waits for the office"
                : entry.supersededBy != nil
                    ? "replaced by a later decision"
                    : entry.isComparison ? "compared" : "accepted"
            why =
                entry.state == .held
                ? entry.findings.map { wording.readable($0.detail) }.joined(separator: "; ") : nil
            reported =
                compared.reported.map { "\($0.register.kilowattHoursText) kWh" } ?? "no report"
            basis =
                switch compared.reported?.basis {
                case .interpolated(let from, let to):
                    "between its reports of \(wording.fullTime(from.at)) "
                        + "(\(from.register.kilowattHoursText)) and \(wording.fullTime(to.at)) "
                        + "(\(to.register.kilowattHoursText))"
                case .lastBefore(let from):
                    "its last report, of \(wording.fullTime(from.at)); no later one yet"
                case .exact: "reported at that very moment"
                case nil: nil
                }
            difference = compared.difference.map { difference in
                let sign = difference < .zero ? "−" : "+"
                let size = Energy(wattHours: abs(difference.wattHours))
                return "\(sign)\(size.kilowattHoursText) kWh"
            }
            photo = entry.hasPhoto ? "/readings/\(entry.id.value)/photo" : nil
            photoRemoved = entry.photoRemovedAt.map { wording.zone.date(of: $0).text }
        }
    }

    let heading: String
    let verdict: String
    let isAlarm: Bool
    let sides: [Side]

    init(_ row: CompareSources.Row, wording: Wording) {
        let comparison = row.comparison
        heading = wording.zone.date(of: comparison.at).text
        isAlarm = comparison.verdict == .differs
        verdict =
            switch comparison.verdict {
            case .agrees: "agrees"
            case .differs: "differs"
            case .waiting: "waits for the meter's next report"
            case .single: "one source"
            }
        sides = [
            Side(comparison.assessor, row.assessor, wording: wording),
            Side(comparison.consumer, row.consumer, wording: wording),
        ].compactMap(\.self)
    }
}

/// The registers of a service that people read, beside what its meter reported.
struct ComparisonPage: Sendable {
    let number: String
    let back: String
    let send: String
    let rows: [ComparisonRow]
    let isEmpty: Bool
    let note: EnteredNote?

    init(
        _ number: String,
        rows: [CompareSources.Row],
        note: EnteredNote?,
        wording: Wording
    ) {
        self.number = number
        back = "/services/" + pathPiece(number)
        send = back + "/reading"
        self.rows = rows.map { ComparisonRow($0, wording: wording) }
        isEmpty = rows.isEmpty
        self.note = note
    }
}

/// A register that waits for a person.
struct HeldRow: Sendable {
    let action: String
    let id: String
    let service: String
    let serviceAddress: String
    let compareAddress: String
    let consumer: String
    let meter: String
    let register: String
    let at: String
    let by: String
    let note: String?
    let reasons: [String]
    let isComparison: Bool
    let photo: String?
    let mayDecide: Bool
    let isOwn: Bool

    init(_ reading: ManualReading, for caller: Caller, wording: Wording) {
        action = "/office/readings/\(reading.id.value)"
        id = "\(reading.id.value)"
        service = reading.serviceNumber
        serviceAddress = "/services/" + pathPiece(reading.serviceNumber)
        compareAddress = serviceAddress + "/readings"
        consumer = reading.consumerName
        meter = reading.meterSerial
        register = reading.register.map { "\($0.kilowattHoursText) kWh" } ?? "–"
        at = wording.fullTime(reading.at)
        by = "\(reading.source == .assessor ? "assessor" : "consumer"), \(reading.enteredBy)"
        note = reading.note.isEmpty ? nil : reading.note
        reasons = reading.findings.map { wording.readable($0.detail) }
        isComparison = reading.isComparison
        photo = reading.hasPhoto ? "/readings/\(reading.id.value)/photo" : nil
        isOwn = reading.enteredBy == caller.name
        mayDecide = !isOwn && [.manager, .engineer, .administrator].contains(caller.role)
    }
}

/// The registers that wait for a person.
struct HeldPage: Sendable {
    let rows: [HeldRow]
    let isEmpty: Bool
    let links: PageLinks
    let message: String?

    init(_ rows: [HeldRow], links: PageLinks, message: String?) {
        self.rows = rows
        isEmpty = rows.isEmpty
        self.links = links
        self.message = message
    }
}
