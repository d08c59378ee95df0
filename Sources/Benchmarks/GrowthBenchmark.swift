import Foundation
import Glibc
import Metering
import Postgres
import PrivateServices
import Units
import UseCases

/// Whether a reading costs the same with ten times the meters and with years of partitions.
struct GrowthBenchmark: Sendable {
    let options: NumberOptions

    static let help = """
        usage: bench growth [OPTIONS]

        growth: processor time of program and database for a reading that is taken in by the
        program's own verb, of 1,000 meters and of 10,000, beside one monthly partition and beside
        36 of them with rows. The four are measured in turn, several times; compare the ratios.

          --meters N      of the larger fleet; the smaller is a tenth (10000)
          --months N      of partitions (36)
          --readings N    of each measurement (200000)
          --rounds N      the median counts (3)
          --rows N        in this month's partition beforehand (2000000)
          --json          figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        guard
            let options = try NumberOptions(
                arguments,
                [
                    "meters": .init(10_000, 100...15_000), "months": .init(36, 2...120),
                    "readings": .init(200_000, 1_000...10_000_000), "rounds": .init(3, 1...99),
                    "rows": .init(2_000_000, Limits.rows),
                ]
            )
        else { return nil }
        self.options = options
    }

    private struct Figure: Encodable {
        var meters: Int
        var partitions: Int
        var microsecondsAReading: Double
        /// Of the smaller fleet beside one partition.
        var ratio: Double
    }

    func run() async throws {
        try await BenchmarkOffice.with(meters: options["meters"]) { office in
            let table = ReadingTable(office: office)
            let span = try await table.span()
            Benchmarks.say("bench: filling the month with \(options["rows"]) rows")
            try await table.fill(span, rows: options["rows"])
            let old = try await makeOldMonths(office, before: span.start)
            let figures = try await ProgramInside.with(
                office,
                at: span.start.adding(seconds: span.capacity)
            ) { inside in
                try await measure(office, inside, span, old)
            }
            if options.isJSON {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                print(String(decoding: try encoder.encode(["growth": figures]), as: UTF8.self))
                return
            }
            print("growth: processor time of a reading, program and database together\n")
            print("meters   partitions   CPU us   ratio")
            for one in figures {
                print(
                    String(
                        format: "%6d  %11d  %7.1f  %6.2f",
                        one.meters,
                        one.partitions,
                        one.microsecondsAReading,
                        one.ratio
                    )
                )
            }
            print("\nmedians of \(options["rounds"]); 1 is flat.")
        }
    }

    /// Names of earlier months' partitions, each with rows of every meter.
    private func makeOldMonths(
        _ office: BenchmarkOffice,
        before start: Instant
    ) async throws -> [String] {
        let count = options["months"] - 1
        Benchmarks.say("bench: \(count) earlier months with rows")
        let month = CivilDate(daysSince1970: Int32(clamping: start.secondsSince1970 / 86_400)).month
        let meters = office.meters.map(\.id)
        let tenant = office.tenant
        var names: [String] = []
        for back in 1...count {
            let first = month.adding(months: -back).first
            names.append(
                try await office.pool.withConnection { connection in
                    _ = try connection.query("select make_reading_partition(\(first))")
                    try connection.execute(
                        """
                        insert into reading (at, main_energy_wh, tenant_id, meter_id,
                            main_power_mw, main_voltage_mv, main_current_ma,
                            main_power_factor_permille, epoch, flags)
                        select \(first)::timestamptz + n * interval '3 days', n, \(tenant), m,
                            100000, 230000, 435, 990, 0, 0
                        from generate_series(0, 8) n, unnest(\(meters)) m
                        """
                    )
                    return try connection.query(
                        "select 'reading_' || to_char(\(first)::date, 'YYYY_MM')"
                    )[0][0]
                }
            )
        }
        try await office.pool.withConnection { connection in
            try connection.execute("vacuum analyze reading")
            try connection.execute("checkpoint")
        }
        return names
    }

    /// The earlier months leave the table, or come back to it.
    private func setOldMonths(
        _ names: [String],
        attached: Bool,
        _ office: BenchmarkOffice
    ) async throws {
        try await office.pool.withConnection { connection in
            for name in names {
                // Names are made of digits here; nothing has to be quoted.
                let parts = name.split(separator: "_").compactMap { Int($0) }
                let (year, month) = (parts[0], parts[1])
                let next = month == 12 ? (year + 1, 1) : (year, month + 1)
                try connection.executeScript(
                    attached
                        ? "alter table reading attach partition \(name) for values "
                            + "from ('\(year)-\(month)-01 00:00+00') "
                            + "to ('\(next.0)-\(next.1)-01 00:00+00')"
                        : "alter table reading detach partition \(name)"
                )
            }
        }
    }

    private func measure(
        _ office: BenchmarkOffice,
        _ inside: ProgramInside,
        _ span: ReadingTable.Span,
        _ old: [String]
    ) async throws -> [Figure] {
        guard let postmaster = await office.cluster.serverProcessID else {
            throw BenchmarkError("the database has ended")
        }
        let processes = MeasuredProcesses(server: getpid(), postmaster: postmaster, broker: 0)
        let source = ReadingSource(start: span.start, capacity: span.capacity)
        let sizes = [options["meters"] / 10, options["meters"]]
        var next = [Int64](repeating: 1, count: office.meters.count)
        var seen: [[Int]: [Double]] = [:]
        for round in 0...options["rounds"] {
            for isAttached in [true, false] {
                try await setOldMonths(old, attached: isAttached, office, isFirst: round == 0)
                for size in sizes {
                    let before = processes.now()
                    let count = try await send(inside, office, source, size, &next)
                    let used = processes.now() - before
                    // The first round warms caches up and does not count.
                    guard round > 0 else { continue }
                    let cost = (used.server + used.database) * 1e6 / Double(count)
                    seen[[size, isAttached ? old.count + 1 : 1], default: []].append(cost)
                }
            }
            Benchmarks.say("bench: round \(round) of \(options["rounds"])")
        }
        let base = (seen[[sizes[0], 1]] ?? []).median
        return sizes.flatMap { size in
            [1, old.count + 1].map { partitions in
                let cost = (seen[[size, partitions]] ?? []).median
                return Figure(
                    meters: size,
                    partitions: partitions,
                    microsecondsAReading: cost,
                    ratio: cost / base
                )
            }
        }
    }

    private func setOldMonths(
        _ names: [String],
        attached: Bool,
        _ office: BenchmarkOffice,
        isFirst: Bool
    ) async throws {
        // They are attached when they are made.
        if attached, isFirst { return }
        try await setOldMonths(names, attached: attached, office)
    }

    /// Readings of the first so many meters, ten a report, in the order in which a fleet sends them;
    /// how many.
    private func send(
        _ inside: ProgramInside,
        _ office: BenchmarkOffice,
        _ source: ReadingSource,
        _ meters: Int,
        _ next: inout [Int64]
    ) async throws -> Int {
        let perReport: Int64 = 10
        let reports = options["readings"] / Int(perReport)
        var sent = 0
        while sent < reports {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<min(reports - sent, Limits.reportsAtOnce) {
                    let place = sent % meters
                    let first = next[place]
                    next[place] += perReport
                    guard next[place] <= source.capacity else {
                        throw BenchmarkError("the day has no instants left: ask for fewer readings")
                    }
                    let meter = office.meters[place]
                    let identity = MeterIdentity(
                        office: inside.office,
                        meter: Meter(
                            id: Meter.ID(meter.id),
                            serial: meter.name,
                            registerDigits: 8,
                            multiplier: 1,
                            channels: 3
                        )
                    )
                    group.addTask {
                        _ = try await inside.useCases.acceptReadings(
                            source.report(meter.id, first...first + perReport - 1),
                            from: identity
                        )
                    }
                    sent += 1
                }
                try await group.waitForAll()
            }
        }
        return reports * Int(perReport)
    }
}

extension ReadingSource {
    /// Consecutive readings as the program takes them in.
    func report(_ meter: Int32, _ numbers: ClosedRange<Int64>) -> MeterReport {
        MeterReport(
            epoch: 0,
            sequence: numbers.upperBound,
            oldestSequence: nil,
            items: numbers.map { number in
                .success(
                    ReportedReading(
                        at: at(number),
                        sequence: number,
                        main: main(meter, number),
                        dev1: dev1(meter, number),
                        dev2: dev2(meter, number)
                    )
                )
            }
        )
    }
}
