import Foundation
import Glibc
import Metering
import Postgres
import PrivateServices
import Units

/// How long files of readings take to import and how much memory that needs, beside plain inserts of
/// the same rows.
struct ImportBenchmark: Sendable {
    var rows = [1_000_000, 4_000_000]
    var isJSON = false

    static let help = """
        usage: bench import [OPTIONS]

        import: writes a file of registers (one an hour of every meter, in the order in which a fleet
        reports) and a file of daily energies, imports each with `vidyut reading import`, a process of
        its own, into an empty durable database, and inserts as many of the same rows, in the import's
        order and transactions, into a twin of the table, before and after.

          --rows N,N    rows of each file (default 1000000,4000000)
          --json        print the figures as JSON
        """

    /// What one file took.
    struct Figures: Encodable {
        let form: String
        let rows: Int
        let fileMegabytes: Int
        let seconds: Double
        let rowsASecond: Int
        let peakMegabytes: Int
        let insertsASecondBefore: Int
        let insertsASecondAfter: Int

        var share: Double {
            Double(rowsASecond) * 2 / Double(insertsASecondBefore + insertsASecondAfter)
        }

        var line: String {
            String(
                format: "%9@ %9d %4d %6.1f %8d  %7d %7d  %5.2f %8d",
                form as NSString,
                rows,
                fileMegabytes,
                seconds,
                rowsASecond,
                insertsASecondBefore,
                insertsASecondAfter,
                share,
                peakMegabytes
            )
        }
    }

    /// Nil when only help was asked for.
    init?(_ arguments: some Sequence<String>) throws(BenchmarkError) {
        var rest = Array(arguments)[...]
        while let option = rest.popFirst() {
            switch option {
            case "--json": isJSON = true
            case "--help", "-h": return nil
            case "--rows":
                let counts = (rest.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 }
                guard !counts.isEmpty, counts.allSatisfy({ (10_000...100_000_000).contains($0) })
                else { throw BenchmarkError("--rows takes numbers of 10000 to 100000000") }
                rows = counts
            default: throw BenchmarkError("there is no option '\(option)'")
            }
        }
    }

    func run() async throws {
        var figures: [Figures] = []
        for isDaily in [false, true] {
            for count in rows {
                let meters = isDaily ? max(1, count / Limits.importDays) : Limits.importMeters
                try await BenchmarkOffice.with(meters: meters) { office in
                    figures.append(try await measure(count, isDaily: isDaily, office))
                }
                if let last = figures.last { Benchmarks.say("bench: \(last.line)") }
            }
        }
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return print(String(decoding: try encoder.encode(["files": figures]), as: UTF8.self))
        }
        print("\nform           rows   MB      s   rows/s  plain inserts/s   share  peak MB")
        for one in figures { print(one.line) }
        print(
            "\nAn import: check, sort, store with marks, make the days. Plain inserts: one writer, "
                + "\(Limits.importBatch) rows a transaction, no wall between offices, no days."
        )
    }

    private func measure(
        _ count: Int,
        isDaily: Bool,
        _ office: BenchmarkOffice
    ) async throws -> Figures {
        let file = "\(office.folder)/readings.csv"
        let rows = try write(count, isDaily: isDaily, office, to: file)
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        Benchmarks.say("bench: \(rows) rows of \(isDaily ? "days" : "registers")")
        let before = try await plainInserts(rows, isDaily: isDaily, office)
        let start = Stopwatch.seconds
        let peak = try await importFile(file, office)
        let seconds = Stopwatch.seconds - start
        let stored: Int64 = try await office.pool.withConnection { connection in
            try connection.query("select count(*) from reading")[0][0]
        }
        guard stored == rows else { throw BenchmarkError("\(stored) of \(rows) rows are stored") }
        let after = try await plainInserts(rows, isDaily: isDaily, office)
        return Figures(
            form: isDaily ? "days" : "registers",
            rows: rows,
            fileMegabytes: size >> 20,
            seconds: seconds,
            rowsASecond: Int(Double(rows) / seconds),
            peakMegabytes: peak,
            insertsASecondBefore: before,
            insertsASecondAfter: after
        )
    }

    private func write(
        _ count: Int,
        isDaily: Bool,
        _ office: BenchmarkOffice,
        to path: String
    ) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchmarkError("\(path) cannot be written") }
        defer { try? file.close() }
        let serials = office.meters.map { meter in
            meter.name.split(separator: ".").last.map(String.init) ?? ""
        }
        let header = isDaily ? "meter,date,kwh\n" : "meter,at,register_wh\n"
        try file.write(contentsOf: Data(header.utf8))
        let steps = count / serials.count
        for step in 0..<steps {
            let (day, at) = (Self.day(step), "\(Self.instant(step))")
            var text = ""
            for (place, serial) in serials.enumerated() {
                text +=
                    isDaily
                    ? "\(serial),\(day),\(5 + (place + step) % 17).25\n"
                    : "\(serial),\(at),\(step * (300 + place % 500))\n"
            }
            try file.write(contentsOf: Data(text.utf8))
        }
        return steps * serials.count
    }

    /// A year that is over.
    private static func day(_ step: Int) -> CivilDate {
        CivilDate(daysSince1970: 20_089 + Int32(step))
    }

    private static func instant(_ step: Int) -> Instant {
        Instant(secondsSince1970: 20_089 * 86_400 + Int64(step) * 3_600)
    }

    /// Runs the program; its largest memory in MB.
    private func importFile(_ path: String, _ office: BenchmarkOffice) async throws -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(BenchmarkOffice.ownFolder)/vidyut")
        process.arguments = ["reading", "import", path, "--json"]
        process.environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "VIDYUT_DATABASE_URL": office.cluster.applicationURL,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var peak = 0
        while process.isRunning {
            peak = max(peak, Self.peakKilobytes(process.processIdentifier))
            try await Task.sleep(for: .milliseconds(Limits.importLookMilliseconds))
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("the import failed") }
        return peak >> 10
    }

    private static func peakKilobytes(_ processID: Int32) -> Int {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(processID)/status") else {
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    /// Rows a second of plain inserts of as many rows in the import's order, up to a number.
    private func plainInserts(
        _ count: Int,
        isDaily: Bool,
        _ office: BenchmarkOffice
    ) async throws -> Int {
        let (meters, tenant) = (office.meters.map(\.id), office.tenant)
        let steps = count / meters.count
        let wanted = min(count, Limits.importPlainRows)
        try await office.pool.withConnection { connection in
            try connection.execute("drop table if exists reading_twin")
            try connection.execute(
                "create table reading_twin (like reading including constraints including indexes)"
            )
        }
        let start = Stopwatch.seconds
        var first = 0
        while first < wanted {
            let batch = first..<min(first + Limits.importBatch, wanted)
            let ids = batch.map { meters[$0 / steps] }
            let instants = batch.map { Self.instant($0 % steps * (isDaily ? 24 : 1)) }
            let registers = batch.map { Int64($0) }
            try await office.pool.transaction { connection in
                try connection.execute(
                    """
                    insert into reading_twin (at, main_energy_wh, tenant_id, meter_id,
                        main_power_mw, main_voltage_mv, main_current_ma,
                        main_power_factor_permille, epoch, flags)
                    select b.at, b.wh, \(tenant), b.meter, 0, 0, 0, 0, 0, 0
                    from unnest(\(instants), \(registers), \(ids)) as b (at, wh, meter)
                    on conflict do nothing
                    """
                )
            }
            first = batch.upperBound
        }
        return Int(Double(wanted) / (Stopwatch.seconds - start))
    }
}
