/// The listener of one old meter: what comes in there is said under its name.
package struct GatewayListener: Sendable, Hashable {
    /// `office.serial`, the meter's name and user at the broker.
    package let meterName: String
    package let port: Int

    package init(meterName: String, port: Int) {
        self.meterName = meterName
        self.port = port
    }

    /// The lines of a file; refuses a name that could smuggle in something else, and a port twice.
    static func file(_ listeners: [GatewayListener]) throws(PrivateServiceError) -> String {
        var ports: Set<Int> = []
        var text = ""
        for listener in listeners.sorted(by: { $0.port < $1.port }) {
            guard BrokerFiles.isName(listener.meterName), (1...65_535).contains(listener.port),
                ports.insert(listener.port).inserted
            else { throw .badCredential(user: listener.meterName) }
            text += "\(listener.port) \(listener.meterName)\n"
        }
        return text
    }
}

/// Where old meters come in: the address of their listeners, and certificates where they use them.
package struct GatewayDoor: Sendable, Hashable {
    /// Paths of PEM files that the broker can read.
    package struct Certificates: Sendable, Hashable {
        /// The authority that signed the meters' certificates; their common name is `office.serial`.
        package let authority: String
        package let certificate: String
        package let key: String

        package init(authority: String, certificate: String, key: String) {
            self.authority = authority
            self.certificate = certificate
            self.key = key
        }
    }

    package let address: String
    /// Nil: a meter signs in with its name and credential, without TLS.
    package let certificates: Certificates?

    package init(address: String = "127.0.0.1", certificates: Certificates? = nil) {
        self.address = address
        self.certificates = certificates
    }

    /// The listeners as Mosquitto's configuration wants them.
    ///
    /// The mount point puts each meter's `esp32/pub` and `esp32/sub` under its own name; the access
    /// list lets nobody but that name use them.
    package func configurationText(_ listeners: [GatewayListener]) -> String {
        listeners.map { listener in
            var lines = [
                "", "listener \(listener.port) \(address)",
                "mount_point vidyut/\(listener.meterName)/",
                "max_connections \(Limits.gatewayConnections)",
            ]
            if let certificates {
                lines += [
                    "cafile \(certificates.authority)", "certfile \(certificates.certificate)",
                    "keyfile \(certificates.key)", "tls_version tlsv1.2",
                    "require_certificate true", "use_identity_as_username true",
                ]
            }
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }
}
