import Billing
import FoundationEssentials
import Metering
import Registry
import Testing
import Units

@testable import Portal

struct PageTests {
    private func html(_ template: Template, _ page: some Sendable) throws -> String {
        let printer = try Printer()
        let frame = PageFrame(
            title: "Test",
            office: Samples.office.name,
            zone: "Asia/Kolkata",
            person: PageFrame.Person(name: "lakshmi", role: "Consumer"),
            navigation: [NavigationItem(label: "Home", address: "/home", isCurrent: true)],
            formToken: "0123",
            assets: printer.assets
        )
        // The name of the style sheet changes with its content, which is no matter here.
        return printer.html(template, Sheet(frame: frame, page: page))
            .replacing(printer.assets.style, with: "/assets/portal.css")
            .replacing(printer.assets.script, with: "/assets/live.js")
    }

    @Test func `every template is one`() throws { _ = try Printer() }

    @Test func `the service page`() throws {
        let text = try html(
            .service,
            ServicePage(Samples.facts, wording: Samples.wording)
        )

        try expectSnapshot(text, named: "service.html")
        #expect(text.contains("<p class=\"big\">770 W"))
        #expect(text.contains("data-stream=\"/services/04-100%2F7/live\""))
    }

    @Test func `the bill page`() throws {
        let text = try html(.bill, BillPage(Samples.bill, wording: Samples.wording))

        try expectSnapshot(text, named: "bill.html")
        #expect(text.contains("₹2,098.00") && text.contains("−₹252.00"))
        #expect(text.contains("5 to 7 Sep, 12 Oct 2026"))
        #expect(text.contains("End of 31 Aug 2026"))
        #expect(text.contains("0fa01111"))
    }

    @Test func `names cannot bring markup`() throws {
        let evil = "<script>alert('x')</script>\"&"
        var facts = Samples.facts
        facts.service.consumerName = evil
        facts.service.address = evil
        facts.service.number = evil
        facts.service.category = evil
        facts.office.name = evil
        facts.meter?.serial = evil
        var bill = Samples.bill
        bill.content.consumerName = evil
        bill.content.lines[0].label = evil
        bill.content.lines[1].working = evil + "%"
        bill.content.address = evil
        bill.content.tariffDocuments = [evil]
        let rejection = RejectedReading(
            meterSerial: evil,
            epoch: 0,
            sequence: 4,
            code: evil,
            detail: evil,
            lastAt: Samples.now,
            occurrences: 2
        )

        let texts = [
            try html(.service, ServicePage(facts, wording: Samples.wording)),
            try html(.bill, BillPage(bill, wording: Samples.wording)),
            try html(
                .rejectionList,
                RejectionsPage([RejectionRow(rejection, wording: Samples.wording)])
            ),
            try html(.signIn, SignInPage(message: evil, login: evil, next: evil)),
            try html(.message, MessagePage(evil, evil, faults: [evil], requestID: evil)),
        ]

        for text in texts {
            #expect(!text.contains("<script>"))
            #expect(text.contains("&lt;script&gt;"))
        }
    }

    @Test func `nothing comes from elsewhere`() throws {
        let text = try html(
            .service,
            ServicePage(Samples.facts, wording: Samples.wording)
        )
        let addresses = text.components(separatedBy: "=\"http").dropFirst()
        #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
        #expect(!text.contains("style=") && !text.contains("onclick"))
    }

    @Test func `the units of the cycle are the sum of its days`() throws {
        let facts = Samples.facts
        let page = ServicePage(facts, wording: Samples.wording)
        let sum = facts.days.filter { $0.first >= Samples.date("2026-11-01") }
            .reduce(Energy.zero) { $0 + ($1.energy ?? .zero) }

        #expect(page.used == sum.unitsText)
        #expect(page.cycle == "1 Nov 2026 to 31 Dec 2026")
        #expect(page.cycleDay == "day 23 of 61")
        #expect(page.cycleGaps == "12 to 13 Nov, 19 Nov 2026")
    }

    @Test func `days before the connection are not gaps`() {
        var facts = Samples.facts
        facts.service.connectedOn = Samples.date("2026-11-20")
        let page = ServicePage(facts, wording: Samples.wording)

        #expect(page.cycleGaps == nil)
        #expect(page.months.rows.count == 1)
        #expect(page.days.rows.count == 4)
    }

    @Test func `a meter without supply says so`() {
        var latest = Samples.latest
        latest.main.voltageMillivolts = 12_000
        let panel = LivePanel(latest, wording: Samples.wording)

        #expect(panel.reading?.power == "No supply")
        #expect(panel.statusClass == "fresh")
    }

    @Test func `a silent meter is marked with its last word`() {
        var latest = Samples.latest
        latest.at = Samples.now.adding(seconds: -90_000)
        let panel = LivePanel(latest, wording: Samples.wording)

        #expect(panel.statusClass == "silent")
        #expect(panel.status == "No word from the meter since 22 Nov 2026, 2:45 pm")
        #expect(LivePanel(nil, wording: Samples.wording).statusClass == "none")
    }

    @Test func `the last closed cycle is suggested for a run`() throws {
        let closed = try #require(
            lastClosedCycle(of: CycleRule(months: 2), today: Samples.wording.today)
        )
        #expect(closed.name.description == "2026-10")
        let monthly = try #require(
            lastClosedCycle(of: CycleRule(months: 1, day: 15), today: Samples.wording.today)
        )
        #expect(monthly.name.description == "2026-11")
        #expect(monthly.period.text == "15 Oct 2026 to 14 Nov 2026")
    }

    @Test func `power is averaged and keeps its gaps`() throws {
        let readings = (0..<40).map { index in
            AcceptedReading(
                at: Samples.now.adding(seconds: -20_000 + Int64(index) * 60),
                epoch: 0,
                sequence: Int32(index),
                main: ChannelReading(energyWattHours: 5, powerMilliwatts: 500_000)
            )
        }
        let line = try #require(powerLine(readings, wording: Samples.wording))

        #expect(line.points.allSatisfy { $0.thousandths == 500_000 })
        #expect(line.points.count < readings.count)
        #expect(powerLine([], wording: Samples.wording) == nil)
    }
}
