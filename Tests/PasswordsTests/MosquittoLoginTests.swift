import Foundation
import Glibc
import Synchronization
import Testing

@testable import Passwords

private let tools = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto_pub"]

struct `Hashes for the broker` {
    @Test(
        .enabled(if: tools.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }),
        .timeLimit(.minutes(1))
    )
    func `a real mosquitto lets in who has the credential`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-passwords-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let credential = SecretToken.generate(prefix: "vm_")
        let line = "office.m-1:\(MosquittoPassword.hash(credential))\n"
        try Data(line.utf8).write(to: folder.appendingPathComponent("passwords"))

        // A local socket instead of a port: nothing to collide with.
        let socket = folder.appendingPathComponent("socket").path
        let configuration = """
            \(geteuid() == 0 ? "user root" : "")
            log_dest stderr
            allow_anonymous false
            password_file \(folder.path)/passwords
            listener 0 \(socket)
            """
        let file = folder.appendingPathComponent("mosquitto.conf")
        try Data(configuration.utf8).write(to: file)
        let broker = Process()
        broker.executableURL = URL(fileURLWithPath: tools[0])
        broker.arguments = ["-c", file.path]
        let pipe = Pipe()
        broker.standardError = pipe
        try broker.run()
        defer { kill(broker.processIdentifier, SIGKILL) }
        var log = ""
        while !log.contains(" running") {
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { break }
            log += String(decoding: data, as: UTF8.self)
        }
        try #require(log.contains(" running"), Comment(rawValue: log))

        func login(_ password: String) throws -> Int32 {
            let client = Process()
            client.executableURL = URL(fileURLWithPath: tools[1])
            client.arguments = [
                "--unix", socket, "-u", "office.m-1", "-P", password, "-t", "a", "-m", "b",
            ]
            client.standardError = FileHandle.nullDevice
            try client.run()
            client.waitUntilExit()
            return client.terminationStatus
        }
        #expect(try login(credential) == 0)
        #expect(try login(credential + "x") != 0)
        #expect(try login("") != 0)
    }
}
