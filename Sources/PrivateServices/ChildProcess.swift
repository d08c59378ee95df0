import Foundation
import Glibc

/// Starts programs: in a process group of their own (so that Ctrl-C reaches only this program), with
/// no inherited files or signal settings, and an environment that says nothing about this one.
struct ChildProcess: Sendable {
    let program: String
    let arguments: [String]
    /// Where its output is appended.
    let log: String
    /// What it reads; nothing unless named.
    var input = "/dev/null"

    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
        "TZ=UTC", "HOME=/",
    ]

    /// Starts it and returns its process id.
    func start() throws(PrivateServiceError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for descriptor in Self.openDescriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.cleanSignals(&attributes)
        var processID: pid_t = 0
        let status = withCStrings([program] + arguments) { arguments in
            withCStrings(Self.environment) { environment in
                posix_spawn(&processID, program, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            throw .file(program, reason: String(cString: strerror(status)))
        }
        return processID
    }

    /// Runs it to its end and returns the exit status; a signal counts as 128 and more.
    func run(within time: Duration) async throws(PrivateServiceError) -> Int32 {
        let processID = try start()
        let deadline = ContinuousClock.now + time
        var status: Int32 = 0
        while waitpid(processID, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else {
                kill(processID, SIGKILL)
                waitpid(processID, &status, 0)
                throw .tooSlow(service: program, doing: "finish")
            }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// This process' open files; a few more, for those opened while this runs.
    private static var openDescriptors: ClosedRange<Int32> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return 0...((names.compactMap { Int32($0) }.max() ?? 256) + 64)
    }

    /// The threads of this program block signals, and its services ignore some: a child inherits both.
    private static func cleanSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )
    }

    /// The end of a log, for an error message.
    static func tail(of log: String, from offset: Int = 0) -> String {
        let start = max(offset, StateFolder.size(of: log) - Limits.logTailBytes)
        return StateFolder.read(log, from: start).split(whereSeparator: \.isNewline).suffix(8)
            .joined(separator: "; ")
    }
}

/// Lends an array of C strings that ends with null.
private func withCStrings<Value>(
    _ strings: [String],
    _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
) -> Value {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
