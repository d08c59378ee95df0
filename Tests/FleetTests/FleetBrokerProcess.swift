import Foundation
import Glibc

/// A real mosquitto for one test, on a free loopback port, open to everyone.
final class FleetBrokerProcess {
    struct Fault: Error {
        var text: String
    }

    static let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    let port: Int
    private let child = Process()
    private let folder: URL

    init() throws {
        guard let program = FleetBrokerProcess.program else {
            throw Fault(text: "mosquitto is missing")
        }
        port = try FleetBrokerProcess.freePort()
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-fleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("mosquitto.conf")
        let configuration = """
            \(geteuid() == 0 ? "user root" : "")
            log_dest stderr
            allow_anonymous true
            max_queued_messages 100000
            listener \(port) 127.0.0.1
            """
        try Data(configuration.utf8).write(to: file)
        child.executableURL = URL(fileURLWithPath: program)
        child.arguments = ["-c", file.path]
        child.standardError = FileHandle.nullDevice
        try child.run()
    }

    deinit {
        // Waiting for the end would block a thread that other tests need.
        kill(child.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Fault(text: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
