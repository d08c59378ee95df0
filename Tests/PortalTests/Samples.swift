import Billing
import Metering
import Registry
import Units

@testable import Portal

/// Values that the tests of pages begin from.
enum Samples {
    /// 23 November 2026, 3:45 pm in Kolkata.
    static let now = Instant(secondsSince1970: 1_795_428_900)
    static let wording = Wording(zone: .india, now: now)

    static func date(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSince1970: 0) }

    static let office = Office(
        id: Office.ID(7),
        code: "cbe",
        name: "Coimbatore North",
        zone: .india,
        language: .english,
        cycle: CycleRule(months: 2),
        oldestReadingDays: 395
    )

    static let consumer = Consumer(
        id: Consumer.ID(3),
        number: "C-100",
        name: "Lakshmi Narayanan",
        address: "14 Gandhi Road, Coimbatore"
    )

    static let service = Service(
        id: Service.ID(5),
        number: "04-100/7",
        consumer: consumer.id,
        consumerNumber: consumer.number,
        consumerName: consumer.name,
        category: "LT I-A",
        tariffFamily: "tneb-lt1a",
        sanctionedLoadWatts: 5_000,
        phases: 1,
        feeder: nil,
        transformer: nil,
        address: consumer.address,
        connectedOn: date("2025-03-01"),
        closedOn: nil
    )

    static let meter = Meter(
        id: Meter.ID(9),
        serial: "m-1001",
        registerDigits: 8,
        multiplier: 1,
        channels: 3
    )

    static let latest = LatestReading(
        meter: meter.id,
        at: now.adding(seconds: -5),
        receivedAt: now.adding(seconds: -4),
        main: ChannelReading(
            energyWattHours: 1_234_567,
            powerMilliwatts: 770_100,
            voltageMillivolts: 231_240,
            currentMilliamps: 3_415,
            powerFactorPermille: 977
        ),
        dev1: ChannelReading(energyWattHours: 500, powerMilliwatts: 60_000)
    )

    /// Days from the first to the second with 3 to 12 units each; the named ones are gaps.
    static func days(
        from first: String,
        to last: String,
        missing: Set<String> = [],
        today: String
    ) -> [UsageValue] {
        var values: [UsageValue] = []
        var day = date(first)
        while day <= date(last) {
            let isMissing = missing.contains(day.description)
            let wattHours = 3_000 + Int64(day.daysSince1970) * 7_919 % 9_000
            values.append(
                UsageValue(
                    first: day,
                    last: day,
                    energy: isMissing ? nil : Energy(wattHours: wattHours),
                    missingDays: isMissing ? 1 : 0,
                    isOpen: day >= date(today)
                )
            )
            day = day.adding(days: 1)
        }
        return values
    }

    static var facts: ServicePage.Facts {
        ServicePage.Facts(
            service: service,
            office: office,
            meter: meter,
            latest: latest,
            days: days(
                from: "2025-11-01",
                to: "2026-11-23",
                missing: ["2026-11-12", "2026-11-13", "2026-11-19"],
                today: "2026-11-23"
            ),
            readings: [],
            bills: [summary],
            balance: Money(paise: 209_800),
            isStaff: false
        )
    }

    static let summary = BillSummary(
        id: Bill.ID(11),
        number: "CBE-2026-000011",
        state: .issued,
        serviceNumber: service.number,
        consumerName: consumer.name,
        cycle: "2026-10",
        period: period,
        energy: Energy(wattHours: 600_000),
        total: Money(paise: 209_800),
        dueOn: date("2026-11-20")
    )

    static let period =
        BillingPeriod(first: date("2026-09-01"), last: date("2026-10-31"))
        ?? BillingPeriod(single: date("2026-09-01"))

    static var bill: Bill {
        Bill(
            id: Bill.ID(11),
            state: .issued,
            number: "CBE-2026-000011",
            issuedAt: Instant("2026-11-05T06:30:00Z"),
            dueOn: date("2026-11-20"),
            content: content
        )
    }

    private static var content: BillContent {
        BillContent(
            service: service.id,
            cycle: period.last.month,
            period: period,
            consumerNumber: consumer.number,
            consumerName: consumer.name,
            serviceNumber: service.number,
            address: consumer.address,
            category: service.category,
            tariffDocuments: ["tneb-lt1a-2024-07"],
            segments: [
                ConsumptionSegment(
                    meter: meter,
                    opening: RegisterReading(
                        at: office.zone.start(of: period.first),
                        register: Energy(wattHours: 1_000_000)
                    ),
                    closing: RegisterReading(
                        at: office.zone.start(of: period.last.adding(days: 1)),
                        register: Energy(wattHours: 1_600_000)
                    ),
                    energy: Energy(wattHours: 600_000)
                )
            ],
            missingDays: "2026-09-05 to 2026-09-07, 2026-10-12",
            lines: [
                BillLine(
                    lineID: "energy",
                    label: "Energy charge",
                    working: "…",
                    amountExact: "2350.00",
                    amount: Money(paise: 235_000),
                    slabs: [
                        BillSlab(
                            fromUnits: "0",
                            toUnits: "100",
                            quantity: "100",
                            rate: "0.00",
                            amountExact: "0.00"
                        ),
                        BillSlab(
                            fromUnits: "100",
                            toUnits: nil,
                            quantity: "500",
                            rate: "4.70",
                            amountExact: "2350.00"
                        ),
                    ]
                ),
                BillLine(
                    lineID: "subsidy",
                    label: "Subsidy of the state",
                    working: "10.72 % of 2350.00 = 251.92",
                    amountExact: "-252.00",
                    amount: Money(paise: -25_200),
                    slabs: []
                ),
            ],
            total: Money(paise: 209_800),
            proof: "{}",
            proofDigest: [0x0f, 0xa0] + Array(repeating: 0x11, count: 30)
        )
    }
}

extension BillingPeriod {
    /// One day, which is always a period.
    init(single day: CivilDate) {
        guard let period = BillingPeriod(first: day, last: day) else {
            preconditionFailure("a day is a period")
        }
        self = period
    }
}
