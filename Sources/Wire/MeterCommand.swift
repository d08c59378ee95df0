import MeterCore

/// What the office asks of a meter's relays; the payload of the topic `commands`.
package struct MeterCommand: Hashable, Sendable {
    /// The relays, by the channel they switch.
    package enum Channel: String, CaseIterable, Sendable { case main, dev1, dev2 }

    /// `reset` releases the over-voltage latch, which no other command does; for `main` only.
    package enum Action: String, CaseIterable, Sendable { case on, off, reset }

    package var identifier: Int64
    package var channel: Channel
    package var action: Action
    /// Seconds since 1970 after which a meter with a clock refuses it; nil: never.
    package var expiresAtSeconds: Int64?

    package init(
        identifier: Int64,
        channel: Channel,
        action: Action,
        expiresAtSeconds: Int64? = nil
    ) {
        self.identifier = identifier
        self.channel = channel
        self.action = action
        self.expiresAtSeconds = expiresAtSeconds
    }

    /// `{"id":17,"channel":"main","action":"off","expiresAtSeconds":1793000000}`.
    package func encoded() -> [UInt8] {
        let expiry = expiresAtSeconds.map { ",\"expiresAtSeconds\":\($0)" } ?? ""
        let text =
            "{\"id\":\(identifier),\"channel\":\"\(channel.rawValue)\","
            + "\"action\":\"\(action.rawValue)\"\(expiry)}"
        return Array(text.utf8)
    }
}

/// What a meter says of a command; the payload of the topic `results`.
package struct MeterCommandResult: Hashable, Sendable {
    /// What became of it.
    package enum Outcome: String, CaseIterable, Sendable {
        case done
        /// Refused: the over-voltage latch must be reset first.
        case tripped
        case expired
        /// The meter has no such channel.
        case unsupported
    }

    package var identifier: Int64
    package var outcome: Outcome

    package init(identifier: Int64, outcome: Outcome) {
        self.identifier = identifier
        self.outcome = outcome
    }

    /// Reads `{"id":17,"result":"done"}`.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            var scanner = JSONScanner(buffer)
            do throws(ScanFault) {
                return try MeterCommandResult(&scanner)
            } catch {
                throw WireError(error.code, error.detail)
            }
        }
    }

    private init(_ scanner: inout JSONScanner) throws(ScanFault) {
        var identifier: Int64?
        var outcome: Outcome?
        guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
        var more = scanner.hasFirst(closing: 0x7D)
        while more {
            let key = try scanner.key()
            if scanner.equals(key, "id"), identifier == nil {
                identifier = try scanner.integer()
            } else if scanner.equals(key, "result"), outcome == nil {
                outcome = Outcome(rawValue: scanner.string(try scanner.text()))
                guard outcome != nil else { throw ScanFault(.malformed, "unknown result") }
            } else {
                throw ScanFault(.unknownKey, "the fields are id and result")
            }
            more = try scanner.hasNext(closing: 0x7D)
        }
        try scanner.end()
        guard let identifier, let outcome else {
            throw ScanFault(.missingField, "id and result are needed")
        }
        self.init(identifier: identifier, outcome: outcome)
    }
}
