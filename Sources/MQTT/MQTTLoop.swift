import CMosquitto
import Foundation
import Glibc
import Logging
import Synchronization

/// What a client asks of its loop thread; the first value is the client's number.
enum LoopCommand: Sendable {
    case open(UInt64, MQTTConfiguration, ClientState, Logger)
    case connect(UInt64, MQTTWaiter)
    case subscribe(UInt64, [String], Int, MQTTWaiter)
    case publish(UInt64, MQTTMessage, MQTTWaiter?)
    case resume(UInt64)
    case disconnect(UInt64, MQTTWaiter)
    case abandon(UInt64, MQTTWaiter?)
}

/// Commands on their way to a loop thread, and the descriptor that wakes it.
final class LoopInbox: Sendable {
    private struct State {
        var commands: [LoopCommand] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    let descriptor: CInt

    init() {
        descriptor = vidyut_wake_descriptor()
        precondition(descriptor >= 0, "The system has no descriptor left for an MQTT thread.")
    }

    deinit {
        close(descriptor)
    }

    /// False when the thread is stopping and the command was not taken.
    func post(_ command: LoopCommand) -> Bool {
        let (isTaken, isFirst) = state.withLock { state -> (Bool, Bool) in
            if state.isStopped { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if isFirst { wake() }
        return isTaken
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Everything posted since the last call; nil once the thread shall end.
    func take() -> [LoopCommand]? {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return state.withLock { state in
            if state.isStopped, state.commands.isEmpty { return nil }
            defer { state.commands = [] }
            return state.commands
        }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}

/// The owner of one loop thread, which ends with it.
final class MQTTLoop: Sendable {
    private let inbox: LoopInbox
    private let numbers = Mutex<UInt64>(0)

    init() {
        let inbox = LoopInbox()
        self.inbox = inbox
        let thread = Thread { LoopRunner(inbox).run() }
        thread.name = "mqtt"
        thread.stackSize = Limits.threadStackBytes
        thread.start()
    }

    deinit {
        inbox.stop()
    }

    func nextNumber() -> UInt64 {
        numbers.withLock { number in
            number += 1
            return number
        }
    }

    @discardableResult
    func post(_ command: LoopCommand) -> Bool {
        inbox.post(command)
    }
}
