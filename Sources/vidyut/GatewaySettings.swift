import PrivateServices

/// Where old meters come in.
struct GatewaySettings: Sendable {
    let door: GatewayDoor
    let ports: ClosedRange<Int>

    init(_ values: [Setting: String]) throws(ConfigurationError) {
        let text = values[.gatewayPorts] ?? ""
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Int(parts[0]), let last = Int(parts[1]),
            first >= 1_024, first <= last, last <= 65_535
        else {
            throw ConfigurationError(
                "gateway.ports is first-last within 1024 to 65535, not '\(text)'"
            )
        }
        ports = first...last
        let address = values[.gatewayHost] ?? ""
        // The text goes into the broker's configuration.
        let isAddress = address.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
                || byte == 46 || byte == 58
        }
        guard !address.isEmpty, isAddress else {
            throw ConfigurationError(
                "gateway.host is an address in digits such as 0.0.0.0, not '\(address)'"
            )
        }
        let files = [
            values[.gatewayAuthorityFile], values[.gatewayCertificateFile],
            values[.gatewayKeyFile],
        ].compactMap { $0 }
        guard files.allSatisfy({ !$0.isEmpty && !$0.contains { $0.isNewline } }),
            files.isEmpty || files.count == 3
        else {
            throw ConfigurationError(
                "old meters use TLS with all of gateway.authorityFile, gateway.certificateFile and "
                    + "gateway.keyFile, or with none"
            )
        }
        door = GatewayDoor(
            address: address,
            certificates: files.isEmpty
                ? nil
                : GatewayDoor.Certificates(
                    authority: files[0],
                    certificate: files[1],
                    key: files[2]
                )
        )
    }
}
