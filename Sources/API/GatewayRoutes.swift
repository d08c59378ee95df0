import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

/// The gateway for old meters: which there are, what happened to them, and releasing a trip.
struct GatewayRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("gateway/meters") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let meters = try await useCases.showGateway.list(by: context.officeCaller())
            return try Response.json(ListResponse(whole: meters.map { OldMeterResponse($0) }))
        }
        group.get("gateway/events") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let events = try await useCases.showGateway.events(page, by: context.officeCaller())
            return try Response.json(ListResponse(events) { GatewayEventResponse($0) })
        }
        group.post("gateway/meters/{serial}/release") { _, context in
            let serial = try context.pathParameter("serial")
            try await useCases.switchOldRelay.release(serial: serial, by: context.officeCaller())
            return try Response.json(ReleaseResponse(meter: serial, tripped: false))
        }
    }
}

/// An old meter on the wire.
struct OldMeterResponse: Encodable {
    var meter: String
    var port: Int
    /// When its last message came.
    var lastAt: String?
    var energyWattHours: Int64
    var overVoltage: Bool
    /// Since when its supply is to stay off.
    var trippedAt: String?

    init(_ old: OldMeter) {
        meter = old.meter.serial
        port = old.port
        lastAt = old.state.lastAt?.description
        energyWattHours = old.state.main.wattHours
        overVoltage = old.state.protection.isOver
        trippedAt = old.state.protection.trippedAt?.description
    }
}

/// What happened to an old meter.
struct GatewayEventResponse: Encodable {
    var id: Int64
    var meter: String
    var at: String
    var kind: String
    var detail: String

    init(_ recorded: RecordedGatewayEvent) {
        id = recorded.id
        meter = recorded.meterSerial
        at = recorded.at.description
        kind = recorded.event.kind.rawValue
        detail = recorded.event.detail
    }
}

/// A trip that was released.
struct ReleaseResponse: Encodable {
    var meter: String
    var tripped: Bool
}
