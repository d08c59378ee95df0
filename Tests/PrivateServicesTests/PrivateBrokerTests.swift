import Foundation
import Testing

@testable import PrivateServices

private let clientsAreInstalled =
    PrivateBroker.isInstalled && (try? Programs.find("mosquitto_sub", package: "")) != nil

@Suite(.enabled(if: clientsAreInstalled)) struct PrivateBrokerTests {
    private func server(_ broker: PrivateBroker, _ state: StateDirectory) async throws
        -> MosquittoClient
    {
        let credential = try #require(await broker.credential)
        return MosquittoClient(
            port: try #require(await broker.port),
            user: credential.user,
            password: credential.password,
            folder: state.path
        )
    }

    private func meter(_ name: String, _ password: String, like server: MosquittoClient)
        -> MosquittoClient
    {
        MosquittoClient(port: server.port, user: name, password: password, folder: server.folder)
    }

    @Test func `only those with a password come in, and each speaks under its own name`()
        async throws
    {
        let state = try StateDirectory()
        let broker = try state.broker()
        try await broker.start()
        let server = try await server(broker, state)
        let one = meter("madurai.m1", "secret one", like: server)
        #expect(try await server.subscribe("vidyut/#", session: "intake"))
        #expect(try await !one.publish("vidyut/madurai.m1/readings", "too early"))

        let hash = try await MosquittoClient.hash(of: "secret one", folder: state.path)
        try await broker.writePasswords([("madurai.m1", hash)])
        for kind in ["readings", "live", "events", "results", "status"] {
            #expect(try await one.publish("vidyut/madurai.m1/\(kind)", kind))
        }
        // The broker answers these as if all were well, but passes nothing on.
        for topic in ["vidyut/madurai.m2/readings", "vidyut/madurai.m1/ack", "other"] {
            _ = try await one.publish(topic, "forbidden")
        }
        #expect(try await server.publish("vidyut/end", "end"))
        let heard = try await server.receive(6, "vidyut/#", session: "intake")
        #expect(
            heard == [
                "vidyut/madurai.m1/readings readings", "vidyut/madurai.m1/live live",
                "vidyut/madurai.m1/events events", "vidyut/madurai.m1/results results",
                "vidyut/madurai.m1/status status", "vidyut/end end",
            ]
        )

        try await broker.writePasswords([])
        #expect(try await !one.publish("vidyut/madurai.m1/readings", "too late"))
        #expect(try await server.publish("vidyut/end", "the server stays"))
        try await broker.stop()
    }

    @Test func `waiting messages survive the broker's sudden death, on the same port`() async throws
    {
        let state = try StateDirectory()
        let broker = try state.broker()
        try await broker.start()
        let supervision = Task { await broker.supervise() }
        let server = try await server(broker, state)
        #expect(try await server.subscribe("vidyut/+/readings", session: "intake"))
        for number in 1...5 {
            #expect(try await server.publish("vidyut/m\(number)/readings", "\(number)"))
        }
        let process = try #require(await broker.brokerProcessID)
        // The broker saves every few seconds; SIGUSR1 makes it do so now.
        kill(process, SIGUSR1)
        let database = "\(broker.files.data)/mosquitto.db"
        await eventually("the broker does not save") {
            (FileManager.default.contents(atPath: database)?.count ?? 0) > 500
        }
        kill(process, SIGKILL)
        await eventually("the broker does not come back") {
            let now = await broker.brokerProcessID
            return now != nil && now != process
        }
        #expect(await broker.port == server.port)
        let heard = try await server.receive(5, "vidyut/+/readings", session: "intake")
        #expect(heard == (1...5).map { "vidyut/m\($0)/readings \($0)" })

        try await broker.stop()
        await supervision.value
        #expect(broker.files.runningBrokers.isEmpty)
    }

    @Test func `a broker left by a killed program is adopted with its secret and port`()
        async throws
    {
        let state = try StateDirectory()
        var first: PrivateBroker? = try state.broker()
        try await first?.start()
        let process = await first?.brokerProcessID
        let credential = await first?.credential
        let port = await first?.port
        first = nil

        let second = try state.broker()
        await eventually("the lock is still held") { (try? await second.start()) != nil }
        #expect(await second.brokerProcessID == process)
        #expect(await second.credential == credential)
        #expect(await second.port == port)
        let address = PrivateBroker.running(stateDirectory: state.path)
        #expect(address?.port == port)
        #expect(address?.credential == credential)
        let server = try await server(second, state)
        #expect(try await server.publish("vidyut/x", "x"))

        try await second.stop()
        #expect(second.files.runningBrokers.isEmpty)
        #expect(PrivateBroker.running(stateDirectory: state.path) == nil)
        try await second.start()
        #expect(await second.port == port)
        try await second.stop()
    }

    @Test func `a broker left with other settings is replaced`() async throws {
        let state = try StateDirectory()
        var first: PrivateBroker? = try state.broker()
        try await first?.start()
        let process = await first?.brokerProcessID
        first = nil
        let port = try LoopbackPort.free()
        let second = try state.broker(port: port)
        await eventually("the lock is still held") { (try? await second.start()) != nil }
        #expect(await second.brokerProcessID != process)
        #expect(await second.port == port)
        #expect(second.files.runningBrokers.count == 1)
        try await second.stop()
    }

    @Test func `a port that is taken is named, and two programs do not share a folder`()
        async throws
    {
        let state = try StateDirectory()
        let first = try state.broker()
        try await first.start()
        let port = try #require(await first.port)
        let other = try StateDirectory()
        let same = try other.broker(port: port)
        #expect(await refusal { try await same.start() } == .portTaken(port))
        let second = try state.broker()
        #expect(
            await refusal { try await second.start() }
                == .inUse(folder: first.files.folder, processID: getpid())
        )
        try await first.stop()
        try await same.start()
        try await same.stop()
    }

    @Test(arguments: [
        ("a:b", "$7$x"), ("a\nb", "$7$x"), ("", "$7$x"), ("a#", "$7$x"), ("m1", "plain"),
        ("m1", "$7$x\nadmin:$7$y"), ("vidyut-server", "$7$x"),
    ])
    func `a credential that could smuggle in another is refused`(
        user: String,
        hash: String
    ) async throws {
        let state = try StateDirectory()
        let broker = try state.broker()
        let error = await refusal { try await broker.writePasswords([(user, hash)]) }
        #expect(error == .badCredential(user: user))
    }

    @Test func `secrets are readable only by those who need them`() async throws {
        let state = try StateDirectory()
        let broker = try state.broker()
        try await broker.start()
        func mode(_ path: String) throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
        }
        #expect(try mode(broker.files.secret) == 0o600)
        #expect(try mode(broker.files.secretLine) == 0o600)
        #expect(try mode(broker.files.passwords) == 0o640)
        #expect(try mode(broker.files.data) == 0o700)
        #expect(StateFolder.read(broker.files.passwords)?.contains("vidyut-server:$7$") == true)
        try await broker.stop()
    }
}
