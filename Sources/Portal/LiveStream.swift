import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    /// The live values of a meter as server-sent events, each the part of the page they replace.
    ///
    /// The stream ends after a while; the browser opens it again and is recognised anew.
    func liveStream(
        of meter: Meter,
        _ caller: Caller,
        _ office: Office,
        for request: Request
    ) -> Response {
        eventStream(for: request) { emit in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await feed.follow(serial: meter.serial, by: caller) { latest in
                        let panel = LivePanel(latest, wording: wording(office))
                        emit(ServerEvent(name: "reading", data: printer.html(panel)))
                    }
                }
                group.addTask {
                    try await stopwatch.sleep(for: .seconds(Limits.liveStreamSeconds))
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }
}
