import Billing
import Metering
import Passwords
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Old meters in the office: bills over derived energy, and several servers at one meter.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct OldMeterOfficeTests {
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

    @Test func `many messages at once, in two servers, are one trip and one register`() async throws
    {
        let office = try await TestOffice.make()
        let registered = try await office.useCases.registerMeter(
            RegisterMeter.Input(serial: "OLD-1", isOld: true),
            by: office.manager
        )
        let other = UseCaseSet(
            store: office.store,
            work: BlockingWork(),
            clock: office.clock.wall
        )
        let identity = office.identity(of: registered.meter)
        let start = office.clock.now
        let message = OldMeterMessage(
            main: OldChannelReading(
                voltageMillivolts: 301_000,
                currentMilliamps: 100,
                powerMilliwatts: 1_200_000
            )
        )
        _ = try await office.useCases.takeOldMessage(
            message,
            from: identity,
            receivedAt: start
        )
        let commands = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...60 {
                let server = number % 2 == 0 ? office.useCases : other
                group.addTask {
                    // Half a second apart, so that no order of arrival makes a silence.
                    let at = Instant(
                        microsecondsSince1970: start.microsecondsSince1970
                            + Int64(number) * 500_000
                    )
                    let step = try await server.takeOldMessage(
                        message,
                        from: identity,
                        receivedAt: at
                    )
                    return step?.commands.count ?? -1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(commands == 0, "the first one had tripped it")
        let old = try await office.useCases.showGateway.list(by: office.manager)
        #expect(old.first?.state.main.wattHours == 10)
        let events = try await office.useCases.showGateway.events(
            try PageRequest(),
            by: office.manager
        )
        #expect(events.items.map(\.event.kind) == [.overVoltage])
    }
}
