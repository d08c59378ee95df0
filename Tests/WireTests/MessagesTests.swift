import Testing
import Wire

@Suite struct MessagesTests {
    @Test func `an acknowledgement is the contract's JSON, and meters understand it`() throws {
        let bytes = AcknowledgementEncoder.encode(epoch: 0, acknowledgedSequence: 1_042)
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"epoch":0,"acknowledgedSequence":1042}"#
        )
        let read = try AcknowledgementEncoder.decode(bytes)
        #expect(read.epoch == 0)
        #expect(read.acknowledgedSequence == 1_042)
        let highest = AcknowledgementEncoder.encode(
            epoch: .max,
            acknowledgedSequence: .max
        )
        #expect(try AcknowledgementEncoder.decode(highest).acknowledgedSequence == .max)
        #expect(throws: WireError.self) { try AcknowledgementEncoder.decode([]) }
    }

    @Test func `a command is what the core reads, and a result is read back`() throws {
        let command = MeterCommand(
            identifier: 17,
            channel: .main,
            action: .off,
            expiresAtSeconds: 1_800_000_000
        )
        #expect(
            String(decoding: command.encoded(), as: UTF8.self)
                == #"{"id":17,"channel":"main","action":"off","expiresAtSeconds":1800000000}"#
        )
        let result = try MeterCommandResult(decoding: Array(#"{"id":17,"result":"tripped"}"#.utf8))
        #expect(result == MeterCommandResult(identifier: 17, outcome: .tripped))
    }

    @Test(arguments: [
        "", "{}", #"{"id":1}"#, #"{"id":1,"result":"maybe"}"#, #"{"id":1,"result":"done"} 2"#,
        #"{"id":1,"id":1,"result":"done"}"#, #"{"id":"1","result":"done"}"#,
    ])
    func `what is not a result is refused`(text: String) {
        #expect(throws: WireError.self) { try MeterCommandResult(decoding: Array(text.utf8)) }
    }
}
