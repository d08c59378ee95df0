import MeterCore
import Testing

@Suite struct StateTests {
    @Test func `a restored meter goes on where it was, and sends the same bytes`() {
        let before = TestMeter(epoch: 3)
        for index in 1...7 { before.quarterHour(at: Int64(index * 900)) }
        before.acknowledge(2, epoch: 3)
        let state = before.saved(uptime: 777)
        let after = TestMeter(epoch: 0)
        var uptime: UInt32 = 0
        #expect(meter_restore(after.core, state, state.count, &uptime) == METER_OK)

        #expect(uptime == 777)
        #expect(after.saved(uptime: 777) == state)
        #expect(after.frame() == before.frame())
        #expect(after.quarterHour(at: 9_000) == 8)
        #expect(before.quarterHour(at: 9_000) == 8)
        #expect(after.frame() == before.frame())
    }

    @Test func `a smaller save keeps the newest readings and counts the others as given up`() {
        let before = TestMeter()
        for index in 1...7 { before.quarterHour(at: Int64(index * 900)) }
        let state = before.saved(maximum: 3)
        let after = TestMeter(capacity: 2)
        var uptime: UInt32 = 0
        #expect(meter_restore(after.core, state, state.count, &uptime) == METER_OK)

        #expect(after.core.pointee.ring.dropped == 5)
        #expect(decode(after.frame()).readings.map(\.seconds) == [5_400, 6_300])
        #expect(decode(after.frame()).status != METER_OK)
    }

    @Test func `damaged or foreign state is refused and changes nothing`() {
        let before = TestMeter()
        for index in 1...5 { before.quarterHour(at: Int64(index * 900)) }
        let state = before.saved()
        let fresh = TestMeter()
        let untouched = fresh.saved()
        var uptime: UInt32 = 0
        var random = SeededRandom(seed: 3)
        for length in 0..<state.count {
            #expect(meter_restore(fresh.core, state, length, &uptime) != METER_OK)
        }
        for _ in 0..<2_000 {
            var damaged = state
            damaged[Int.random(in: 0..<state.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            #expect(meter_restore(fresh.core, damaged, damaged.count, &uptime) != METER_OK)
        }
        #expect(fresh.saved() == untouched)
    }

    @Test func `state with a right checksum but impossible figures is refused`() {
        let before = TestMeter(modulus: 100_000_000)
        before.quarterHour(at: 900)
        let state = before.saved()
        let smaller = TestMeter(modulus: 100)
        var uptime: UInt32 = 0
        #expect(meter_restore(smaller.core, state, state.count, &uptime) == METER_MALFORMED)

        var random = SeededRandom(seed: 5)
        for _ in 0..<5_000 {
            var forged = state
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                forged[Int.random(in: 2..<state.count, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            seal(&forged)
            let meter = TestMeter()
            guard meter_restore(meter.core, forged, forged.count, &uptime) == METER_OK else {
                continue
            }
            #expect(meter.core.pointee.channels.0.energy_wh < 100_000_000)
            _ = meter.frame()
            meter.quarterHour(at: 1_800)
        }
    }

    private func seal(_ bytes: inout [UInt8]) {
        let body = bytes.count - 4
        let crc = meter_crc32(bytes, body)
        for index in 0..<4 { bytes[body + index] = UInt8(truncatingIfNeeded: crc >> (8 * index)) }
    }
}
