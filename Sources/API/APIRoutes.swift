package import Hummingbird
package import UseCases
package import Web

/// Whether a part that the office needs can be reached.
package struct Readiness: Sendable {
    package var name: String
    package var isReady: Bool

    package init(name: String, isReady: Bool) {
        self.name = name
        self.isReady = isReady
    }
}

/// Every route for programs; `openapi.yaml` is their contract.
package struct APIRoutes: Sendable {
    private let useCases: UseCaseSet
    private let system: SystemRoutes

    /// What meters call all day long.
    package static let busyRoutes: Set<String> = ["/v1/readings"]

    /// Takes the verbs and what only the program as a whole knows.
    ///
    /// - Parameters:
    ///   - useCases: every verb.
    ///   - openAPI: the text of `openapi.yaml`, served as it is.
    ///   - metricsText: the present values in Prometheus' text format.
    ///   - readiness: asks the database and the broker.
    package init(
        _ useCases: UseCaseSet,
        openAPI: String,
        metricsText: @escaping @Sendable () -> String = { "" },
        readiness: @escaping @Sendable () async -> [Readiness] = { [] }
    ) {
        self.useCases = useCases
        system = SystemRoutes(
            useCases: useCases,
            openAPI: openAPI,
            metricsText: metricsText,
            readiness: readiness
        )
    }

    /// Adds the routes; what every request passes (`makeRouter`) is there already.
    package func add(to router: Router<WebContext>) {
        system.add(to: router)
        OldPageRoutes(useCases: useCases).add(to: router)
        let entrance = router.group("v1")
        SessionRoutes(useCases: useCases).addSignIn(to: entrance)
        ReadingRoutes(useCases: useCases).addReporting(to: entrance)
        let known = router.group("v1").add(middleware: Authentication(useCases: useCases))
        SessionRoutes(useCases: useCases).add(to: known)
        OfficeRoutes(useCases: useCases).add(to: known)
        UserRoutes(useCases: useCases).add(to: known)
        ConsumerRoutes(useCases: useCases).add(to: known)
        ServiceRoutes(useCases: useCases).add(to: known)
        MeterRoutes(useCases: useCases).add(to: known)
        LiveRoutes(useCases: useCases).add(to: known)
        GatewayRoutes(useCases: useCases).add(to: known)
        ReadingRoutes(useCases: useCases).add(to: known)
        ExceptionRoutes(useCases: useCases).add(to: known)
        DayRoutes(useCases: useCases).add(to: known)
        ManualReadingRoutes(useCases: useCases).add(to: known)
        RoundRoutes(useCases: useCases).add(to: known)
        BillingRuleRoutes(useCases: useCases).add(to: known)
        MeteringRuleRoutes(useCases: useCases).add(to: known)
        ForecastRoutes(useCases: useCases).add(to: known)
        TariffRoutes(useCases: useCases).add(to: known)
        TariffParameterRoutes(useCases: useCases).add(to: known)
        BillRunRoutes(useCases: useCases).add(to: known)
        BillRoutes(useCases: useCases).add(to: known)
        NoteRoutes(useCases: useCases).add(to: known)
    }
}
