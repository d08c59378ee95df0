import MeterCore
import Testing

@Suite struct StoreAndForwardTests {
    @Test func `readings are kept until they are acknowledged`() {
        let meter = TestMeter()
        for index in 1...5 { meter.quarterHour(at: Int64(index * 900)) }
        _ = meter.frame()

        #expect(meter_oldest_sequence(meter.core) == 1)
        #expect(meter.acknowledge(3) == METER_OK)
        #expect(meter_oldest_sequence(meter.core) == 4)
        #expect(meter_held_reading(meter.core, 3) == nil)
        #expect(meter_held_reading(meter.core, 4)?.pointee.seconds == 3_600)
        #expect(meter.acknowledge(3) == METER_OK)
        #expect(meter.core.pointee.ring.count == 2)
    }

    @Test func `an acknowledgement of another epoch or of a future number changes nothing`() {
        let meter = TestMeter(epoch: 4)
        for index in 1...3 { meter.quarterHour(at: Int64(index * 900)) }

        #expect(meter.acknowledge(2, epoch: 3) == METER_OTHER_EPOCH)
        #expect(meter.acknowledge(4, epoch: 4) == METER_OUT_OF_RANGE)
        #expect(meter.acknowledge(UInt64.max, epoch: 4) == METER_OUT_OF_RANGE)
        #expect(meter.core.pointee.ring.count == 3)
    }

    @Test func `a full store gives up the oldest, counts it and says what it still holds`() {
        let meter = TestMeter(capacity: 4)
        for index in 1...11 { meter.quarterHour(at: Int64(index * 900)) }

        #expect(meter.core.pointee.ring.dropped == 7)
        let (status, header, readings) = decode(meter.frame())
        #expect(status == METER_OK)
        #expect(header.oldest_sequence == 8)
        #expect(header.sequence == 11)
        #expect(readings.map(\.seconds) == [7_200, 8_100, 9_000, 9_900])
    }

    @Test func `frames follow one another up to the window, then wait`() {
        let meter = TestMeter(capacity: 64, windowReadings: 20)
        for index in 1...50 { meter.quarterHour(at: Int64(index * 900)) }

        #expect(decode(meter.frame()).header.sequence == 10)
        #expect(decode(meter.frame()).header.sequence == 20)
        #expect(meter.frame().isEmpty)
        meter.acknowledge(10)
        #expect(decode(meter.frame()).header.sequence == 30)
        #expect(meter.frame().isEmpty)
    }

    @Test
    func `without an acknowledgement it sends again from the oldest, waiting longer each time`() {
        let meter = TestMeter(capacity: 64)
        for index in 1...10 { meter.quarterHour(at: Int64(index * 900)) }

        #expect(!meter.frame(uptime: 100).isEmpty)
        #expect(meter.frame(uptime: 159).isEmpty)
        #expect(decode(meter.frame(uptime: 160)).header.sequence == 10)
        #expect(meter.frame(uptime: 279).isEmpty)
        #expect(decode(meter.frame(uptime: 280)).header.sequence == 10)
        meter.acknowledge(10, uptime: 281)
        #expect(meter.frame(uptime: 100_000).isEmpty)
    }

    @Test func `after a reconnect everything unacknowledged is sent again`() {
        let meter = TestMeter()
        for index in 1...4 { meter.quarterHour(at: Int64(index * 900)) }
        let first = meter.frame()
        #expect(meter.frame().isEmpty)
        meter_link_restored(meter.core, 5)

        #expect(meter.frame(uptime: 5) == first)
    }

    @Test func `a frame takes what fits into its buffer and no more`() {
        let meter = TestMeter()
        for index in 1...10 { meter.quarterHour(at: Int64(index * 900)) }
        var sequences: [UInt32] = []
        while true {
            let frame = meter.frame(capacity: 120)
            if frame.isEmpty { break }
            #expect(frame.count <= 120)
            let decoded = decode(frame)
            #expect(decoded.status == METER_OK)
            sequences += decoded.readings.indices.map {
                decoded.header.sequence - UInt32(decoded.readings.count - 1 - $0)
            }
        }
        #expect(sequences == Array(1...10))
    }

    @Test func `without a clock a reading carries its age, and keeps it once it was sent`() {
        let meter = TestMeter()
        for uptime: UInt32 in [1_000, 1_900] {
            meter_take_reading(meter.core, meter_time(seconds: 0, uptime_seconds: uptime))
        }
        let sent = decode(meter.frame(uptime: 2_000, maximum: 1)).readings
        #expect(sent[0].seconds == 1_000)
        #expect(sent[0].flags & UInt8(METER_READING_CLOCK_UNSET) != 0)

        meter_clock_was_set(meter.core, meter_time(seconds: 1_800_000_000, uptime_seconds: 2_100))
        meter_link_restored(meter.core, 2_100)
        let again = decode(meter.frame(uptime: 2_100)).readings
        #expect(again[0].seconds == 1_100)
        #expect(again[0].flags & UInt8(METER_READING_CLOCK_UNSET) != 0)
        #expect(again[1].seconds == 1_800_000_000 - 200)
        #expect(again[1].flags == 0)
    }

    @Test func `beginning a new epoch renumbers what is held and loses nothing`() {
        let meter = TestMeter()
        for index in 1...6 { meter.quarterHour(at: Int64(index * 900)) }
        meter.acknowledge(4)
        meter_renumber(meter.core, 1)

        let (_, header, readings) = decode(meter.frame())
        #expect(header.epoch == 1)
        #expect(header.sequence == 2)
        #expect(header.oldest_sequence == 1)
        #expect(readings.map(\.seconds) == [4_500, 5_400])
    }

    @Test func `over a lossy link every reading arrives, whatever is lost or repeated`() {
        for seed in 0..<40 {
            var random = SeededRandom(seed: UInt64(seed))
            let meter = TestMeter(capacity: 200, windowReadings: 30)
            var stored: Set<Int64> = []
            var through: UInt64 = 0
            var uptime: UInt32 = 0
            for step in 1...150 {
                if step <= 100 { meter.quarterHour(at: Int64(step * 900)) }
                uptime += UInt32.random(in: 0...200, using: &random)
                if Int.random(in: 0..<20, using: &random) == 0 {
                    meter_link_restored(meter.core, uptime)
                }
                while case let frame = meter.frame(uptime: uptime), !frame.isEmpty {
                    if Int.random(in: 0..<3, using: &random) == 0 { continue }
                    let decoded = decode(frame)
                    let first = decoded.header.sequence - UInt32(decoded.header.count) + 1
                    for reading in decoded.readings { stored.insert(reading.seconds) }
                    if first <= decoded.header.oldest_sequence || UInt64(first) <= through + 1 {
                        through = max(through, UInt64(decoded.header.sequence))
                    }
                    if Bool.random(using: &random) { meter.acknowledge(through, uptime: uptime) }
                }
            }
            for _ in 0..<20 {
                uptime += 4_000
                while case let frame = meter.frame(uptime: uptime), !frame.isEmpty {
                    let decoded = decode(frame)
                    for reading in decoded.readings { stored.insert(reading.seconds) }
                    meter.acknowledge(UInt64(decoded.header.sequence), uptime: uptime)
                }
            }
            #expect(stored == Set((1...100).map { Int64($0 * 900) }), "seed \(seed)")
            #expect(meter.core.pointee.ring.count == 0, "seed \(seed)")
        }
    }
}
