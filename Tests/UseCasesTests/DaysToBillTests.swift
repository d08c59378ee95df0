import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Bills of meters that report by themselves rest on what the register machine counts, and nothing
/// doubtful is issued without a person.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct DaysToBillTests {
    /// A house whose meter reports 100 Wh every hour from 1 September 2026; `change` spoils registers.
    private func house(
        _ name: String,
        change: (Int, inout Int64) -> Void = { _, _ in }
    ) async throws -> (office: TestOffice, meter: Meter) {
        let now = try #require(Instant("2026-11-05T06:00:00Z"))
        let office = try await TestOffice.make(at: now)
        try await office.publish(family: "tneb-lt1a")
        let (_, meter) = try await office.connect(name, on: "2026-09-01")
        let start = office.office.zone.start(of: try #require(CivilDate("2026-09-01")))
        let batch = (1...(61 * 24 + 48)).map { hour -> ReadingInsertion in
            var register = Int64(hour) * 100
            change(hour, &register)
            return ReadingInsertion(
                meter: meter.meter.id,
                reading: AcceptedReading(
                    at: start.adding(seconds: Int64(hour) * 3_600),
                    epoch: 0,
                    sequence: Int32(hour),
                    main: ChannelReading(
                        energyWattHours: register,
                        powerMilliwatts: 100_000,
                        voltageMillivolts: 230_000
                    )
                )
            )
        }
        try await office.store.withTenant(office.office.id) { transaction in
            _ = try transaction.insert(batch)
            try transaction.markDirty(
                Set(
                    batch.map {
                        MeterDayKey(
                            meter: $0.meter,
                            day: office.office.zone.meteringDay(of: $0.reading.at)
                        )
                    }
                )
            )
        }
        _ = try await office.useCases.setMetering(
            SetMetering.Input(readingIntervalSeconds: 3_600),
            by: office.manager
        )
        let changed = try await office.useCases.findOffices(office.office.id)
        _ = try await office.useCases.rollUpDays(office: changed)
        return (office, meter.meter)
    }

    private func bill(_ office: TestOffice) async throws -> (outcome: BillRun, bill: Bill?) {
        let run = try await office.useCases.runBilling(
            RunBilling.Input(cycle: "2026-10", issue: true),
            by: office.manager
        )
        let page = try await office.useCases.showBills.list(try PageRequest(), by: office.manager)
        guard let summary = page.items.first else { return (run, nil) }
        return (
            run,
            try await office.useCases.showBills.show(
                String(summary.id.value),
                by: office.manager
            )
        )
    }

    @Test func `a spike on the reading that closes the cycle is not billed`() async throws {
        let last = 61 * 24
        let (office, _) = try await house("spike") { hour, register in
            if hour == last { register += 8_000_000 }
        }
        let (run, bill) = try await bill(office)
        #expect(run.counts[.issued] == 1, "\(run.counts)")
        #expect(bill?.content.energy.wattHours == Int64(last - 1) * 100)
    }

    @Test func `an error that nobody has settled holds the bill, and settling it frees it`()
        async throws
    {
        // The register jumps and stays: the machine counts nothing, a person has to decide.
        let (office, _) = try await house("jump") { hour, register in
            if hour > 700 { register += 3_000_000 }
        }
        let (run, held) = try await bill(office)
        #expect(run.counts[.held] == 1 && held?.holds.map(\.code) == [.readings], "\(run.counts)")
        _ = try await office.useCases.reviewExceptions.acknowledge(
            ReviewExceptions.Query(rule: "jump"),
            reason: "the display was exchanged; the register is right",
            by: office.manager
        )
        let (again, drafted) = try await bill(office)
        #expect(drafted?.holds.isEmpty == true, "\(again.counts)")
    }

    @Test func `a correction stands against the value it replaced`() async throws {
        let (office, meter) = try await house("correct")
        let at = office.office.zone.start(of: try #require(CivilDate("2026-11-01")))
        _ = try await office.useCases.correctReading(
            serial: meter.serial,
            at: at,
            register: Energy(wattHours: 146_390),
            reason: "read from the display",
            by: office.manager
        )
        // The meter sends its own value again, and with a later number too.
        try await office.store.withTenant(office.office.id) { transaction in
            for sequence: Int32 in [1_464, 90_000] {
                _ = try transaction.insert([
                    ReadingInsertion(
                        meter: meter.id,
                        reading: AcceptedReading(
                            at: at,
                            epoch: 0,
                            sequence: sequence,
                            main: ChannelReading(
                                energyWattHours: 146_400,
                                powerMilliwatts: 100_000,
                                voltageMillivolts: 230_000
                            )
                        )
                    )
                ])
            }
        }
        _ = try await office.useCases.rollUpDays(office: office.office)
        let day = try #require(CivilDate("2026-10-31"))
        let days = try await office.store.withTenant(office.office.id) {
            try $0.days(of: meter.id, from: day, to: day)
        }
        #expect(days.map { $0.last?.register.wattHours } == [146_390])
    }

    @Test func `a meter that died is read at its exchange, and the silence is on its days`()
        async throws
    {
        let (office, meter) = try await house("died")
        let zone = office.office.zone
        let removed = zone.start(of: try #require(CivilDate("2026-11-05")))
        _ = try await office.useCases.registerMeter(
            RegisterMeter.Input(serial: "m-new"),
            by: office.manager
        )
        // Its last reading is of the end of 2 November; two days later its register shows 4.8 units more.
        try await office.useCases.replaceMeter(
            ReplaceMeter.Input(
                serviceNumber: "S-died",
                newSerial: "m-new",
                at: removed,
                closingRegister: Energy(wattHours: 63 * 2_400 + 4_800),
                openingRegister: .zero
            ),
            by: office.manager
        )
        let changed = try await office.useCases.findOffices(office.office.id)
        _ = try await office.useCases.rollUpDays(office: changed)
        let days = try await office.store.withTenant(office.office.id) { transaction in
            try transaction.days(
                of: meter.id,
                from: CivilDate("2026-11-02") ?? CivilDate(daysSince1970: 0),
                to: CivilDate("2026-11-04") ?? CivilDate(daysSince1970: 0)
            )
        }
        #expect(days.map { $0.energy?.wattHours } == [2_400, 2_400, 2_400])
        #expect(days.map { $0.quality.contains(.estimated) } == [false, true, true])
    }
}

/// A meter that was read by hand until it began to report.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct FromHandToReportTests {
    @Test func `months read by hand stay as they were, and the silence between is shared out`()
        async throws
    {
        let now = try #require(Instant("2026-11-21T06:00:00Z"))
        let office = try await TestOffice.make(at: now)
        let (_, meter) = try await office.connect("hand", on: "2026-08-01")
        let zone = office.office.zone
        func end(_ day: String) throws -> Instant {
            zone.start(of: try #require(CivilDate(day)).adding(days: 1))
        }
        let rows = try [("2026-08-31", 100), ("2026-09-30", 200), ("2026-10-31", 300)].map {
            ReadingImportRow(
                line: 2,
                meter: meter.meter.serial,
                value: .register(
                    try end($0.0),
                    Energy(wattHours: Int64($0.1) * 1_000),
                    isEstimated: false
                )
            )
        }
        _ = try await office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: office.manager
        )
        let start = try end("2026-11-17")
        let batch = (0...192).map { quarter in
            ReadingInsertion(
                meter: meter.meter.id,
                reading: AcceptedReading(
                    at: start.adding(seconds: Int64(quarter) * 900),
                    epoch: 0,
                    sequence: Int32(quarter),
                    main: ChannelReading(
                        energyWattHours: 360_000 + Int64(quarter) * 100,
                        powerMilliwatts: 400_000,
                        voltageMillivolts: 230_000
                    )
                )
            )
        }
        try await office.store.withTenant(office.office.id) { transaction in
            _ = try transaction.insert(batch)
            try transaction.markDirty(
                Set(
                    batch.map {
                        MeterDayKey(meter: $0.meter, day: zone.meteringDay(of: $0.reading.at))
                    }
                )
            )
        }
        _ = try await office.useCases.rollUpDays(office: office.office)
        func months() async throws -> [Int64] {
            try await office.useCases.showUsage(
                serviceNumber: "S-hand",
                by: .month,
                from: try #require(CivilDate("2026-08-01")),
                to: try #require(CivilDate("2026-11-20")),
                caller: office.manager
            ).map { $0.energy?.wattHours ?? 0 }
        }
        #expect(try await months() == [100_000, 100_000, 100_000, 79_200])
        let report = try await office.useCases.rebuildDays(
            from: try #require(CivilDate("2026-08-01")),
            onlyCompares: true,
            by: office.manager
        )
        #expect(report.differing.isEmpty, "\(report.differing)")
    }

    @Test func `an exchange that cannot be is refused before anything is written`() async throws {
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("nonsense")
        _ = try await office.useCases.registerMeter(
            RegisterMeter.Input(serial: "m-fresh"),
            by: office.manager
        )
        func replace(_ serial: String, daysAhead: Int64) async throws {
            try await office.useCases.replaceMeter(
                ReplaceMeter.Input(
                    serviceNumber: "S-nonsense",
                    newSerial: serial,
                    at: office.clock.now.adding(seconds: daysAhead * 86_400),
                    closingRegister: Energy(wattHours: 5_000),
                    openingRegister: .zero
                ),
                by: office.manager
            )
        }
        await #expect(throws: InvalidInput.self) {
            try await replace(meter.meter.serial, daysAhead: 0)
        }
        await #expect(throws: InvalidInput.self) { try await replace("m-fresh", daysAhead: 30) }
        try await replace("m-fresh", daysAhead: 0)
    }
}
