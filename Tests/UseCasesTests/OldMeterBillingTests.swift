import Billing
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Bills over energy that was derived and not measured.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct OldMeterBillingTests {
    @Test func `a bill that rests on derived energy waits for a person`() async throws {
        let house = try await BillingStory.begin(connected: "2024-09-01")
        try await house.office.store.withTenant(house.office.office.id) { transaction in
            let meter = try #require(try transaction.meter(serial: "m-house"))
            _ = try transaction.makeOld(
                meter.id,
                port: nil,
                freePorts: UseCases.Limits.oldMeterPorts,
                register: .zero
            )
        }
        try await house.read("2024-10-31", kWh: 100)
        #expect(try await house.run("2024-10").outcome == .held)
        #expect(try await house.bill("2024-10").holds.map(\.code) == [.derived])
    }
}
