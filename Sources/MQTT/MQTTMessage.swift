/// One published message: to send, received, or left as a will.
package struct MQTTMessage: Hashable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    /// 0 (at most once) or 1 (at least once).
    package var qualityOfService: Int
    /// To send: the broker keeps it for later subscribers; received: it was such a kept one.
    package var retain: Bool

    package init(topic: String, payload: [UInt8], qualityOfService: Int = 1, retain: Bool = false) {
        precondition(
            qualityOfService == 0 || qualityOfService == 1,
            "The quality of service is 0 or 1."
        )
        self.topic = topic
        self.payload = payload
        self.qualityOfService = qualityOfService
        self.retain = retain
    }

    package init(topic: String, text: String, qualityOfService: Int = 1, retain: Bool = false) {
        self.init(
            topic: topic,
            payload: Array(text.utf8),
            qualityOfService: qualityOfService,
            retain: retain
        )
    }

    /// The payload read as UTF-8, invalid bytes replaced.
    package var text: String { String(decoding: payload, as: UTF8.self) }
}
