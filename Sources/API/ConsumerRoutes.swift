import Hummingbird
import Registry
import UseCases
import Web

/// Consumers: one by one as JSON, many as CSV.
struct ConsumerRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("consumers") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let consumers = try await useCases.registerConsumer.list(
                page,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(consumers) { ConsumerResponse($0) })
        }
        group.post("consumers") { request, context in
            let caller = try context.officeCaller()
            if request.isCSV {
                let count = try await useCases.registerConsumer.importRows(
                    try await request.csvRows(),
                    by: caller
                )
                return try Response.json(ImportResponse(registered: count), status: .created)
            }
            var fields = try await BodyFields(request)
            let input = RegisterConsumer.Input(
                number: fields.text("number"),
                name: fields.text("name"),
                phone: fields.optionalText("phone"),
                email: fields.optionalText("email"),
                address: fields.optionalText("address"),
                language: fields.optionalText("language")
            )
            try fields.finish()
            let consumer = try await useCases.registerConsumer(input, by: caller)
            return try Response.created(
                ConsumerResponse(consumer),
                at: "/v1/consumers/\(pathPart(consumer.number))"
            )
        }
        group.get("consumers/{number}") { _, context in
            let (consumer, services) = try await useCases.registerConsumer.show(
                number: context.pathParameter("number"),
                by: context.officeCaller()
            )
            return try Response.json(ConsumerResponse(consumer, services: services))
        }
    }
}

/// A consumer on the wire.
struct ConsumerResponse: Encodable {
    var number: String
    var name: String
    var phone: String?
    var email: String?
    var address: String
    var language: String
    /// Only where one consumer is asked for.
    var services: [ServiceResponse]?

    init(_ consumer: Consumer, services: [Service]? = nil) {
        number = consumer.number
        name = consumer.name
        phone = consumer.phone
        email = consumer.email
        address = consumer.address
        language = consumer.language.rawValue
        self.services = services?.map { ServiceResponse($0) }
    }
}
