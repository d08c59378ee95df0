import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test func `interpolated values become numbered parameters`() {
        let name = "x'; drop table meter; --"
        let sql: SQL = "select \(1) where name = \(name)"

        #expect(sql.text == "select $1 where name = $2")
        #expect(sql.bindings.map(\.typeOID) == [TypeOID.int8, TypeOID.text])
    }

    @Test func `a fragment is spliced in and its parameters are renumbered`() {
        let inner: SQL = "b = \("two") or c = \(Int32(3))"
        let middle: SQL = "(\(fragment: inner)) and d = \(4.0)"
        let sql: SQL = "select \(1) where \(fragment: middle) and e = \(true)"

        #expect(sql.text == "select $1 where (b = $2 or c = $3) and d = $4 and e = $5")
        #expect(
            sql.bindings.map(\.typeOID)
                == [TypeOID.int8, TypeOID.text, TypeOID.int4, TypeOID.float8, TypeOID.bool]
        )
    }

    @Test func `the bytes of spliced values stay with their numbers`() throws {
        let inner: SQL = "\("first"), \("second")"
        let sql: SQL = "\("zero"), \(fragment: inner), \(String?.none), \("")"

        let values = try sql.bindings.map { binding in
            try binding.count < 0
                ? nil
                : sql.values.withUnsafeBytes { buffer in
                    try String(
                        binary: UnsafeRawBufferPointer(
                            rebasing: buffer[binding.start..<binding.start + binding.count]
                        )
                    )
                }
        }
        #expect(values == ["zero", "first", "second", nil, ""])
    }

    @Test func `fragments are joined with a separator`() {
        let conditions: [SQL] = ["a = \(1)", "true", "b = \(2)"]

        #expect(SQL.joined(conditions, separator: " and ").text == "a = $1 and true and b = $2")
        #expect(SQL.joined([], separator: " and ").text == "")
    }

    @Test func `a statement is named by its first line with something on it`() {
        let sql: SQL = """

              select serial
            from meter where id = \(7)
            """
        #expect(sql.name == "select serial")
    }
}
