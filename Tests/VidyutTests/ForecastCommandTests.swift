import Foundation
import TestSupport
import Testing

/// `vidyut forecast series`, with files as a person gives them.
@Suite(.enabled(if: BuiltProgram.path != nil))
struct ForecastCommandTests {
    let program = BuiltProgram()

    /// A folder of files that goes away.
    private func withFiles(
        _ files: [String: String],
        _ body: (_ path: (String) -> String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-forecast-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try text.write(
                to: folder.appendingPathComponent(name),
                atomically: false,
                encoding: .utf8
            )
        }
        try await body { folder.appendingPathComponent($0).path }
    }

    /// Days from 2021-01-01 on; `kilowattHours` by household and day.
    private func days(
        _ households: [String],
        _ count: Int,
        _ kilowattHours: (_ household: Int, _ day: Int) -> String
    ) -> [String] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC") ?? calendar.timeZone
        let first = DateComponents(calendar: calendar, year: 2021, month: 1, day: 1).date
        return households.enumerated().flatMap { number, household in
            (0..<count).map { day in
                let date = (first ?? .distantPast).addingTimeInterval(Double(day) * 86_400)
                let text = date.formatted(.iso8601.year().month().day())
                return "\(household),\(text),\(kilowattHours(number, day))"
            }
        }
    }

    private func run(
        _ path: (String) -> String,
        data: String = "data.csv",
        output: String = "out.csv",
        _ more: [String] = []
    ) async throws -> BuiltProgram.Outcome {
        try await program.run(
            [
                "forecast", "series", "--input", path(data), "--windows", path("windows.csv"),
                "--output", path(output),
            ] + more
        )
    }

    private let header = "household,date,kwh"

    @Test func `a window gives thirty days and a total`() async throws {
        let rows = days(["br-1", "br-2"], 120) { number, day in "\(5 + number + day % 3)" }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "windows.csv": "household,origin,max_history\nbr-2,2021-04-30,0\nbr-1,2021-04-30,7\n",
        ]) { path in
            let outcome = try await run(path)

            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            let lines = try String(contentsOfFile: path("out.csv"), encoding: .utf8)
                .split(separator: "\n")
            #expect(lines[0] == "household,origin,date,mean,lo80,hi80,lo95,hi95")
            #expect(lines.count == 1 + 2 * 31)
            #expect(lines[1].hasPrefix("br-2,2021-04-30,2021-05-01,"))
            #expect(lines[31].hasPrefix("br-2,2021-04-30,total,"))
            for line in lines.dropFirst() {
                let numbers = line.split(separator: ",").dropFirst(3).compactMap { Double($0) }
                #expect(numbers.count == 5)
                #expect(numbers[3] <= numbers[1] && numbers[1] <= numbers[0])
                #expect(numbers[0] <= numbers[2] && numbers[2] <= numbers[4])
            }
        }
    }

    @Test func `days after the origin change nothing`() async throws {
        let rows = days(["br-1", "br-2", "mh-1"], 200) { number, day in
            "\(4 + number + (day * 7) % 5)"
        }
        let origin = "2021-04-30"
        let known = rows.filter { $0.split(separator: ",")[1] <= origin }
        var generator = SystemRandomNumberGenerator()
        let changed = rows.filter { $0.split(separator: ",")[1] > origin }.compactMap { row in
            Bool.random(using: &generator)
                ? nil : row.split(separator: ",").prefix(2).joined(separator: ",") + ",999"
        }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "cut.csv": ([header] + known).joined(separator: "\n"),
            "changed.csv": ([header] + changed + known + ["br-2,2031-01-01,5"])
                .joined(separator: "\n"),
            "windows.csv": "household,origin,max_history\nbr-2,\(origin),0\nmh-1,\(origin),7\n",
        ]) { path in
            for (data, output) in [("data", "1"), ("cut", "2"), ("changed", "3")] {
                let outcome = try await run(path, data: "\(data).csv", output: output)
                #expect(outcome.status == 0)
            }
            let texts = try ["1", "2", "3"].map {
                try String(contentsOfFile: path($0), encoding: .utf8)
            }
            #expect(texts[0] == texts[1])
            #expect(texts[0] == texts[2])
        }
    }

    @Test func `a household whose days all come after its origin gets a warning and no forecast`()
        async throws
    {
        let rows = days(["br-1", "br-2"], 60) { _, _ in "5" }.filter {
            !$0.hasPrefix("br-2") || $0.split(separator: ",")[1] >= "2021-02-10"
        }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "windows.csv": "household,origin\nbr-1,2021-02-01\nbr-2,2021-02-01\nbr-2,2021-02-20\n",
        ]) { path in
            let outcome = try await run(path)

            #expect(outcome.status == 0)
            #expect(
                outcome.errors.contains("br-2 from 2021-02-01: all its days come after the origin")
            )
            let text = try String(contentsOfFile: path("out.csv"), encoding: .utf8)
            #expect(text.split(separator: "\n").count == 63)
            #expect(!text.contains("br-2,2021-02-01,") && text.contains("br-2,2021-02-20,"))
        }
    }

    @Test func `a household that used nothing may use nothing again`() async throws {
        let rows = days(["br-1", "br-2"], 120) { number, _ in number == 0 ? "0" : "8" }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "windows.csv": "household,origin\nbr-1,2021-04-30\n",
        ]) { path in
            _ = try await run(path)
            let text = try String(contentsOfFile: path("out.csv"), encoding: .utf8)
            for line in text.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",")
                #expect(fields[4] == "0.000" && fields[6] == "0.000", "\(line)")
            }
        }
    }

    @Test func `a row of several days is shared over exactly these`() async throws {
        let rows = days(["br-1"], 90) { _, day in "\(5 + day % 3)" }
        // A tenth of the days come as the sum of ten on the last of them; others are missing.
        let summed = rows.enumerated().compactMap { day, row -> String? in
            switch day {
            case 70..<79: nil
            case 79: row.split(separator: ",").prefix(2).joined(separator: ",") + ",60,10"
            case 50..<60: nil
            default: row + ",1"
            }
        }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "sums.csv": ([header + ",days"] + summed).joined(separator: "\n"),
            "bad.csv": "household,date,kwh,days\nbr-1,2021-02-03,1,63\n",
            "windows.csv": "household,origin\nbr-1,2021-03-31\n",
        ]) { path in
            _ = try await run(path, output: "1")
            let outcome = try await run(path, data: "sums.csv", output: "2")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let totals = try ["1", "2"].map { name in
                try #require(
                    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n")
                        .last?.split(separator: ",").dropFirst(3).first.flatMap { Double($0) }
                )
            }
            #expect(abs(totals[1] / totals[0] - 1) < 0.03)
            let refused = try await run(path, data: "bad.csv", output: "3")
            #expect(refused.errors.contains("line 2: '63' is not a number of days, 1 to 62"))
        }
    }

    @Test func `what is passed over is said`() async throws {
        let rows = days(["xx-1"], 60) { _, day in
            ["5", "-1", "nan", "inf", ""][day < 50 ? 0 : day % 5]
        }
        try await withFiles([
            "data.csv": ([header] + rows + [rows[0]]).joined(separator: "\n"),
            "windows.csv": "household,origin\nxx-1,2021-03-01\nxx-2,2021-03-01\n",
        ]) { path in
            let outcome = try await run(path)

            #expect(outcome.status == 0)
            for words in [
                "2 days without a value", "2 negative days", "4 days that are not finite",
                "1 days stand twice", "xx-2: no day in", "area 'xx': no climate is known",
            ] { #expect(outcome.errors.contains(words), "\(words)") }
            let text = try String(contentsOfFile: path("out.csv"), encoding: .utf8)
            #expect(text.split(separator: "\n").count == 63)
            #expect(!text.contains("nan") && !text.contains("inf"))
        }
    }

    @Test(arguments: [
        ("household,date,kwh\nbr-1,2021-02-30,5\n", "line 2: '2021-02-30' is not a date"),
        ("household,date,kwh\nbr-1,2021-02-03,much\n", "line 2: 'much' is not a number"),
        ("household,date,kwh\nbr-1,2021-02-03\n", "line 2: 2 fields instead of 3"),
        ("household,day,kwh\nbr-1,2021-02-03,1\n", "line 1: there is no column 'date'"),
        ("", "the file is empty"),
        ("household,date,kwh\nzz-1,2021-02-03,1\n", "nothing is known"),
    ])
    func `a file that cannot be used is refused with its line`(
        data: String,
        words: String
    ) async throws {
        try await withFiles([
            "data.csv": data, "windows.csv": "household,origin,max_history\nbr-1,2021-02-03,0\n",
        ]) { path in
            let outcome = try await run(path)

            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: path("out.csv")))
        }
    }

    @Test(arguments: [
        ("household,origin\nbr-1,soon\n", "area,month,celsius\n", "'soon' is not a date"),
        ("household,origin,max_history\nbr-1,2021-02-03,-7\n", "area,month,celsius\n", "'-7'"),
        (
            "household,origin\nbr-1,2021-02-03\nbr-1,2021-02-03\n", "area,month,celsius\n",
            "asked for twice"
        ),
        (
            "household,origin\nbr-1,2021-02-03\n", "area,month,celsius\nbr,1,20\n",
            "br has 1 months"
        ),
        (
            "household,origin\nbr-1,2021-02-03\n", "area,month,celsius\nbr,13,20\n",
            "'13' is not a month"
        ),
        (
            "household,origin\nbr-1,2021-02-03\n", "area,month,celsius\nbr,1,hot\n",
            "'hot' is not a temperature"
        ),
    ])
    func `windows and climates are checked too`(
        windows: String,
        climate: String,
        words: String
    ) async throws {
        try await withFiles([
            "data.csv": "household,date,kwh\nbr-1,2021-02-03,1\n",
            "windows.csv": windows, "climate.csv": climate,
        ]) { path in
            let outcome = try await run(path, ["--climate", path("climate.csv")])

            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test func `a climate that is given changes the forecast`() async throws {
        let rows = days(["br-1"], 75) { _, _ in "5" }
        let cold = (1...12).map { "br,\($0),18" }
        try await withFiles([
            "data.csv": ([header] + rows).joined(separator: "\n"),
            "windows.csv": "household,origin\nbr-1,2021-03-16\n",
            "cold.csv": (["area,month,celsius"] + cold).joined(separator: "\n"),
        ]) { path in
            _ = try await run(path, output: "1")
            _ = try await run(path, output: "2", ["--climate", path("cold.csv")])
            let means = try ["1", "2"].map { name in
                try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n")
                    .dropFirst(30).first?.split(separator: ",").dropFirst(3).first
                    .flatMap { Double($0) } ?? 0
            }
            #expect(means[0] > 1.3 * means[1])
        }
    }
}
