import Foundation

/// The checkout that the tests were built from.
package enum SourceTree {
    /// The folder of `Package.swift`.
    package static let root: String = {
        if let stated = ProcessInfo.processInfo.environment["VIDYUT_SOURCE_ROOT"] { return stated }
        return URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }()

    /// The material beside the checkout that some tests read; nil where it is absent.
    package static let shared: String? = {
        let path = URL(fileURLWithPath: root).deletingLastPathComponent()
            .appendingPathComponent("shared").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// Paths of the files with this ending, in order of name.
    package static func files(in folder: String, suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
    }

    /// The content of a file.
    package static func bytes(of path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
