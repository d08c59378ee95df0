import MeterCore
import Metering
import Testing
import Units
import Wire

@Suite struct FrameReportTests {
    @Test func `what is framed is read`() throws {
        for seed in 0..<500 {
            var random = SeededRandom(seed: UInt64(seed))
            var sample = Samples.report(&random, forFrames: true)
            sample.readings = sample.readings.map { reading in
                var reading = reading
                if Bool.random(using: &random) { reading.flags.insert(.tripped) }
                if Bool.random(using: &random) { reading.flags.insert(.switchedOff) }
                return reading
            }
            let bytes = try ReportEncoder.frame(
                sample.readings,
                epoch: sample.epoch,
                sequence: sample.sequence,
                oldestSequence: sample.oldest
            )
            let report = try ReportDecoder.decode(bytes)
            #expect(try report.items.map { try $0.get() } == sample.readings, "seed \(seed)")
            #expect(report.epoch == sample.epoch)
            #expect(report.sequence == sample.sequence)
            #expect(report.oldestSequence == sample.oldest)
        }
    }

    @Test func `a frame and JSON of the same readings say the same`() throws {
        var random = SeededRandom(seed: 41)
        let sample = Samples.report(&random, forFrames: true)
        let frame = try ReportEncoder.frame(
            sample.readings,
            epoch: sample.epoch,
            sequence: sample.sequence
        )
        let json = ReportEncoder.json(
            sample.readings,
            epoch: sample.epoch,
            sequence: sample.sequence
        )
        let first = try ReportDecoder.decode(frame)
        let second = try ReportDecoder.decode(json)
        #expect(first.items == second.items)
        #expect(frame.count * 2 < json.count)
    }

    @Test func `damage is named`() throws {
        let bytes = try frame(seed: 42)
        var flipped = bytes
        flipped[bytes.count / 2] ^= 4
        #expect(code { try ReportDecoder.decode(flipped) } == .checksum)
        var newer = bytes
        newer[1] = 9
        #expect(code { try ReportDecoder.decode(newer) } == .unsupportedVersion)
        #expect(code { try ReportDecoder.decode(Array(bytes.prefix(10))) } == .malformed)
        #expect(code { try ReportDecoder.decode(bytes, maximumReadings: 1) } == .tooMany)
    }

    @Test func `every flipped bit and every shortened frame is an error`() throws {
        let bytes = try frame(seed: 43)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: WireError.self) { try ReportDecoder.decode(flipped) }
        }
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try ReportDecoder.decode(Array(bytes.prefix(length)))
            }
        }
    }

    @Test func `a hundred thousand forged frames never crash`() throws {
        var random = SeededRandom(seed: 44)
        let bytes = try frame(seed: 44)
        for _ in 0..<100_000 {
            var forged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                forged[Int.random(in: 2..<forged.count, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            let body = forged.count - 4
            let checksum = meter_crc32(forged, body)
            for index in 0..<4 {
                forged[body + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
            }
            guard let report = try? ReportDecoder.decode(forged) else { continue }
            #expect(report.firstSequence >= 0)
        }
    }

    @Test func `a figure that JSON would refuse is refused in a frame, by name`() throws {
        var random = SeededRandom(seed: 45)
        var sample = Samples.report(&random, count: 3, forFrames: true)
        sample.readings[1].main.voltageMillivolts = -5
        let report = try ReportDecoder.decode(
            try ReportEncoder.frame(
                sample.readings,
                epoch: sample.epoch,
                sequence: sample.sequence
            )
        )
        guard case .failure(let fault) = report.items[1] else {
            Issue.record("accepted")
            return
        }
        #expect(fault.code == .outOfRange)
        #expect(fault.detail.hasPrefix("/readings/1/channels/main/voltageMillivolts: "))
        #expect(try report.items[2].get().sequence == sample.sequence)
    }

    @Test func `live values are told from stored readings`() throws {
        let reading = try ReportDecoder.decodeLive(Array(Samples.good.utf8))
        #expect(reading.sequence == nil)
        #expect(reading.main.energyWattHours == 5)
        #expect(try ReportDecoder.decodeLive(ReportEncoder.liveJSON(reading)) == reading)

        let stored = try frame(seed: 46)
        #expect(code { try ReportDecoder.decodeLive(stored) } == .wrongKind)
        #expect(code { try ReportDecoder.decodeLive([]) } == .empty)
    }

    private func frame(seed: UInt64) throws -> [UInt8] {
        var random = SeededRandom(seed: seed)
        let sample = Samples.report(&random, count: 8, forFrames: true)
        return try ReportEncoder.frame(
            sample.readings,
            epoch: sample.epoch,
            sequence: sample.sequence
        )
    }

    private func code<Value>(_ body: () throws -> Value) -> WireError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? WireError)?.code
        }
    }
}
