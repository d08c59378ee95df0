import Foundation
import Metering
import ReadingFiles
import Testing
import Units

/// A month in a file is the month that was written, or refused.
struct ArchiveFileTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("vidyut-archive-\(UUID().uuidString)").path

    private func rows(_ count: Int) -> [ArchivedReading] {
        (0..<count).map { number in
            let dev = ChannelReading(
                energyWattHours: Int64(number),
                powerMilliwatts: -5,
                voltageMillivolts: 231_000,
                currentMilliamps: 7,
                powerFactorPermille: -990
            )
            return ArchivedReading(
                meter: 12,
                serial: "m-12",
                reading: AcceptedReading(
                    at: Instant(
                        microsecondsSince1970: 1_740_787_200_000_000 + Int64(number) * 900_500
                    ),
                    epoch: number % 2 == 0 ? 0 : 3,
                    sequence: number % 3 == 0 ? nil : Int32(number),
                    main: ChannelReading(energyWattHours: 1_000 + Int64(number)),
                    dev1: number % 2 == 0 ? dev : nil,
                    dev2: number % 5 == 0 ? dev : nil,
                    flags: ReadingFlags(rawValue: Int16(number % 64))
                )
            )
        }
    }

    private func written(_ rows: [ArchivedReading]) throws -> (ArchiveFile, ArchiveFacts) {
        let month = try #require(CivilMonth("2025-03"))
        let file = ArchiveFile(folder: folder, office: "town", month: month)
        let writer = try file.writer()
        for row in rows { try writer.append(row) }
        let facts = try writer.finish()
        try file.publish(writer, facts)
        return (file, facts)
    }

    private func read(_ file: ArchiveFile) throws -> (rows: [ArchivedReading], facts: ArchiveFacts)
    {
        let reader = try file.reader()
        var rows: [ArchivedReading] = []
        while true {
            let page = try reader.next(1_000)
            if page.isEmpty { return (rows, reader.facts) }
            rows += page
        }
    }

    @Test(arguments: [1, 999, 1_000, 5_001])
    func `every column of every row comes back`(count: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rows = rows(count)
        let (file, facts) = try written(rows)
        let (back, found) = try read(file)
        #expect(back == rows)
        #expect(found.contentDigest == facts.contentDigest)
        #expect(found.rows == count)
        #expect(found.firstAt == rows.first?.reading.at)
        #expect(found.lastAt == rows.last?.reading.at)
        var digest = ArchiveDigest()
        for row in rows { digest.add(row) }
        #expect(digest.value == facts.contentDigest)
        #expect(try file.measure().digest == facts.fileDigest)
        let note = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: file.manifestPath))
            ) as? [String: Any]
        )
        #expect(note["rows"] as? Int == count)
        #expect((note["sha256"] as? String)?.count == 64)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/town")
        #expect(left.sorted() == ["readings-2025-03.csv.gz", "readings-2025-03.json"])
    }

    @Test func `a damaged or shortened file is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (file, _) = try written(rows(3_000))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for place in [0, whole.count / 2, whole.count - 5] {
            var damaged = whole
            damaged[place] ^= 0x40
            try damaged.write(to: URL(fileURLWithPath: file.path))
            #expect(throws: ArchiveError.self) { try read(file) }
        }
        try whole.prefix(whole.count - 1).write(to: URL(fileURLWithPath: file.path))
        #expect(throws: ArchiveError.self) { try read(file) }
    }
}
