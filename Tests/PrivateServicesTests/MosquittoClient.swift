import Foundation

@testable import PrivateServices

/// Mosquitto's own command-line clients, as one meter or as the server.
struct MosquittoClient {
    let port: Int
    let user: String
    let password: String
    let folder: String

    private var connection: [String] {
        ["-h", "127.0.0.1", "-p", String(port), "-u", user, "-P", password]
    }

    private func client(_ name: String, _ arguments: [String], log: String) throws -> ChildProcess {
        ChildProcess(
            program: try Programs.find(name, package: "mosquitto-clients"),
            arguments: connection + arguments,
            log: log
        )
    }

    /// Publishes with QoS 1; false when the broker refuses the connection.
    func publish(_ topic: String, _ text: String) async throws -> Bool {
        try await client(
            "mosquitto_pub",
            ["-q", "1", "-t", topic, "-m", text],
            log: "\(folder)/publish.log"
        ).run(within: .seconds(20)) == 0
    }

    /// Makes a session that stays at the broker, with one subscription.
    func subscribe(_ topic: String, session: String) async throws -> Bool {
        try await client(
            "mosquitto_sub",
            ["-q", "1", "-t", topic, "-c", "-i", session, "-E"],
            log: "\(folder)/subscribe.log"
        ).run(within: .seconds(20)) == 0
    }

    /// What waits in a session: exactly so many messages, as "topic text".
    func receive(_ count: Int, _ topic: String, session: String) async throws -> [String] {
        let log = "\(folder)/receive-\(UInt32.random(in: 0...UInt32.max)).log"
        _ = try await client(
            "mosquitto_sub",
            [
                "-q", "1", "-t", topic, "-c", "-i", session, "-C", String(count), "-W", "10",
                "-F", "%t %p",
            ],
            log: log
        ).run(within: .seconds(20))
        return (StateFolder.read(log) ?? "").split(separator: "\n").map { String($0) }
    }

    /// A password as Mosquitto stores it.
    static func hash(of password: String, folder: String) async throws -> String {
        let file = "\(folder)/hash-\(UInt32.random(in: 0...UInt32.max))"
        try StateFolder.write("x:\(password)\n", to: file, mode: 0o600)
        _ = try await ChildProcess(
            program: try Programs.find("mosquitto_passwd", package: "mosquitto"),
            arguments: ["-U", file],
            log: "\(folder)/hash.log"
        ).run(within: .seconds(20))
        return String((StateFolder.read(file) ?? "").dropFirst(2).filter { !$0.isNewline })
    }
}
