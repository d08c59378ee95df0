package import Postgres
import Registry
package import Units

extension Instant: PostgresValue {
    package static var typeOID: UInt32 { PostgresTimestamp.typeOID }
    package static var arrayOID: UInt32 { PostgresTimestamp.arrayOID }

    /// PostgreSQL and this type both count microseconds; only the epoch differs.
    package func encode(into bytes: inout [UInt8]) {
        PostgresTimestamp(microsecondsSince1970: microsecondsSince1970).encode(into: &bytes)
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self.init(
            microsecondsSince1970: try PostgresTimestamp(binary: binary).microsecondsSince1970
        )
    }
}

extension CivilDate: PostgresValue {
    package static var typeOID: UInt32 { PostgresDate.typeOID }
    package static var arrayOID: UInt32 { PostgresDate.arrayOID }

    /// A `date` column.
    package func encode(into bytes: inout [UInt8]) {
        PostgresDate(daysSince1970: daysSince1970).encode(into: &bytes)
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self.init(daysSince1970: try PostgresDate(binary: binary).daysSince1970)
    }
}

/// A stored word that this program does not know: the database is newer or damaged.
struct UnknownWord: Error {
    let word: String
    let type: String
}

/// The enum case that a stored word stands for.
func known<Word: RawRepresentable>(
    _ type: Word.Type,
    _ word: String
) throws -> Word where Word.RawValue == String {
    guard let value = Word(rawValue: word) else {
        throw UnknownWord(word: word, type: String(describing: type))
    }
    return value
}

/// The first row, or `NotFound`.
func firstRow(_ rows: [Row], _ what: String) throws -> Row {
    guard let row = rows.first else { throw NotFound(what) }
    return row
}
