import Billing
import Hummingbird
import Registry
import Tariffs
import Units
import UseCases
import Web

/// Values of tariffs that change from month to month (FAC, PPAC, FPPAS), dated.
struct TariffParameterRoutes: Sendable {
    let useCases: UseCaseSet

    /// How many windows of a file were new.
    private struct PublishedWindows: Encodable {
        var published: Int
    }

    func add(to group: RouterGroup<WebContext>) {
        group.get("tariff-parameters") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let windows = try await useCases.setBilling.parameters(by: context.officeCaller())
            return Response.json(bytes: Self.list(windows).bytes())
        }
        group.post("tariff-parameters") { request, context in
            try await publish(request, context)
        }
    }

    private func publish(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager)
        guard request.mediaType == nil || request.mediaType == "application/json" else {
            throw Problem(.unsupportedMediaType, detail: "send application/json")
        }
        let bytes = try await request.bytes()
        // Read here too, for faults with their places.
        do throws(TariffDocumentError) { _ = try ParameterSeries(json: bytes) } catch {
            throw Problem([error])
        }
        let published = try await useCases.setBilling.publishParameters(bytes, by: caller)
        return try Response.json(
            PublishedWindows(published: published),
            status: published > 0 ? .created : .ok
        )
    }

    /// The windows as they were published: their values are exact decimals, so no number of a
    /// machine stands between.
    private static func list(_ windows: [ParameterWindowRow]) -> JSONValue {
        .object([
            JSONMember(
                "items",
                .array(
                    windows.map { window in
                        var members: [JSONMember] = []
                        if !window.family.isEmpty {
                            members.append(JSONMember("family", .string(window.family)))
                        }
                        let value = try? JSONValue(parsing: Array(window.value.utf8))
                        members += [
                            JSONMember("from", .string(window.from.description)),
                            JSONMember("parameter", .string(window.parameter)),
                            JSONMember("to", .string(window.to.description)),
                            JSONMember("utility", .string(window.utility)),
                            JSONMember("value", value ?? .null),
                        ]
                        return .object(members)
                    }
                )
            ),
            JSONMember("next", .null),
        ])
    }
}
