import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// One service through its years, an event a line: registers read, cycles run, bills looked at.
struct BillingStory: Sendable {
    let office: TestOffice
    let service = "S-house"
    let meter: String

    /// A house on Tamil Nadu LT I-A with its first meter, in an office of its own.
    static func begin(
        connected: String,
        today: String = "2026-11-20",
        cycleDay: Int = 1,
        late: LateReadingPolicy = .days,
        registerDigits: Int = 6,
        openingKWh: Int = 0,
        makerChecker: Bool = false
    ) async throws -> BillingStory {
        let now = try #require(Instant("\(today)T06:00:00Z"))
        let office = try await TestOffice.make(at: now, cycleDay: cycleDay)
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.useCases.setBilling(
            SetBilling.Input(lateReadings: late.rawValue, makerChecker: makerChecker),
            by: office.manager
        )
        _ = try await office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-house", name: "Meena"),
            by: office.manager
        )
        _ = try await office.useCases.registerService(
            RegisterService.Input(
                number: "S-house",
                consumerNumber: "C-house",
                category: "LT I-A",
                tariffFamily: "tneb-lt1a",
                sanctionedLoadWatts: 5_000,
                connectedOn: connected
            ),
            by: office.manager
        )
        let start = office.office.zone.start(of: try #require(CivilDate(connected)))
        _ = try await office.useCases.registerMeter(
            RegisterMeter.Input(
                serial: "m-house",
                registerDigits: registerDigits,
                serviceNumber: "S-house",
                installedAt: start.description,
                openingRegisterWattHours: openingKWh * 1_000
            ),
            by: office.manager
        )
        return BillingStory(office: office, meter: "m-house")
    }

    /// The register is read when this day ends.
    func read(_ day: String, kWh: Int, of meter: String? = nil) async throws {
        let date = try #require(CivilDate(day))
        _ = try await office.useCases.importReadings(
            [
                ReadingImportRow(
                    line: 2,
                    meter: meter ?? self.meter,
                    value: .register(
                        office.office.zone.start(of: date.adding(days: 1)),
                        Energy(wattHours: Int64(kWh) * 1_000),
                        isEstimated: false
                    )
                )
            ],
            options: ImportReadings.Options(),
            by: office.manager
        )
    }

    /// A run of a cycle; what came of this service.
    @discardableResult
    func run(
        _ cycle: String,
        issue: Bool = true,
        provisional: ProvisionalMethod? = nil,
        overrideReason: String? = nil
    ) async throws -> BillRunOutcome {
        let run = try await office.useCases.runBilling(
            RunBilling.Input(
                cycle: cycle,
                issue: issue,
                provisional: provisional,
                overrideReason: overrideReason
            ),
            by: office.manager
        )
        let outcomes = try await office.useCases.showBills.outcomes(
            of: run.id,
            try PageRequest(),
            by: office.manager
        )
        return try #require(outcomes.items.first { $0.serviceNumber == service })
    }

    /// Bills of the service, oldest first.
    func bills() async throws -> [Bill] {
        let page = try await office.useCases.showBills.list(
            try PageRequest(limit: 200),
            serviceNumber: service,
            by: office.manager
        )
        var bills: [Bill] = []
        for summary in page.items {
            bills.append(
                try await office.useCases.showBills.show(
                    String(summary.id.value),
                    by: office.manager
                )
            )
        }
        return bills.sorted { $0.content.period.last < $1.content.period.last }
    }

    func bill(_ cycle: String) async throws -> Bill {
        try #require(try await bills().last { $0.content.cycle.description == cycle })
    }

    /// Notes of the service, oldest first.
    func notes() async throws -> [Note] {
        try await office.useCases.showBills.notes(
            try PageRequest(limit: 200),
            serviceNumber: service,
            by: office.manager
        ).items.reversed()
    }

    /// A person approves a held bill and it is issued.
    func approve(_ cycle: String, reason: String = "looked at") async throws {
        _ = try await office.useCases.approveBills(
            String(try await bill(cycle).id.value),
            reason: reason,
            by: office.manager
        )
        #expect(try await run(cycle).outcome == .issued)
    }

    func balance() async throws -> Money {
        try await office.useCases.showBills.balance(serviceNumber: service, by: office.manager)
    }

    /// A bill as a person would write it down: days, registers, slabs, total.
    static func written(_ bill: Bill) -> String {
        let content = bill.content
        var rows = ["\(content.period) \(content.energy.kilowattHoursText) units"]
        for segment in content.segments {
            let opening = segment.opening.register.kilowattHoursText
            let closing = segment.closing.register.kilowattHoursText
            rows.append(
                "\(segment.meter.serial) \(opening)\(segment.opening.isEstimated ? "e" : "") to "
                    + "\(closing)\(segment.closing.isEstimated ? "e" : "")"
            )
        }
        for line in content.lines {
            let slabs = line.slabs.map { "\($0.quantity)x\($0.rate)" }.joined(separator: " ")
            rows.append("\(line.lineID) \(slabs) = \(line.amount.plainText)")
        }
        rows.append("total \(content.total.plainText)")
        return rows.joined(separator: "\n")
    }
}
