import MQTT

/// A broker as a URL names it: `mqtt://user:password@host:port`, or `mqtts://…` for TLS.
struct BrokerAddress: Sendable, Hashable {
    var host: String
    var port: Int
    var username: String?
    var password: String?
    var authorityFile: String?

    init(host: String, port: Int, username: String?, password: String?) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
    }

    /// Reads a URL; `authorityFile` is the PEM file of the authorities, for `mqtts` only.
    init(url: String, authorityFile: String) throws(ConfigurationError) {
        let fault = ConfigurationError(
            "mqtt.url should look like mqtt://user:password@host:1883, not '\(redacted(url))'"
        )
        let isSecure = url.hasPrefix("mqtts://")
        guard isSecure || url.hasPrefix("mqtt://") else { throw fault }
        var place = url.dropFirst(isSecure ? 8 : 7)
        if place.hasSuffix("/") { place.removeLast() }
        if let at = place.lastIndex(of: "@") {
            let parts = place[..<at].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard let user = decoded(parts[0]), !user.isEmpty else { throw fault }
            username = user
            if parts.count == 2 {
                guard let word = decoded(parts[1]) else { throw fault }
                password = word
            }
            place = place[place.index(after: at)...]
        }
        port = isSecure ? 8_883 : 1_883
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = String(place[place.index(after: place.startIndex)..<end])
            place = place[place.index(after: end)...]
        } else {
            let end = place.firstIndex(of: ":") ?? place.endIndex
            host = String(place[..<end])
            place = place[end...]
        }
        if !place.isEmpty {
            guard place.first == ":", let number = Int(place.dropFirst()),
                (1...65_535).contains(number)
            else { throw fault }
            port = number
        }
        guard !host.isEmpty, !host.contains("/"), !host.contains("?") else { throw fault }
        self.authorityFile = isSecure ? authorityFile : nil
    }

    /// What a client of this broker needs.
    func configuration(clientIdentifier: String, cleanSession: Bool = true) -> MQTTConfiguration {
        MQTTConfiguration(
            host: host,
            port: port,
            clientIdentifier: clientIdentifier,
            username: username,
            password: password,
            cleanSession: cleanSession,
            tls: authorityFile.map { MQTTTLS(certificateAuthorityPath: $0) }
        )
    }
}

/// Text with `%41` for a byte; nil when that makes no UTF-8.
private func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16), rest.count >= 2 else {
            return nil
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}
