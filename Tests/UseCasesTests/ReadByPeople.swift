import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// An office at the end of a cycle, whose registers are read by people.
extension TestOffice {
    /// Half past eleven on 1 November 2026: the cycle of September and October ended last night.
    static func readByPeople(_ services: String...) async throws -> TestOffice {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-01T06:00:00Z")))
        try await office.publish(family: "tneb-lt1a")
        for service in services { _ = try await office.connect(service, on: "2026-09-01") }
        return office
    }

    var engineer: Caller {
        Caller(office: office.id, name: "engineer", role: .engineer)
    }

    func consumer(_ name: String) async throws -> Caller {
        let found = try await useCases.registerConsumer.show(
            number: "C-\(name)",
            by: manager
        ).consumer
        return Caller(
            office: office.id,
            name: "consumer-\(name)",
            role: .consumer,
            consumer: found.id
        )
    }

    func visit(
        _ service: String,
        _ kWh: Int64?,
        outcome: VisitOutcome = .read,
        at: String? = nil
    ) async throws -> EnterReading.Entered {
        try await useCases.enterReading.visit(
            EnterReading.Visit(
                serviceNumber: "S-\(service)",
                at: at.flatMap { Instant($0) },
                outcome: outcome,
                register: kWh.map { Energy(wattHours: $0 * 1_000) }
            ),
            by: manager
        )
    }

    func sendOwn(
        _ name: String,
        _ kWh: Int64,
        at: String? = nil,
        photo: [UInt8]? = TestPhoto.jpeg
    ) async throws -> EnterReading.Entered {
        try await useCases.enterReading.own(
            EnterReading.OwnReading(
                serviceNumber: "S-\(name)",
                at: at.flatMap { Instant($0) },
                register: Energy(wattHours: kWh * 1_000),
                photo: photo
            ),
            by: consumer(name)
        )
    }

    func billRound() async throws -> [String: BillRunOutcome] {
        let run = try await useCases.runBilling(
            RunBilling.Input(cycle: "2026-10", issue: true),
            by: manager
        )
        let outcomes = try await useCases.showBills.outcomes(
            of: run.id,
            try PageRequest(),
            by: manager
        )
        return Dictionary(uniqueKeysWithValues: outcomes.items.map { ($0.serviceNumber, $0) })
    }

    func billedUnits(_ service: String) async throws -> String? {
        try await useCases.showBills.list(
            try PageRequest(),
            serviceNumber: service,
            by: manager
        ).items.first?.energy.kilowattHoursText
    }

    func ledger(_ serial: String) async throws -> [AcceptedReading] {
        try await store.withTenant(office.id, readOnly: true) { transaction in
            let meter = try #require(try transaction.meter(serial: serial))
            return try transaction.readings(
                of: meter.id,
                from: Instant(secondsSince1970: 0),
                to: Instant(secondsSince1970: 4_000_000_000),
                limit: 100
            )
        }
    }
}

/// Rows of a filled sheet: service, register, time, outcome, note.
func filledSheet(_ lines: [String]) -> [ImportRow] {
    lines.enumerated().map { index, line in
        let columns = ["service", "register_kwh", "read_at", "outcome", "note"]
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        return ImportRow(
            line: index + 2,
            fields: Dictionary(
                uniqueKeysWithValues: zip(columns, fields.map(String.init))
            )
        )
    }
}
