import Foundation
import Testing

private let compiler: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/swiftc" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

/// The wall itself: whether the compiler lets text that exists at run time become a statement.
@Suite(.enabled(if: compiler != nil)) struct SQLWallTests {
    /// What the compiler says about a piece of code beside the type `SQL`; empty if it is content.
    private func complaints(about code: String) throws -> String {
        let folder = "/tmp/vidyut-wall-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(code.utf8).write(to: URL(filePath: "\(folder)/attempt.swift"))
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Postgres").path
        let files = [
            "SQL", "PostgresValue", "FixedWidthValue", "ScalarValues", "PostgresError", "Limits",
        ].map {
            "\(sources)/\($0).swift"
        }
        let process = Process()
        process.executableURL = URL(filePath: try #require(compiler))
        process.arguments =
            ["-typecheck", "-package-name", "wall", "-parse-as-library", "-swift-version", "6"]
            + files + ["\(folder)/attempt.swift"]
        let log = "\(folder)/log"
        try Data().write(to: URL(filePath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return "" }
        return String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    }

    @Test func `text that exists only at run time does not compile as a statement`() throws {
        let attempts = [
            "let statement: SQL = typed",
            "let statement = SQL(typed)",
            "let statement = SQL(stringLiteral: typed)",
            #"let statement: SQL = "select * from meter where " + typed"#,
            #"let statement: SQL = "select \(fragment: typed)""#,
            "let statement = SQL.joined([], separator: typed)",
        ]
        let functions = attempts.enumerated().map { number, attempt in
            "func attempt\(number)(typed: String) { \(attempt); _ = statement }"
        }
        let text = try complaints(about: functions.joined(separator: "\n"))
        for number in attempts.indices {
            #expect(text.contains("attempt.swift:\(number + 1):"), "\(attempts[number])")
        }
    }

    @Test func `literals, bound values and fragments do compile`() throws {
        let text = try complaints(
            about: #"""
                func allowed(typed: String) -> SQL {
                    let part: SQL = "name = \(typed)"
                    return "select 1 where \(fragment: part) and n = \(Int?.none)"
                }
                """#
        )
        #expect(text == "")
    }
}
