import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addExceptionPages(to router: Router<WebContext>) {
        router.get("/office/exceptions") { request, _ in
            try await atDesk(request) { visitor, office in
                try await exceptions(
                    ExceptionFilterFields(request.query),
                    after: request.cursor,
                    done: request.query("done").flatMap { Int($0) }.map {
                        counted($0, "exception")
                            + (request.query("did") == "reopened"
                                ? " opened again." : " acknowledged.")
                    },
                    request,
                    visitor,
                    office
                )
            }
        }
        router.post("/office/exceptions") { request, _ in
            try await atDesk(request) { visitor, office in
                try await decide(request, visitor, office)
            }
        }
        router.get("/office/meters/{serial}/days/{date}") { request, context in
            try await atDesk(request) { visitor, office in
                try await day(context.daySubject(), request, visitor, office)
            }
        }
        router.post("/office/meters/{serial}/days/{date}") { request, context in
            try await atDesk(request) { visitor, office in
                try await edit(context.daySubject(), request, visitor, office)
            }
        }
        router.post("/office/meters/{serial}/days/{date}/undo") { request, context in
            try await atDesk(request) { visitor, office in
                try await undo(context.daySubject(), request, visitor, office)
            }
        }
    }

    // MARK: The queue

    private func exceptions(
        _ filter: ExceptionFilterFields,
        after: String? = nil,
        ticked: Set<String> = [],
        reason: String = "",
        message: String? = nil,
        done: String? = nil,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let review = useCases.reviewExceptions
        let found = try await review.list(
            filter.query,
            page: try PageRequest(after: after, limit: Limits.rowsPerPage),
            by: visitor.caller
        )
        let content = ExceptionsPage(
            found.items,
            counts: try await review.counts(filter.query, by: visitor.caller),
            filter: filter,
            after: after,
            next: found.next,
            mayDecide: visitor.caller.mayEditReadings,
            ticked: ticked,
            reason: reason,
            message: message,
            done: done,
            wording: wording(office)
        )
        return page(
            .exceptions,
            "Exceptions",
            content,
            for: visitor,
            at: request,
            status: message == nil ? .ok : .unprocessableContent
        )
    }

    private func decide(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        let filter = ExceptionFilterFields { name in fields[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let keys = fields.filter { $0.key.hasPrefix("key-") }.map(\.value).sorted()
        let takesAll = fields["all"] == "yes" && filter.mayTakeAll
        let reason = fields["reason"] ?? ""
        func again(_ message: String) async throws -> Response {
            try await exceptions(
                filter,
                ticked: Set(keys),
                reason: reason,
                message: message,
                request,
                visitor,
                office
            )
        }
        guard takesAll || !keys.isEmpty else { return try await again("Tick one or more first.") }
        let reopens = fields["action"] == "reopen"
        // What was ticked is meant, whatever the list is narrowed to.
        let query = takesAll ? filter.query : ReviewExceptions.Query()
        let review = useCases.reviewExceptions
        do {
            let count =
                reopens
                ? try await review.reopen(
                    query,
                    keys: takesAll ? [] : keys,
                    reason: reason,
                    by: visitor.caller
                )
                : try await review.acknowledge(
                    query,
                    keys: takesAll ? [] : keys,
                    reason: reason,
                    by: visitor.caller
                )
            return .redirect(
                to: filter.address([
                    ("done", "\(count)"), ("did", reopens ? "reopened" : "acknowledged"),
                ])
            )
        } catch let invalid as InvalidInput {
            return try await again(words(invalid))
        } catch is NotFound {
            return try await again(
                reopens ? "None of these is acknowledged." : "None of these is open any more."
            )
        }
    }

    // MARK: A day

    private func day(
        _ subject: DaySubject,
        form: DayFormFields = DayFormFields(),
        message: String? = nil,
        undoMessage: String? = nil,
        offersUndoLapse: Bool = false,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let history = try await useCases.showDay(
            serial: subject.serial,
            day: subject.day,
            by: visitor.caller
        )
        let found = try await useCases.reviewExceptions.list(
            ReviewExceptions.Query(
                meterSerial: subject.serial,
                from: subject.day,
                to: subject.day,
                includesSettled: true
            ),
            page: try PageRequest(limit: Limits.rowsPerPage),
            by: visitor.caller
        )
        let content = DayPage(
            history,
            exceptions: found.items,
            mayEdit: visitor.caller.mayEditReadings,
            form: form,
            message: message,
            undoMessage: undoMessage,
            offersUndoLapse: offersUndoLapse,
            wording: wording(office)
        )
        return page(
            .day,
            "\(subject.serial), \(subject.day.text)",
            content,
            for: visitor,
            at: request,
            status: message == nil && undoMessage == nil ? .ok : .unprocessableContent
        )
    }

    private func edit(
        _ subject: DaySubject,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        var form = DayFormFields { fields[$0] }
        do {
            _ = try await useCases.editDay(
                serial: subject.serial,
                day: subject.day,
                try form.change(blockMinutes: office.metering.blockMinutes),
                reason: form.reason,
                lapsesOthers: form.lapsesOthers,
                by: visitor.caller
            )
            return .redirect(to: dayPath(subject.serial, subject.day))
        } catch {
            guard let message = refusal(error, office) else { throw error }
            form.offersLapse = isLapse(error)
            return try await day(subject, form: form, message: message, request, visitor, office)
        }
    }

    private func undo(
        _ subject: DaySubject,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        do {
            _ = try await useCases.editDay.undo(
                serial: subject.serial,
                day: subject.day,
                version: Int64(fields["version"] ?? "") ?? 0,
                reason: fields["reason"] ?? "",
                lapsesOthers: fields["lapseOthers"] == "yes",
                by: visitor.caller
            )
            return .redirect(to: dayPath(subject.serial, subject.day))
        } catch {
            guard let message = refusal(error, office) else { throw error }
            return try await day(
                subject,
                undoMessage: message,
                offersUndoLapse: isLapse(error),
                request,
                visitor,
                office
            )
        }
    }

    /// Whether versions of other days stood in the way: the person may say that they lapse.
    private func isLapse(_ error: any Error) -> Bool {
        (error as? StateConflict)?.code == "others_lapse"
    }

    /// What a person can mend, in words; nil for everything else.
    private func refusal(_ error: any Error, _ office: Office) -> String? {
        switch error {
        case let invalid as InvalidInput: wording(office).readable(words(invalid))
        case let conflict as StateConflict: wording(office).readable(conflict.detail)
        default: nil
        }
    }

    /// A contradiction explains itself; of other faults the field is named too.
    private func words(_ invalid: InvalidInput) -> String {
        invalid.faults.map {
            $0.code == "contradicts_register" ? $0.detail : "\($0.field): \($0.detail)"
        }.joined(separator: "; ")
    }
}

/// The meter's day of a path.
private struct DaySubject: Sendable {
    let serial: String
    let day: CivilDate
}

extension WebContext {
    fileprivate func daySubject() throws -> DaySubject {
        let text = try pathParameter("date")
        guard let day = CivilDate(text) else { throw NotFound("day '\(text)'") }
        return DaySubject(serial: try pathParameter("serial"), day: day)
    }
}

extension Caller {
    /// Decisions about readings are for these; others look.
    fileprivate var mayEditReadings: Bool { [.manager, .engineer, .administrator].contains(role) }
}

extension DayFormFields {
    /// What the form asks for.
    fileprivate func change(blockMinutes: Int) throws -> EditDay.Change {
        switch kind {
        case "final": return .markFinal
        case "accept_reading", "reject_reading":
            guard let instant = Instant(at) else {
                throw InvalidInput("reading", "missing", "choose the reading that is meant")
            }
            return kind == "accept_reading" ? .acceptReading(instant) : .rejectReading(instant)
        case "accept": return .accept(try slots(blockMinutes))
        case "estimate":
            let chosen = EstimationMethod(rawValue: method)
            return .estimate(try slots(blockMinutes), chosen)
        case "set":
            let slots = try slots(blockMinutes)
            let pieces = energies.split { " ,;".contains($0) }
            let values = pieces.compactMap { Int($0) }
            guard values.count == pieces.count, values.count == slots.count else {
                throw InvalidInput(
                    "energies",
                    "invalid",
                    "\(slots.count) whole numbers of watt-hours, one for each block"
                )
            }
            return .set(first: slots.lowerBound, wattHours: values)
        default: throw InvalidInput("kind", "unknown", "choose what is to be done")
        }
    }

    private func slots(_ blockMinutes: Int) throws -> ClosedRange<Int> {
        let end = minute(to).map { $0 == 0 ? 1_440 : $0 }
        guard let start = minute(from), let end, start < end, start % blockMinutes == 0,
            end % blockMinutes == 0
        else {
            throw InvalidInput(
                "blocks",
                "invalid",
                "two times at which blocks of \(blockMinutes) minutes begin and end"
            )
        }
        return start / blockMinutes...end / blockMinutes - 1
    }

    /// Minutes since midnight of `10:15` or `10:15:00`.
    private func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }
}
