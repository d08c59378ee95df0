import Foundation
import Tariffs

/// The tariff documents of a file or of all JSON files of a folder, in order of their ids; without
/// a path those this program came with.
func tariffDocuments(_ path: String?) throws -> [TariffDocument] {
    let path = try path ?? Resource.tariffs.path()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw CommandFailure("\(path) does not exist")
    }
    guard isFolder.boolValue else { return try documents(ofFile: path) }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    var found: [TariffDocument] = []
    var files: [String: String] = [:]
    var faults: [String] = []
    for name in names.sorted() where name.hasSuffix(".json") {
        do {
            for document in try documents(ofFile: "\(path)/\(name)") {
                if let other = files.updateValue(name, forKey: document.id) {
                    faults.append("\(document.id) stands in \(other) and in \(name)")
                }
                found.append(document)
            }
        } catch let error as TariffFileFaults {
            faults += error.lines
        }
    }
    guard faults.isEmpty else { throw TariffFileFaults(lines: faults) }
    guard !found.isEmpty else { throw CommandFailure("no JSON file in \(path)") }
    return found.sorted { $0.id < $1.id }
}

/// The documents of a file, or everything that is wrong with it.
private func documents(ofFile path: String) throws -> [TariffDocument] {
    let examination = TariffExamination(try fileBytes(path, limit: Limits.tariffFileBytes))
    guard examination.faults.isEmpty else {
        throw TariffFileFaults(lines: examination.faults.map { "\(path): \($0.description)" })
    }
    return examination.documents
}

/// Everything that is wrong with files of tariffs, each with its file and place.
struct TariffFileFaults: Error {
    let lines: [String]
}

/// A file whose text is no tariff, with the place and what would be right there.
struct TariffFileError: Error, CustomStringConvertible {
    let path: String
    let error: TariffDocumentError

    var description: String { "\(path): \(error.description)" }
}
