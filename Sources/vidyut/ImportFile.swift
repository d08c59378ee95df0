import Gzip
import Metering
import UseCases
import Wire

/// The rows of a CSV file of consumers, services or meters, by column; gzip is unpacked.
func importRows(_ path: String) throws -> [ImportRow] {
    let bytes = try fileBytes(path, limit: Limits.importFileBytes)
    let ragged: [ImportFault]
    do throws(ImportFault) {
        let table = try csvTable(bytes)
        guard !table.ragged.isEmpty else {
            return table.rows.map { ImportRow(line: $0.line, fields: $0.fields) }
        }
        ragged = table.ragged
    } catch {
        throw FileFaults(file: path, faults: [error], count: 1)
    }
    throw FileFaults(
        file: path,
        faults: Array(ragged.prefix(UseCases.Limits.faultsNamed)),
        count: ragged.count
    )
}

/// The content of a file, unpacked where it is gzip; `-` is the input.
func fileBytes(_ path: String, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try eachPiece(of: path) { piece in
        bytes += piece
        guard bytes.count <= limit else {
            throw FileFault(file: path, detail: "longer than \(limit) bytes")
        }
    }
    return bytes
}

/// Reads a file piece by piece in constant memory, unpacked where it is gzip; `-` is the input.
func eachPiece(of path: String, _ body: ([UInt8]) throws -> Void) throws {
    do {
        var reader = try GzipReader(path: path == "-" ? "/dev/stdin" : path)
        while let piece = try reader.next() { try body(piece) }
    } catch let error as GzipError {
        throw FileFault(path, error)
    }
}

/// A file that cannot be read as a whole.
struct FileFault: Error, CustomStringConvertible {
    let file: String
    let detail: String

    var description: String { "\(file): \(detail)" }
}

extension FileFault {
    /// Why a file, packed or not, could not be read.
    init(_ path: String, _ error: GzipError) {
        let detail =
            switch error {
            case .notGzip: "not gzip"
            case .truncated: "cut short: its packed data end too early"
            case .corrupt(let reason): "damaged: \(reason)"
            case .tooLarge(let limit): "it unpacks to more than \(limit) bytes"
            case .lineTooLong(let number, let limit): "line \(number) is longer than \(limit) bytes"
            case .unreadable(_, let reason), .unwritable(_, let reason): reason
            case .outOfMemory: "not enough memory to unpack it"
            }
        self.init(file: path, detail: detail)
    }
}
