extension String {
    /// The text as a cell that a spreadsheet does not take for a formula: one that begins with `=`, `+`,
    /// `-`, `@` or a tab has an apostrophe before it, and so has one that looks like that already.
    ///
    /// `fromSpreadsheet` gives the same text back, whatever it is.
    package var forSpreadsheet: String { isFormula ? "'" + self : self }

    /// What a cell says: without the apostrophe that keeps it from being a formula, which spreadsheets and
    /// this program put before it.
    package var fromSpreadsheet: String {
        first == "'" && isFormula ? String(dropFirst()) : self
    }

    private var isFormula: Bool {
        unicodeScalars.first { $0 != "'" }.map { "=+-@\t".unicodeScalars.contains($0) } ?? false
    }
}
