import PrivateServices
import TestSupport
import Testing

/// Nothing acknowledged is lost and nothing is stored twice (invariants 1 and 2), while the
/// program, the broker and the database are killed in turn under two hundred reporting meters.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && PrivateBroker.isInstalled && BuiltProgram.path != nil,
        "PostgreSQL, Mosquitto or the built program is missing"
    )
)
struct NothingLostTests {
    private static let meters = 200
    private static let rounds = 20

    @Test(.timeLimit(.minutes(10)))
    func `twenty kills of program, broker and database lose and double nothing`() async throws {
        let server = KilledServer()
        defer { server.discard() }
        let storm = try await Storm.begin(server, meters: Self.meters)
        let total = try await storm.report { _ in
            for round in 0..<Self.rounds {
                try await Task.sleep(for: .milliseconds(1_500 + round * 311 % 1_000))
                try await server.kill(round)
            }
            try await Task.sleep(for: .seconds(2))
        }
        #expect(total > Self.meters * Self.rounds, "the storm made \(total) readings")
        await storm.end()
    }
}
