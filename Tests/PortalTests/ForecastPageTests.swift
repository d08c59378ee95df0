import Billing
import Forecasting
import Foundation
import Registry
import Testing
import Units

@testable import Portal

struct ForecastPageTests {
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
        return printer.html(template, Sheet(frame: frame, page: page))
            .replacing(printer.assets.style, with: "/assets/portal.css")
    }

    private func page(
        _ cycle: ForecastPage.Cycle?,
        notes: [String] = [],
        form: WhatIfForm = WhatIfForm { _ in nil }
    ) -> ForecastPage {
        ForecastPage(
            ForecastPage.Facts(service: Samples.service, cycle: cycle, notes: notes, form: form)
        )
    }

    @Test func `the next bill with its range, slabs, pictures and what if`() throws {
        let form = WhatIfForm(tariffs: ["seed", "tneb-lt1a"]) {
            ["percent": "-10", "watts": "1500", "hours": "1.5", "change": "less"][$0]
        }
        let asked = try #require(form.whatIf)
        let cycle = try Samples.forecastCycle(missing: [11, 12], whatIf: asked)
        let page = page(cycle, notes: ["The meter was silent for two days."], form: form)
        let text = try html(.forecast, page)

        try expectSnapshot(text, named: "forecast.html")
        let bill = try #require(cycle.forecast?.bill)
        #expect(text.contains(bill.bill.median.rupeesText))
        #expect(
            text.contains("At this pace you pass 500 units on day 47; it adds about 233 rupees.")
        )
        #expect(page.warningDate == "That is 16 Apr 2024.")
        #expect(asked.percent == -10)
        #expect(asked.appliance == WhatIf.Appliance(watts: -1_500, minutesADay: 90))
        #expect(page.whatIf?.answer.hasSuffix("lower.") == true)
        #expect(page.whatIf?.question == "With 10 % less use, 1,500 W less for 1.5 h a day")
        #expect(page.slabs.contains { $0.bound == "500" && $0.cost == "+₹233" && $0.isLeap })
        #expect(!text.contains("<script") && !text.contains("style="))
    }

    @Test func `the pictures of the next bill`() throws {
        let page = page(try Samples.forecastCycle(missing: [11, 12]))

        try expectSnapshot(page.totals, named: "forecast-totals.svg")
        let days = try #require(page.days)
        try expectSnapshot(days.svg, named: "forecast-days.svg")
        #expect(page.totals.contains("+₹233 above"))
        // What 400 units cost stands beside them.
        #expect(page.totals.contains("₹1,125"))
        #expect(days.rows.count == 61 && days.hasGaps && days.hasComing)
        #expect(days.rows[11].units == "no reading")
        #expect(page.day == "29 of 61 days are known; 2 days not yet read, estimated")
    }

    @Test func `a silent meter's days stand among those that are expected`() throws {
        let page = page(try Samples.forecastCycle(known: 24, silent: 7))
        let text = try html(.forecast, page)

        #expect(text.contains("24 of 61 days are known; 7 days not yet read, estimated"))
        let days = try #require(page.days)
        #expect(days.rows[23].name == "24 Mar 2024" && days.rows[23].range == "")
        #expect(days.rows[24].name == "25 Mar 2024 (not yet read)" && days.rows[24].range != "")
        #expect(days.rows[31].name == "1 Apr 2024" && !days.hasGaps)
        try expectSnapshot(page.totals, named: "forecast-silent.svg")
    }

    @Test func `days known together are told so`() throws {
        var cycle = try Samples.forecastCycle()
        cycle.used.sums = [3..<8]
        let days = try #require(page(cycle).days)
        #expect(days.rows[3].units.hasSuffix("(of 5 days together)"))
        #expect(!days.rows[8].units.contains("together"))
    }

    @Test func `a cycle that is over has one bill and asks nothing`() throws {
        let page = page(try Samples.forecastCycle(known: 61))
        let text = try html(.forecast, page)

        #expect(page.isOver && !page.mayAsk && page.warning == nil)
        #expect(page.units == page.unitsLow && page.units == page.unitsHigh)
        #expect(text.contains("What the\n") && !text.contains("<form class=\"asking"))
        #expect(page.days?.hasComing == false)
    }

    @Test func `the first day of a cycle has only what may come`() throws {
        let page = page(try Samples.forecastCycle(known: 0))
        #expect(page.used == "0" && page.day == "0 of 61 days are known")
        #expect(page.days?.rows.count == 61)
    }

    @Test func `without a bill the units stay, and the page says why`() throws {
        var cycle = try Samples.forecastCycle()
        cycle.forecast = nil
        let text = try html(
            .forecast,
            page(cycle, notes: ["line \"tod\" prices hours of the day: no forecast yet"])
        )
        #expect(text.contains("prices hours of the day"))
        #expect(text.contains("Units, likely") && !text.contains("₹"))
        #expect(!text.contains("<form class=\"asking"))

        let nothing = try html(.forecast, page(nil, notes: ["No night has forecast it yet."]))
        #expect(nothing.contains("No night has forecast it yet."))
        #expect(!nothing.contains("<svg class=\"chart\""))
    }

    @Test(
        arguments: [
            (["percent": "-101"], "whole number from -100 to 100"),
            (["percent": "ten"], "whole number from -100 to 100"),
            (["watts": "1500"], "hours a day are a number above 0"),
            (["hours": "2"], "watts of the appliance"),
            (["watts": "1500", "hours": "25"], "hours a day are a number above 0"),
            (["watts": "0", "hours": "2"], "watts of the appliance"),
            (["watts": "5", "hours": "2", "from": "tomorrow"], "first day is written"),
            (["tariff": "<b>"], "none of those to choose from"),
        ]
    )
    func `a field that cannot be read is named and nothing is asked`(
        fields: [String: String],
        fault: String
    ) throws {
        let form = WhatIfForm(tariffs: ["seed"]) { fields[$0] }

        #expect(form.whatIf == nil)
        #expect(form.faults.count == 1 && form.faults[0].contains(fault))
        let text = try html(.forecast, page(try Samples.forecastCycle(), form: form))
        #expect(text.contains(form.faults[0]) && !text.contains("<b>\""))
    }

    @Test func `an empty form asks nothing`() {
        let form = WhatIfForm { ["percent": "0", "from": "2026-11-23"][$0] }
        #expect(form.whatIf == nil && !form.hasFaults)
        let later = WhatIfForm {
            ["watts": "60", "hours": "0.25", "from": "2026-11-23"][$0]
        }
        #expect(
            later.whatIf?.appliance
                == WhatIf.Appliance(
                    watts: 60,
                    minutesADay: 15,
                    from: Samples.date("2026-11-23")
                )
        )
    }

    @Test func `how right the forecasts were, and where the naive one was better`() throws {
        let page = AccuracyPage(
            Samples.scoredSpans(),
            firstOrigin: Samples.date("2025-12-31")
        )
        let text = try html(.accuracy, page)

        try expectSnapshot(text, named: "accuracy.html")
        #expect(page.months.first?.name == "Nov 2026" && page.months.count == 11)
        #expect(page.months.filter(\.isNaiveBetter).map(\.name) == ["Sep 2026"])
        #expect(page.cycles.filter(\.isNaiveBetter).map(\.name) == ["1 Sep to 31 Oct 2026"])
        #expect(page.verdict.hasSuffix("In 1 of 11 the naive forecast was better: Sep 2026."))
        #expect(try html(.accuracy, AccuracyPage([], firstOrigin: nil)).contains("No month"))
    }

    @Test func `feeders before the first night say so`() throws {
        let text = try html(.feeders, FeederPage(nil, nil))
        #expect(text.contains("No night has been forecast yet.") && !text.contains("<table"))
    }

    @Test func `the service page names one figure for a cycle that is over`() throws {
        var facts = Samples.facts
        facts.nextBill = try Samples.forecastCycle(known: 61).forecast?.bill
        let text = try html(.service, ServicePage(facts, wording: Samples.wording))
        #expect(text.contains("The next bill: likely") && !text.contains("in 8 of"))
    }

    @Test func `the service page shows the next bill in short`() throws {
        var facts = Samples.facts
        facts.nextBill = try Samples.forecastCycle().forecast?.bill
        let text = try html(.service, ServicePage(facts, wording: Samples.wording))

        #expect(text.contains("href=\"/services/04-100%2F7/next-bill\""))
        #expect(text.contains("it adds about 233 rupees"))
    }
}
