import Foundation
import Logging

@testable import PrivateServices

/// A state folder of one test, removed with everything that still runs in it.
final class StateDirectory: Sendable {
    let path: String

    init(_ name: String = "state") throws {
        path = try StateFolder.prepare(
            "/tmp/vidyut-services-\(UInt32.random(in: 0...UInt32.max))/\(name)"
        )
    }

    deinit {
        // Ends a server or broker that a failed test left behind, by its id.
        let remains = ProcessTable.find { arguments in
            arguments.contains { $0.hasPrefix(root + "/") }
        }
        for processID in remains { kill(processID, SIGKILL) }
        try? FileManager.default.removeItem(atPath: root)
    }

    private var root: String { (path as NSString).deletingLastPathComponent }

    func cluster(throwAway: Bool = true) throws -> PrivateCluster {
        try PrivateCluster(
            stateDirectory: path,
            settings: ClusterSettings(sharedBuffersMegabytes: 16, throwAway: throwAway),
            logger: quiet
        )
    }

    func broker(port: Int = 0) throws -> PrivateBroker {
        try PrivateBroker(stateDirectory: path, port: port, logger: quiet)
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The error of a call that must fail.
func refusal(of call: () async throws -> Void) async -> PrivateServiceError? {
    do {
        try await call()
        return nil
    } catch {
        return error as? PrivateServiceError
    }
}
