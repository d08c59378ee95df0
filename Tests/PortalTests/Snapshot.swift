import Foundation
import Testing

/// Compares a text with the file `__Snapshots__/<name>` beside the tests.
///
/// A missing file is written and reported once; with `VIDYUT_RECORD_SNAPSHOTS=1` all are written.
func expectSnapshot(
    _ text: String,
    named name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("__Snapshots__")
    let file = folder.appendingPathComponent(name)
    let isRecording = ProcessInfo.processInfo.environment["VIDYUT_RECORD_SNAPSHOTS"] == "1"
    let expected = try? String(contentsOf: file, encoding: .utf8)
    guard let expected, !isRecording else {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try (text + "\n").write(to: file, atomically: true, encoding: .utf8)
        if !isRecording {
            Issue.record("wrote \(name); look at it and keep it", sourceLocation: sourceLocation)
        }
        return
    }
    let pairs = zip(
        (text + "\n").split(separator: "\n", omittingEmptySubsequences: false),
        expected.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let difference = pairs.enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
        text + "\n" == expected,
        "\(name) differs, first in line \((difference?.offset ?? -1) + 1)",
        sourceLocation: sourceLocation
    )
}
