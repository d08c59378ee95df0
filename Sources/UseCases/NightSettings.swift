import Forecasting
import Registry
import Store
import Units

/// What a night of forecasts takes from its office, as it stood when the night began.
///
/// Kept with the night: who goes on with it, or shares it, takes the same, whatever was changed since.
struct NightSettings: Codable, Sendable {
    /// A cycle of the office or of a group.
    private struct Cycle: Codable {
        var months: Int
        var day: Int
        var endsInEvenMonth: Bool

        init(_ rule: CycleRule) {
            (months, day, endsInEvenMonth) = (rule.months, rule.day, rule.endsInEvenMonth)
        }

        var rule: CycleRule {
            CycleRule(months: months, day: day, endsInEvenMonth: endsInEvenMonth)
        }
    }

    /// Monthly mean temperatures, January first.
    private var celsius: [Double]
    private var blockMinutes: Int
    /// The office's own by the empty name.
    private var cycles: [String: Cycle]
    /// Families that are peers of their own, the largest first.
    let families: [String]

    /// The settings of now.
    init(in transaction: TenantTransaction) throws {
        let office = try transaction.office()
        celsius = office.forecasting.temperatures
        blockMinutes = office.metering.blockMinutes
        cycles = ["": Cycle(office.cycle)]
        for group in try transaction.billingGroups() { cycles[group.code] = Cycle(group.cycle) }
        families = try transaction.forecastFamilies(limit: Limits.forecastFamilies)
    }

    /// The office as the night sees it.
    func applied(to office: Office) -> Office {
        var office = office
        office.forecasting.monthlyCelsius = celsius
        office.metering.blockMinutes = blockMinutes
        office.cycle = cycles[""]?.rule ?? office.cycle
        return office
    }

    /// The office's billing groups, in order of their codes.
    var groups: [BillingGroup] {
        cycles.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
            .map { BillingGroup(code: $0.key, cycle: $0.value.rule) }
    }
}
