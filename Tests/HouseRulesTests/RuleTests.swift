import Testing

/// Each rule on snippets that keep it and snippets that break it.
@Suite struct RuleTests {
    private func file(_ text: String, _ path: String = "Sources/Units/Sample.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    // MARK: Imports

    @Test(arguments: [
        ("Units", "import FoundationEssentials"), ("Store", "package import Postgres"),
        ("Postgres", "internal import CPQ"), ("UseCases", "import struct Units.Money"),
        ("MQTTTests", "@testable import CMosquitto"), ("vidyut", "import Hummingbird"),
        ("Postgres", "import Logging"), ("MeterCoreTests", "import MeterCore"),
    ])
    func `doors that are open`(target: String, line: String) {
        let folder = target.hasSuffix("Tests") ? "Tests" : "Sources"
        let sample = file(line, "\(folder)/\(target)/Sample.swift")

        #expect(ImportRules.imports(of: sample).count == 1)
        #expect(ImportRules.violations(in: sample).isEmpty)
    }

    @Test(arguments: [
        ("Units", "import Foundation"), ("Units", "import Logging"),
        ("API", "package import Store"), ("API", "import struct Postgres.SQL"),
        ("Store", "import CPQ"), ("vidyut", "import CMosquitto"), ("Nowhere", "import Units"),
        ("StoreTests", "@testable import CPQ"), ("Portal", "private import Store"),
    ])
    func `doors that are closed`(target: String, line: String) {
        let folder = target.hasSuffix("Tests") ? "Tests" : "Sources"
        let sample = file("// import\n\(line)", "\(folder)/\(target)/Sample.swift")

        #expect(ImportRules.violations(in: sample).map(\.line) == [2])
    }

    // MARK: Sizes

    @Test func `a file of 401 lines is too long`() {
        let lines = String(repeating: "\n", count: 401)

        #expect(SizeRules.violations(in: file(lines)).count == 1)
        #expect(SizeRules.violations(in: file(String(lines.dropLast()))).isEmpty)
    }

    @Test func `functions are measured from their name to their last brace`() {
        let text = """
            protocol P {
                func requirement() async throws
                var size: Array<Int> { get }
                init(_ x: Int)
            }
            struct S: P {
                var stored: [Int]
                func plain<T>(_ x: (T) -> Int = { _ in 1 })
                    throws(E) -> [String: Int]
                where T: Equatable, T == Int {
                    work { }
                }
                static func < (l: S, r: S) -> Bool { true }
                init?(x: Int) {
                    self.init(
                        y: x)
                }
                subscript(i: Int) -> Int { i }
                deinit { }
            }
            """
        let functions = SizeRules.functions(of: file(text))

        #expect(
            functions.map { "\($0.name) \($0.line) \($0.lines)" } == [
                "size 3 1", "plain 8 5", "< 13 1", "init 14 4", "subscript 18 1", "deinit 19 1",
            ]
        )
    }

    @Test func `a function of 71 lines is too long, in Swift and in C`() {
        let body = String(repeating: "    x();\n", count: 69)
        let swift = file("func long() {\n\(body)}")
        let c = file("struct s { int a; };\nint long_one(int a)\n{\n\(body)}", "Firmware/core/a.c")

        #expect(SizeRules.violations(in: swift).map(\.line) == [1])
        #expect(SizeRules.violations(in: c).map(\.line) == [2])
        #expect(SizeRules.violations(in: file("func long() {\n\(body.dropLast(9))}")).isEmpty)
    }

    // MARK: Safety

    @Test(arguments: [
        "try! run()", "value as! Int", "let a = b!", "b!.c", "b()!", "b[0]!", "\"\\(b!)\"",
        "var a: Int!", "fatalError()", "class A: @unchecked Sendable {}",
        "nonisolated(unsafe) var a = 1", "Task { run() }", "Task.detached { }",
        "Task(priority: .low) { }", "let t = Task<Void, Never> { }", "Date()", "Date.now",
        "ContinuousClock().now", "ContinuousClock.now", "clock_gettime(0, &t)", "time(nil)",
        "public func run() {}", "open class A {}", "public import Units",
    ])
    func `what safety forbids`(line: String) {
        #expect(SafetyRules.violations(in: file("\n\(line)")).map(\.line) == [2])
        #expect(SafetyRules.violations(in: file(line, "Tests/UnitsTests/A.swift")).isEmpty)
    }

    @Test(arguments: [
        "if a != b { }", "if !a { }", "a = !b", "a!=b", "\"try! b!\"", "// try! b!",
        "#if !os(Linux)\n#endif", "try await Task.sleep(for: .seconds(1))", "Task.isCancelled",
        "let tasks: [Task<Void, Never>] = []", "Date(timeIntervalSince1970: 0)",
        "let clock: any Clock<Duration>", "clock.now", "let a = .public", "func open() { }",
        "@Sendable () -> Void", "taskTask { }", "struct Task { }",
    ])
    func `what safety allows`(line: String) {
        #expect(SafetyRules.violations(in: file(line)).isEmpty)
    }

    // MARK: Words

    @Test(arguments: [
        "package struct A {}", "package func run() {}", "@discardableResult\npackage func a() {}",
        "package static func a() {}", "package final class A {}",
        "package nonisolated(nonsending) func a() {}",
        "// not documentation\npackage enum A {}", "/// A.\n\npackage actor B {}",
        "struct MeterManager {}", "enum Helpers {}", "final class RowHandler: Sendable {}",
    ])
    func `what needs a better word`(text: String) {
        #expect(WordRules.violations(in: file(text)).count == 1)
    }

    @Test(arguments: [
        "/// A.\npackage struct A {}", "/// A.\n@inlinable\n@frozen\npackage func a() {}",
        "/** A. */\npackage class A {}", "package let a = 1", "package init() {}",
        "package static func < (a: A, b: A) -> Bool { true }", "package import Units",
        "package func hash(into: inout Hasher) {}", "package typealias ID = Int", "struct A {}",
        "struct LineLogHandler: LogHandler {}", "package(set) var a = 1",
    ])
    func `words that do`(text: String) {
        #expect(WordRules.violations(in: file(text)).isEmpty)
    }

    @Test(arguments: [
        "select id from meter", "SELECT 1", "insert into meter values (1)", "delete from meter",
        "update meter set name = $", "create table a (b int)", "\n  select id\n  from b",
        "with a as (select 1) select 2", "select set_config('a', $, true)", "drop table a",
    ])
    func `text that is SQL`(text: String) {
        #expect(WordRules.holdsSQL(text))
        let code = "let a = \"\"\"\n\(text)\n\"\"\""
        #expect(WordRules.violations(in: file(code, "Sources/API/A.swift")).count == 1)
        #expect(WordRules.violations(in: file(code, "Sources/Store/A.swift")).isEmpty)
    }

    @Test(arguments: [
        "Select a meter from the list", "select the office first", "update available",
        "delete", "create a table of slabs", "<select name=\"office\">", "selected from",
        "with as many", "update the reading",
    ])
    func `text that is prose`(text: String) {
        #expect(!WordRules.holdsSQL(text))
    }

    @Test func `leftover marks are found in any text`() {
        let mark = "TO" + "DO"
        let found = WordRules.leftovers(path: "a.md", text: "one\n<!-- \(mark): two -->\n\(mark)S")

        #expect(found.map(\.line) == [2])
    }
}
