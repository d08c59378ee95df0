import Hummingbird
import Portal
import Registry
import TestSupport
import Testing
import Units
import UseCases
import Web
import WebTestSupport

/// The pages of the next bill and of past forecasts over real HTTP.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastRouteTests {
    @Test func `a consumer sees their next bill and nobody else's, staff how it went`() async throws
    {
        let office = try await TestOffice.make()
        try await office.publish(family: "tneb-lt1a")
        let yesterday = CivilDate(daysSince1970: 20_779)
        for name in ["1", "2"] {
            _ = try await office.connect(name, on: "2025-01-01")
            try await office.fillDays(
                ofMeter: "m-\(name)",
                from: yesterday.adding(days: -300),
                to: yesterday
            ) { Int64(7_000 + 300 * ($0.daysSince1970 % 7)) }
        }
        let portal = try PortalRoutes(office.useCases, usesSecureCookies: false)
        try await withServer(
            office.useCases,
            page: portal.page(for:request:context:),
            addRoutes: portal.add(to:)
        ) { client in
            let people = TestPeople(office)
            let consumer = Browser(client)
            _ = try await consumer.signIn(try await people.add(.consumer, consumer: "C-1"))
            let before = try await consumer.get("/services/S-1/next-bill")
            #expect(before.status == 200 && before.text.contains("No night has forecast"))

            _ = try await office.useCases.hangService(
                HangService.Input(serviceNumber: "S-1", transformer: "T/1", feeder: "F/1"),
                by: office.manager
            )
            _ = try await office.useCases.runForecasts(by: office.manager)
            let shown = try await consumer.get("/services/S-1/next-bill")
            #expect(shown.status == 200 && shown.text.contains("<svg"))
            let service = try await consumer.get("/services/S-1")
            #expect(service.text.contains("/services/S-1/next-bill"))
            let changed = try await consumer.get("/services/S-1/next-bill?percent=-20")
            #expect(changed.text.contains("20 % less use"))
            let wrong = try await consumer.get("/services/S-1/next-bill?percent=many")
            #expect(wrong.status == 200 && wrong.text.contains("whole number"))
            let late = try await consumer.get(
                "/services/S-1/next-bill?watts=1500&hours=2&from=2027-01-01"
            )
            #expect(late.status == 200 && late.text.contains("is not in the cycle"))
            #expect(try await consumer.get("/services/S-2/next-bill").status == 404)
            #expect(try await consumer.get("/office/accuracy").status == 403)

            let clerk = Browser(client)
            _ = try await clerk.signIn(try await people.add(.clerk))
            #expect(try await clerk.get("/services/S-2/next-bill").status == 200)
            let accuracy = try await clerk.get("/office/accuracy")
            #expect(accuracy.status == 200 && accuracy.text.contains("How right"))
            #expect(try await consumer.get("/office/feeders").status == 403)
            let feeders = try await clerk.get("/office/feeders")
            #expect(feeders.status == 200)
            #expect(feeders.text.contains("href=\"/office/feeders/F%2F1\""))
            let feeder = try await clerk.get("/office/feeders/F%2F1")
            #expect(feeder.status == 200 && feeder.text.contains("T/1"))
            #expect(try await clerk.get("/office/feeders/F-9").status == 404)
            _ = try await office.useCases.hangService(
                HangService.Input(serviceNumber: "S-2", transformer: "T/1", feeder: "F/1"),
                by: office.manager
            )
            let later = try await clerk.get("/office/feeders/F%2F1")
            #expect(!feeder.text.contains("from the next night on"))
            #expect(later.text.contains("from the next night on"))
        }
    }
}
