import ReadingFiles
import Testing

/// Rows sorted on the disk are the rows sorted in memory.
struct RowSpoolTests {
    private func rows(_ count: Int, seed: UInt64) -> [SpooledRow] {
        var state = seed
        func next(_ bound: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % bound)
        }
        return (0..<count).map { line in
            SpooledRow(
                meter: Int32(next(7)),
                line: Int32(line),
                isDay: next(2) == 0,
                isEstimated: next(2) == 0,
                time: next(50) - 25,
                wattHours: next(1_000_000_000) - 500_000_000
            )
        }
    }

    private func all(_ spool: RowSpool) throws -> [SpooledRow] {
        var cursor = spool.cursor()
        var rows: [SpooledRow] = []
        while let row = try cursor.next() { rows.append(row) }
        return rows
    }

    @Test(arguments: [0, 1, 2, 99, 100, 101, 1_000, 9_999])
    func `any number of rows comes back in order, twice`(count: Int) throws {
        let spool = RowSpool(folder: "/tmp", rowsInMemory: 100)
        let rows = rows(count, seed: 20_261_124)
        for row in rows { try spool.append(row) }
        try spool.finish()
        #expect(spool.count == count)
        #expect(try all(spool) == rows.sorted())
        #expect(try all(spool) == rows.sorted())
    }

    @Test func `runs longer than what is read of them at a time are merged whole`() throws {
        let spool = RowSpool(folder: "/tmp", rowsInMemory: 5_000)
        let rows = rows(22_222, seed: 7)
        for row in rows { try spool.append(row) }
        try spool.finish()
        #expect(try all(spool) == rows.sorted())
    }

    @Test func `a folder that is not there is named`() throws {
        let spool = RowSpool(folder: "/nowhere", rowsInMemory: 1)
        let rows = rows(2, seed: 1)
        try spool.append(rows[0])
        #expect(throws: SpoolError.self) { try spool.append(rows[1]) }
    }
}
