import Hummingbird
import Metering
import Registry
import Tariffs
import Units
import UseCases
import Web

/// The five paths that the student project's page posts to, after any stage (`/prod/…`), with the
/// answers it expects; what it never had is a bearer.
///
/// A meter's own token means that meter; a consumer's session means their service, which they name
/// with `?service=` only when they have several; staff always name one.
struct OldPageRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to router: Router<WebContext>) {
        let group = router.group("{stage}/fetch_monthly_data")
        group.post("") { request, _ in
            let subject = try await subject(of: request)
            let days = try await useCases.showOldPage.month(of: subject)
            return values("[\(days.map(String.init).joined(separator: ","))]")
        }
        group.post("fetch_years") { request, _ in
            let subject = try await subject(of: request)
            let months = try await useCases.showOldPage.year(of: subject)
            return values("[\(months.map { float($0.wattHours) }.joined(separator: ","))]")
        }
        group.post("-fetch_for_pred") { request, _ in
            let subject = try await subject(of: request)
            let days = try await useCases.showOldPage.history(of: subject).map {
                "\"\(Self.dayMonthYear($0.day))\":\(float($0.energy.wattHours))"
            }
            return values("{\(days.joined(separator: ","))}")
        }
        group.post("fetch_live") { request, _ in
            let meter = try await subject(of: request).hangingMeter()
            let newest = try await LiveFeed(useCases).newest(
                serial: meter.serial,
                by: meter.caller
            )
            return Response.json(bytes: Array(Self.live(newest).utf8))
        }
        group.post("send_to_client") { request, _ in
            let meter = try await subject(of: request).hangingMeter()
            let wish = try await Self.wish(of: request)
            let command = try await useCases.switchOldRelay(
                serial: meter.serial,
                channel: wish.channel,
                on: wish.on,
                by: meter.caller
            )
            return Response.json(bytes: Array("\"\(command.rawValue)\"".utf8))
        }
    }

    private func subject(of request: Request) async throws -> ShowOldPage.Subject {
        guard let token = request.bearerToken else {
            throw NotSignedIn("send a token as Authorization: Bearer …")
        }
        var query = QueryFields(request)
        let service = query.text("service")
        try query.finish()
        guard token.hasPrefix(Token.meterPrefix) else {
            let caller = try await useCases.signIn.caller(token: token)
                .turning(to: request.headers[.vidyutOffice], useCases)
            return try await useCases.showOldPage.subject(service: service, by: caller)
        }
        guard let meter = try await useCases.directory.meter(token: token) else {
            throw NotSignedIn("no meter holds this token")
        }
        let subject = try await useCases.showOldPage.subject(of: meter)
        guard service == nil || service == subject.service else {
            throw NotFound("service '\(service ?? "")'")
        }
        return subject
    }

    /// `{"value": 1, "stats": true}`; anything else is 400, for the old one switched the mains on.
    private static func wish(of request: Request) async throws -> (channel: Channel, on: Bool) {
        let refusal = Problem(
            .unreadable,
            code: "unknown_value",
            detail: "value is 1 (main), 2 (dev1) or 3 (dev2), and stats is true or false"
        )
        guard let body = try? JSONValue(parsing: await request.bytes()),
            case .object(let members) = body,
            case .number(let value) = members.first(where: { $0.name == "value" })?.value,
            case .boolean(let on) = members.first(where: { $0.name == "stats" })?.value,
            let number = Int(value), let channel = Channel(rawValue: number - 1)
        else { throw refusal }
        return (channel, on)
    }

    /// The newest values as floats; a channel below the limit of `isOn`, or one that was never heard,
    /// is shown off.
    private static func live(_ newest: LatestReading?) -> String {
        let main = newest?.main
        func status(_ channel: ChannelReading?) -> String {
            OldMeterProtection.isOn(channel?.voltageMillivolts ?? 0) ? "1.0" : "0.0"
        }
        return """
            {"live_voltage_main":\(float(Int64(main?.voltageMillivolts ?? 0))),\
            "live_current_main":\(float(Int64(main?.currentMilliamps ?? 0))),\
            "live_power_main":\(float(Int64(main?.powerMilliwatts ?? 0))),\
            "main_status":\(status(main)),"dev1_status":\(status(newest?.dev1)),\
            "dev2_status":\(status(newest?.dev2))}
            """
    }

    private static func dayMonthYear(_ date: CivilDate) -> String {
        let parts = date.components
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(parts.day))-\(two(parts.month))-\(parts.year)"
    }

    private func values(_ text: String) -> Response {
        Response.json(bytes: Array("{\"values\":\(text)}".utf8))
    }
}

/// Thousandths as a number that always has a point, as the old page expects of a float.
private func float(_ thousandths: Int64) -> String {
    let sign = thousandths < 0 ? "-" : ""
    let magnitude = thousandths.magnitude
    var decimals = String(1_000 + magnitude % 1_000).dropFirst()
    while decimals.count > 1, decimals.last == "0" { decimals.removeLast() }
    return "\(sign)\(magnitude / 1_000).\(decimals)"
}
