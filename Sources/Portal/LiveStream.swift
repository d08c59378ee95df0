import HTTPTypes
import Hummingbird
import Metering
import NIOCore
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    /// The live values of a meter as server-sent events, each the part of the page they replace.
    ///
    /// What this process hears comes at once; what another one hears comes from the database.
    func liveStream(
        of meter: Meter, _ caller: Caller, _ office: Office
    ) async throws -> Response {
        let heard = try await useCases.live.watch(meter.id, office: caller.office)
        let first = try await latest(of: meter, caller)
        let body = ResponseBody { writer in
            var newest = first
            let (values, continuation) = AsyncStream.makeStream(
                of: LatestReading?.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await reading in heard { continuation.yield(reading) }
                }
                group.addTask {
                    // A database that is away ends the stream; the browser comes back by itself.
                    defer { continuation.finish() }
                    for _ in 0..<(Limits.liveStreamSeconds / Limits.livePollSeconds) {
                        try await stopwatch.sleep(for: .seconds(Limits.livePollSeconds))
                        continuation.yield(try await latest(of: meter, caller))
                    }
                }
                try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
                try await writer.write(event(newest, office))
                for await reading in values {
                    if let reading, newest.map({ $0.at < reading.at }) ?? true {
                        newest = reading
                    }
                    try await writer.write(event(newest, office))
                }
                group.cancelAll()
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            ],
            body: body)
    }

    private func event(_ reading: LatestReading?, _ office: Office) -> ByteBuffer {
        let html = printer.html(LivePanel(reading, wording: wording(office)))
        let lines = html.split(whereSeparator: \.isNewline).map { "data: \($0)\n" }
        return ByteBuffer(string: "event: reading\n\(lines.joined())\n")
    }
}
