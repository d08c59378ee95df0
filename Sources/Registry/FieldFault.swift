/// One thing wrong with one field of what someone asked for.
package struct FieldFault: Error, Hashable, Sendable {
    /// The field as the asker spelt it: a JSON name, a CSV column, an option.
    package var field: String
    /// A stable name for programs: `missing`, `invalid`, `taken`, `unknown`, `out_of_range`.
    package var code: String
    /// A sentence for people that says what would be right.
    package var detail: String

    package init(_ field: String, _ code: String, _ detail: String) {
        self.field = field
        self.code = code
        self.detail = detail
    }
}

/// Everything wrong with a request, all fields at once.
package struct InvalidInput: Error, Hashable, Sendable, CustomStringConvertible {
    package var faults: [FieldFault]

    package init(_ faults: [FieldFault]) { self.faults = faults }

    package init(_ field: String, _ code: String, _ detail: String) {
        self.init([FieldFault(field, code, detail)])
    }

    package var description: String {
        faults.map { "\($0.field): \($0.detail)" }.joined(separator: "; ")
    }
}

/// A thing that does not exist for whoever asks: unknown, or another office's, or another consumer's.
package struct NotFound: Error, Hashable, Sendable, CustomStringConvertible {
    package var what: String

    package init(_ what: String) { self.what = what }

    package var description: String { "no such \(what)" }
}

/// A request that cannot be carried out in the present state of things.
package struct StateConflict: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: String
    package var detail: String

    package init(_ code: String, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}

/// Someone known who may not do this.
package struct NotAllowed: Error, Hashable, Sendable, CustomStringConvertible {
    package var detail: String

    package init(_ detail: String) { self.detail = detail }

    package var description: String { detail }
}

extension String {
    /// Nothing but white space: no reason for anything.
    package var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
