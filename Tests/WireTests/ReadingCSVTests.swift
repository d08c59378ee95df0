import Metering
import Testing
import Units
import Wire

@Suite struct ReadingCSVTests {
    private func read(_ text: String) -> ReadingCSV {
        var csv = ReadingCSV()
        csv.feed(text.utf8)
        csv.finish()
        return csv
    }

    @Test(arguments: ["meter", "household"])
    func `days are read in any order of columns`(name: String) throws {
        let csv = read("kwh,\(name),date\n14.611,m-1,2026-07-01\n0,m-2,2026-07-02\n")

        #expect(csv.faults.isEmpty)
        let first = try #require(CivilDate("2026-07-01"))
        let second = try #require(CivilDate("2026-07-02"))
        #expect(
            csv.rows == [
                ReadingImportRow(
                    line: 2,
                    meter: "m-1",
                    value: .day(first, Energy(wattHours: 14_611))
                ),
                ReadingImportRow(line: 3, meter: "m-2", value: .day(second, .zero)),
            ]
        )
    }

    @Test func `registers may say that they were estimated`() throws {
        let csv = read(
            "meter,at,register_wh,quality\nm,2026-07-01T00:00:00+05:30,5,estimated\n"
                + "m,2026-07-02T00:00:00Z,7,\n"
        )

        #expect(csv.faults.isEmpty)
        let first = try #require(Instant("2026-06-30T18:30:00Z"))
        let second = try #require(Instant("2026-07-02T00:00:00Z"))
        #expect(
            csv.rows.map(\.value) == [
                .register(first, Energy(wattHours: 5), isEstimated: true),
                .register(second, Energy(wattHours: 7), isEstimated: false),
            ]
        )
    }

    @Test(arguments: [
        "meter,date\nm,2026-07-01\n", "meter,household,date,kwh\n", "meter,date,kwh,quality\n",
        "meter,day,kwh\nm,2026-07-01,1\n", "meter,date,kwh,at,register_wh\n", "",
    ])
    func `wrong columns are named at line 1 and nothing else is said`(text: String) {
        let csv = read(text)

        #expect(csv.faults.map(\.line) == [1])
        #expect(csv.rows.isEmpty)
    }

    @Test(arguments: [
        "m,2026-02-30,1", "m,2026-07-01,1.0001", "m,2026-07-01,-1", "m,2026-07-01,1e3",
        ",2026-07-01,1", "m,0026-07-01,1", "m,2026-07-01,99999999999999999999", "m,2026-07-01",
    ])
    func `a row that cannot be is named by its line, and the others are read`(row: String) {
        let csv = read("meter,date,kwh\nok,2026-07-01,1\n\(row)\nok,2026-07-02,1\n")

        #expect(csv.faults.map(\.line) == [3])
        #expect(csv.rows.count == 2)
    }

    @Test func `fifty faults are kept and all are counted`() {
        let csv = read("meter,date,kwh\n" + String(repeating: "m,x,1\n", count: 80))

        #expect(csv.faults.count == 50)
        #expect(csv.faultCount == 80)
    }

    @Test func `a header alone is a fault`() {
        #expect(read("meter,date,kwh\n").faults.map(\.line) == [2])
    }
}
