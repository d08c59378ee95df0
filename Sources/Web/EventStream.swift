import HTTPTypes
package import Hummingbird
import ServiceLifecycle

/// One server-sent event.
package struct ServerEvent: Sendable, Hashable {
    package var name: String?
    /// What a client that was cut off may name in `Last-Event-ID`.
    package var id: String?
    package var data: String

    package init(name: String? = nil, id: String? = nil, data: String) {
        self.name = name
        self.id = id
        self.data = data
    }

    /// The lines of the event with the empty one that ends it.
    package var text: String {
        var text = ""
        if let name { text += "event: \(name)\n" }
        if let id { text += "id: \(id)\n" }
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }
}

/// Answers with `text/event-stream` until the client leaves, the office closes or `produce` returns.
///
/// After an hour the stream ends too: the client comes back, and whether it still may is asked again.
/// A comment is sent when nothing else is, so that proxies keep the connection and a client that has
/// left is noticed. Errors of `produce` end the stream; clients come back by themselves.
package func eventStream(
    for request: Request,
    produce: @escaping @Sendable (@escaping @Sendable (ServerEvent) -> Void) async throws -> Void
) -> Response {
    let headers: HTTPFields = [
        .contentType: "text/event-stream", .cacheControl: "no-store",
        .accelBuffering: "no",
    ]
    return Response(
        status: .ok,
        headers: headers,
        body: ResponseBody { writer in
            let (texts, texting) = AsyncStream.makeStream(
                of: String.self,
                bufferingPolicy: .bufferingNewest(Limits.eventsWaiting)
            )
            // The retry time reaches the client at once: it sees that the stream is open.
            texting.yield("retry: 3000\n\n")
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                await withTaskGroup { group in
                    group.addTask {
                        await cancelWhenGracefulShutdown {
                            try? await produce { texting.yield($0.text) }
                        }
                        texting.finish()
                    }
                    group.addTask {
                        for _ in 0..<Limits.streamHeartbeats {
                            do {
                                try await Task.sleep(for: .seconds(Limits.heartbeatSeconds))
                            } catch {
                                return
                            }
                            texting.yield(": still here\n\n")
                        }
                        texting.finish()
                    }
                    do {
                        for await text in texts {
                            try await writer.write(ByteBuffer(string: text))
                        }
                    } catch {
                        // The client has left; there is nobody to tell.
                    }
                    group.cancelAll()
                }
            }
            try await writer.finish(nil)
        }
    )
}
