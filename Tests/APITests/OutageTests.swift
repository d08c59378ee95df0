import API
import Tariffs
import TestSupport
import Testing
import UseCases
import WebTestSupport

/// What clients are told while the database is away.
struct OutageTests {
    @Test func `an outage is 503 with a time to come back, and the program lives`() async throws {
        let useCases = try useCasesWithoutDatabase(clock: FakeClock(TestOffice.noon))
        let routes = APIRoutes(
            useCases,
            openAPI: Contract.text,
            readiness: {
                let offices = try? await useCases.findOffices.all()
                return [Readiness(name: "database", isReady: offices != nil)]
            }
        )
        try await withServer(useCases, addRoutes: routes.add(to:)) { http in
            let client = ContractClient(http: http)
            let health = try await client.send("GET", "/healthz")
            let ready = try await client.send("GET", "/readyz")
            let reading = try await client.send(
                "POST",
                "/v1/readings",
                token: "vm_x",
                json: World.report("2026-11-22T10:15:00Z")
            )

            #expect(health.status == 200)
            #expect(ready.status == 503 && ready["parts.database"]?.plain == "away")
            #expect(reading.status == 503 && reading["code"]?.plain == "unavailable")
            #expect(reading.headers["retry-after"].flatMap { Int($0) } != nil)
            #expect(!reading.text.contains("127.0.0.1"))
        }
    }
}
