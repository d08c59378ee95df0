import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestCluster.isAvailable)) struct CopyTests {
    private struct Refusal: Error {}

    @Test func `rows copied in come out as they were`() async throws {
        try await withPool { pool in
            try await pool.transaction { connection in
                try connection.execute(
                    """
                    create table reading (meter int, at timestamptz, energy_wh bigint, note text,
                        level double precision, flags int[])
                    """
                )
                let written = try connection.copyIn(
                    "copy reading from stdin (format binary)"
                ) { writer in
                    for number in 0..<20_000 {
                        try writer.row(
                            Int32(number),
                            PostgresTimestamp(microsecondsSince1970: Int64(number) * 1_000_001),
                            number.isMultiple(of: 3) ? nil : Int64(number) * 7,
                            number.isMultiple(of: 5) ? nil : "மீட்டர் \(number)",
                            Double(number) / 8,
                            [Int32(number), nil]
                        )
                    }
                }
                #expect(written == 20_000)
            }
            let sums = try await pool.transaction {
                try $0.query("select count(*), sum(energy_wh)::int8, count(note) from reading")[0]
            }
            #expect(try sums[0] == 20_000)
            #expect(try sums[1] == (0..<20_000).filter { $0 % 3 != 0 }.reduce(0) { $0 + $1 * 7 })
            #expect(try sums[2] == 16_000)

            let read = try await pool.transaction { connection in
                var next: Int32 = 0
                let rows = try connection.copyOut(
                    "copy (select * from reading order by meter) to stdout (format binary)"
                ) { row in
                    let meter: Int32 = try row[0]
                    let at: PostgresTimestamp = try row[1]
                    let energy: Int64? = try row[2]
                    let note: String? = try row[3]
                    let flags: [Int32?] = try row[5]
                    #expect(meter == next)
                    #expect(at.microsecondsSince1970 == Int64(meter) * 1_000_001)
                    #expect(energy == (meter.isMultiple(of: 3) ? nil : Int64(meter) * 7))
                    #expect(note == (meter.isMultiple(of: 5) ? nil : "மீட்டர் \(meter)"))
                    #expect(flags == [meter, nil])
                    next += 1
                }
                return rows
            }
            #expect(read == 20_000)
        }
    }

    @Test func `a copy that is given up leaves nothing, and the connection works on`() async throws
    {
        try await withPool(connections: 1) { pool in
            try await pool.transaction { try $0.execute("create table given (n int)") }
            await #expect(throws: Refusal.self) {
                try await pool.transaction { connection in
                    try connection.copyIn("copy given from stdin (format binary)") { writer in
                        for number in 0..<30_000 { try writer.row(Int32(number)) }
                        throw Refusal()
                    }
                }
            }
            let count: Int = try await pool.transaction {
                try $0.query("select count(*) from given")[0][0]
            }
            #expect(count == 0)
        }
    }

    @Test func `the server's refusal of a copy is reported`() async throws {
        try await withPool(connections: 1) { pool in
            try await pool.transaction {
                try $0.execute("create table small (n int constraint small_n check (n < 1000))")
            }
            let error = try await failure {
                try await pool.transaction { connection in
                    try connection.copyIn("copy small from stdin (format binary)") { writer in
                        for number in 0..<100_000 { try writer.row(Int32(number)) }
                    }
                }
            }
            #expect(error.constraint == "small_n")
            let wrongCount = try await failure {
                try await pool.transaction { connection in
                    try connection.copyIn("copy small from stdin (format binary)") { writer in
                        try writer.row(Int32(1), Int32(2))
                    }
                }
            }
            #expect(wrongCount.kind == .misuse)
        }
    }

    @Test func `reading a copy may stop in the middle`() async throws {
        try await withPool(connections: 1) { pool in
            await #expect(throws: Refusal.self) {
                try await pool.transaction { connection in
                    try connection.copyOut(
                        "copy (select generate_series(1, 5000000)) to stdout (format binary)"
                    ) { row in
                        let number: Int32 = try row[0]
                        if number == 10 { throw Refusal() }
                    }
                }
            }
            let works = try await pool.transaction { try $0.execute("select 1") }
            #expect(works == 1)
        }
    }

    @Test(
        arguments: [
            "copy (select 1) to stdout", "select 1", "copy (select 1) to stdout (format csv)",
        ] as [SQL]
    )
    func `what is no binary copy is refused, and the pool works on`(sql: SQL) async throws {
        try await withPool(connections: 1) { pool in
            let error = try await failure {
                try await pool.transaction { try $0.copyOut(sql) { _ in } }
            }
            #expect(error.kind == .misuse)
            let other = try await failure {
                try await pool.transaction { try $0.query("copy (select 1) to stdout") }
            }
            #expect(other.kind == .misuse)
            let works = try await pool.transaction { try $0.execute("select 1") }
            #expect(works == 1)
        }
    }
}
