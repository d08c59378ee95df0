import MeterCore
import Testing

@Suite struct MessageTests {
    @Test(arguments: [
        #"{"epoch":0,"acknowledgedSequence":1042}"#,
        #" { "acknowledgedSequence" : 1042 , "epoch" : 0 } "#,
    ])
    func `an acknowledgement is read in any order of its keys`(text: String) {
        let (status, epoch, sequence) = read(text)
        #expect(status == METER_OK)
        #expect(epoch == 0)
        #expect(sequence == 1_042)
    }

    @Test(arguments: [
        "", "{}", "{", "1042", #"{"epoch":0}"#, #"{"acknowledgedSequence":1}"#,
        #"{"epoch":0,"epoch":0,"acknowledgedSequence":1}"#,
        #"{"epoch":0,"acknowledgedSequence":1,"more":1}"#,
        #"{"epoch":0,"acknowledgedSequence":1}x"#, #"{"epoch":0,"acknowledgedSequence":1,}"#,
        #"{"epoch":0,"acknowledgedSequence":-1}"#, #"{"epoch":0,"acknowledgedSequence":1.0}"#,
        #"{"epoch":00,"acknowledgedSequence":1}"#, #"{"epoch":"0","acknowledgedSequence":1}"#,
        #"{"epoch":0,"acknowledgedSequence":99999999999999999999}"#,
        #"{"epoch":2147483648,"acknowledgedSequence":1}"#,
        #"{"epoch":0,"acknowledgedSequence":18446744073709551615}"#,
        #"{"epoch":0,"acknowledgedSequence":NaN}"#, #"{"\u0065poch":0,"acknowledgedSequence":1}"#,
        #"[{"epoch":0,"acknowledgedSequence":1}]"#,
        #"{"epoch":0,"acknowledgedSequence":1}"# + String(repeating: " ", count: 300),
    ])
    func `what is not exactly an acknowledgement is refused`(text: String) {
        #expect(read(text).status != METER_OK)
    }

    @Test func `what the encoder writes the decoder reads`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<1_000 {
            let epoch = UInt32.random(in: 0...UInt32(Int32.max), using: &random)
            let sequence = UInt64.random(in: 0...UInt64(Int64.max), using: &random)
            var buffer = [UInt8](repeating: 0, count: 80)
            let length = meter_acknowledgement_encode(epoch, sequence, &buffer, buffer.count)
            let (status, readEpoch, readSequence) = read(
                String(decoding: buffer.prefix(length), as: UTF8.self)
            )
            #expect(status == METER_OK && readEpoch == epoch && readSequence == sequence)
            #expect(meter_acknowledgement_encode(epoch, sequence, &buffer, length - 1) == 0)
        }
    }

    @Test func `damaged acknowledgements never crash and seldom pass`() {
        let text = Array(#"{"epoch":0,"acknowledgedSequence":1042}"#.utf8)
        var random = SeededRandom(seed: 12)
        for _ in 0..<20_000 {
            var damaged = text
            damaged[Int.random(in: 0..<text.count, using: &random)] = .random(
                in: 0...255,
                using: &random
            )
            var epoch: UInt32 = 0
            var sequence: UInt64 = 0
            if meter_acknowledgement_decode(damaged, damaged.count, &epoch, &sequence) == METER_OK {
                #expect(epoch <= 9 && sequence <= 9_999)
            }
        }
        for length in 0..<text.count {
            var epoch: UInt32 = 0
            var sequence: UInt64 = 0
            #expect(meter_acknowledgement_decode(text, length, &epoch, &sequence) != METER_OK)
        }
    }

    @Test func `commands switch relays, and doing one twice is once`() {
        let meter = TestMeter()
        for _ in 0..<2 {
            #expect(
                apply(#"{"id":7,"channel":"dev1","action":"off"}"#, meter) == METER_COMMAND_DONE
            )
            #expect(!meter_relay_wanted_on(meter.core, 1))
            #expect(meter_relay_wanted_on(meter.core, 0))
        }
        #expect(apply(#"{"action":"on","id":8,"channel":"dev1"}"#, meter) == METER_COMMAND_DONE)
        #expect(meter_relay_wanted_on(meter.core, 1))
    }

    @Test func `an expired command, or one for a channel that is not there, is refused`() {
        let meter = TestMeter(channels: 1)
        let late = #"{"id":1,"channel":"main","action":"off","expiresAtSeconds":1000}"#
        #expect(apply(late, meter, now: 1_001) == METER_COMMAND_EXPIRED)
        #expect(meter_relay_wanted_on(meter.core, 0))
        #expect(apply(late, meter, now: 1_000) == METER_COMMAND_DONE)
        let absent = #"{"id":1,"channel":"dev2","action":"off"}"#
        #expect(apply(absent, meter) == METER_COMMAND_UNSUPPORTED)
    }

    @Test(arguments: [
        #"{"id":1,"channel":"mains","action":"off"}"#, #"{"id":1,"channel":"main"}"#,
        #"{"id":1,"channel":"main","action":"toggle"}"#, #"{"channel":"main","action":"off"}"#,
        #"{"id":1,"id":1,"channel":"main","action":"off"}"#, #"{"message":"mainoff"}"#,
    ])
    func `a message that is not a command is refused`(text: String) {
        var command = meter_command()
        let bytes = Array(text.utf8)
        #expect(meter_command_decode(bytes, bytes.count, &command) == METER_MALFORMED)
    }

    @Test func `a result names the command and what became of it`() {
        var buffer = [UInt8](repeating: 0, count: 64)
        let length = meter_command_result_encode(17, METER_COMMAND_TRIPPED, &buffer, 64)
        #expect(
            String(decoding: buffer.prefix(length), as: UTF8.self)
                == #"{"id":17,"result":"tripped"}"#
        )
    }

    private func read(_ text: String) -> (status: meter_status, epoch: UInt32, sequence: UInt64) {
        let bytes = Array(text.utf8)
        var epoch: UInt32 = 0
        var sequence: UInt64 = 0
        let status = meter_acknowledgement_decode(bytes, bytes.count, &epoch, &sequence)
        return (status, epoch, sequence)
    }

    private func apply(
        _ text: String,
        _ meter: TestMeter,
        now: Int64 = 0
    ) -> meter_command_result {
        let bytes = Array(text.utf8)
        var command = meter_command()
        #expect(meter_command_decode(bytes, bytes.count, &command) == METER_OK)
        return meter_command_apply(
            meter.core,
            &command,
            meter_time(seconds: now, uptime_seconds: 0)
        )
    }
}
