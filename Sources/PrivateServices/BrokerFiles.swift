import Foundation
import Glibc

/// Where everything of a private broker lies, and the text of its configuration.
struct BrokerFiles: Sendable {
    static let serverUser = "vidyut-server"

    /// The real path of the broker's own folder.
    let folder: String

    var configuration: String { "\(folder)/mosquitto.conf" }
    var access: String { "\(folder)/access" }
    var passwords: String { "\(folder)/passwords" }
    /// Queued messages and sessions, so that they survive a restart.
    var data: String { "\(folder)/data" }
    var log: String { "\(folder)/mosquitto.log" }
    var toolLog: String { "\(folder)/setup.log" }
    var portFile: String { "\(folder)/port" }
    /// The listeners of old meters, one `port name` a line.
    var listeners: String { "\(folder)/listeners" }
    /// The server's own password, for this user's eyes only.
    var secret: String { "\(folder)/server.secret" }
    /// The same as a line of the password file.
    var secretLine: String { "\(folder)/server.hash" }

    var savedPort: Int? { StateFolder.read(portFile).flatMap { Int($0.filter(\.isNumber)) } }

    /// Whether these are the arguments of this broker.
    func isBroker(_ arguments: [String]) -> Bool {
        zip(arguments, arguments.dropFirst()).contains { $0 == "-c" && $1 == configuration }
    }

    var runningBrokers: [Int32] { ProcessTable.find(isBroker) }

    /// The text of `mosquitto.conf`: one listener for all, one for each old meter, nobody without a
    /// name, every queue bounded.
    func configurationText(
        address: String,
        port: Int,
        openFiles: Int,
        gateway: GatewayDoor,
        listeners: [GatewayListener]
    ) -> String {
        """
        # Written by vidyut at each start.
        per_listener_settings false
        allow_anonymous false
        password_file \(passwords)
        acl_file \(access)

        persistence true
        persistence_location \(data)/
        autosave_interval \(Limits.brokerSaveSeconds)
        persistent_client_expiration \(Limits.brokerSessionDays)d

        max_inflight_messages \(Limits.brokerInflightMessages)
        max_queued_messages \(Limits.brokerQueuedMessages)
        max_packet_size \(Limits.brokerPacketBytes)
        queue_qos0_messages false
        set_tcp_nodelay true

        log_dest stderr
        log_type error
        log_type warning
        log_type notice
        log_type information
        connection_messages false

        listener \(port) \(address)
        max_connections \(openFiles - Limits.brokerOwnFiles)

        """ + gateway.configurationText(listeners)
    }

    /// The listeners as they were kept.
    var savedListeners: [GatewayListener] {
        (StateFolder.read(listeners) ?? "").split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, let port = Int(parts[0]) else { return nil }
            return GatewayListener(meterName: String(parts[1]), port: port)
        }
    }

    /// Who may say what: the server everything of the house, a meter only under its own name.
    static let accessText = """
        user \(serverUser)
        topic readwrite vidyut/#
        topic read $SYS/#

        pattern write vidyut/%u/readings
        pattern write vidyut/%u/live
        pattern write vidyut/%u/events
        pattern write vidyut/%u/results
        pattern write vidyut/%u/status
        pattern read vidyut/%u/ack
        pattern read vidyut/%u/commands
        pattern write vidyut/%u/esp32/pub
        pattern read vidyut/%u/esp32/sub

        """

    /// A line of the password file; nil for a name or a hash that could smuggle in another line.
    static func passwordLine(user: String, hash: String) -> String? {
        let isHash =
            (hash.hasPrefix("$7$") || hash.hasPrefix("$6$"))
            && hash.utf8.count <= Limits.hashBytes
            && hash.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
        return isName(user) && isHash ? "\(user):\(hash)" : nil
    }

    /// Whether this can be a meter's name: nothing in it ends a line or a part of a topic.
    static func isName(_ user: String) -> Bool {
        (1...Limits.userNameBytes).contains(user.utf8.count)
            && user.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 45 || byte == 46 || byte == 95
            }
    }
}
