import Foundation
import Glibc

/// Files and folders of a service, with the care that folders shared between users need.
enum StateFolder {
    /// Makes the folder and the missing ones above it, and returns its real path.
    ///
    /// What it makes can be entered by the services' users, whatever the caller's `umask` is.
    static func prepare(_ path: String) throws(PrivateServiceError) -> String {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            prefix += prefix.isEmpty || prefix.hasSuffix("/") ? component : "/\(component)"
            if mkdir(prefix, 0o755) == 0 {
                chmod(prefix, 0o755)
            } else if errno != EEXIST {
                throw .file(prefix, reason: lastReason)
            }
        }
        guard let real = realpath(path, nil) else { throw .file(path, reason: lastReason) }
        defer { free(real) }
        return String(cString: real)
    }

    /// Makes a folder that belongs to the account; an existing one must be its own and closed to
    /// writing by others.
    static func make(
        _ path: String,
        mode: UInt32,
        for account: ServiceAccount
    ) throws(PrivateServiceError) {
        if mkdir(path, mode) == 0 {
            guard chmod(path, mode) == 0,
                lchown(path, account.userID, account.groupID) == 0
            else { throw .file(path, reason: lastReason) }
            return
        }
        guard errno == EEXIST else { throw .file(path, reason: lastReason) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .file(path, reason: lastReason) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unsafe(path: path, reason: "it is not a folder")
        }
        guard status.st_uid == account.userID else {
            throw .unsafe(path: path, reason: "it belongs to user number \(status.st_uid)")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw .unsafe(path: path, reason: "others may write to it")
        }
    }

    /// Replaces a file in one step, so that a reader sees the old or the new text and nothing between.
    static func write(
        _ text: String,
        to path: String,
        mode: UInt32,
        group: UInt32? = nil
    ) throws(PrivateServiceError) {
        let temporary = "\(path).new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw .file(temporary, reason: lastReason) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard written > 0 else {
                close(file)
                throw .file(temporary, reason: lastReason)
            }
            bytes = bytes.dropFirst(written)
        }
        if let group, geteuid() == 0 { fchown(file, geteuid(), group) }
        let isSafe = fchmod(file, mode) == 0 && fsync(file) == 0
        close(file)
        guard isSafe, rename(temporary, path) == 0 else { throw .file(path, reason: lastReason) }
    }

    /// The whole text of a small file.
    static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What was appended to a file since it had that many bytes.
    static func read(_ path: String, from start: Int) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        do {
            try file.seek(toOffset: UInt64(max(start, 0)))
            return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        } catch {
            return ""
        }
    }

    /// Cuts a log that has grown too long; its service goes on appending to it.
    static func trimLog(_ path: String) {
        var status = stat()
        if stat(path, &status) == 0, status.st_size > Limits.logBytes { truncate(path, 0) }
    }

    /// Bytes in a file; none where there is no file.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static var lastReason: String { String(cString: strerror(errno)) }
}

/// Holds a folder for one program: the kernel lets go of it when the program ends, however it ends.
final class FolderLock: Sendable {
    private let file: Int32

    init(folder: String) throws(PrivateServiceError) {
        let path = "\(folder)/lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .file(path, reason: StateFolder.lastReason) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            let holder = StateFolder.read(path).flatMap {
                Int32($0.filter { $0.isNumber })
            }
            throw .inUse(folder: folder, processID: holder)
        }
        ftruncate(file, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = text.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        self.file = file
    }

    deinit {
        // Closing is not enough while a program that is just being started still has a copy.
        flock(file, LOCK_UN)
        close(file)
    }
}
