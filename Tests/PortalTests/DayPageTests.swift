import FoundationEssentials
import Metering
import Registry
import Testing
import Units
import UseCases

@testable import Portal

/// The queue of exceptions and the page of a day as text.
struct DayPageTests {
    private let day = Samples.date("2026-11-20")

    private func html(_ template: Template, _ page: some Sendable) throws -> String {
        let printer = try Printer()
        let frame = PageFrame(
            title: "Test",
            office: Samples.office.name,
            zone: "Asia/Kolkata",
            person: PageFrame.Person(name: "ravi", role: "Engineer"),
            navigation: [],
            formToken: "0123",
            assets: printer.assets
        )
        return printer.html(template, Sheet(frame: frame, page: page))
            .replacing(printer.assets.style, with: "/assets/portal.css")
            .replacing(printer.assets.script, with: "/assets/live.js")
    }

    /// A day of hours with a silence in the afternoon and a passing zero in the morning; two versions
    /// of a person.
    private func history(serial: String = "M-17", by actor: String = "ravi") throws -> DayHistory {
        let grid = try #require(BlockGrid(zone: .india, blockMinutes: 60))
        let start = OfficeZone.india.start(of: day)
        var window = MeterWindow(
            meter: Meter(
                id: Meter.ID(1),
                serial: serial,
                registerDigits: 8,
                multiplier: 1,
                channels: 1
            ),
            days: day...day,
            places: [
                MeterPlace(
                    installedAt: start,
                    openingRegister: .zero,
                    sanctionedLoadWatts: 5_000
                )
            ],
            samples: (1...24).filter { !(13...16).contains($0) }.map { hour in
                MeterSample(
                    main: RegisterSample(
                        at: start.adding(seconds: Int64(hour) * 3_600),
                        registerWattHours: hour == 9 ? 0 : Int64(hour) * 400
                    )
                )
            },
            state: nil
        )
        let maker = DayMaker(grid: grid, rules: ValidationRules(), intervalSeconds: 3_600)
        let raw = try #require(maker.stages(of: window, on: day))
        let change = DayEdit.Change.setBlocks([12: 100, 13: 700])
        let edits = [
            DayEdit(
                id: 4,
                change: change,
                actor: actor,
                reason: actor + " saw it",
                at: Samples.now,
                ground: raw.estimated.ground(of: change)
            ),
            DayEdit(id: 5, change: .undo(4), actor: actor, reason: "no", at: Samples.now),
            DayEdit(id: 6, change: .undo(5), actor: actor, reason: "yes", at: Samples.now),
        ]
        window.edits = [day: edits]
        let stages = try #require(maker.stages(of: window, on: day))
        var history = DayHistory(
            meterSerial: serial,
            day: day,
            stage: .edited,
            blocks: stages.edited.blocks,
            versions: stages.versions(edits, registers: window.registers(at:)),
            bill: nil,
            isArchived: false,
            madeAt: Samples.now
        )
        history.methods = [.neighbours, .flat]
        history.hints = ["\(actor) should know this"]
        return history
    }

    private func entry(_ text: String, settled: Bool = false) -> ExceptionEntry {
        ExceptionEntry(
            meterSerial: text,
            serviceNumber: text,
            exception: ReadingException(
                rule: .resetRecovered,
                severity: .warning,
                meter: Meter.ID(1),
                day: day,
                instants: [Samples.now],
                detail: "\(text) and back (2026-11-20T03:30:00Z)"
            ),
            key: "reset_recovered/1/\(text)",
            settled: settled
                ? ExceptionEntry.Settlement(by: text, at: Samples.now, reason: text) : nil
        )
    }

    private func queue(
        _ entries: [ExceptionEntry],
        filter: [String: String] = [:],
        message: String? = nil
    ) -> ExceptionsPage {
        ExceptionsPage(
            entries,
            counts: [
                ExceptionCount(
                    rule: .resetRecovered,
                    severity: .warning,
                    count: 70,
                    meters: 3,
                    oldest: day.adding(days: -3),
                    newest: day
                )
            ],
            filter: ExceptionFilterFields { filter[$0] },
            after: nil,
            next: "2026-11-20 reset",
            mayDecide: true,
            ticked: Set(entries.prefix(1).map(\.key)),
            reason: message ?? "",
            message: message,
            wording: Samples.wording
        )
    }

    @Test func `the page of a day`() throws {
        let page = DayPage(
            try history(),
            exceptions: [entry("M-17", settled: true)],
            mayEdit: true,
            wording: Samples.wording
        )
        let text = try html(.day, page)
        try expectSnapshot(text, named: "day.html")
        #expect(text.contains("12:00 to 13:00: 100 Wh, edited"))
        #expect(text.contains("By registers</dt><dd>9.600 kWh"))
        #expect(!text.contains("style=") && !text.contains("onclick"))
    }

    @Test func `the queue of exceptions`() throws {
        let page = queue(
            [entry("M-17"), entry("M-18", settled: true)],
            filter: ["rule": "reset_recovered", "state": "all", "from": "nonsense"]
        )
        let text = try html(.exceptions, page)
        try expectSnapshot(text, named: "exceptions.html")
        #expect(text.contains("all 70 exceptions that fit"))
        #expect(text.contains("rule=reset_recovered&amp;state=all&amp;after=2026-11-20%20reset"))
        #expect(text.contains("value=\"reset_recovered/1/M-17\" checked"))
    }

    @Test func `names cannot bring markup`() throws {
        let evil = "<script>alert('x')</script>\"&"
        let texts = [
            try html(
                .day,
                DayPage(
                    try history(serial: evil, by: evil),
                    exceptions: [entry(evil, settled: true)],
                    mayEdit: true,
                    form: DayFormFields { _ in evil },
                    message: evil,
                    undoMessage: evil,
                    wording: Samples.wording
                )
            ),
            try html(
                .exceptions,
                queue([entry(evil, settled: true)], filter: ["meter": evil], message: evil)
            ),
        ]
        for text in texts {
            #expect(!text.contains("<script>alert"))
            #expect(text.contains("&lt;script&gt;"))
        }
    }
}
