import Billing
import Metering
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Making days: what is wrong with one meter stays with it, and what is as it was is not written.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct UnmadeDaysTests {
    private struct Place {
        let office: TestOffice
        let meters: [Meter]
        let first: CivilDate

        var yesterday: CivilDate { first.adding(days: 1) }
    }

    /// Two days of some meters; the meter of a place sends so many readings a day.
    private func place(_ name: String, _ readings: [Int]) async throws -> Place {
        let office = try await TestOffice.make()
        let first = office.office.zone.date(of: office.clock.now).adding(days: -2)
        var meters: [Meter] = []
        for (index, count) in readings.enumerated() {
            let (_, registered) = try await office.connect(
                "\(name)-\(index)",
                on: first.description,
                openingRegisterWattHours: 1_000_000
            )
            meters.append(registered.meter)
            try await send(count, from: 1, to: 2 * count, registered.meter, office, first)
        }
        return Place(office: office, meters: meters, first: first)
    }

    private func send(
        _ aDay: Int,
        from start: Int,
        to end: Int,
        _ meter: Meter,
        _ office: TestOffice,
        _ first: CivilDate
    ) async throws {
        let midnight = office.office.zone.start(of: first)
        let sent = (start...end).map { number in
            SentReading(
                at: midnight.adding(seconds: Int64(number) * 86_400 / Int64(aDay)),
                sequence: Int64(number),
                wattHours: 1_000_000 + Int64(number) * 9_600 / Int64(aDay)
            )
        }
        try await office.put(sent, of: meter)
    }

    private func energies(_ meter: Meter, _ place: Place) async throws -> [Int64?] {
        try await place.office.store.withTenant(place.office.office.id) { transaction in
            try transaction.days(of: meter.id, from: place.first, to: place.yesterday)
                .map { $0.energy?.wattHours }
        }
    }

    private func marks(_ place: Place) async throws -> Int {
        let today = place.yesterday.adding(days: 1)
        return try await place.office.store.withTenant(place.office.office.id) {
            try $0.dirtyDays(before: today)
        }
    }

    @Test func `a meter with too many readings is named, and the others' days are made`()
        async throws
    {
        let place = try await place("many", [24, 96, 24])
        let small = RollUpDays(
            store: place.office.store,
            clock: place.office.clock.wall,
            readingsOfMeter: 100
        )
        let report = try await small(office: place.office.office)
        let unmade = try #require(report.unmade.first)
        #expect(report.unmade.count == 1)
        #expect(unmade.meter == place.meters[1].id)
        #expect(unmade.days.contains(place.yesterday))
        #expect(unmade.reason.contains("100 readings"))
        for meter in [place.meters[0], place.meters[2]] {
            #expect(try await energies(meter, place) == [9_600, 9_600])
        }
        #expect(try await energies(place.meters[1], place).isEmpty)
        #expect(try await marks(place) > 0)

        let made = try await place.office.useCases.rollUpDays(office: place.office.office)
        #expect(made.unmade.isEmpty)
        #expect(try await energies(place.meters[1], place) == [9_600, 9_600])
        #expect(try await marks(place) == 0)
    }

    /// Leaves a row of a meter that no version of the program writes.
    private func damage(
        _ meter: Meter.ID,
        of office: TestOffice,
        on day: CivilDate
    ) async throws {
        let tenant = office.office.id.value
        try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            try connection.execute(
                """
                insert into day_version (tenant_id, meter_id, day, number, kind, blocks, energy_wh,
                    method, block_minutes, first_block, before_wh, before_quality,
                    before_readings, made_by, reason, made_at)
                values (\(tenant), \(meter.value), \(day), 4::int8, 'estimate', '{1}', '{1}',
                    'unheard_of', 15::int2, 1::int2, '{1}', '{0}', '{1}', 'test', 'damaged',
                    now())
                """
            )
        }
    }

    @Test func `a damaged row of one meter leaves that meter out, by name`() async throws {
        let place = try await place("damaged", [24, 24, 24])
        try await damage(place.meters[1].id, of: place.office, on: place.first)
        // A round that ends without them does not begin anew for ever.
        let report = try await place.office.useCases.rollUpDays(office: place.office.office)
        #expect(report.unmade.map(\.meter) == [place.meters[1].id])
        for meter in [place.meters[0], place.meters[2]] {
            #expect(try await energies(meter, place) == [9_600, 9_600])
        }
        // The clock passes it over for an hour; whoever asks is told at once.
        #expect(try await marks(place) > 0)
        let rebuilt = try await place.office.useCases.rebuildDays(
            from: place.first,
            onlyCompares: true,
            by: place.office.manager
        )
        #expect(rebuilt.unmade.map(\.meterSerial) == [place.meters[1].serial])
        #expect(rebuilt.differing.isEmpty && rebuilt.days == 4)
    }

    @Test
    func `a service whose meter's days could not be made is refused by name, others are billed`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a", "b")
        let meter = try await office.useCases.showMeters.show(serial: "m-a", by: office.manager)
            .meter
        try await damage(meter.id, of: office, on: try #require(CivilDate("2026-10-15")))
        let at = try #require(Instant("2026-10-31T18:30:00Z"))
        let report = try await office.useCases.importReadings(
            ["m-a", "m-b"].enumerated().map { line, serial in
                ReadingImportRow(
                    line: line + 2,
                    meter: serial,
                    value: .register(at, Energy(wattHours: 380_000), isEstimated: false)
                )
            },
            options: ImportReadings.Options(),
            by: office.manager
        )
        #expect(report.stored == 2 && report.unmade.map(\.meter) == [meter.id])
        let round = try await office.billRound()
        #expect(round["S-b"]?.outcome == .issued)
        #expect(round["S-a"]?.outcome == .refused)
        #expect(round["S-a"]?.reason.contains("could not be made") == true)
    }

    @Test func `parts by readings make the same days as all at once`() async throws {
        let place = try await place("parts", [96, 24, 48, 96])
        let parts = RollUpDays(
            store: place.office.store,
            clock: place.office.clock.wall,
            readingsAtOnce: 100
        )
        #expect(try await parts(office: place.office.office).unmade.isEmpty)
        for meter in place.meters {
            #expect(try await energies(meter, place) == [9_600, 9_600])
        }
        let report = try await place.office.useCases.rebuildDays(
            from: place.first,
            onlyCompares: true,
            by: place.office.manager
        )
        #expect(report.differing.isEmpty && report.days == 8, "\(report)")
    }

    /// Which transaction wrote each row of a meter's days.
    private func writers(_ table: String, _ meter: Meter, _ place: Place) async throws
        -> [CivilDate: String]
    {
        let tenant = place.office.office.id.value
        return try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            let rows =
                table == "block_day"
                ? try connection.query(
                    """
                    select day, xmin::text from block_day
                    where tenant_id = \(tenant) and meter_id = \(meter.id.value)
                    """
                )
                : try connection.query(
                    """
                    select day, xmin::text from consumption_day
                    where tenant_id = \(tenant) and meter_id = \(meter.id.value)
                    """
                )
            var result: [CivilDate: String] = [:]
            for row in rows { result[try row[0]] = try row[1] }
            return result
        }
    }

    @Test func `days that come out as they stand are not written again`() async throws {
        let place = try await place("same", [96])
        let meter = place.meters[0]
        _ = try await place.office.useCases.rollUpDays(office: place.office.office)
        let blocks = try await writers("block_day", meter, place)
        let days = try await writers("consumption_day", meter, place)
        #expect(blocks.count == 2 && days.count == 2)

        _ = try await place.office.useCases.rebuildDays(
            from: place.first,
            onlyCompares: false,
            by: place.office.manager
        )
        #expect(try await writers("block_day", meter, place) == blocks)
        #expect(try await writers("consumption_day", meter, place) == days)

        // A day later only the new day is written.
        let next = place.yesterday.adding(days: 1)
        place.office.clock.now = place.office.office.zone.start(of: next.adding(days: 1))
            .adding(seconds: 7_200)
        try await send(96, from: 193, to: 288, meter, place.office, place.first)
        _ = try await place.office.useCases.rollUpDays(office: place.office.office)
        let after = try await writers("block_day", meter, place)
        #expect(after.count == 3)
        for (day, writer) in blocks { #expect(after[day] == writer, "\(day)") }

        // What is otherwise is.
        _ = try await place.office.useCases.correctReading(
            serial: meter.serial,
            at: place.office.office.zone.start(of: place.yesterday).adding(seconds: 900 * 50),
            register: Energy(wattHours: 1_014_640),
            reason: "typed wrongly",
            by: place.office.manager
        )
        _ = try await place.office.useCases.rollUpDays(office: place.office.office)
        let changed = try await writers("block_day", meter, place)
        #expect(changed[place.first] == blocks[place.first])
        #expect(changed[place.yesterday] != blocks[place.yesterday])
        #expect(changed[next] == after[next])
    }
}
