import Foundation
import Metering
import Postgres
import Units
import UseCases

/// How many bytes on the disk a reading takes while it is hot, and a block of a closed day.
struct StorageBenchmark: Sendable {
    let options: NumberOptions
    static let readingTarget = 180.0
    static let blockTarget = 20.0

    static let help = """
        usage: bench storage [OPTIONS]

        storage: meters report readings of three channels every quarter of an hour, day after day,
        through the program's own verb, and every night their days are closed; the tables of days are
        vacuumed when autovacuum would have come, which days that pass in seconds leave no time for.
        Then all are vacuumed and measured with their indexes: bytes a reading, and a block of a load
        curve.

          --meters N    that report (300)
          --days N      of readings (30)
          --json        figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        guard
            let options = try NumberOptions(
                arguments,
                ["meters": .init(300, 10...10_000), "days": .init(30, 3...370)]
            )
        else { return nil }
        self.options = options
    }

    private struct Figure: Encodable {
        var what: String
        var rows: Int64
        var pieces: Int64
        var tableBytes: Double
        var indexBytes: Double
        var bytes: Double
        var target: Double?
    }

    func run() async throws {
        try await BenchmarkOffice.with(meters: options["meters"]) { office in
            // The month that is closed: its partition is made like any other's.
            let now: Instant = try await office.pool.withConnection { connection in
                try connection.query("select now()")[0][0]
            }
            let zone = OfficeZone.india
            let first = zone.date(of: now).adding(days: -options["days"] - 1)
            try await ProgramInside.with(office, at: zone.start(of: first)) { inside in
                let months = Set((0...options["days"]).map { first.adding(days: $0).month })
                _ = try await inside.useCases.makePartitions(of: months)
                var nights = 0
                for day in 0..<options["days"] {
                    try await live(office, inside, day: day, from: zone.start(of: first))
                    // A night makes three days of each meter anew; a fifth of the rows is too many.
                    nights += 1
                    if nights * 3 * 5 > day + 1 {
                        nights = 0
                        try await vacuum(office, ["block_day", "consumption_day"])
                    }
                    if day % 10 == 9 { Benchmarks.say("bench: \(day + 1) days") }
                }
            }
            let figures = try await figures(office)
            if options.isJSON {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                print(String(decoding: try encoder.encode(["storage": figures]), as: UTF8.self))
                return
            }
            print(
                "storage: \(options["meters"]) meters, \(options["days"]) days of quarter hours, "
                    + "bytes after vacuum\n"
            )
            print("each               number      table   indexes     bytes    wanted")
            for one in figures {
                print(
                    one.what.padding(toLength: 14, withPad: " ", startingAt: 0)
                        + String(
                            format: "%11lld  %9.1f %9.1f %9.1f",
                            one.pieces,
                            one.tableBytes,
                            one.indexBytes,
                            one.bytes
                        ) + (one.target.map { String(format: "    <= %.0f", $0) } ?? "")
                )
            }
        }
    }

    private func vacuum(_ office: BenchmarkOffice, _ tables: [String]) async throws {
        try await office.pool.withConnection { connection in
            for table in tables { try connection.executeScript("vacuum analyze \(table)") }
        }
    }

    /// One day of every meter in order of time, and the night after it.
    private func live(
        _ office: BenchmarkOffice,
        _ inside: ProgramInside,
        day: Int,
        from start: Instant
    ) async throws {
        for hour in 0..<24 {
            let quarters = (1...4).map { Int64(day * 96 + hour * 4 + $0) }
            inside.clock.now = start.adding(seconds: quarters[3] * 900 + 5)
            for meters in stride(from: 0, to: office.meters.count, by: Limits.reportsAtOnce) {
                let group = office.meters[
                    meters..<min(meters + Limits.reportsAtOnce, office.meters.count)
                ]
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for meter in group {
                        tasks.addTask {
                            try await report(meter, quarters, start, inside)
                        }
                    }
                    try await tasks.waitForAll()
                }
            }
        }
        inside.clock.now = start.adding(seconds: Int64(day + 1) * 86_400 + 1_200)
        try await inside.useCases.rollUpDays(office: inside.office)
    }

    private func report(
        _ meter: BenchmarkMeter,
        _ quarters: [Int64],
        _ start: Instant,
        _ inside: ProgramInside
    ) async throws {
        let readings = quarters.map { quarter in
            ReportedReading(
                at: start.adding(seconds: quarter * 900),
                sequence: quarter,
                main: Self.channel(meter.id, quarter, share: 100),
                dev1: Self.channel(meter.id, quarter, share: 40),
                dev2: Self.channel(meter.id, quarter, share: 25)
            )
        }
        _ = try await inside.useCases.acceptReadings(
            MeterReport(
                epoch: 0,
                sequence: quarters.last ?? 0,
                oldestSequence: nil,
                items: readings.map { .success($0) }
            ),
            from: MeterIdentity(
                office: inside.office,
                meter: Meter(
                    id: Meter.ID(meter.id),
                    serial: meter.name,
                    registerDigits: 8,
                    multiplier: 1,
                    channels: 3
                )
            )
        )
    }

    /// What a household uses in each hour, for a mean of some hundred watts.
    private static let shape: [Int64] = [
        60, 50, 50, 50, 60, 110, 220, 260, 200, 140, 120, 130, 160, 150, 130, 130, 150, 200, 330,
        420, 400, 320, 200, 100,
    ]

    /// A household that sleeps at night and cooks in the evening, from its number alone.
    private static func channel(_ meter: Int32, _ quarter: Int64, share: Int64) -> ChannelReading {
        let size = (60 + Int64(meter % 80)) * share
        let (day, place) = ((quarter - 1) / 96, Int((quarter - 1) % 96))
        let whole = shape.reduce(0, +)
        let today = shape[..<(place / 4)].reduce(0, +) * 4 + shape[place / 4] * Int64(place % 4 + 1)
        let energy = (day * whole * 4 + today) * size / 40_000
        let noise = UInt32(truncatingIfNeeded: Int64(meter) &* 2_654_435_761 &+ quarter &* 40_503)
        let power = shape[place / 4] * size / 10 + Int64(noise % 20_000)
        let volts = 225 + Int64((noise >> 16) % 15)
        return ChannelReading(
            energyWattHours: 1_000_000 + energy,
            powerMilliwatts: Int32(power),
            voltageMillivolts: Int32(volts * 1_000),
            currentMilliamps: Int32(power / volts),
            powerFactorPermille: 950
        )
    }

    private func figures(_ office: BenchmarkOffice) async throws -> [Figure] {
        try await vacuum(office, ["reading", "block_day", "consumption_day"])
        return try await office.pool.withConnection { connection in
            let rows = try connection.query(
                """
                select 'reading', count(*), count(*),
                    (select sum(pg_table_size(relid)) from pg_partition_tree('reading'))::int8,
                    (select sum(pg_indexes_size(relid)) from pg_partition_tree('reading'))::int8
                from reading
                union all
                select 'block', count(*), sum(cardinality(energy_wh)),
                    pg_table_size('block_day'), pg_indexes_size('block_day') from block_day
                union all
                select 'day', count(*), count(*), pg_table_size('consumption_day'),
                    pg_indexes_size('consumption_day') from consumption_day
                """
            )
            return try rows.map { row in
                let what: String = try row[0]
                let pieces: Int64 = try row[2]
                let table = Double(try row[3] as Int64) / Double(max(pieces, 1))
                let index = Double(try row[4] as Int64) / Double(max(pieces, 1))
                return Figure(
                    what: what,
                    rows: try row[1],
                    pieces: pieces,
                    tableBytes: table,
                    indexBytes: index,
                    bytes: table + index,
                    target: ["reading": Self.readingTarget, "block": Self.blockTarget][what]
                )
            }
        }
    }
}
