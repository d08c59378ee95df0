import Foundation
import Glibc

/// What `/proc` says about processes.
///
/// A process is always named by its id *and* its command line,
/// because ids are used again.
enum ProcessTable {
    /// The arguments of a process; nil when it has ended, also when nobody has collected it yet.
    static func arguments(of processID: Int32) -> [String]? {
        guard processID > 0,
            let bytes = FileManager.default.contents(atPath: "/proc/\(processID)/cmdline"),
            !bytes.isEmpty
        else { return nil }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Every process whose arguments fit, except this one.
    static func find(_ fits: ([String]) -> Bool) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { processID in
            processID != getpid() && (arguments(of: processID).map(fits) ?? false)
        }
    }

    /// Whether the process runs and still is the one meant; collects a child that has ended.
    static func isRunning(_ processID: Int32, _ fits: ([String]) -> Bool) -> Bool {
        guard processID > 1 else { return false }
        var status: Int32 = 0
        switch waitpid(processID, &status, WNOHANG) {
        case 0: return true  // A living child of this program: its id cannot mean another one.
        case processID: return false
        default: break
        }
        if let arguments = arguments(of: processID) { return fits(arguments) }
        // A process has no arguments for an instant while it becomes another program, and for ever
        // once it has ended and nobody has collected it.
        guard let text = StateFolder.read("/proc/\(processID)/stat"),
            let state = text.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    /// Waits until the process has ended; false when the time is over.
    static func waitForEnd(
        of processID: Int32,
        within time: Duration,
        _ fits: ([String]) -> Bool
    ) async -> Bool {
        let deadline = ContinuousClock.now + time
        while isRunning(processID, fits) {
            guard ContinuousClock.now < deadline else { return false }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
        return true
    }
}

/// Waits on a timer; also in a cancelled task, because services are stopped by cancelled tasks.
func pause(milliseconds: Int) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
            continuation.resume()
        }
    }
}
