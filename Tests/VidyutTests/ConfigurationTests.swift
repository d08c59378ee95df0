import Foundation
import Logging
import Testing

@testable import vidyut

@Suite struct ConfigurationTests {
    private func load(
        commandLine: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> VidyutConfiguration {
        var path: String?
        if let file {
            let url = FileManager.default.temporaryDirectory
                .appendingPathComponent("vidyut-configuration-\(UUID().uuidString).json")
            try file.write(to: url, atomically: true, encoding: .utf8)
            path = url.path
        }
        defer { if let path { try? FileManager.default.removeItem(atPath: path) } }
        return try await VidyutConfiguration(
            commandLine: commandLine,
            configFile: path,
            environment: environment,
            defaultStateDirectory: "/var/empty/.vidyut"
        )
    }

    private func source(_ setting: Setting, in configuration: VidyutConfiguration) -> String? {
        configuration.settings.first { $0.setting == setting }?.source
    }

    @Test func `without anything set there are defaults and private services`() async throws {
        let configuration = try await load()

        #expect(configuration.databaseURL == nil)
        #expect(configuration.mqtt == nil)
        #expect(configuration.httpHost == "127.0.0.1")
        #expect(configuration.httpPort == 8_080)
        #expect(configuration.stateDirectory == "/var/empty/.vidyut")
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `the command line goes before the environment, that before the file`() async throws {
        let file = #"{"http": {"port": 1001, "host": "file"}, "log": {"level": "debug"}}"#
        let environment = ["VIDYUT_HTTP_PORT": "1002", "VIDYUT_HTTP_HOST": "environment"]

        let configuration = try await load(
            commandLine: [.httpPort: "1003"],
            environment: environment,
            file: file
        )

        #expect(configuration.httpPort == 1_003)
        #expect(source(.httpPort, in: configuration) == "command line")
        #expect(configuration.httpHost == "environment")
        #expect(configuration.logLevel == .debug)
        #expect(source(.logFormat, in: configuration) == "default")
    }

    @Test(arguments: ["VIDYUT_STATE_DIR", "VIDYUT_STATE_DIRECTORY"])
    func `the state directory has a short and a long name`(name: String) async throws {
        let configuration = try await load(environment: [name: "/srv/vidyut"])

        #expect(configuration.stateDirectory == "/srv/vidyut")
        #expect(source(.stateDirectory, in: configuration) == "environment")
    }

    @Test func `an empty variable is not set`() async throws {
        #expect(try await load(environment: ["VIDYUT_DATABASE_URL": ""]).databaseURL == nil)
    }

    @Test func `names that are no settings are named`() async throws {
        let configuration = try await load(
            environment: ["VIDYUT_HTTP_PROT": "1", "VIDYUT_PASSWORD": "x", "HOME": "/"],
            file: #"{"http": {"prot": 1}}"#
        )

        #expect(configuration.warnings.count == 2)
        #expect(configuration.warnings[0].hasPrefix("VIDYUT_HTTP_PROT "))
        #expect(configuration.warnings[1].hasPrefix("http.prot "))
    }

    @Test(arguments: ["x", "65536", "-1"])
    func `an impossible port is refused wherever it comes from`(port: String) async {
        await #expect(throws: ConfigurationError.self) {
            _ = try await load(environment: ["VIDYUT_HTTP_PORT": port])
        }
        await #expect(throws: ConfigurationError.self) {
            _ = try await load(commandLine: [.httpPort: port])
        }
        await #expect(throws: ConfigurationError.self) {
            _ = try await load(file: #"{"http": {"port": "\#(port)"}}"#)
        }
    }

    @Test(arguments: [
        ("postgres://u:secret@h:5432/d?a=b", "postgres://u:***@h:5432/d?a=b"),
        ("postgres://h/d?password=secret&host=x", "postgres://h/d?password=***&host=x"),
        ("postgres://u@h/d", "postgres://u@h/d"), ("mqtt://u:a:secret@h", "mqtt://u:***@h"),
        ("mqtt://u:sec/ret@h", "mqtt://(hidden)"), ("secret", "(hidden)"),
    ])
    func `a password is never shown`(url: String, shown: String) {
        #expect(redacted(url) == shown)
        #expect(!redacted(url).contains("secret"))
    }

    @Test func `a broker's address is read from its URL`() throws {
        let plain = try BrokerAddress(url: "mqtt://u%40x:p%3Aw@broker", authorityFile: "ca")
        #expect(plain.host == "broker")
        #expect(plain.port == 1_883)
        #expect(plain.username == "u@x")
        #expect(plain.password == "p:w")
        #expect(plain.authorityFile == nil)

        let secure = try BrokerAddress(url: "mqtts://[::1]:99/", authorityFile: "ca")
        #expect(secure.host == "::1")
        #expect(secure.port == 99)
        #expect(secure.username == nil)
        #expect(secure.authorityFile == "ca")
    }

    @Test(arguments: [
        "http://h", "mqtt://", "mqtt://:p@h", "mqtt://h:0", "mqtt://h:1/x", "mqtt://%GG@h",
    ])
    func `what is no address of a broker is refused`(url: String) {
        #expect(throws: ConfigurationError.self) {
            _ = try BrokerAddress(url: url, authorityFile: "")
        }
    }
}
