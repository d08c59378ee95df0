import Hummingbird
import Metering
import Units
import UseCases
import Web

/// The newest values of a meter, once or as they come.
struct LiveRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        let feed = LiveFeed(useCases)
        group.get("meters/{serial}/live") { _, context in
            let serial = try context.pathParameter("serial")
            let newest = try await feed.newest(serial: serial, by: context.officeCaller())
            return try Response.json(
                LiveResponse(meter: serial, reading: newest.map { LatestResponse($0) })
            )
        }
        group.get("meters/{serial}/live/stream") { request, context in
            let serial = try context.pathParameter("serial")
            let caller = try context.officeCaller()
            // Whether there is such a meter is answered before the stream begins.
            _ = try await useCases.showMeters.show(serial: serial, by: caller)
            return eventStream(for: request) { emit in
                try await feed.follow(serial: serial, by: caller) { latest in
                    guard let bytes = try? jsonBytes(LatestResponse(latest)) else { return }
                    emit(
                        ServerEvent(
                            name: "reading",
                            id: latest.at.description,
                            data: String(decoding: bytes, as: UTF8.self)
                        )
                    )
                }
            }
        }
    }
}
