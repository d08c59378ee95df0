import Foundation
import Testing

@testable import PrivateServices

private let clientsAreInstalled =
    PrivateBroker.isInstalled && (try? Programs.find("mosquitto_sub", package: "")) != nil
private let openssl = try? Programs.find("openssl", package: "")

/// The listeners of old meters at the private broker.
@Suite(.enabled(if: clientsAreInstalled)) struct GatewayListenerTests {
    private func client(_ name: String, _ port: Int, _ state: StateDirectory) -> MosquittoClient {
        MosquittoClient(port: port, user: name, password: "secret \(name)", folder: state.path)
    }

    /// The server with a session that stays, and two meters with passwords and listeners.
    private func start(
        _ broker: PrivateBroker,
        _ state: StateDirectory
    ) async throws -> (
        server: MosquittoClient, credentials: [(user: String, hash: String)],
        listeners: [GatewayListener]
    ) {
        try await broker.start()
        let credential = try #require(await broker.credential)
        let server = MosquittoClient(
            port: try #require(await broker.port),
            user: credential.user,
            password: credential.password,
            folder: state.path
        )
        var credentials: [(user: String, hash: String)] = []
        for name in ["town.A", "town.B"] {
            let hash = try await MosquittoClient.hash(of: "secret \(name)", folder: state.path)
            credentials.append((name, hash))
        }
        let listeners = [
            GatewayListener(meterName: "town.A", port: try LoopbackPort.free()),
            GatewayListener(meterName: "town.B", port: try LoopbackPort.free()),
        ]
        return (server, credentials, listeners)
    }

    @Test func `what comes in at a meter's listener is under its name, and nobody else's`()
        async throws
    {
        let state = try StateDirectory()
        let broker = try state.broker()
        let (server, credentials, listeners) = try await start(broker, state)
        try await broker.writePasswords(credentials, listeners: listeners)
        #expect(try await server.subscribe("vidyut/#", session: "intake"))
        let own = client("town.A", listeners[0].port, state)
        #expect(try await own.publish("esp32/pub", "own"))
        _ = try await client("town.B", listeners[0].port, state).publish("esp32/pub", "B at A")
        _ = try await client("town.A", listeners[1].port, state).publish("esp32/pub", "A at B")
        _ = try await own.publish("esp32/sub", "to itself")
        _ = try await own.publish("other", "elsewhere")
        _ = try await client("town.A", server.port, state)
            .publish("vidyut/town.B/esp32/pub", "at the main door")
        #expect(try await server.publish("vidyut/end", "end"))
        let heard = try await server.receive(2, "vidyut/#", session: "intake")
        #expect(heard == ["vidyut/town.A/esp32/pub own", "vidyut/end end"])
        try await broker.stop()
    }

    @Test func `a change of listeners starts the broker anew on its port, and loses nothing`()
        async throws
    {
        let state = try StateDirectory()
        let broker = try state.broker()
        let (server, credentials, listeners) = try await start(broker, state)
        try await broker.writePasswords(credentials, listeners: [])
        let first = await broker.brokerProcessID
        #expect(try await server.subscribe("vidyut/+/readings", session: "intake"))
        #expect(try await server.publish("vidyut/town.A/readings", "waits"))

        try await broker.writePasswords(credentials, listeners: listeners)
        let second = await broker.brokerProcessID
        #expect(second != nil && second != first)
        #expect(await broker.port == server.port)
        #expect(
            try await server.receive(1, "vidyut/+/readings", session: "intake")
                == ["vidyut/town.A/readings waits"]
        )
        // The same again, and passwords alone, are no reason.
        try await broker.writePasswords(credentials, listeners: listeners.reversed())
        try await broker.writePasswords([credentials[0]])
        #expect(await broker.brokerProcessID == second)
        #expect(try await client("town.A", listeners[0].port, state).publish("esp32/pub", "x"))
        #expect(try await !client("town.B", listeners[1].port, state).publish("esp32/pub", "x"))
        try await broker.stop()
    }

    @Test func `listeners outlive the program, and a taken port costs only its own meter`()
        async throws
    {
        let state = try StateDirectory()
        let other = try StateDirectory()
        let squatter = try other.broker()
        try await squatter.start()
        let broker = try state.broker()
        let (server, credentials, made) = try await start(broker, state)
        var listeners = made
        let taken = try #require(await squatter.port)
        listeners[1] = GatewayListener(meterName: "town.B", port: taken)
        try await broker.writePasswords(credentials, listeners: listeners)
        #expect(try await server.publish("vidyut/x", "x"))
        try await broker.stop()
        try await squatter.stop()

        let next = try state.broker()
        try await next.start()
        for (listener, name) in zip(listeners, ["town.A", "town.B"]) {
            #expect(
                try await client(name, listener.port, state).publish("esp32/pub", "x"),
                "\(name)"
            )
        }
        try await next.stop()
    }

    @Test(arguments: [("a b", 20_000), ("a/b", 20_000), ("", 20_000), ("a\nlistener", 1), ("a", 0)])
    func `a name that could smuggle in another line is refused`(
        name: String,
        port: Int
    ) async throws {
        let state = try StateDirectory()
        let broker = try state.broker()
        let error = await refusal {
            try await broker.writePasswords(
                [],
                listeners: [GatewayListener(meterName: name, port: port)]
            )
        }
        #expect(error == .badCredential(user: name))
    }

    @Test(.enabled(if: openssl != nil, "openssl is not installed"))
    func `with certificates the common name is the meter, and a password is none`() async throws {
        let state = try StateDirectory()
        try await makeCertificates(state)
        let door = GatewayDoor(
            certificates: GatewayDoor.Certificates(
                authority: "\(state.path)/ca.crt",
                certificate: "\(state.path)/localhost.crt",
                key: "\(state.path)/localhost.key"
            )
        )
        let broker = try PrivateBroker(
            stateDirectory: state.path,
            gateway: door,
            logger: quiet
        )
        let (server, credentials, listeners) = try await start(broker, state)
        try await broker.writePasswords(credentials, listeners: listeners)
        #expect(try await server.subscribe("vidyut/#", session: "intake"))
        let port = listeners[0].port
        #expect(try await publish("A", ["--cert", "town.A"], port, state) == 0)
        _ = try await publish("B at A", ["--cert", "town.B"], port, state)
        let named = ["-u", "town.A", "-P", "secret town.A"]
        #expect(try await publish("no certificate", named, port, state) != 0)
        #expect(try await !client("town.A", port, state).publish("esp32/pub", "no TLS"))
        #expect(try await server.publish("vidyut/end", "end"))
        let heard = try await server.receive(2, "vidyut/#", session: "intake")
        #expect(heard == ["vidyut/town.A/esp32/pub A", "vidyut/end end"])
        try await broker.stop()
    }

    /// Publishes over TLS; `--cert NAME` stands for that name's certificate and key.
    private func publish(
        _ text: String,
        _ identity: [String],
        _ port: Int,
        _ state: StateDirectory
    ) async throws -> Int32 {
        var arguments = [
            "-h", "localhost", "-p", String(port), "--cafile", "\(state.path)/ca.crt", "-q", "1",
            "-t", "esp32/pub", "-m", text,
        ]
        if identity.first == "--cert", let name = identity.last {
            arguments += [
                "--cert", "\(state.path)/\(name).crt", "--key", "\(state.path)/\(name).key",
            ]
        } else {
            arguments += identity
        }
        return try await ChildProcess(
            program: try Programs.find("mosquitto_pub", package: "mosquitto-clients"),
            arguments: arguments,
            log: "\(state.path)/tls.log"
        ).run(within: .seconds(20))
    }

    private func makeCertificates(_ state: StateDirectory) async throws {
        let program = try #require(openssl)
        func run(_ arguments: [String]) async throws {
            let status = try await ChildProcess(
                program: program,
                arguments: arguments,
                log: "\(state.path)/openssl.log"
            ).run(within: .seconds(60))
            #expect(status == 0)
        }
        let ca = ["\(state.path)/ca.key", "\(state.path)/ca.crt"]
        try await run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-keyout", ca[0], "-out", ca[1],
        ])
        for name in ["localhost", "town.A", "town.B"] {
            let path = "\(state.path)/\(name)"
            try await run([
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout",
                "\(path).key", "-out", "\(path).csr",
            ])
            try await run([
                "x509", "-req", "-in", "\(path).csr", "-CA", ca[1], "-CAkey", ca[0],
                "-CAcreateserial", "-days", "2", "-out", "\(path).crt",
            ])
            // The broker runs as a user of its own where the tests run as root.
            for file in ["\(path).key", "\(path).crt", ca[1]] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644],
                    ofItemAtPath: file
                )
            }
        }
    }
}
