import Foundation
import PrivateServices
import TestSupport
import Testing

/// Commands that share a private database which nobody has started.
@Suite(.enabled(if: BuiltProgram.path != nil && TestCluster.isAvailable))
struct PrivateDatabaseTests {
    @Test func `commands at once share one server, and none is left running`() async throws {
        let folder = "/tmp/vidyut-test-state-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = BuiltProgram(environment: ["VIDYUT_STATE_DIR": folder])

        let outcomes = try await withThrowingTaskGroup(of: BuiltProgram.Outcome.self) { group in
            for number in 1...3 {
                group.addTask {
                    try await program.run("office", "add", "town-\(number)", "--name", "Town")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
        #expect(PrivateCluster.running(stateDirectory: folder) == nil)
        let offices = try await program.run("office", "list", "--json").json()["items"]
        #expect((offices as? [Any])?.count == 3)
        #expect(PrivateCluster.running(stateDirectory: folder) == nil)
    }
}
