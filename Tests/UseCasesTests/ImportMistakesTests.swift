import Billing
import Metering
import Registry
import Store
import Tariffs
import TestSupport
import Testing
import Units
import UseCases

/// A file that is wrong is told everything that is wrong with it at once, and nothing of it is kept.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ImportMistakesTests {
    private func rows(_ columns: [String], _ lines: [[String]]) -> [ImportRow] {
        lines.enumerated().map { index, line in
            ImportRow(
                line: index + 2,
                fields: Dictionary(uniqueKeysWithValues: zip(columns, line))
            )
        }
    }

    @Test func `every mistake of a file of consumers has its line and column`() async throws {
        let office = try await TestOffice.make()
        let file = rows(
            ["number", "name", "language", "phone"],
            [
                ["C-1", "Raman", "en", ""], ["", "Devi", "fr", ""], ["C-1", "Meena", "ta", ""],
                ["C-3", "", "hi", ""], ["C-4", "Ravi", "en", "no phone"],
            ]
        )
        let refused = try await #require(throws: InvalidInput.self) {
            _ = try await office.useCases.registerConsumer.importRows(file, by: office.manager)
        }
        #expect(
            refused.faults.map { "\($0.field) \($0.code)" } == [
                "line 3, number missing", "line 3, language unknown", "line 4, number taken",
                "line 5, name missing", "line 6, phone invalid",
            ]
        )
        let page = try await office.useCases.registerConsumer.list(
            try PageRequest(),
            by: office.manager
        )
        #expect(page.items.isEmpty)
    }

    @Test func `every mistake of a file of services, several in one row`() async throws {
        let office = try await TestOffice.make()
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-1", name: "Raman"),
            by: office.manager
        )
        let file = rows(
            ["number", "consumer", "category", "tariff", "sanctionedLoadWatts", "connectedOn"],
            [
                ["S-1", "C-1", "LT", "tneb-lt1a", "5000", "2026-01-01"],
                ["S-2", "C-9", "LT", "tneb-lt9", "five", "yesterday"],
                ["S-3", "C-1", "LT", "tneb-lt1a", "0", "2026-01-01"],
            ]
        )
        let refused = try await #require(throws: InvalidInput.self) {
            _ = try await office.useCases.registerService.importRows(file, by: office.manager)
        }
        #expect(
            refused.faults.map { "\($0.field) \($0.code)" } == [
                "line 3, sanctionedLoadWatts invalid", "line 3, tariff unknown",
                "line 3, consumer unknown", "line 3, connectedOn invalid",
                "line 4, sanctionedLoadWatts out_of_range",
            ]
        )
    }

    @Test func `every mistake of a file of meters, conflicts included`() async throws {
        let office = try await TestOffice.make()
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect("a", on: "2026-01-01")
        let file = rows(
            ["serial", "registerDigits", "service", "old"],
            [
                ["m-1", "x", "", ""], ["m-2", "6", "S-9", ""], ["m-3", "6", "S-a", ""],
                ["m-4", "99", "", "perhaps"], ["m-5", "6", "", "no"],
            ]
        )
        let refused = try await #require(throws: InvalidInput.self) {
            _ = try await office.useCases.registerMeter.importRows(file, by: office.manager)
        }
        #expect(
            refused.faults.map { "\($0.field) \($0.code)" } == [
                "line 2, registerDigits invalid", "line 3, service unknown",
                "line 4 service_has_meter", "line 5, old invalid",
                "line 5, registerDigits out_of_range",
            ]
        )
        // One conflict alone is a conflict, as of one meter.
        let one = try await #require(throws: StateConflict.self) {
            _ = try await office.useCases.registerMeter.importRows(
                rows(["serial", "service"], [["m-6", "S-a"]]),
                by: office.manager
            )
        }
        #expect(one.code == "service_has_meter" && one.detail.hasPrefix("line 2: "))
    }

    @Test func `many mistakes are counted and the first are named`() async throws {
        let office = try await TestOffice.make()
        let count = Limits.faultsNamed + 20
        let file = rows(["number", "name"], (0..<count).map { ["C-\($0)", ""] })
        let refused = try await #require(throws: InvalidInput.self) {
            _ = try await office.useCases.registerConsumer.importRows(file, by: office.manager)
        }
        #expect(refused.faults.count == Limits.faultsNamed + 1)
        #expect(refused.faults.last?.detail.hasPrefix("\(count) mistakes in all") == true)
    }

    @Test func `every document that cannot be published is named and none is`() async throws {
        let office = try await TestOffice.make()
        func document(_ id: String, _ effective: String) throws -> TariffDocument {
            try TariffDocument.load(
                Array(
                    """
                    {"id": "\(id)", "family": "fam", "utility": "U", "category": "C",
                     "effective": \(effective), "base_months": 1,
                     "lines": [{"id": "energy", "kind": "per_unit", "rate": "5"}]}
                    """.utf8
                )
            )
        }
        let first = try document("fam-2020", #"{"from": "2020-01-01", "to": null}"#)
        _ = try await office.useCases.publishTariff([first], by: office.manager)
        let refused = try await #require(throws: InvalidInput.self) {
            _ = try await office.useCases.publishTariff(
                [
                    try document("fam-open", "{}"),
                    try document("fam-2020", #"{"from": "2020-02-01", "to": null}"#),
                    try document("fam-2021", #"{"from": "2021-01-01", "to": null}"#),
                    try document("fam-2010", #"{"from": "2010-01-01", "to": "2010-12-31"}"#),
                ],
                by: office.manager
            )
        }
        #expect(
            refused.faults.map { "\($0.field) \($0.code)" } == [
                "effective.from missing", "fam-2020 tariff_differs", "fam-2021 tariff_overlaps",
            ]
        )
        let list = try await office.useCases.publishTariff.list(by: office.manager)
        #expect(list.map(\.id) == ["fam-2020"])
    }
}
