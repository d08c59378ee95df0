import MeterCore
import Testing

@Suite struct FrameTests {
    @Test func `the checksum is the CRC-32 of IEEE 802 point 3`() {
        let text = Array("123456789".utf8)
        #expect(meter_crc32(text, text.count) == 0xCBF4_3926)
    }

    @Test func `ten readings of three channels take less than 400 bytes`() {
        let meter = TestMeter()
        var random = SeededRandom(seed: 1)
        for index in 1...10 {
            meter.quarterHour(
                at: 1_795_000_000 + Int64(index * 900),
                volts: .random(in: 215...245, using: &random),
                amps: .random(in: 0.4...12, using: &random)
            )
        }
        let frame = meter.frame()
        #expect(frame.count < 330, "\(frame.count) bytes")
        #expect(frame.first != UInt8(ascii: "{"))
    }

    @Test func `any readings come back as they were, in one spelling only`() {
        for seed in 0..<2_000 {
            var random = SeededRandom(seed: UInt64(seed))
            let (frame, header, readings) = randomFrame(&random)
            let decoded = decode(frame)
            #expect(decoded.status == METER_OK, "seed \(seed)")
            #expect(decoded.header.sequence == header.sequence)
            #expect(decoded.header.epoch == header.epoch)
            #expect(decoded.readings.count == readings.count)
            for (left, right) in zip(decoded.readings, readings) {
                #expect(same(left, right, header), "seed \(seed)")
            }
            #expect(encode(header, decoded.readings) == frame, "seed \(seed)")
        }
    }

    @Test func `every flipped bit is noticed`() {
        var random = SeededRandom(seed: 21)
        let (frame, _, _) = randomFrame(&random)
        for bit in 0..<frame.count * 8 {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decode(damaged).status != METER_OK)
        }
    }

    @Test func `every shortened or lengthened frame is refused`() {
        var random = SeededRandom(seed: 22)
        for _ in 0..<20 {
            let (frame, _, _) = randomFrame(&random)
            for length in 0..<frame.count {
                #expect(decode(Array(frame.prefix(length))).status != METER_OK)
            }
            #expect(decode(frame + [0]).status != METER_OK)
        }
    }

    @Test func `a hundred thousand forged frames with right checksums never crash`() {
        var random = SeededRandom(seed: 23)
        var (frame, _, _) = randomFrame(&random)
        var accepted = 0
        for round in 0..<100_000 {
            if round % 1_000 == 0 { (frame, _, _) = randomFrame(&random) }
            var forged = frame
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                forged[Int.random(in: 0..<forged.count, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            seal(&forged)
            let decoded = decode(forged, capacity: 30)
            guard decoded.status == METER_OK else { continue }
            accepted += 1
            for reading in decoded.readings {
                #expect(reading.channels.0.energy_wh <= registerLimit)
                #expect(abs(reading.channels.0.measured.power_factor_permille) <= 1_000)
            }
        }
        #expect(accepted > 0)
    }

    @Test func `random bytes are never a frame`() {
        var random = SeededRandom(seed: 24)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if bytes.count > 1 {
                bytes[0] = UInt8(METER_FRAME_MAGIC)
                bytes[1] = UInt8(METER_FRAME_VERSION)
            }
            #expect(decode(bytes).status != METER_OK)
        }
    }

    @Test(arguments: GoldenFrame.all)
    func `a golden frame reads and writes as it did when it was written down`(golden: GoldenFrame) {
        let frame = bytes(hexadecimal: golden.hexadecimal)
        let decoded = decode(frame)
        #expect(decoded.status == METER_OK)
        #expect(decoded.header.epoch == golden.epoch)
        #expect(decoded.header.sequence == golden.sequence)
        #expect(decoded.readings.map(\.seconds) == golden.seconds)
        #expect(decoded.readings.map(\.channels.0.energy_wh) == golden.mainWattHours)
        #expect(decoded.readings.map(\.channels.0.measured.milliwatts) == golden.mainMilliwatts)
        #expect(encode(decoded.header, decoded.readings) == frame)
    }

    @Test func `a live frame holds one reading and no number`() {
        let meter = TestMeter()
        meter.quarterHour(at: 900)
        let frame = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            count = meter_live_frame(
                meter.core,
                meter_time(seconds: 950, uptime_seconds: 0),
                buffer.baseAddress,
                256
            )
        }
        let decoded = decode(frame)
        #expect(decoded.status == METER_OK)
        #expect(decoded.header.flags & UInt8(METER_FRAME_LIVE) != 0)
        #expect(decoded.readings.map(\.seconds) == [950])
        #expect(meter.core.pointee.ring.count == 1)
    }

    private let registerLimit: UInt64 = 1_000_000_000_000_000

    private func seal(_ bytes: inout [UInt8]) {
        let body = bytes.count - 4
        let crc = meter_crc32(bytes, body)
        for index in 0..<4 { bytes[body + index] = UInt8(truncatingIfNeeded: crc >> (8 * index)) }
    }

    private func encode(_ header: meter_frame_header, _ readings: [meter_reading]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 8_192) { buffer, count in
            var header = header
            var writer = meter_frame_writer()
            #expect(
                meter_frame_begin(&writer, &header, buffer.baseAddress, 8_192) == METER_OK
            )
            for var reading in readings {
                #expect(meter_frame_append(&writer, &reading) == METER_OK)
            }
            count = meter_frame_finish(&writer, header.sequence)
        }
    }

    private func randomFrame(
        _ random: inout SeededRandom
    ) -> ([UInt8], meter_frame_header, [meter_reading]) {
        let count = Int.random(in: 1...25, using: &random)
        let sequence = UInt32.random(in: UInt32(count)...UInt32.max, using: &random)
        let header = meter_frame_header(
            epoch: .random(in: 0...UInt32(Int32.max), using: &random),
            sequence: sequence,
            oldest_sequence: .random(in: 0...sequence - UInt32(count) + 1, using: &random),
            count: UInt16(count),
            flags: Bool.random(using: &random) ? 0 : 2,
            channels: .random(in: 1...3, using: &random)
        )
        let wild = Bool.random(using: &random)
        let readings = (0..<count).map { randomReading($0, wild: wild, &random) }
        return (encode(header, readings), header, readings)
    }

    private func randomReading(
        _ index: Int,
        wild: Bool,
        _ random: inout SeededRandom
    ) -> meter_reading {
        var reading = meter_reading()
        reading.flags = .random(in: 0...31, using: &random)
        let unset = reading.flags & 1 != 0
        reading.seconds =
            unset
            ? .random(in: 0...4_294_967_295, using: &random)
            : wild
                ? .random(in: 1...253_402_300_799, using: &random)
                : 1_795_000_000 + Int64(index) * 900
        reading.export_wh = .random(in: 0...1_000_000_000_000_000, using: &random)
        reading.channels.0 = randomChannel(wild, &random)
        reading.channels.1 = randomChannel(wild, &random)
        reading.channels.2 = randomChannel(wild, &random)
        return reading
    }

    private func randomChannel(
        _ wild: Bool,
        _ random: inout SeededRandom
    ) -> meter_channel_reading {
        let high: Int32 = wild ? .max : 240_000
        return meter_channel_reading(
            measured: meter_measurement(
                millivolts: .random(in: (wild ? .min : 0)...high, using: &random),
                milliamps: .random(in: (wild ? .min : 0)...high, using: &random),
                milliwatts: .random(in: .min...(.max), using: &random),
                power_factor_permille: .random(in: -1_000...1_000, using: &random)
            ),
            energy_wh: .random(in: 0...(wild ? 1_000_000_000_000_000 : 9_999_999), using: &random)
        )
    }

    private func same(
        _ left: meter_reading,
        _ right: meter_reading,
        _ header: meter_frame_header
    ) -> Bool {
        let channels = [
            (left.channels.0, right.channels.0), (left.channels.1, right.channels.1),
            (left.channels.2, right.channels.2),
        ]
        return left.seconds == right.seconds && left.flags == right.flags
            && (header.flags & 2 == 0 || left.export_wh == right.export_wh)
            && channels.prefix(Int(header.channels)).allSatisfy { one, other in
                one.energy_wh == other.energy_wh
                    && one.measured.millivolts == other.measured.millivolts
                    && one.measured.milliamps == other.measured.milliamps
                    && one.measured.milliwatts == other.measured.milliwatts
                    && one.measured.power_factor_permille == other.measured.power_factor_permille
            }
    }
}
