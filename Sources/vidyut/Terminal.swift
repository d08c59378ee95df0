import Foundation
import Glibc
import Synchronization

/// The two streams a person sees: data on the output, everything else beside it.
enum Terminal {
    /// Writes a line of data; a reader that has gone away (`| head`) is no failure.
    static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// Writes text as it is.
    static func printRaw(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line that is not data: news, warnings, errors.
    static func say(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Writes everything, however long the reader makes it take.
    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Whether a person watches what is said.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person can be asked.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isWatched }

    /// Asks for a line that is not shown while it is typed; nil when there is none.
    static func askSecretly(_ question: String) -> String? {
        write(question, to: STDERR_FILENO)
        var settings = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &settings) == 0
        let before = settings
        if isTerminal {
            settings.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        }
        defer {
            if isTerminal {
                var before = before
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
                write("\n", to: STDERR_FILENO)
            }
        }
        return readLine(strippingNewline: true)
    }
}

/// How far a long work is, on one line that is written over; silent when nobody watches.
final class ProgressBar: Sendable {
    private let label: String
    private let unit: String
    private let shown = Mutex<String?>(nil)
    private let isShown: Bool

    init(_ label: String, unit: String) {
        self.label = label
        self.unit = unit
        isShown = Terminal.isWatched
    }

    /// Shows so many of so many; a total that is only the count so far makes no bar.
    func update(_ done: Int, of total: Int) {
        guard isShown else { return }
        let text: String
        if total > done
            || total > 0 && done == total && shown.withLock({ $0?.contains("%") ?? false })
        {
            let percent = done * 100 / total
            let filled = percent * Limits.progressColumns / 100
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: Limits.progressColumns - filled)
            text = "\(label) \(bar) \(percent)% of \(total) \(unit)"
        } else {
            text = "\(label): \(done) \(unit)"
        }
        let isNew = shown.withLock { shown in
            defer { shown = text }
            return shown != text
        }
        if isNew { Terminal.write("\r\u{1B}[K\(text)", to: STDERR_FILENO) }
    }

    /// Removes the line.
    func finish() {
        guard shown.withLock({ $0 != nil }) else { return }
        Terminal.write("\r\u{1B}[K", to: STDERR_FILENO)
    }
}
