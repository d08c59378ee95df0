import Hummingbird
import Metering
import Registry
import UseCases
import Web
import Wire

extension Request {
    /// Whether the body is a table.
    var isCSV: Bool { mediaType == "text/csv" }

    /// The rows of a table in the body, by column.
    ///
    /// - Throws: `InvalidInput` that names the lines of the first faults.
    func csvRows() async throws -> [ImportRow] {
        let bytes = try await bytes(upTo: Web.Limits.readingsBodyBytes)
        let ragged: [ImportFault]
        do throws(ImportFault) {
            let table = try csvTable(bytes)
            guard !table.ragged.isEmpty else {
                return table.rows.map { ImportRow(line: $0.line, fields: $0.fields) }
            }
            ragged = table.ragged
        } catch {
            throw InvalidInput([FieldFault(error)])
        }
        throw InvalidInput(naming: ragged.map { FieldFault($0) })
    }

    /// The rows of a table of readings in the body.
    ///
    /// - Throws: `InvalidInput` that names the lines of the first faults.
    func readingRows() async throws -> [ReadingImportRow] {
        guard isCSV else {
            throw Problem(.unsupportedMediaType, detail: "send text/csv")
        }
        var reader = ReadingCSV()
        reader.feed(try await bytes(upTo: Web.Limits.readingsBodyBytes))
        reader.finish()
        guard reader.faultCount == 0 else {
            throw InvalidInput(reader.faults.map { FieldFault($0) })
        }
        return reader.rows
    }
}

extension FieldFault {
    fileprivate init(_ fault: ImportFault) {
        self.init("line \(fault.line)", "invalid", fault.detail)
    }
}

/// How many rows of a table were registered.
struct ImportResponse: Encodable {
    var registered: Int
}
