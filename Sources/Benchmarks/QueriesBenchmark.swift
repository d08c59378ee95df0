import Foundation
import Metering
import Postgres
import Registry
import Store
import Units
import UseCases

/// How long the queries take that a page waits for, in an office of full size.
struct QueriesBenchmark: Sendable {
    let options: NumberOptions
    static let wantedMilliseconds = 10.0

    static let help = """
        usage: bench queries [OPTIONS]

        queries: an office with a year of closed days, three years of daily energies and a month of
        raw readings of three channels, filled with statements to what day making writes; then the
        queries of pages through the store's own functions, a transaction each, of meters at random.

          --meters N      of the office (10000)
          --days N        with load curves (365)
          --history N     days with energies (1100)
          --repeats N     of each query (500)
          --json          figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        guard
            let options = try NumberOptions(
                arguments,
                [
                    "meters": .init(10_000, 100...100_000), "days": .init(365, 31...3_650),
                    "history": .init(1_100, 31...3_650), "repeats": .init(500, 10...100_000),
                ]
            )
        else { return nil }
        self.options = options
    }

    private struct Figure: Encodable {
        var query: String
        var milliseconds: Double
        var milliseconds99: Double
        var millisecondsMost: Double
    }

    func run() async throws {
        try await BenchmarkOffice.with(meters: 10) { office in
            let now: Instant = try await office.pool.withConnection { connection in
                try connection.query("select now()")[0][0]
            }
            let start = Stopwatch.seconds
            let town = QueriesTown(
                office: office,
                meters: options["meters"],
                yesterday: OfficeZone.india.date(of: now).adding(days: -1)
            )
            try await town.fill(curves: options["days"], energies: options["history"])
            Benchmarks.say("bench: filled in \(Int(Stopwatch.seconds - start)) s")
            let figures = try await ProgramInside.with(office, at: now, connections: 1) {
                try await measure($0, town)
            }
            if options.isJSON {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                print(String(decoding: try encoder.encode(["queries": figures]), as: UTF8.self))
                return
            }
            print(
                "queries: \(options["meters"]) meters, \(options["days"]) days of load curves, "
                    + "\(options["history"]) of energies, a month of raw readings; "
                    + "\(options["repeats"]) of each\n"
            )
            print(
                "query                                     median ms    p99 ms   most ms   wanted"
            )
            for one in figures {
                print(
                    one.query.padding(toLength: 40, withPad: " ", startingAt: 0)
                        + String(
                            format: "%11.2f %9.2f %9.2f   p99 < %.0f",
                            one.milliseconds,
                            one.milliseconds99,
                            one.millisecondsMost,
                            Self.wantedMilliseconds
                        )
                )
            }
        }
    }

    private func measure(_ inside: ProgramInside, _ town: QueriesTown) async throws -> [Figure] {
        let office = inside.office
        let last = town.yesterday
        return [
            try await time("newest reading of a meter", inside, town) { transaction, meter in
                guard try transaction.latest(of: meter) != nil else { throw Self.nothing }
            },
            try await time("one day's blocks", inside, town) { transaction, meter in
                let day = last.adding(days: -Int(meter.value % 30))
                guard try transaction.blocks(of: meter, from: day, to: day).count == 1 else {
                    throw Self.nothing
                }
            },
            try await time("one day's raw readings", inside, town) { transaction, meter in
                let day = last.adding(days: -Int(meter.value % 25) - 1)
                let found = try transaction.readings(
                    of: meter,
                    from: office.zone.start(of: day),
                    to: office.zone.start(of: day.adding(days: 1)),
                    limit: 1_000
                )
                guard found.count == 96 else { throw Self.nothing }
            },
            try await time("a month by day", inside, town) { transaction, meter in
                let found = try transaction.days(of: meter, from: last.adding(days: -30), to: last)
                guard found.count == 31 else { throw Self.nothing }
            },
            try await usage("a month by day, of a service's page", inside, town, .day, days: 31),
            try await usage("three years by month", inside, town, .month, days: 1_096),
            try await time("a page of 100 meters, last reports", inside, town) {
                transaction,
                meter in
                let number = meter.value % Int32(max(1, town.meters - 100))
                let serial = QueriesTown.serial(number)
                guard try transaction.meters(after: serial, limit: 100).count == 100 else {
                    throw Self.nothing
                }
            },
        ]
    }

    private static let nothing = BenchmarkError("a query did not find what was filled in")

    private func time(
        _ query: String,
        _ inside: ProgramInside,
        _ town: QueriesTown,
        _ body: @escaping @Sendable (TenantTransaction, Meter.ID) throws -> Void
    ) async throws -> Figure {
        try await time(query, town) { number in
            try await inside.store.withTenant(inside.office.id, readOnly: true) {
                try body($0, QueriesTown.meter(number))
            }
        }
    }

    private func usage(
        _ query: String,
        _ inside: ProgramInside,
        _ town: QueriesTown,
        _ step: ShowUsage.Step,
        days: Int
    ) async throws -> Figure {
        try await time(query, town) { number in
            let values = try await inside.useCases.showUsage(
                serviceNumber: QueriesTown.service(number),
                by: step,
                from: town.yesterday.adding(days: 1 - min(days, options["history"])),
                to: town.yesterday,
                caller: inside.caller
            )
            guard values.allSatisfy({ $0.energy != nil }) else { throw Self.nothing }
        }
    }

    private func time(
        _ query: String,
        _ town: QueriesTown,
        _ body: (Int32) async throws -> Void
    ) async throws -> Figure {
        var seconds: [Double] = []
        // The first few prepare statements and are not counted.
        for round in -20..<options["repeats"] {
            let number = Int32.random(in: 1...Int32(clamping: town.meters))
            let start = Stopwatch.seconds
            try await body(number)
            if round >= 0 { seconds.append(Stopwatch.seconds - start) }
        }
        let sorted = seconds.sorted()
        return Figure(
            query: query,
            milliseconds: sorted.median * 1_000,
            milliseconds99: sorted[Int(Double(sorted.count) * 0.99)] * 1_000,
            millisecondsMost: (sorted.last ?? 0) * 1_000
        )
    }
}
