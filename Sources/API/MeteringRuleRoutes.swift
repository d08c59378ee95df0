import Hummingbird
import Metering
import Registry
import Tariffs
import UseCases
import Web

/// How an office's meters report, and the thresholds its readings are judged by.
struct MeteringRuleRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("office/metering") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let caller = try context.officeCaller()
            try caller.requireStaff()
            let office = try await useCases.findOffices(caller.office)
            return try Response.json(MeteringRulesResponse(office.metering))
        }
        group.patch("office/metering") { request, context in
            var fields = try await BodyFields(request)
            var input = SetMetering.Input(
                blockMinutes: fields.optionalInteger("blockMinutes"),
                readingIntervalSeconds: fields.optionalInteger("readingIntervalSeconds"),
                photoDays: fields.optionalInteger("photoDays")
            )
            for member in fields.anyMembers("rules") {
                switch member.value {
                case .number(let text), .string(let text): input.rules[member.name] = text
                case .null: input.rules[member.name] = ""
                default: fields.refuse("rules.\(member.name)", "a whole number, or null")
                }
            }
            try fields.finish()
            let office = try await useCases.setMetering(input, by: context.officeCaller())
            return try Response.json(MeteringRulesResponse(office.metering))
        }
    }
}

/// The rules in force, defaults included.
struct MeteringRulesResponse: Encodable {
    var blockMinutes: Int
    var readingIntervalSeconds: Int
    var photoDays: Int
    var rules: [String: Int64]

    init(_ metering: OfficeMetering) {
        blockMinutes = metering.blockMinutes
        readingIntervalSeconds = metering.readingIntervalSeconds
        photoDays = metering.photoDays
        let (known, _) = ValidationRules.reading(metering.validationRules)
        rules = Dictionary(uniqueKeysWithValues: known.keyValues.map { ($0.key, $0.value) })
    }
}
