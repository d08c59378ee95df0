import Registry
import TestSupport
import Testing
import Units
import UseCases
import WebTestSupport

/// Forecasts by routes, every answer held to the contract.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastRouteTests {
    private static let yesterday = CivilDate(daysSince1970: 20_779)

    private func filled(_ world: World) async throws {
        try await world.office.publish(family: "tneb-lt1a")
        _ = try await world.office.connect("a", on: "2024-11-01")
        try await world.office.fillDays(
            ofMeter: "m-a",
            from: Self.yesterday.adding(days: -500),
            to: Self.yesterday
        ) { Int64(7_500 + 200 * ($0.daysSince1970 % 7)) }
        _ = try await world.office.useCases.hangService(
            HangService.Input(serviceNumber: "S-a", transformer: "T-1", feeder: "F-1"),
            by: world.office.manager
        )
    }

    @Test func `a service's forecast has days, the cycle, the bill and its slabs`() async throws {
        try await World.run { world in
            try await filled(world)
            let token = try await world.people.token(.consumer, consumer: "C-a")
            let path = "/v1/services/S-a/forecast"
            let before = try await world.client.send("GET", path, token: token)
            #expect(before["notes.0.code"]?.plain == "not_yet" && before["cycle"] == nil)

            _ = try await world.office.useCases.runForecasts(by: world.office.manager)
            let answer = try await world.client.send("GET", path, token: token)
            #expect(answer.status == 200 && answer["origin"]?.plain == "\(Self.yesterday)")
            #expect(answer["days.61.meanWattHours"] != nil && answer["days.62"] == nil)
            #expect(answer["cycle.name"]?.plain == "2026-12")
            #expect(answer["cycle.bill.tariffDocuments.0"] != nil)
            #expect(answer["cycle.bill.crossings.0.sentence"] != nil)
            #expect(answer["cycle.whatIf"] == nil)
            #expect(answer["cycle.readDays"]?.plain == "22")
            #expect(answer["cycle.unreadDays"]?.plain == "0")

            let query = "?percent=-10&watts=1500&minutesADay=60&from=2026-12-01"
            let changed = try await world.client.send("GET", path + query, token: token)
            #expect(changed["cycle.whatIf.differencePaise"] != nil)
            for bad in [
                "?percent=-101", "?percent=x", "?minutesADay=5", "?watts=1&watts=2", "?q=1",
                "?watts=5&from=2026-10-31", "?watts=5&from=2027-01-01",
            ] {
                let refused = try await world.client.send("GET", path + bad, token: token)
                #expect(refused.status == 422, "\(bad): \(refused.text)")
            }
        }
    }

    @Test func `feeders, accuracy and the climate are the staff's`() async throws {
        try await World.run { world in
            try await filled(world)
            let token = try await world.people.token(.manager)
            func get(_ path: String) async throws -> HTTPAnswer {
                try await world.client.send("GET", "/v1/\(path)", token: token)
            }
            #expect(try await get("forecasts/feeders")["origin"] == nil)
            for night in [CivilDate(daysSince1970: 20_696), CivilDate(daysSince1970: 20_762)] {
                _ = try await world.office.useCases.runForecasts(
                    origin: night,
                    by: world.office.manager
                )
            }
            let feeders = try await get("forecasts/feeders")
            #expect(feeders["items.0.code"]?.plain == "F-1")
            #expect(feeders["whole.services"]?.plain == "1")
            let feeder = try await get("forecasts/feeders/F-1")
            #expect(feeder["items.0.code"]?.plain == "T-1" && feeder["days.61"] != nil)
            #expect(try await get("forecasts/feeders/F-2").status == 404)
            let accuracy = try await get("forecasts/accuracy")
            #expect(accuracy["items.0.kind"]?.plain == "cycle")
            #expect(accuracy["items.0.bills.count"]?.plain == "1")

            let set = try await world.client.send(
                "PATCH",
                "/v1/office/forecast",
                token: token,
                json: #"{"monthlyTenthsCelsius":[1,2,3,4,5,6,7,8,9,10,11,12]}"#
            )
            #expect(set["isOwn"]?.plain == "true" && set["climate"]?.plain == "india")
            let station = try await world.client.send(
                "PATCH",
                "/v1/office/forecast",
                token: token,
                json: #"{"climate":"chennai"}"#
            )
            #expect(station["isOwn"]?.plain == "false")
            #expect(try await get("office/forecast")["monthlyTenthsCelsius.4"]?.plain == "325")
            for bad in [#"{"climate":"x"}"#, #"{"monthlyTenthsCelsius":[1]}"#, #"{"a":1}"#] {
                let refused = try await world.client.send(
                    "PATCH",
                    "/v1/office/forecast",
                    token: token,
                    json: bad
                )
                #expect(refused.status == 422, "\(bad)")
            }
            let hung = try await world.client.send(
                "PUT",
                "/v1/services/S-a/transformer",
                token: token,
                json: #"{"transformer":null}"#
            )
            #expect(hung.status == 200 && hung["transformer"] == nil)
        }
    }
}
