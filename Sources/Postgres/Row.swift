import CPQ
import Glibc

/// The answer of one statement, owned by the rows that look into it.
///
/// `@unchecked Sendable` because libpq never changes a result after it was made (its manual says so:
/// results may be passed around freely between threads), and this class only reads it.
final class ResultSet: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership of the result.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? "?"
    }

    func typeOID(_ column: Int) -> UInt32 { PQftype(pointer, Int32(column)) }

    func index(of name: String) -> Int? {
        name.withCString { name in
            (0..<columnCount).first { column in
                PQfname(pointer, Int32(column)).map { strcmp($0, name) == 0 } ?? false
            }
        }
    }

    /// The bytes of a field, valid as long as this object; nil for null.
    func field(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        let row = Int32(row)
        let column = Int32(column)
        guard PQgetisnull(pointer, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, row, column),
            count: Int(PQgetlength(pointer, row, column))
        )
    }
}

/// One row of an answer: a view into the answer, cheap to copy.
package struct Row: Sendable {
    let result: ResultSet
    let index: Int

    /// Column names in order.
    package var columnNames: [String] { (0..<result.columnCount).map { result.columnName($0) } }

    /// Reads a column by position, counted from 0; an optional type takes null.
    ///
    /// The error names the column, its type and the type asked for.
    package subscript<Field: PostgresField>(column: Int) -> Field {
        get throws(PostgresError) { try decode(column, as: Field.self) }
    }

    /// Reads a column by position, counted from 0, as a named type.
    package func decode<Field: PostgresField>(
        _ column: Int,
        as type: Field.Type = Field.self
    ) throws(PostgresError) -> Field {
        guard column >= 0, column < result.columnCount else {
            throw .decoding("no column \(column) among \(result.columnCount)")
        }
        guard Field.acceptsField(result.typeOID(column)) else {
            throw failure(column, Field.self, nil)
        }
        do {
            return try withExtendedLifetime(result) { () throws(PostgresError) -> Field in
                try Field(field: result.field(row: index, column: column))
            }
        } catch {
            throw failure(column, Field.self, error)
        }
    }

    /// Reads a column by its exact name.
    package func decode<Field: PostgresField>(
        _ name: String,
        as type: Field.Type = Field.self
    ) throws(PostgresError) -> Field {
        guard let column = result.index(of: name) else {
            throw .decoding("no column \(name) among \(columnNames.joined(separator: ", "))")
        }
        return try decode(column, as: type)
    }

    private func failure(
        _ column: Int,
        _ type: Any.Type,
        _ cause: PostgresError?
    ) -> PostgresError {
        let name = result.columnName(column)
        let actual = TypeOID.name(result.typeOID(column))
        var error = PostgresError.decoding(
            "column \(name) (\(actual)) cannot be read as \(type)"
                + (cause.map { ": \($0.message)" } ?? "")
        )
        error.column = name
        return error
    }
}
