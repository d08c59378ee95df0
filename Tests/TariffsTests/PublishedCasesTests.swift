import Foundation
import Testing
import Units

@testable import Tariffs

@Suite struct PublishedCasesTests {
    @Test(.enabled(if: Files.hasShared))
    func `every published case agrees to the paisa with the proposed documents`() throws {
        let documents = try TariffDocument.decodeAll(
            Files.bytes(Files.shared.appending(path: "tariffs/tariffs.json"))
        )
        let report = try TariffCheck.run(
            cases: Files.bytes(Files.shared.appending(path: "tariffs/cases.json")),
            documents: documents
        )

        #expect(documents.count == 41)
        #expect(report.results.count == 102)
        #expect(report.isGood, Comment(rawValue: report.text))
    }

    @Test(.enabled(if: Files.hasShared))
    func `every published case agrees to the paisa with the shipped documents`() throws {
        let report = try TariffCheck.run(
            cases: Files.bytes(Files.shared.appending(path: "tariffs/cases.json")),
            documents: Files.shippedDocuments()
        )

        #expect(report.isGood, Comment(rawValue: report.text))
    }

    @Test(.enabled(if: Files.hasShared))
    func `a pattern is matched against the case or the tariff`() throws {
        let cases = try Files.bytes(Files.shared.appending(path: "tariffs/cases.json"))
        let documents = try Files.shippedDocuments()

        #expect(
            try TariffCheck.run(cases: cases, documents: documents, only: "kseb-*").results
                .allSatisfy { $0.tariff.hasPrefix("kseb-") || $0.id.hasPrefix("kseb-") }
        )
        #expect(
            try TariffCheck.run(cases: cases, documents: documents, only: "tn-2017-?00").results
                .count == 6
        )
        #expect(
            try TariffCheck.run(cases: cases, documents: documents, only: "none").results.isEmpty
        )
    }

    @Test func `shipped documents decode and no family overlaps itself`() throws {
        let documents = try Files.shippedDocuments()
        #expect(documents.count == 43)
        for (family, versions) in Dictionary(grouping: documents, by: \.family) {
            #expect(try TariffVersions(versions).family == family)
        }
        #expect(Set(documents.map(\.family)).contains("tneb-lt1a"))
        #expect(documents.filter { $0.family == "tneb-lt1a" }.count == 5)
    }

    @Test func `a file is named for the document in it`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Files.documents.path)
        for name in names {
            let document = try TariffDocument.load(
                Files.bytes(Files.documents.appending(path: name))
            )
            #expect("\(document.id).json" == name)
        }
    }

    @Test func `a differing figure is named by case and key`() throws {
        let cases = """
            {"cases": [{"id": "a", "tariff": "test-2026-01", "inputs": {"units": 10, "months": 1},
            "expected": {"energy": "50.00", "total": "51", "duty": "1"}}]}
            """
        let report = try TariffCheck.run(
            cases: Array(cases.utf8),
            documents: [try document(flatLine)]
        )

        #expect(report.results.first?.differences.map(\.key) == ["total", "duty"])
        #expect(report.text.contains("a (test-2026-01) total: expected 51.00, computed 50.00"))
        #expect(report.text.contains("duty: expected 1.00, computed nothing"))
        #expect(!report.isGood)
    }

    @Test func `a case of an unknown tariff or with an unknown input fails by name`() throws {
        let cases = """
            {"cases": [
            {"id": "a", "tariff": "nowhere", "inputs": {"units": 10, "months": 1}, "expected": {"total": 1}},
            {"id": "b", "tariff": "test", "inputs": {"units": 10, "month": 1}, "expected": {"total": 1}}]}
            """
        let report = try TariffCheck.run(
            cases: Array(cases.utf8),
            documents: [try document(flatLine)]
        )

        #expect(report.results[0].failure?.contains("nowhere") == true)
        #expect(report.results[1].failure?.contains("$.cases[1].inputs.month") == true)
    }
}
