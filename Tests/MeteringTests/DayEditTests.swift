import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!

private func blocks(_ registers: [Int64?]) -> BlockDay {
    blockDays(day...day, of: run(0, registers), rules: houseRules(), grid: grid)[0]
}

private func edit(_ id: Int64, _ change: DayEdit.Change) -> DayEdit {
    DayEdit(id: id, change: change, actor: "clerk", reason: "seen on site", at: at(Int(id)))
}

struct DayEditTests {
    private let whole = blocks((1...96).map { Int64($0) * 10 })

    @Test func `blocks that a person sets bear it, and keep what stays true of them`() throws {
        var outage = whole
        outage.qualities[4] = [.powerOutage, .suspect]
        let edited = try applying([edit(1, .setBlocks([4: 25, 5: 0]))], to: outage)
        #expect(edited.energies[4] == 25)
        #expect(edited.qualities[4] == [.powerOutage, .edited])
        #expect(edited.qualities[5] == .edited)
        #expect(edited.energy.wattHours == 960 + 15 - 10)
    }

    @Test func `an edit that is undone is as if it had never been`() throws {
        let edits = [edit(1, .setBlocks([4: 25])), edit(2, .setBlocks([5: 7])), edit(3, .undo(1))]
        let edited = try applying(edits, to: whole)
        #expect(edited == (try applying([edits[1]], to: whole)))
        #expect(try applying([edits[0], edit(2, .undo(1))], to: whole) == whole)
    }

    @Test func `an undone undo counts for nothing`() throws {
        let edits = [edit(1, .setBlocks([4: 25])), edit(2, .undo(1)), edit(3, .undo(2))]
        #expect(try applying(edits, to: whole).energies[4] == 25)
        #expect(try standing(edits).map(\.id) == [1])
    }

    @Test func `a later edit of a block counts`() throws {
        let edits = [edit(1, .setBlocks([4: 25])), edit(2, .setBlocks([4: 30]))]
        #expect(try applying(edits, to: whole).energies[4] == 30)
    }

    @Test func `suspect blocks that are accepted are suspect no more`() throws {
        var doubtful = whole
        doubtful.qualities[9] = .suspect
        let edited = try applying([edit(1, .acceptBlocks([9]))], to: doubtful)
        #expect(edited.qualities[9] == .edited)
        #expect(edited.energies == doubtful.energies)
    }

    @Test func `a chosen estimate shapes what registers tell, to the watt-hour`() throws {
        let gap = blocks([10] + [Int64?](repeating: nil, count: 7) + [101, 110])
        let shape: [Int: Int64] = Dictionary(uniqueKeysWithValues: (1...8).map { ($0, Int64($0)) })
        let edited = try applying([edit(1, .estimate(.likeDays, shape))], to: gap)
        #expect(edited.energy == gap.energy)
        #expect(edited.energies[1] < edited.energies[8])
        #expect(edited.qualities[3].method == .likeDays)
        #expect(edited.qualities[3].contains([.estimated, .edited]))
    }

    @Test func `a chosen estimate without registers never becomes register energy`() throws {
        let open = blocks([10, 20])
        let edited = try applying([edit(1, .estimate(.peers, [50: 40, 51: 60]))], to: open)
        #expect(edited.energy.wattHours == 20)
        #expect(edited.energyWithoutRegister.wattHours == 100)
        #expect(edited.qualities[50].contains([.missing, .withoutRegister, .estimated]))
    }

    @Test func `what cannot be is refused by name`() {
        let refused: [([DayEdit], DayEditFault)] = [
            ([edit(1, .setBlocks([96: 1]))], .unknownBlock(edit: 1, slot: 96)),
            ([edit(1, .setBlocks([3: -1]))], .negativeEnergy(edit: 1, slot: 3)),
            ([edit(1, .undo(2)), edit(2, .undo(1))], .nothingToUndo(edit: 1, undone: 2)),
            ([edit(1, .acceptBlocks([])), edit(1, .acceptBlocks([]))], .repeatedIdentity(edit: 1)),
        ]
        for (edits, fault) in refused {
            #expect(throws: fault) { try applying(edits, to: whole) }
            #expect(!fault.reason.isEmpty)
        }
    }

    @Test func `a reading that a person rejects or accepts changes the computed day`() throws {
        let samples = quarterHours([100, 40_000, 40_100, 40_200, 40_300, 40_400])
        func energy(_ edits: [DayEdit]) throws -> Int64 {
            try deriving(
                day...day,
                from: samples,
                after: opening(0),
                rules: houseRules(),
                grid: grid,
                edits: [day: edits]
            ).days[0].energy.wattHours
        }
        #expect(try energy([]) == 500)
        #expect(try energy([edit(1, .acceptReading(at(2)))]) == 40_400)
        #expect(try energy([edit(1, .acceptReading(at(2))), edit(2, .undo(1))]) == 500)
        let rejected = (2...6).map { edit(Int64($0), .rejectReading(at($0))) }
        #expect(try energy(rejected) == 100)
        #expect(
            try energy([edit(1, .acceptReading(at(2))), edit(2, .rejectReading(at(2)))]) == 400
        )
    }

    @Test func `versions are numbered, and nothing new adds none`() throws {
        func version(_ previous: DayVersion?, _ stage: DayStage, _ day: BlockDay) -> DayVersion? {
            DayVersion(
                after: previous,
                stage: stage,
                blocks: day,
                actor: "nightly",
                reason: "the day closed",
                recordedAt: at(96)
            )
        }
        let raw = try #require(version(nil, .raw, whole))
        #expect(version(raw, .raw, whole) == nil)
        #expect(version(nil, .validated, whole) == nil)
        let validated = try #require(version(raw, .validated, whole))
        let final = try #require(version(validated, .final, whole))
        #expect(final.number == 3)
        #expect(version(final, .edited, whole) == nil)
        var late = whole
        late.energies[0] += 1
        #expect(version(final, .raw, late)?.number == 4)
    }

    @Test func `days and months sum what registers tell`() throws {
        let gap = blocks([10] + [Int64?](repeating: nil, count: 7) + [101, 110])
        let days = [DayRollup(whole), DayRollup(gap)]
        #expect(days[0].energy?.wattHours == 960)
        #expect(days[0].isValid)
        #expect(days[1].estimated == 8)
        #expect(days[1].missing == 86)
        #expect(!days[1].isValid)
        let nothing = DayRollup(BlockDay(day: day, grid: grid, rules: houseRules()))
        #expect(nothing.energy == nil)
        let months = monthRollups(of: [nothing, days[1], days[0]])
        #expect(months.count == 1)
        #expect(months[0].energy.wattHours == 1_070)
        #expect(months[0].knownDays == 2)
        #expect(months[0].missingDays == 29)
    }

    @Test func `a day is determined when a settled reading lies at or after its end`() throws {
        func derived(_ registers: [Int64?]) throws -> DerivedDays {
            try deriving(
                day...day,
                from: quarterHours(registers),
                after: opening(5_000_000),
                rules: houseRules(),
                grid: grid
            )
        }
        let honest: [Int64?] = (1...96).map { 5_000_000 + Int64($0) * 10 }
        #expect(try derived(honest).isDetermined(day, zone: india))
        #expect(try !derived(Array(honest.dropLast())).isDetermined(day, zone: india))
        let fallen: [Int64?] = Array(honest.dropLast()) + [0, 5, 10]
        #expect(try !derived(fallen).isDetermined(day, zone: india))
        #expect(try derived(fallen + [15, 20]).isDetermined(day, zone: india))
        #expect(try derived(fallen + [15, 20]).checkpoint?.last.at == at(95))
    }

    @Test func `a reading that ends a gap changes the days of the gap`() {
        let changed = daysChanged(by: at(300), before: at(40), after: nil, zone: india)
        #expect(changed == day...day.adding(days: 3))
        let midnight = daysChanged(by: at(96), before: at(95), after: nil, zone: india)
        #expect(midnight == day...day)
    }
}
