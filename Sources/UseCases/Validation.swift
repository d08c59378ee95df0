import Registry

/// Collects what is wrong with an input, so that all fields are named at once.
struct FaultCollector {
    private(set) var faults: [FieldFault] = []

    mutating func check(_ condition: Bool, _ field: String, _ code: String, _ detail: String) {
        if !condition { faults.append(FieldFault(field, code, detail)) }
    }

    mutating func checkPresent(_ value: String, _ field: String, maximum: Int = 200) {
        let trimmed = value.trimmed
        if trimmed.isEmpty {
            faults.append(FieldFault(field, "missing", "\(field) is required"))
        } else if value.count > maximum {
            faults.append(FieldFault(field, "out_of_range", "at most \(maximum) characters"))
        }
        checkPrintable(value, field)
    }

    mutating func checkPrintable(_ value: String, _ field: String) {
        let clean = value.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        check(clean, field, "invalid", "control characters are not allowed")
    }

    /// Throws when something was found.
    func finish() throws {
        if !faults.isEmpty { throw InvalidInput(faults) }
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    var nilWhenEmpty: String? { isEmpty ? nil : self }
}
