/// A statement whose text can only come from source code; interpolated values are bound as `$1, $2…`.
///
/// There is no way to make one from a `String` that exists at run time, so text that a user typed
/// can never become part of a statement:
///
///     let rows = try connection.query("select serial from meter where id = \(id)")
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    package typealias StringLiteralType = StaticString

    /// Where one bound value stands in `values`, or that it is null.
    struct Binding: Sendable, Hashable {
        let typeOID: UInt32
        let start: Int
        /// Bytes of the value; negative for null.
        let count: Int
    }

    /// Pieces of text; between two neighbours stands one binding.
    private(set) var pieces: [String]
    private(set) var bindings: [Binding]
    /// All bound values in one buffer; the first byte is padding, so that no pointer into it is null.
    private(set) var values: [UInt8]

    package init(stringLiteral text: StaticString) {
        pieces = [text.description]
        bindings = []
        values = [0]
    }

    package init(stringInterpolation interpolation: StringInterpolation) {
        self = interpolation.sql
    }

    /// Joins fragments with a separator, renumbering their bindings; an empty list gives empty text.
    package static func joined(_ fragments: [SQL], separator: StaticString) -> SQL {
        var result = SQL(stringLiteral: "")
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { result.append(separator) }
            result.append(fragment)
        }
        return result
    }

    /// The text the server sees.
    var text: String {
        var text = pieces[0]
        for number in pieces.indices.dropFirst() {
            text += "$"
            text += String(number)
            text += pieces[number]
        }
        return text
    }

    /// The first line with something on it, for errors and logs.
    package var name: String {
        let line =
            text.split(whereSeparator: \.isNewline)
            .lazy.map { $0.drop(while: \.isWhitespace) }.first { !$0.isEmpty } ?? ""
        return String(line.prefix(Limits.statementNameCharacters))
    }

    fileprivate mutating func append(_ literal: StaticString) {
        pieces[pieces.count - 1] += literal.description
    }

    fileprivate mutating func append(_ fragment: SQL) {
        let shift = values.count
        pieces[pieces.count - 1] += fragment.pieces[0]
        pieces += fragment.pieces.dropFirst()
        bindings += fragment.bindings.map {
            Binding(typeOID: $0.typeOID, start: $0.start + shift, count: $0.count)
        }
        values += fragment.values
    }

    fileprivate mutating func bind<Field: PostgresField>(_ field: Field) {
        let start = values.count
        let isValue = field.encodeField(into: &values)
        bindings.append(
            Binding(
                typeOID: Field.fieldTypeOID,
                start: start,
                count: isValue ? values.count - start : -1
            )
        )
        pieces.append("")
    }

    /// Collects literal text and bound values of one statement.
    package struct StringInterpolation: StringInterpolationProtocol {
        package typealias StringLiteralType = StaticString

        fileprivate var sql = SQL(stringLiteral: "")

        package init(literalCapacity: Int, interpolationCount: Int) {}

        /// Text that stands in the source.
        package mutating func appendLiteral(_ literal: StaticString) {
            sql.append(literal)
        }

        /// A value, or an optional one for null, bound as the next parameter.
        package mutating func appendInterpolation<Field: PostgresField>(_ value: Field) {
            sql.bind(value)
        }

        /// An optional value; said apart so that the compiler knows an optional is meant here.
        package mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) {
            sql.bind(value)
        }

        /// Another statement's text and bindings, spliced in and renumbered.
        package mutating func appendInterpolation(fragment: SQL) {
            sql.append(fragment)
        }
    }
}
