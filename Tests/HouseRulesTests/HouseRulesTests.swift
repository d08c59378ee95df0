import Testing

/// The repository itself against the rules of the house; the rules are in ARCHITECTURE.md.
@Suite struct HouseRulesTests {
    private let repository = Repository.shared

    /// Each violation is an issue of its own, so that all of them are seen at once.
    private func report(_ violations: [Violation]) {
        for violation in violations { Issue.record("\(violation)") }
    }

    @Test func `there are sources to look at`() {
        let paths = Set(repository.sources.map(\.path))

        #expect(paths.count { $0.hasPrefix("Sources/") } > 10)
        #expect(paths.contains("Tests/HouseRulesTests/HouseRulesTests.swift"))
    }

    @Test func `every import is a door that the table opens`() {
        report(repository.sources.flatMap(ImportRules.violations))
    }

    @Test func `files and functions are short`() {
        report(repository.sources.flatMap(SizeRules.violations))
    }

    @Test func `nothing crashes, races or reads the clock on the sly`() {
        report(repository.sources.flatMap(SafetyRules.violations))
    }

    @Test func `names say what things do, doors are documented, SQL stays in its room`() {
        report(repository.sources.flatMap(WordRules.violations))
    }

    @Test func `nothing is left for later`() {
        let texts = repository.texts.sorted { $0.key < $1.key }
        report(texts.flatMap { WordRules.leftovers(path: $0.key, text: $0.value) })
    }

    @Test(.enabled(if: Repository.shared.exists("Migrations/schema.sql")))
    func `every table is walled off by office and explained`() throws {
        let path = "Migrations/schema.sql"
        let schema = try #require(repository.texts[path])
        #expect(SchemaRules.statements(of: schema).contains { $0.text.hasPrefix("create table") })
        report(SchemaRules.violations(path: path, schema: schema))
    }

    @Test func `the top level is exactly what the house says`() {
        #expect(
            repository.topLevel == [
                "Package.swift", "Sources", "Tests", "Migrations", "Firmware", "deploy",
                "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE", "dev",
            ]
        )
        for script in ["dev", ".ci/run"] {
            let isExecutable = repository.isExecutable(script)
            #expect(isExecutable, "\(script)")
        }
    }

    @Test(arguments: SafetyRules.Kind.allCases)
    func `every exception is still needed`(kind: SafetyRules.Kind) {
        for exception in kind.exceptions {
            let covered = repository.sources.filter { exception.covers($0.path) }
            let isNeeded = covered.contains { !SafetyRules.findings(of: kind, in: $0).isEmpty }
            #expect(isNeeded, "\(exception.path) needs no exception: strike it out")
            #expect(!exception.reason.isEmpty)
        }
    }
}
