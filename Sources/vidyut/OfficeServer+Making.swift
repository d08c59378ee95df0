import API
import Foundation
import Hummingbird
import MQTT
import Portal
import Registry
import Telemetry
import Units
import UseCases
import Web

extension OfficeServer {
    /// The server of the settings in force.
    init(_ services: ProgramServices, metrics: PrometheusMetricsFactory) throws {
        guard let broker = services.broker else {
            throw ConfigurationError("the server needs a broker")
        }
        let configuration = services.configuration
        let useCases = services.useCases
        let client = MQTTClient(
            broker.configuration(
                clientIdentifier: "vidyut-server-\(ProcessInfo.processInfo.processIdentifier)"
            ),
            logger: services.logger
        )
        let contract = try String(
            contentsOfFile: try Resource.openAPI.path(),
            encoding: .utf8
        )
        let api = APIRoutes(
            useCases,
            openAPI: contract,
            metricsText: { metrics.text() },
            readiness: {
                let database = try? await useCases.findOffices(Office.ID(0))
                return [
                    Readiness(name: "database", isReady: database != nil),
                    Readiness(name: "broker", isReady: client.isConnected),
                ]
            }
        )
        let portal = try PortalRoutes(useCases, usesSecureCookies: configuration.usesSecureCookies)
        self.init(
            useCases: useCases,
            client: client,
            address: .hostname(configuration.httpHost, port: configuration.httpPort),
            makeResponder: {
                makeRouter(page: portal.page, busyRoutes: APIRoutes.busyRoutes) { router in
                    api.add(to: router)
                    portal.add(to: router)
                }.buildResponder()
            },
            writeBrokerAccess: services.writeBrokerAccess,
            archive: configuration.archiveDirectory.map { useCases.archive(in: $0) },
            logger: services.logger
        )
    }
}
