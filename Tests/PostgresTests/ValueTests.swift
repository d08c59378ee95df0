import TestSupport
import Testing

@testable import Postgres

/// One database, and a pool as its owner, for the tests of a suite.
actor SuiteDatabase {
    static let shared = SuiteDatabase()
    private var opening: Task<PostgresPool, any Error>?

    func pool() async throws -> PostgresPool {
        if let opening { return try await opening.value }
        let task = Task {
            let database = try await TestCluster.shared.makeDatabase()
            return PostgresPool(configuration: database.owner, logger: TestCluster.logger)
        }
        opening = task
        return try await task.value
    }
}

@Suite(.enabled(if: TestCluster.isAvailable)) struct ValueTests {
    /// Sends a value to the server and back, and says what the server saw as text.
    private func roundTrip<Value: PostgresField & Sendable>(
        _ value: Value
    ) async throws -> (Value, String?) {
        let pool = try await SuiteDatabase.shared.pool()
        return try await pool.transaction { connection in
            let row = try connection.query("select \(value), \(value)::text")[0]
            return (try row[0], try row[1])
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 4_294_967_296, .max])
    func `whole numbers survive`(number: Int64) async throws {
        #expect(try await roundTrip(number) == (number, String(number)))
        #expect(try await roundTrip(Int(number)).0 == Int(number))
        let narrow = Int32(truncatingIfNeeded: number)
        #expect(try await roundTrip(narrow) == (narrow, String(narrow)))
        let short = Int16(truncatingIfNeeded: number)
        #expect(try await roundTrip(short) == (short, String(short)))
    }

    @Test(arguments: ["", "plain", "கிருஷ்ணமூர்த்தி ₹ 😀", "'; drop table x; --", "a\tb\nc\\d\"e"])
    func `text survives in every script`(text: String) async throws {
        #expect(try await roundTrip(text) == (text, text))
    }

    @Test(arguments: [0, -0.0, 1.5, .pi, .infinity, -.infinity, .leastNonzeroMagnitude])
    func `binary fractions survive`(number: Double) async throws {
        #expect(try await roundTrip(number).0 == number)
        #expect(try await roundTrip(Float(number)).0 == Float(number))
    }

    @Test func `truth, bytes, documents and nothing survive`() async throws {
        #expect(try await roundTrip(true) == (true, "true"))
        #expect(try await roundTrip(Bytes([0, 1, 255])) == (Bytes([0, 1, 255]), "\\x0001ff"))
        #expect(try await roundTrip(Bytes([])).0 == Bytes([]))
        #expect(try await roundTrip(JSONB(text: #"{"a": [1]}"#)).0.text == #"{"a": [1]}"#)
        #expect(try await roundTrip(String?.none) == (nil, nil))
        #expect(try await roundTrip(Int?.some(5)) == (5, "5"))
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00+00"), (946_684_800_000_000, "2000-01-01 00:00:00+00"),
        (1_795_392_000_123_456, "2026-11-23 00:00:00.123456+00"),
        (-1, "1969-12-31 23:59:59.999999+00"),
    ])
    func `instants count microseconds from 1970`(micros: Int64, text: String) async throws {
        let instant = PostgresTimestamp(microsecondsSince1970: micros)
        #expect(try await roundTrip(instant) == (instant, text))
    }

    @Test(arguments: [(0, "1970-01-01"), (20_780, "2026-11-23"), (-1, "1969-12-31")])
    func `days count from 1970`(days: Int32, text: String) async throws {
        let date = PostgresDate(daysSince1970: days)
        #expect(try await roundTrip(date) == (date, text))
    }

    @Test(arguments: [
        "0", "1", "-1", "0.5", "-0.0001", "10000", "9999.9999", "100000000", "0.00000001",
        "12345678901234567890.12345678901234567890", "1.10", "0.000", "20000", "-30000.0001",
    ])
    func `decimals survive to the last digit`(text: String) async throws {
        let number = try #require(Numeric(text))
        #expect(try await roundTrip(number) == (number, text))
    }

    @Test func `random decimals survive`() async throws {
        var random = SeededGenerator(seed: 15)
        let texts = (0..<300).map { _ in
            let whole = String(UInt64.random(in: 0...(.max), using: &random))
                .suffix(Int.random(in: 1...18, using: &random))
            let fraction = String(UInt64.random(in: 0...(.max), using: &random))
                .suffix(Int.random(in: 0...12, using: &random))
            let sign = Bool.random(using: &random) ? "-" : ""
            return sign + whole + (fraction.isEmpty ? "" : "." + fraction)
        }
        let numbers = texts.compactMap { Numeric($0) }
        #expect(numbers.count == texts.count)
        let (back, _) = try await roundTrip(numbers)
        #expect(back == numbers)
    }

    @Test(arguments: ["", "-", ".", "1e3", "1,5", "NaN", " 1", "1.2.3", "--1"])
    func `what is no decimal is refused`(text: String) {
        #expect(Numeric(text) == nil)
    }

    @Test func `lists survive, empty ones and gaps too`() async throws {
        #expect(try await roundTrip([Int32(1), 2, 3]) == ([1, 2, 3], "{1,2,3}"))
        #expect(try await roundTrip([Int]()) == ([], "{}"))
        #expect(try await roundTrip([1, nil, 3] as [Int?]) == ([1, nil, 3], "{1,NULL,3}"))
        #expect(try await roundTrip(["a,b", "", "\""]).0 == ["a,b", "", "\""])
        #expect(try await roundTrip([Bytes([1]), Bytes([])]).0 == [Bytes([1]), Bytes([])])
        #expect(try await roundTrip([Int16]?.none) == (nil, nil))
        #expect(try await roundTrip([JSONB(text: "1")]).0 == [JSONB(text: "1")])
        let days = [PostgresDate(daysSince1970: 3)]
        #expect(try await roundTrip(days).0 == days)
    }

    @Test func `random lists survive unnest`() async throws {
        var random = SeededGenerator(seed: 7)
        let ids = (0..<1_000).map { _ in Int32.random(in: (.min)...(.max), using: &random) }
        let energy = (0..<1_000).map { _ in
            Bool.random(using: &random) ? Int64.random(in: 0...(.max), using: &random) : nil
        }
        let pool = try await SuiteDatabase.shared.pool()
        let rows = try await pool.transaction { connection in
            try connection.query("select * from unnest(\(ids), \(energy)) as pair (id, energy)")
        }
        #expect(try rows.map { try $0.decode("id", as: Int32.self) } == ids)
        #expect(try rows.map { try $0.decode("energy", as: Int64?.self) } == energy)
    }

    @Test func `a narrower column can be read as a wider number`() async throws {
        let pool = try await SuiteDatabase.shared.pool()
        let row = try await pool.transaction {
            try $0.query("select 1::int2, 2::int4, 1.5::float4, 'x'::varchar, array[3]::int2[]")[0]
        }
        #expect(try row[0] == 1)
        #expect(try row[1] == Int64(2))
        #expect(try row[2] == 1.5)
        #expect(try row[3] == "x")
        #expect(try row.decode(4, as: [Int32].self) == [3])
    }

    @Test func `a wrong type is refused by the column's name and both types`() async throws {
        let pool = try await SuiteDatabase.shared.pool()
        let row = try await pool.transaction {
            try $0.query("select 1::int8 as energy_wh, null::text as note")[0]
        }
        let wrong = #expect(throws: PostgresError.self) {
            try row.decode("energy_wh", as: Int32.self)
        }
        #expect(wrong?.kind == .decoding)
        #expect(wrong?.message == "column energy_wh (int8) cannot be read as Int32")
        let null = #expect(throws: PostgresError.self) { let _: String = try row[1] }
        #expect(null?.message.contains("note (text)") == true)
        let missing = #expect(throws: PostgresError.self) { try row.decode("nope", as: Int.self) }
        #expect(missing?.message == "no column nope among energy_wh, note")
        #expect(throws: PostgresError.self) { let _: Int = try row[2] }
    }

    @Test func `damaged bytes are refused, not trusted`() {
        var random = SeededGenerator(seed: 99)
        for length in 0..<64 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...3, using: &random) }
            bytes.withUnsafeBytes { buffer in
                _ = try? [Int32](binary: buffer)
                _ = try? [String?](binary: buffer)
                _ = try? Numeric(binary: buffer)
                _ = try? PostgresTimestamp(binary: buffer)
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
