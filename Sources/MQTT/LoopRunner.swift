import CMosquitto
import Glibc
import Logging

/// The body of a loop thread: one `epoll` over the sockets of all its clients.
///
/// It and its connections never leave their thread.
final class LoopRunner {
    private let inbox: LoopInbox
    private let poll: CInt
    private var connections: [UInt64: Connection] = [:]
    /// Who is connecting, and who waits for a turn to; a number may be there twice or be outdated.
    private var connecting: Set<UInt64> = []
    private var turns: [UInt64] = []
    private var nextTick = ContinuousClock.now

    init(_ inbox: LoopInbox) {
        self.inbox = inbox
        poll = epoll_create1(O_CLOEXEC)
        precondition(poll >= 0, "The system has no descriptor left for an MQTT thread.")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        epoll_ctl(poll, EPOLL_CTL_ADD, inbox.descriptor, &event)
    }

    deinit {
        close(poll)
    }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: Limits.eventsPerWait)
        while true {
            let count = epoll_wait(poll, &events, CInt(Limits.eventsPerWait), millisecondsToTick)
            for index in 0..<max(0, Int(count)) {
                let number = events[index].data.u64
                guard let connection = connections[number] else { continue }
                connection.ready(events[index].events)
                settle(connection, number)
            }
            guard let commands = inbox.take() else { break }
            var touched: Set<UInt64> = []
            for command in commands { touched.insert(perform(command)) }
            for number in touched {
                guard let connection = connections[number] else { continue }
                settle(connection, number)
            }
            tick()
            takeTurns()
        }
        for connection in connections.values { connection.finish() }
    }

    private var millisecondsToTick: CInt {
        let pause = (nextTick - ContinuousClock.now).components
        let milliseconds = pause.seconds * 1_000 + pause.attoseconds / 1_000_000_000_000_000
        return CInt(clamping: max(0, milliseconds + 1))
    }

    /// Keep-alives and reconnections: once a second, and sooner while something has a deadline.
    private func tick() {
        let now = ContinuousClock.now
        guard now >= nextTick else { return }
        nextTick = now + Limits.tick
        for (number, connection) in connections {
            connection.tick(now)
            settle(connection, number)
        }
    }

    /// Lets waiting clients connect, in the order they asked, as far as the limit allows.
    private func takeTurns() {
        var taken = 0
        while taken < turns.count, connecting.count < Limits.connectingAtOnce {
            let number = turns[taken]
            taken += 1
            guard let connection = connections[number], connection.isQueued else { continue }
            connection.attempt()
            settle(connection, number)
        }
        turns.removeFirst(taken)
    }

    private func perform(_ command: LoopCommand) -> UInt64 {
        switch command {
        case .open(let number, let configuration, let state, let logger):
            connections[number] = Connection(configuration, state: state, logger: logger)
            return number
        case .connect(let number, let waiter):
            guard let connection = found(number, waiter) else { return number }
            connection.connect(waiter)
            return number
        case .subscribe(let number, let topics, let quality, let waiter):
            guard let connection = found(number, waiter) else { return number }
            connection.subscribe(topics, qualityOfService: quality, waiter)
            return number
        case .publish(let number, let message, let waiter):
            guard let connection = found(number, waiter) else { return number }
            connection.publish(message, waiter)
            return number
        case .resume(let number):
            connections[number]?.resumeReading()
            return number
        case .disconnect(let number, let waiter):
            guard let connection = found(number, waiter) else { return number }
            connection.disconnect(waiter)
            return number
        case .abandon(let number, let waiter):
            guard let connection = connections[number] else {
                waiter?.resume(returning: .success(()))
                return number
            }
            connection.finish()
            waiter?.resume(returning: .success(()))
            return number
        }
    }

    private func found(_ number: UInt64, _ waiter: MQTTWaiter?) -> Connection? {
        let connection = connections[number]
        if connection == nil { waiter?.resume(returning: .failure(.closed)) }
        return connection
    }

    /// After anything was done with a connection: write, tell epoll, forget it when it is over.
    private func settle(_ connection: Connection, _ number: UInt64) {
        connection.closeWhenDrained()
        connection.flush()
        if connection.isConnecting { connecting.insert(number) } else { connecting.remove(number) }
        if connection.isQueued { turns.append(number) }
        if connection.isClosed {
            connections[number] = nil
            return
        }
        connection.watch(poll, number)
        if connection.hasDeadline { nextTick = min(nextTick, .now + Limits.hurriedTick) }
    }
}
