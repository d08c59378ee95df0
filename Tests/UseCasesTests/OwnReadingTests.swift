import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Registers that consumers send: again with a photo, again after a rejection, beside another accepted
/// one, and what becomes of the photos.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct OwnReadingTests {
    private func accept(
        _ office: TestOffice,
        _ reading: ManualReading
    ) async throws -> ManualReading {
        try await office.useCases.decideReading.accept(
            "\(reading.id.value)",
            reason: "seen",
            by: office.engineer
        )
    }

    @Test func `the same register with a photo is added to the held one and judged anew`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a", "b")
        let blind = try await office.sendOwn("a", 120, photo: nil)
        #expect(blind.reading.state == .held)
        let again = try await office.sendOwn("a", 120)
        #expect(!again.isNew && again.reading.id == blind.reading.id)
        #expect(again.reading.state == .accepted && again.reading.findings.isEmpty)
        #expect(again.reading.hasPhoto)
        let photo = try await office.useCases.decideReading.photo(
            of: "\(blind.reading.id.value)",
            by: office.consumer("a")
        )
        #expect(photo.content == TestPhoto.jpeg)
        #expect(try await office.ledger("m-a").count == 1)
        // What else speaks against it stays.
        _ = try await office.sendOwn("b", 20_000, photo: nil)
        let high = try await office.sendOwn("b", 20_000, photo: TestPhoto.png)
        #expect(high.reading.state == .held)
        #expect(high.reading.findings.map(\.code) == [.abovePossible])
        #expect(try await office.ledger("m-b").isEmpty)
    }

    @Test func `after a rejection the same register is a new one, held with the reason`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a")
        let first = try await office.sendOwn("a", 120, photo: nil)
        _ = try await office.useCases.decideReading.reject(
            "\(first.reading.id.value)",
            reason: "send a photo with it",
            by: office.manager
        )
        let second = try await office.sendOwn("a", 120)
        #expect(second.isNew && second.reading.id != first.reading.id)
        #expect(second.reading.state == .held)
        #expect(second.reading.findings.map(\.code) == [.rejectedBefore])
        #expect(second.reading.findings[0].detail.contains("send a photo with it"))
        #expect(try await office.sendOwn("a", 120).isNew == false)
        #expect(try await accept(office, second.reading).state == .accepted)
        #expect(try await office.ledger("m-a").count == 1)
    }

    @Test func `accepting checks again, and tells what was found since before it counts`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a")
        let held = try await office.sendOwn("a", 120, at: "2026-10-31T18:30:00Z", photo: nil)
        #expect(held.reading.findings.map(\.code) == [.noPhoto])
        // Meanwhile the assessor reads more for an earlier day.
        #expect(
            try await office.visit("a", 150, at: "2026-10-30T18:30:00Z").reading.state == .accepted
        )
        let changed = await #expect(throws: StateConflict.self) {
            try await accept(office, held.reading)
        }
        #expect(changed?.code == "findings_changed")
        let shown = try await office.useCases.decideReading.show(
            "\(held.reading.id.value)",
            by: office.manager
        )
        #expect(shown.state == .held && shown.decision == nil)
        #expect(shown.findings.map(\.code) == [.noPhoto, .registerFell])
        #expect(try await office.ledger("m-a").count == 1)
        #expect(try await accept(office, held.reading).state == .accepted)
    }

    @Test func `of two accepted for one instant the latest decision counts, and it is shown`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a")
        let at = "2026-10-31T18:30:00Z"
        let assessor = try await office.visit("a", 100, at: at).reading
        #expect(assessor.state == .accepted)
        office.clock.now = office.clock.now.adding(seconds: 60)
        let own = try await office.sendOwn("a", 110, at: at).reading
        #expect(own.findings.map(\.code) == [.differsFromStored])
        let decided = try await accept(office, own)
        #expect(decided.supersededBy == nil)
        let replaced = try await office.useCases.decideReading.show(
            "\(assessor.id.value)",
            by: office.manager
        )
        #expect(replaced.supersededBy == own.id)
        let counted = try await office.ledger("m-a")
        #expect(counted.map(\.main.energyWattHours) == [110_000])
    }

    @Test func `photos leave some time after the decision, those that wait stay`() async throws {
        let office = try await TestOffice.readByPeople("a", "b")
        let accepted = try await office.sendOwn("a", 120).reading
        let held = try await office.sendOwn("b", 20_000).reading
        _ = try await office.useCases.setMetering(
            SetMetering.Input(photoDays: 30),
            by: office.manager
        )
        func remove() async throws -> Int {
            try await office.useCases.removePhotos(
                office: office.useCases.findOffices(office.office.id)
            )
        }
        #expect(try await remove() == 0)
        office.clock.now = office.clock.now.adding(seconds: 31 * 86_400)
        #expect(try await remove() == 1)
        #expect(try await remove() == 0)
        let shown = try await office.useCases.decideReading.show(
            "\(accepted.id.value)",
            by: office.consumer("a")
        )
        #expect(!shown.hasPhoto && shown.photoRemovedAt == office.clock.now)
        #expect(shown.state == .accepted)
        let gone = await #expect(throws: NotFound.self) {
            try await office.useCases.decideReading.photo(
                of: "\(accepted.id.value)",
                by: office.manager
            )
        }
        #expect(gone?.description.contains("it was removed at") == true)
        _ = try await office.useCases.decideReading.photo(
            of: "\(held.id.value)",
            by: office.manager
        )
        let bad = await #expect(throws: InvalidInput.self) {
            try await office.useCases.setMetering(
                SetMetering.Input(photoDays: 0),
                by: office.manager
            )
        }
        #expect(bad?.faults.map(\.field) == ["photoDays"])
    }

    @Test func `read on the last day before its end, it is said that the cycle is open`()
        async throws
    {
        let office = try await TestOffice.readByPeople("a", "b")
        // Half past five in the afternoon of 31 October.
        let early = try await office.visit("a", 100, at: "2026-10-31T12:00:00Z").reading
        #expect(early.state == .accepted)
        #expect(early.hint?.contains("6 h 30 min after this register") == true)
        let shown = try await office.useCases.decideReading.show(
            "\(early.id.value)",
            by: office.manager
        )
        #expect(shown.hint == early.hint)
        #expect(try await office.billRound()["S-a"]?.outcome == .refused)
        let end = try await office.visit("b", 100, at: "2026-10-31T18:30:00Z").reading
        #expect(end.hint == nil)
        let own = try await office.sendOwn("b", 90, at: "2026-10-31T12:00:00Z").reading
        #expect(own.hint != nil)
    }
}

/// The sheet of a round as people see it in a spreadsheet.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct SheetTextTests {
    @Test(arguments: [
        "", "plain", "=1+1", "+91 98", "-5", "@x", "\tx", "'", "''", "'=1", "''-2", "it's",
        "'quoted'",
    ])
    func `a text comes back as it was`(text: String) {
        #expect(text.forSpreadsheet.fromSpreadsheet == text)
        #expect(!["=", "+", "-", "@", "\t"].contains { text.forSpreadsheet.hasPrefix($0) })
    }

    @Test func `remarks and names that look like formulas go out safe and come back equal`()
        async throws
    {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-01T06:00:00Z")))
        try await office.publish(family: "tneb-lt1a")
        let names = ["=cmd|' /C calc'!A0", "'=already", "@home"]
        let rows = names.enumerated().map { index, name in
            ImportRow(
                line: index + 2,
                fields: ["number": "C-\(index)", "name": name.forSpreadsheet]
            )
        }
        _ = try await office.useCases.registerConsumer.importRows(rows, by: office.manager)
        for (index, name) in names.enumerated() {
            let found = try await office.useCases.registerConsumer.show(
                number: "C-\(index)",
                by: office.manager
            )
            #expect(found.consumer.name == name)
        }
        _ = try await office.connect("a", on: "2026-09-01")
        let note = "-door behind =the shop"
        _ = try await office.useCases.enterReading.visit(
            EnterReading.Visit(
                serviceNumber: "S-a",
                outcome: .doorLocked,
                register: nil,
                note: note
            ),
            by: office.manager
        )
        let printed = try await office.useCases.readingRound.sheet(
            cycle: "2026-10",
            group: "",
            by: office.manager
        )
        #expect(printed.rows[0][11] == "'" + note)
        // Times are the office's.
        #expect(printed.rows[0][5] == "2026-09-01T00:00:00+05:30")
        #expect(printed.rows[0][9] == "2026-11-01T11:30:00+05:30")
        let back = printed.rows.enumerated().map { index, fields in
            ImportRow(
                line: index + 2,
                fields: Dictionary(uniqueKeysWithValues: zip(ReadingRound.columns, fields))
            )
        }
        let other = try await TestOffice.make(at: office.clock.now)
        try await other.publish(family: "tneb-lt1a")
        _ = try await other.connect("a", on: "2026-09-01")
        let report = try await other.useCases.readingRound.take(
            back,
            cycle: "2026-10",
            group: "",
            by: other.manager
        )
        #expect(report.noted == 1)
        let kept = try await other.useCases.decideReading.list(
            DecideReading.Query(),
            page: try PageRequest(),
            by: other.manager
        ).items
        #expect(kept.map(\.note) == [note])
        #expect(kept.map(\.at) == [other.clock.now])
    }
}
