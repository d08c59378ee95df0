import Foundation
import Glibc

/// A disk of its own, small and in memory, that can be filled to the last byte.
final class SmallDisk: Sendable {
    let folder: String
    private let asRoot: [String]
    private var ballast: String { "\(folder)/ballast" }

    /// Whether this process may mount one: as root, or with a `sudo` that asks for nothing.
    ///
    /// Not in most containers, even as root.
    static let isAvailable: Bool = {
        guard let disk = try? SmallDisk(megabytes: 1) else { return false }
        disk.discard()
        return true
    }()

    init(megabytes: Int) throws {
        folder = "/tmp/vidyut-disk-\(UUID().uuidString.prefix(8))"
        asRoot = geteuid() == 0 ? [] : ["sudo", "-n"]
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
        let options = "size=\(megabytes)m,mode=755,uid=\(geteuid()),gid=\(getegid())"
        let mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        guard Self.run(asRoot + mount) else {
            rmdir(folder)
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    /// Fills what is free; returns whether nothing is.
    @discardableResult
    func fill() -> Bool {
        let file = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return errno == ENOSPC }
        defer { close(file) }
        for size in [1 << 20, 4_096] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(file, bytes, size) == size {}
        }
        return errno == ENOSPC
    }

    /// Gives back what was filled.
    func giveBack() { unlink(ballast) }

    /// Takes the disk away, whatever is on it.
    func discard() {
        _ = Self.run(asRoot + ["umount", "-l", folder])
        rmdir(folder)
    }

    private static func run(_ words: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
