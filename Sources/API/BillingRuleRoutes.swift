import Hummingbird
import Registry
import Units
import UseCases
import Web

/// How an office bills: its rules and its billing groups, for bills not yet made.
struct BillingRuleRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("office/billing") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let caller = try context.officeCaller()
            try caller.requireStaff()
            let office = try await useCases.findOffices(caller.office)
            return try Response.json(BillingRulesResponse(office.billing))
        }
        group.patch("office/billing") { request, context in
            var fields = try await BodyFields(request)
            let input = SetBilling.Input(
                lateReadings: fields.optionalText("lateReadings"),
                approval: fields.optionalText("approval"),
                makerChecker: fields.optionalFlag("makerChecker"),
                billLimitPaise: fields.optionalInteger("billLimitPaise"),
                usualHighPercent: fields.optionalInteger("usualHighPercent"),
                usualLowPercent: fields.optionalInteger("usualLowPercent")
            )
            try fields.finish()
            let office = try await useCases.setBilling(input, by: context.officeCaller())
            return try Response.json(BillingRulesResponse(office.billing))
        }
        group.get("billing-groups") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let groups = try await useCases.setBilling.groups(by: context.officeCaller())
            return try Response.json(ListResponse(whole: groups.map(BillingGroupResponse.init)))
        }
        group.put("billing-groups/{code}") { request, context in
            let code = try context.pathParameter("code")
            var fields = try await BodyFields(request)
            let months = fields.integer("cycleMonths")
            let day = fields.optionalInteger("cycleDay")
            let endsInEvenMonth = fields.optionalFlag("cycleEndsInEvenMonth")
            try fields.finish()
            let group = try await useCases.setBilling.group(
                code: code,
                cycleMonths: months,
                cycleDay: day ?? 1,
                cycleEndsInEvenMonth: endsInEvenMonth ?? true,
                by: context.officeCaller()
            )
            return try Response.json(BillingGroupResponse(group))
        }
    }
}

/// The rules that an office bills by.
struct BillingRulesResponse: Encodable {
    var lateReadings: String
    var approval: String
    var makerChecker: Bool
    /// Absent when there is no limit.
    var billLimitPaise: Int64?
    var usualHighPercent: Int
    var usualLowPercent: Int

    init(_ billing: OfficeBilling) {
        lateReadings = billing.lateReadings.rawValue
        approval = billing.approval.rawValue
        makerChecker = billing.makerChecker
        billLimitPaise = billing.billLimit?.paise
        usualHighPercent = billing.usualHighPercent
        usualLowPercent = billing.usualLowPercent
    }
}

/// Services billed on a cycle of their own.
struct BillingGroupResponse: Encodable {
    var code: String
    var cycleMonths: Int
    var cycleDay: Int
    var cycleEndsInEvenMonth: Bool

    init(_ group: BillingGroup) {
        code = group.code
        cycleMonths = group.cycle.months
        cycleDay = group.cycle.day
        cycleEndsInEvenMonth = group.cycle.endsInEvenMonth
    }
}
