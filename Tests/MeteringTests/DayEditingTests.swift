import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!
private let meter = Meter(
    id: Meter.ID(7),
    serial: "m-7",
    registerDigits: 8,
    multiplier: 1,
    channels: 1
)
private let maker = DayMaker(grid: grid, rules: ValidationRules(), intervalSeconds: 900)

/// A day of 10 Wh a block from an opening register of 1 kWh, without the readings of some blocks, and
/// with the first reading of the next day.
private func window(
    without missing: ClosedRange<Int>? = nil,
    edits: [DayEdit] = []
) -> MeterWindow {
    let registers = (1...97).map { quarter -> Int64? in
        missing?.contains(quarter - 1) ?? false ? nil : 1_000 + Int64(quarter) * 10
    }
    var samples = quarterHours(registers)
    for index in samples.indices { samples[index].sequence = nil }
    return MeterWindow(
        meter: meter,
        days: day...day,
        places: [
            MeterPlace(
                installedAt: october,
                openingRegister: Energy(wattHours: 1_000),
                sanctionedLoadWatts: 5_000
            )
        ],
        samples: samples.map { MeterSample(main: $0) },
        state: nil,
        edits: edits.isEmpty ? [:] : [day: edits]
    )
}

private func stages(_ window: MeterWindow) throws -> DayStages {
    try #require(maker.stages(of: window, on: day))
}

/// The edit as a person would make it now, on what stands there.
private func made(
    _ change: DayEdit.Change,
    in window: MeterWindow,
    after edits: [DayEdit] = []
) throws -> DayEdit {
    var window = window
    window.edits = [day: edits]
    let blocks = try stages(window).edited.blocks
    return DayEdit(
        id: (edits.last?.id ?? 3) + 1,
        change: change,
        actor: "kavitha",
        reason: "seen on site",
        at: at(Int(edits.last?.id ?? 3) + 100),
        ground: change.reading.map { .reading(window.registers(at: $0)) }
            ?? blocks.ground(of: change)
    )
}

struct DayEditingTests {
    /// Readings are missing of the blocks 20 to 30: the gap is of the blocks 20 to 31.
    private let gap = window(without: 20...30)

    @Test func `registers within the day are anchors, and every block between them keeps them`()
        throws
    {
        let whole = try stages(window())
        #expect(whole.anchors.count == 96)
        #expect(whole.anchors.allSatisfy { $0.isAtEnd })
        #expect(whole.anchors.last?.energy.wattHours == 960)
        #expect(try stages(gap).anchors.count == 96 - 11)
        let day = whole.edited.blocks
        #expect(day.contradiction(to: whole.anchors, before: day) == nil)
    }

    @Test func `energy moves within a gap, and nowhere a register was read between`() throws {
        let before = try stages(gap)
        func wrong(_ values: [Int: Int32]) throws -> RegisterContradiction? {
            let edit = try made(.setBlocks(values), in: gap)
            var edited = gap
            edited.edits = [day: [edit]]
            let after = try stages(edited)
            #expect(after.edited.lapsed.isEmpty)
            return after.edited.blocks.contradiction(
                to: after.anchors,
                before: before.edited.blocks
            )
        }
        #expect(try wrong([20: 0, 25: 20]) == nil)
        #expect(try wrong([20: 1, 25: 20])?.anchor?.slot == 31)
        #expect(try wrong([10: 0, 11: 20])?.anchor?.slot == 10)
        #expect(try wrong([31: 0, 32: 20])?.anchor?.slot == 31)
        #expect(try wrong([95: 11])?.made.wattHours == 961)
    }

    @Test func `a register within a block leaves the block its two parts`() throws {
        var window = window(without: 20...30)
        // Read five minutes into block 25: 5 Wh below the line between the registers around.
        window.samples.append(
            MeterSample(
                main: RegisterSample(
                    at: at(25).adding(seconds: 300),
                    registerWattHours: 1_248
                )
            )
        )
        let before = try stages(window)
        let anchor = try #require(before.anchors.first { !$0.isAtEnd })
        #expect(anchor.slot == 25 && anchor.energy.wattHours == 248)
        func isRefused(_ values: [Int: Int32]) throws -> Bool {
            let edit = try made(.setBlocks(values), in: window)
            let edited = editing(before.estimated, by: [edit]) { _ in [] }
            return edited.blocks.contradiction(
                to: before.anchors,
                before: before.edited.blocks
            ) != nil
        }
        let energies = before.edited.blocks.energies
        #expect(try isRefused([21: energies[21] - 1, 22: energies[22] + 1]) == false)
        #expect(try isRefused([22: 0, 29: energies[29] + energies[22]]) == true)
    }

    @Test func `an edit and its undo are nothing, whatever was edited`() throws {
        let seed: UInt64 = 20_261_125
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var edits: [DayEdit] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                edits.append(try made(change(&random), in: gap, after: edits))
            }
            var window = gap
            window.edits = [day: edits]
            let before = try stages(window).edited
            let edit = try made(change(&random), in: gap, after: edits)
            let undo = try made(.undo(edit.id), in: gap, after: edits + [edit])
            window.edits = [day: edits + [edit, undo]]
            let after = try stages(window).edited
            #expect(after == before, "seed \(seed)")
            #expect(
                try stages(window).versions(window.edits[day] ?? []) { _ in [] }.map(\.number)
                    == Array(1...Int64(edits.count + 5))
            )
        }
    }

    private func change(_ random: inout SeededRandom) -> DayEdit.Change {
        let first = Int.random(in: 18...30, using: &random)
        let slots = first...Int.random(in: first...33, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return .setBlocks(
                Dictionary(
                    uniqueKeysWithValues: slots.map {
                        ($0, Int32.random(in: 0...50, using: &random))
                    }
                )
            )
        case 1: return .acceptBlocks(Array(slots))
        default:
            return .estimate(
                .flat,
                Dictionary(uniqueKeysWithValues: slots.map { ($0, Int64($0)) })
            )
        }
    }

    @Test func `a late reading under an edit lets it lapse, one elsewhere does not`() throws {
        let edit = try made(.setBlocks([20: 0, 25: 20]), in: gap)
        var elsewhere = window(without: 20...30, edits: [edit])
        elsewhere.samples.append(
            MeterSample(
                main: RegisterSample(at: at(50).adding(seconds: 60), registerWattHours: 1_501)
            )
        )
        #expect(try stages(elsewhere).edited.lapsed.isEmpty)
        #expect(try stages(elsewhere).edited.blocks.energies[25] == 20)

        let late = window(edits: [edit])
        let after = try stages(late)
        #expect(after.edited.lapsed == [edit])
        #expect(after.edited.blocks == (try stages(window()).edited.blocks))
        let found = try #require(after.exceptions.first { $0.rule == .edit })
        #expect(found.severity == .warning && found.detail.contains("version 4 of kavitha"))
        #expect(found.key == "edit/7/2026-10-01/version-4")

        // On the very line between the registers: nothing but the number of readings tells of it.
        var onTheLine = gap
        onTheLine.samples.append(
            MeterSample(main: RegisterSample(at: at(23), registerWattHours: 1_230))
        )
        onTheLine.edits = [day: [edit]]
        #expect(try stages(onTheLine).edited.lapsed == [edit])
    }

    @Test func `an edit falls with the one it stands on`() throws {
        let first = try made(.setBlocks([20: 0, 25: 20]), in: gap)
        let second = try made(.setBlocks([25: 5, 26: 25]), in: gap, after: [first])
        let apart = try made(.setBlocks([28: 0, 29: 20]), in: gap, after: [first, second])
        let undo = try made(.undo(first.id), in: gap, after: [first, second, apart])
        let day = try stages(gap).estimated
        let edited = editing(day, by: [first, second, apart, undo]) { _ in [] }
        #expect(edited.lapsed == [second])
        #expect(edited.blocks.energies[29] == 20 && edited.blocks.energies[26] == 10)
    }

    @Test func `a day marked final is final until something under it changes`() throws {
        let mark = try made(.markFinal, in: gap)
        #expect(try stages(window(without: 20...30, edits: [mark])).edited.isFinal)
        let late = try stages(window(without: 20...29, edits: [mark]))
        #expect(!late.edited.isFinal && late.edited.lapsed == [mark])
    }

    @Test func `a reading that a person rejects is left out as long as it is the same`() throws {
        var spike = window()
        spike.samples[50].main.registerWattHours = 1_519
        let edit = try made(.rejectReading(at(51)), in: spike)
        spike.edits = [day: [edit]]
        let after = try stages(spike)
        #expect(after.edited.blocks.energy.wattHours == 960 && after.edited.lapsed.isEmpty)
        #expect(!after.anchors.contains { $0.slot == 50 })
        spike.samples[50].main.registerWattHours = 1_511
        let corrected = try stages(spike)
        #expect(corrected.edited.lapsed == [edit])
        #expect(corrected.exceptions.contains { $0.rule == .edit && $0.severity == .error })
        #expect(corrected.anchors.contains { $0.slot == 50 })
    }

    @Test func `what a person says where no register tells anything is never a register's`() throws
    {
        var samples = window().samples
        samples.removeAll { $0.main.at > at(40) }
        var open = window()
        open.samples = samples
        let edit = try made(.setBlocks([50: 70]), in: open)
        open.edits = [day: [edit]]
        let after = try stages(open).edited.blocks
        #expect(after.energy.wattHours == 400 && after.energyWithoutRegister.wattHours == 70)
        #expect(after.qualities[50] == [.missing, .withoutRegister, .edited])
    }

    @Test func `versions go from raw to what people did, in order`() throws {
        let first = try made(.setBlocks([20: 0, 25: 20]), in: gap)
        let undo = try made(.undo(first.id), in: gap, after: [first])
        let redo = try made(.undo(undo.id), in: gap, after: [first, undo])
        let edits = [first, undo, redo]
        let all = try stages(window(without: 20...30, edits: edits)).versions(edits) { _ in [] }
        #expect(all.map(\.number) == [1, 2, 3, 4, 5, 6])
        #expect(all.map(\.stage) == [.raw, .validated, .estimated, .edited, .estimated, .edited])
        #expect(all.map(\.isUndone) == [false, false, false, false, true, false])
        #expect(all[3].recordedAt == first.at && all[0].recordedAt == nil)
        #expect(all.allSatisfy { $0.blocks.energy.wattHours == 960 })
    }

    @Test func `a chosen method shapes blocks, and the best is taken when none is chosen`() throws {
        var history = BlockDay(day: day.adding(days: -7), grid: grid, rules: houseRules())
        for slot in 0..<96 {
            history.energies[slot] = slot < 26 ? 0 : 40
            history.qualities[slot] = []
        }
        let sources = EstimationSources(history: [history])
        let days = maker.editedDays(of: gap, around: day)
        let best = try #require(
            shape(of: 20...31, on: day, among: days, by: nil, from: sources)
        )
        #expect(best.method == .likeDays)
        let edit = try made(.estimate(best.method, best.weights), in: gap)
        let edited = editing(days[0], by: [edit]) { _ in [] }.blocks
        #expect(edited.energies[20...31].reduce(0, +) == 120)
        #expect(edited.energies[20] == 0 && edited.energies[31] == 20)
        #expect(edited.qualities[22].contains([.estimated, .edited]))
        #expect(shape(of: 20...31, on: day, among: days, by: .peers, from: sources) == nil)
        #expect(shape(of: 20...31, on: day, among: days, by: .sender, from: sources) == nil)
        #expect(shape(of: 90...96, on: day, among: days, by: nil, from: sources) == nil)
        let flat = try #require(
            shape(of: 20...31, on: day, among: days, by: .flat, from: sources)
        )
        #expect(Set(flat.weights.values) == [1])
    }
}
