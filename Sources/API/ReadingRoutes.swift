import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web
import Wire

/// Readings: reported by meters, imported from tables, refused by name.
struct ReadingRoutes: Sendable {
    let useCases: UseCaseSet

    /// What became of a report, after the commit.
    struct AcceptanceResponse: Encodable {
        struct Rejection: Encodable {
            var index: Int
            var code: String
            var detail: String
        }

        var stored: Int
        var duplicates: Int
        var rejected: [Rejection]
        /// Null while something before this report is missing.
        var acknowledgedSequence: Int64?

        private enum CodingKeys: CodingKey {
            case stored, duplicates, rejected, acknowledgedSequence
        }

        init(_ result: AcceptanceResult) {
            stored = result.stored
            duplicates = result.duplicates
            rejected = result.rejected.map {
                Rejection(
                    index: $0.index,
                    code: $0.fault.code.rawValue,
                    detail: $0.fault.detail
                )
            }
            acknowledgedSequence = result.acknowledgedSequence
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(stored, forKey: .stored)
            try container.encode(duplicates, forKey: .duplicates)
            try container.encode(rejected, forKey: .rejected)
            try container.encode(acknowledgedSequence, forKey: .acknowledgedSequence)
        }
    }

    /// The meters' own door: their credential is the token.
    func addReporting(to group: RouterGroup<WebContext>) {
        group.post("readings") { request, _ in
            let meter = try await sender(of: request)
            let types = ["application/json", "application/octet-stream"]
            guard request.mediaType.map({ types.contains($0) }) ?? true else {
                throw Problem(
                    .unsupportedMediaType,
                    detail: "send \(types.joined(separator: " or "))"
                )
            }
            let bytes = try await request.bytes(upTo: Web.Limits.readingsBodyBytes)
            let report: MeterReport
            do throws(WireError) {
                report = try ReportDecoder.decode(bytes)
            } catch {
                try await useCases.acceptReadings.noteUnreadable(ReadingFault(error), from: meter)
                throw Problem(error)
            }
            let result = try await useCases.acceptReadings(report, from: meter)
            // Nearly every answer is this one, thousands of times a second.
            if result.rejected.isEmpty { return Response.json(bytes: result.plainJSON) }
            return try Response.json(AcceptanceResponse(result))
        }
    }

    private func sender(of request: Request) async throws -> MeterIdentity {
        guard let token = request.bearerToken else {
            throw NotSignedIn("send the meter's credential as Authorization: Bearer …")
        }
        guard token.hasPrefix(Token.meterPrefix) else {
            throw NotAllowed("readings are reported with a meter's own token")
        }
        guard let meter = try await useCases.directory.meter(token: token) else {
            throw NotSignedIn("no meter holds this token")
        }
        return meter
    }

    func add(to group: RouterGroup<WebContext>) {
        group.get("readings/rejections") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let rejections = try await useCases.showMeters.rejections(by: context.officeCaller())
            return try Response.json(
                ListResponse(whole: rejections.map(RejectionResponse.init))
            )
        }
        group.post("readings/import") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .engineer)
            let report = try await useCases.importReadings(
                try await request.readingRows(),
                options: ImportReadings.Options(),
                by: caller
            )
            return try Response.json(ReadingImportResponse(report))
        }
    }
}

extension AcceptanceResult {
    /// The bytes of `AcceptanceResponse` where nothing was rejected.
    var plainJSON: [UInt8] {
        let sequence = acknowledgedSequence.map { String($0) } ?? "null"
        let text =
            "{\"acknowledgedSequence\":\(sequence),\"duplicates\":\(duplicates),\"rejected\":[],"
            + "\"stored\":\(stored)}"
        return Array(text.utf8)
    }
}

/// A reading that was refused.
struct RejectionResponse: Encodable {
    var meter: String
    var epoch: Int
    /// Absent when the message could not be read at all.
    var sequence: Int?
    var code: String
    var detail: String
    var lastAt: String
    var occurrences: Int

    init(_ rejection: RejectedReading) {
        meter = rejection.meterSerial
        epoch = rejection.epoch
        sequence = rejection.sequence < 0 ? nil : rejection.sequence
        code = rejection.code
        detail = rejection.detail
        lastAt = rejection.lastAt.description
        occurrences = rejection.occurrences
    }
}

/// What an import of readings did.
struct ReadingImportResponse: Encodable {
    /// Days of a meter without a row.
    struct MissingDays: Encodable {
        var meter: String
        var days: Int
        var ranges: String
    }

    /// A reading that differs from another of its instant: what the file says.
    struct Conflict: Encodable {
        var meter: String
        var at: String
        var registerWattHours: Int64
    }

    var rows: Int
    var meters: Int
    var stored: Int
    var duplicates: Int
    var conflicts: Int
    /// The first of them.
    var conflicting: [Conflict]
    var missingDays: [MissingDays]

    init(_ report: ImportReadings.Report) {
        rows = report.rows
        meters = report.meters
        stored = report.stored
        duplicates = report.duplicates
        conflicts = report.conflicts
        conflicting = report.conflicting.map {
            Conflict(
                meter: $0.meter,
                at: $0.reading.at.description,
                registerWattHours: $0.reading.register.wattHours
            )
        }
        missingDays = report.missingDays.map {
            MissingDays(meter: $0.meter, days: $0.days, ranges: $0.ranges)
        }
    }
}

extension Problem {
    /// Why nothing of a report could be used.
    init(_ error: WireError) {
        let fault = Fault(
            pointer: error.pointer,
            code: error.code.rawValue,
            detail: error.detail
        )
        if error.code == .unknownKey, error.pointer == "/meters" {
            self.init(
                .notAllowed,
                detail: "a meter's token reports that meter's own readings only"
            )
            return
        }
        switch error.code {
        case .tooMany, .tooLarge: self.init(.tooLarge, detail: error.detail, faults: [fault])
        case .empty, .malformed, .checksum, .unsupportedVersion, .wrongKind:
            self.init(.unreadable, detail: error.detail, faults: [fault])
        case .missingField, .wrongType, .outOfRange, .negativeRegister, .noTime, .unknownKey,
            .unknownChannel, .duplicateKey:
            self.init(.invalid, detail: error.detail, faults: [fault])
        }
    }
}
