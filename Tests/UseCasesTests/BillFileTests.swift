import Billing
import TestSupport
import Testing
import Units
import UseCases

/// The proof of a bill: anyone can compute it again from its file, and nobody can change a figure
/// unseen.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct BillFileTests {
    private func file(late: LateReading = .no) async throws -> String {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        switch late {
        case .no: try await house.read("2024-10-31", kWh: 612)
        case .yes: try await house.read("2024-11-14", kWh: 600)
        }
        try await house.run("2024-10")
        let number = try #require(try await house.bill("2024-10").number)
        return try await house.office.useCases.showBills.file(number, by: house.office.manager)
    }

    private enum LateReading: CaseIterable { case no, yes }

    @Test func `a bill agrees with its own file, offline`() async throws {
        for late in LateReading.allCases {
            let verified = try BillFile.verify(Array(try await file(late: late).utf8))
            #expect(verified.serviceNumber == "S-house")
            #expect(verified.figures > 20)
        }
    }

    @Test func `a provisional bill and the true-up after it agree with their files`()
        async throws
    {
        let house = try await BillingStory.begin(connected: "2024-09-01", today: "2025-11-20")
        try await house.read("2024-10-31", kWh: 305)
        try await house.run("2024-10")
        try await house.run("2024-12", provisional: .average)
        try await house.approve("2024-12")
        try await house.read("2025-02-28", kWh: 305 + 900)
        try await house.run("2025-02")
        for bill in try await house.bills() {
            let text = try await house.office.useCases.showBills.file(
                try #require(bill.number),
                by: house.office.manager
            )
            #expect(try BillFile.verify(Array(text.utf8)).total == bill.content.total)
        }
    }

    /// What somebody might change, and where it is noticed.
    @Test(arguments: [
        ("\"totalPaise\":", "\"totalPaise\":1", "$.totalPaise"),
        ("\\\"wattHours\\\":612000", "\\\"wattHours\\\":512000", "$.proofSha256"),
        ("8.40", "8.41", "$.proofSha256"),
        ("\"consumerNumber\":\"C-house\"", "\"consumerNumber\":\"C-other\"", "$.consumerNumber"),
        ("vidyut-bill-2", "vidyut-bill-9", "$.format"),
        ("\"consumerName\":\"Meena\"", "\"consumerName\":\"Ravi\"", "$.consumerName"),
        ("\"dueOn\":\"2026", "\"dueOn\":\"2027", "$.sealSha256"),
        ("\"number\":\"", "\"number\":\"X", "$.sealSha256"),
    ])
    func `a changed figure is named`(from: String, to: String, path: String) async throws {
        let text = try await file()
        let changed = text.replacing(from, with: to, maxReplacements: 1)
        #expect(changed != text, "nothing was changed")
        let difference = try #require(throws: BillFile.Difference.self) {
            try BillFile.verify(Array(changed.utf8))
        }
        #expect(difference.path == path)
    }

    @Test func `a forged proof with a right digest is found by its figures`() async throws {
        let text = try await file()
        let proof = try #require(StoredProof.text(inFile: text))
        // The line and its sums are changed together, and every digest is made anew.
        for (from, to, path) in [
            ("\"amountPaise\":299340", "\"amountPaise\":199340", "$.proof.lines[0].amountPaise"),
            ("\"quantity\":\"12\"", "\"quantity\":\"11\"", "$.proof.lines[0].slabs[4].quantity"),
            ("\"energyWattHours\":612000", "\"energyWattHours\":611000", "$.proof.registers[0]"),
        ] {
            let forged = proof.replacing(from, with: to)
            #expect(forged != proof, "\(from) is not in the proof: \(proof)")
            let changed = text.replacing(
                proof.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""),
                with: forged.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            ).replacing(
                hexadecimal(sha256(Array(proof.utf8))),
                with: hexadecimal(sha256(Array(forged.utf8)))
            )
            #expect(changed != text)
            let difference = try #require(throws: BillFile.Difference.self) {
                try BillFile.verify(Array(changed.utf8))
            }
            #expect(difference.path.hasPrefix(path), "\(difference)")
        }
    }

    @Test(arguments: ["", "{}", "[1]", "no json at all", "{\"format\":\"vidyut-bill-1\"}"])
    func `what is no bill is refused`(text: String) {
        #expect(throws: (any Error).self) { try BillFile.verify(Array(text.utf8)) }
    }
}
