import Synchronization
import Testing

@testable import MQTT

struct `The buffer of received messages` {
    private func message(_ text: String) -> MQTTMessage { MQTTMessage(topic: "t", text: text) }

    @Test func `it asks for a pause at its limit and for more at half of it`() async {
        let buffer = IncomingBuffer(limit: 4)
        let resumed = Mutex(0)
        buffer.onResume { resumed.withLock { $0 += 1 } }
        #expect([1, 2, 3].map { buffer.push(message("\($0)")) } == [false, false, false])
        #expect(buffer.push(message("4")))
        #expect(buffer.push(message("5")))
        var taken: [String] = []
        for expected in [0, 0, 1, 1, 1] {
            taken.append(await buffer.next()?.text ?? "none")
            #expect(resumed.withLock { $0 } == expected)
        }
        #expect(taken == ["1", "2", "3", "4", "5"])
        #expect(!buffer.push(message("6")))
    }

    @Test func `large messages count by their bytes`() {
        let buffer = IncomingBuffer(limit: 1_000_000)
        let half = MQTTMessage(
            topic: "t",
            payload: [UInt8](repeating: 0, count: Limits.incomingBytes / 2)
        )
        #expect(!buffer.push(half))
        #expect(buffer.push(half))
    }

    @Test func `a cancelled reader gets nothing and takes nothing`() async {
        let buffer = IncomingBuffer(limit: 4)
        let reader = Task { await buffer.next() }
        reader.cancel()
        #expect(await reader.value == nil)
        _ = buffer.push(message("kept"))
        #expect(await buffer.next()?.text == "kept")
    }

    @Test func `after the end the rest can still be read`() async {
        let buffer = IncomingBuffer(limit: 4)
        _ = buffer.push(message("last"))
        buffer.finish()
        _ = buffer.push(message("too late"))
        #expect(await buffer.next()?.text == "last")
        #expect(await buffer.next() == nil)
    }

    @Test func `thousands pass in order`() async {
        let buffer = IncomingBuffer(limit: 100_000)
        for number in 0..<5_000 { _ = buffer.push(message("\(number)")) }
        for number in 0..<2_500 { #expect(await buffer.next()?.text == "\(number)") }
        for number in 5_000..<6_000 { _ = buffer.push(message("\(number)")) }
        for number in 2_500..<6_000 { #expect(await buffer.next()?.text == "\(number)") }
    }
}
