import Hummingbird
import Registry
import Units
import UseCases
import Web

/// The offices of the installation; who is no administrator sees their own.
struct OfficeRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("offices") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let caller = try context.requireCaller()
            let offices =
                caller.isWithoutOffice
                ? try await useCases.findOffices.all()
                : [try await useCases.findOffices(caller.office)]
            return try Response.json(ListResponse(whole: offices.map(OfficeResponse.init)))
        }
        group.post("offices") { request, context in
            try context.requireCaller().requireAdministrator()
            var fields = try await BodyFields(request)
            let input = AddOffice.Input(
                code: fields.text("code"),
                name: fields.text("name"),
                timeZone: fields.optionalText("timeZone"),
                language: fields.optionalText("language"),
                cycleMonths: fields.optionalInteger("cycleMonths"),
                cycleDay: fields.optionalInteger("cycleDay"),
                cycleEndsInEvenMonth: fields.optionalFlag("cycleEndsInEvenMonth"),
                oldestReadingDays: fields.optionalInteger("oldestReadingDays")
            )
            try fields.finish()
            let office = try await useCases.addOffice(input)
            return try Response.created(
                OfficeResponse(office),
                at: "/v1/offices/\(pathPart(office.code))"
            )
        }
        group.get("offices/{code}") { _, context in
            let caller = try context.requireCaller()
            let code = try context.pathParameter("code")
            let office = try await useCases.findOffices(code: code)
            guard caller.isWithoutOffice || caller.office == office.id else {
                throw NotFound("office '\(code)'")
            }
            return try Response.json(OfficeResponse(office))
        }
    }
}

/// An office on the wire.
struct OfficeResponse: Encodable {
    var code: String
    var name: String
    var timeZone: String
    var language: String
    var cycleMonths: Int
    var cycleDay: Int
    var cycleEndsInEvenMonth: Bool
    var oldestReadingDays: Int

    init(_ office: Office) {
        code = office.code
        name = office.name
        timeZone = office.zone.name
        language = office.language.rawValue
        cycleMonths = office.cycle.months
        cycleDay = office.cycle.day
        cycleEndsInEvenMonth = office.cycle.endsInEvenMonth
        oldestReadingDays = office.oldestReadingDays
    }
}
