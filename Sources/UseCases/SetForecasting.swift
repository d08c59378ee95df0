import Forecasting
package import Registry
package import Store

/// Says in which climate an office lies: what its forecasts rest on besides its days.
package struct SetForecasting: Sendable {
    /// What changes; nil leaves it as it is.
    package struct Input: Sendable {
        /// A station or zone of the program's table; it takes the place of own temperatures.
        package var climate: String?
        /// Twelve monthly mean temperatures of the office's own, January first.
        package var monthlyCelsius: [Double]?

        package init(climate: String? = nil, monthlyCelsius: [Double]? = nil) {
            self.climate = climate
            self.monthlyCelsius = monthlyCelsius
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Stations and zones that the program knows, in alphabetical order.
    package static var climates: [String] { ClimateTable.names }

    /// Changes the climate from the next night on.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Office {
        try caller.require(.manager, .engineer)
        return try await store.withTenant(caller.office) { transaction in
            var faults = FaultCollector()
            var forecasting = try transaction.office().forecasting
            if let climate = input.climate {
                let name = climate.lowercased()
                faults.check(
                    ClimateTable.named(name) != nil,
                    "climate",
                    "unknown",
                    "one of \(ClimateTable.names.joined(separator: ", "))"
                )
                forecasting = OfficeForecasting(climate: name)
            }
            if let celsius = input.monthlyCelsius {
                faults.check(
                    ClimateNormals(monthlyCelsius: celsius) != nil,
                    "monthlyCelsius",
                    "invalid",
                    "twelve temperatures between -60 and 60, January first"
                )
                forecasting.monthlyCelsius = celsius
            }
            try faults.finish()
            try transaction.update(forecasting)
            return try transaction.office()
        }
    }
}

extension OfficeForecasting {
    /// The monthly mean temperatures in force, January first: the office's own, or its station's.
    package var temperatures: [Double] { normals.monthlyCelsius }
}
