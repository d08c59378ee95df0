import Foundation
import Testing

@testable import MQTT

@Suite(.enabled(if: brokerIsHere), .timeLimit(.minutes(1)))
struct `Passwords and access lists` {
    private func guarded() async throws -> TestBroker {
        let broker = try await TestBroker(
            """
            allow_anonymous false
            password_file {folder}/passwords
            acl_file {folder}/acl
            """,
            files: [
                // Filled by mosquitto's own tool below.
                "passwords": "",
                "acl": "user office.m1\ntopic readwrite vidyut/office.m1/#\n",
            ]
        )
        try TestBroker.run(
            "mosquitto_passwd",
            "-b",
            broker.folder.path + "/passwords",
            "office.m1",
            "secret-one"
        )
        broker.kill()
        try await broker.start()
        return broker
    }

    @Test(arguments: [MQTTVersion.v5, .v311])
    func `a wrong password is refused with the broker's reason`(version: MQTTVersion) async throws {
        let broker = try await guarded()
        let client = MQTTClient(
            configuration(broker, "client") {
                $0.protocolVersion = version
                $0.username = "office.m1"
                $0.password = "secret-two"
            },
            logger: quiet
        )
        let reason = version == .v5 ? "Not authorized" : "Connection Refused: not authorised."
        await #expect(throws: MQTTError.refused(reason: reason)) { try await client.connect() }
    }

    @Test func `a forbidden topic is told to the sender`() async throws {
        let broker = try await guarded()
        let client = MQTTClient(
            configuration(broker, "client") {
                $0.username = "office.m1"
                $0.password = "secret-one"
            },
            logger: quiet
        )
        try await client.connect()
        try await client.publish(MQTTMessage(topic: "vidyut/office.m1/readings", text: "fine"))
        await #expect(throws: MQTTError.notAuthorized(topic: "vidyut/office.m2/readings")) {
            try await client.publish(MQTTMessage(topic: "vidyut/office.m2/readings", text: "no"))
        }
        try await client.publish(MQTTMessage(topic: "vidyut/office.m1/readings", text: "again"))
    }

    static let dynamicSecurity = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so"

    @Test(.enabled(if: FileManager.default.fileExists(atPath: dynamicSecurity)))
    func `refused subscriptions are named, granted ones stand`() async throws {
        let broker = try await TestBroker(
            """
            allow_anonymous true
            plugin \(Self.dynamicSecurity)
            plugin_opt_config_file {folder}/security.json
            """,
            files: [
                "security.json": """
                {"defaultACLAccess": {"publishClientSend": true, "publishClientReceive": true,
                    "subscribe": false, "unsubscribe": true},
                 "anonymousGroup": "all", "clients": [],
                 "groups": [{"groupname": "all", "roles": [{"rolename": "open"}]}],
                 "roles": [{"rolename": "open", "acls":
                    [{"acltype": "subscribePattern", "topic": "open/#", "allow": true}]}]}
                """
            ]
        )
        let client = MQTTClient(configuration(broker, "client"), logger: quiet)
        try await client.connect()
        await #expect(throws: MQTTError.subscriptionRefused(topics: ["closed/a"])) {
            try await client.subscribe(["open/a", "closed/a"], qualityOfService: 1)
        }
        try await client.publish(MQTTMessage(topic: "open/a", text: "heard"))
        #expect(await client.messages.first(1).map(\.text) == ["heard"])
    }

    @Test func `over TLS the broker must be signed by the given authority`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["mine", "other"] {
            try TestBroker.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                folder.path + "/\(name).key",
                "-out",
                folder.path + "/\(name).pem"
            )
        }
        let broker = try await TestBroker(
            """
            allow_anonymous true
            certfile \(folder.path)/mine.pem
            keyfile \(folder.path)/mine.key
            """
        )
        func client(_ authority: String) -> MQTTClient {
            MQTTClient(
                configuration(broker, authority) {
                    $0.tls = MQTTTLS(certificateAuthorityPath: folder.path + "/\(authority).pem")
                },
                logger: quiet
            )
        }

        let trusting = client("mine")
        try await trusting.connect()
        try await trusting.subscribe(["a"], qualityOfService: 1)
        let large = [UInt8](repeating: 7, count: 500_000)
        try await trusting.publish(MQTTMessage(topic: "a", payload: large))
        #expect(await trusting.messages.first(1).map(\.payload) == [large])
        await trusting.disconnect()

        let wary = client("other")
        await #expect(throws: MQTTError.unreachable(reason: "A TLS error occurred.")) {
            try await wary.connect()
        }
        let plain = MQTTClient(configuration(broker, "plain"), logger: quiet)
        await #expect {
            try await plain.connect()
        } throws: { error in
            if case .unreachable = error as? MQTTError { true } else { false }
        }
    }
}
