import ArgumentParser
import Foundation
import Tariffs

/// `vidyut tariff validate`.
struct TariffValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Read documents strictly and say everything that is wrong with them.",
        discussion: """
            Each mistake stands on a line of its own: the file, the path of the place in it, and \
            what would be right there. Also told are an id that stands twice and two versions of \
            one family that are in force on the same day. A note is no mistake: a table that ends \
            at a bound prices no unit above it. Exit status 1 when there is a mistake.
              vidyut tariff validate my-tariff.json
              vidyut tariff validate tariffs/ more/my-tariff.json
            """
    )

    @Argument(help: "Files or folders of documents.")
    var paths: [String]

    @Flag(help: "Print JSON for programs.")
    var json = false

    private struct Mistake: Encodable {
        let file: String
        /// As a JSON path; nil where the text is no JSON.
        let path: String?
        let detail: String

        var text: String {
            [file, path, detail].compactMap(\.self).joined(separator: ": ")
        }

        init(_ file: String, _ error: TariffDocumentError) {
            self.file = file
            switch error {
            case .notJSON(let fault):
                path = nil
                detail = fault.description
            case .invalid(let path, let reason):
                self.path = path
                detail = reason
            }
        }

        init(_ file: String, path: String, _ detail: String) {
            self.file = file
            self.path = path
            self.detail = detail
        }
    }

    private struct Report: Encodable {
        let documents: Int
        let mistakes: [Mistake]
        /// What is no mistake but may not be meant.
        let notices: [Mistake]
    }

    func run() async throws {
        let report = try examine()
        if json {
            try Output.json(report)
        } else {
            for mistake in report.mistakes { Terminal.print(mistake.text) }
            for notice in report.notices { Terminal.print("note: \(notice.text)") }
            if report.mistakes.isEmpty {
                let noun = report.documents == 1 ? "document" : "documents"
                Terminal.print("\(report.documents) \(noun), no mistakes")
            }
        }
        if !report.mistakes.isEmpty { throw ExitCode.failure }
    }

    private func examine() throws -> Report {
        var documents: [TariffDocument] = []
        var mistakes: [Mistake] = []
        var notices: [Mistake] = []
        var homes: [String: String] = [:]
        for file in try paths.flatMap(TariffValidateCommand.files) {
            let examination = TariffExamination(try fileBytes(file, limit: Limits.tariffFileBytes))
            mistakes += examination.faults.map { Mistake(file, $0) }
            notices += examination.notices.map { Mistake(file, $0) }
            for document in examination.documents {
                if let other = homes.updateValue(file, forKey: document.id) {
                    let detail = "\"\(document.id)\" stands in \(other) too"
                    mistakes.append(Mistake(file, path: "$.id", detail))
                }
                documents.append(document)
            }
        }
        for overlap in TariffVersions.overlaps(in: documents) {
            guard case .overlapping(_, let later, _) = overlap else { continue }
            let file = homes[later] ?? later
            mistakes.append(Mistake(file, path: "$.effective", overlap.description))
        }
        return Report(documents: documents.count, mistakes: mistakes, notices: notices)
    }

    /// The file itself, or the JSON files of a folder in order of their names.
    private static func files(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("\(path) does not exist")
        }
        guard isFolder.boolValue else { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".json") }
        guard !names.isEmpty else { throw CommandFailure("no JSON file in \(path)") }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        return names.sorted().map { "\(folder)/\($0)" }
    }
}
