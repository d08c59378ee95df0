import Glibc

/// TCP ports of this machine, looked at from inside.
enum LoopbackPort {
    /// A port that is free now; another program may take it before it is used.
    static func free() throws(PrivateServiceError) -> Int {
        guard let port = bound(to: 0) else {
            throw .file("127.0.0.1", reason: StateFolder.lastReason)
        }
        return port
    }

    /// Whether a program could listen there now.
    static func isFree(_ port: Int) -> Bool { bound(to: port) != nil }

    /// Whether somebody accepts connections there; the address is an IPv4 one, in digits.
    static func answers(_ port: Int, at address: String) -> Bool {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        var place = place(port)
        inet_pton(AF_INET, address, &place.sin_addr)
        return withSocketAddress(&place) { connect(file, $0, $1) == 0 }
    }

    /// Binds for an instant, and returns the port; nil when it is taken.
    private static func bound(to port: Int) -> Int? {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var yes: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var place = place(port)
        let isBound = withSocketAddress(&place) { address, length in
            var length = length
            return bind(file, address, length) == 0 && getsockname(file, address, &length) == 0
        }
        return isBound ? Int(in_port_t(bigEndian: place.sin_port)) : nil
    }

    private static func place(_ port: Int) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return place
    }

    private static func withSocketAddress(
        _ place: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
