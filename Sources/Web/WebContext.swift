package import Hummingbird
import Logging
import NIOCore
import Registry
package import UseCases

/// What one request carries along: its id, who asks, from where.
package struct WebContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// In the answer's `X-Request-ID` and in every log line about the request.
    package var requestID: String
    /// Set by whichever door has recognised the asker.
    package var caller: Caller?
    /// The connection came from this machine itself; a proxy's connection does too.
    package let isFromLoopback: Bool

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        isFromLoopback = source.channel.remoteAddress?.isLoopback ?? false
    }

    /// Forms and JSON decoded by Hummingbird itself are held to the ordinary limit.
    package var maxUploadSize: Int { Limits.bodyBytes }

    /// The asker.
    ///
    /// - Throws: `NotSignedIn` when nobody was recognised.
    package func requireCaller() throws -> Caller {
        guard let caller else { throw NotSignedIn("sign in first") }
        return caller
    }

    /// A part of the path, percent-decoded; `NotFound` is thrown for what no name can be.
    package func pathParameter(_ name: String) throws -> String {
        let text = try parameters.require(name).percentDecoded()
        guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw NotFound("thing of that name")
        }
        return text
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4: ipAddress?.hasPrefix("127.") ?? false
        case .v6: ipAddress == "::1" || ipAddress?.hasPrefix("::ffff:127.") ?? false
        case .unixDomainSocket: true
        }
    }
}
