import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

/// A meter's closed day, block by block, and the versions that people make of it.
struct DayRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("meters/{serial}/days/{date}/versions") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let caller = try context.officeCaller()
            try caller.requireStaff()
            return try Response.json(
                DayHistoryResponse(
                    try await useCases.showDay(
                        serial: context.pathParameter("serial"),
                        day: try context.day(),
                        by: caller
                    )
                )
            )
        }
        group.post("meters/{serial}/days/{date}/versions") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .engineer)
            var fields = try await BodyFields(request)
            let change = change(&fields)
            let reason = fields.text("reason")
            let lapsesOthers = fields.optionalFlag("lapseOthers") ?? false
            try fields.finish()
            return try Response.json(
                DayHistoryResponse(
                    try await useCases.editDay(
                        serial: context.pathParameter("serial"),
                        day: try context.day(),
                        change,
                        reason: reason,
                        lapsesOthers: lapsesOthers,
                        by: caller
                    )
                ),
                status: .created
            )
        }
        group.post("meters/{serial}/days/{date}/versions/{number}/undo") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .engineer)
            var fields = try await BodyFields(request)
            let reason = fields.text("reason")
            let lapsesOthers = fields.optionalFlag("lapseOthers") ?? false
            try fields.finish()
            let name = try context.pathParameter("number")
            guard let number = Int64(name) else { throw NotFound("version '\(name)'") }
            return try Response.json(
                DayHistoryResponse(
                    try await useCases.editDay.undo(
                        serial: context.pathParameter("serial"),
                        day: try context.day(),
                        version: number,
                        reason: reason,
                        lapsesOthers: lapsesOthers,
                        by: caller
                    )
                ),
                status: .created
            )
        }
    }

    private enum Kind: String, CaseIterable {
        case set, estimate, accept, final
        case acceptReading = "accept_reading"
        case rejectReading = "reject_reading"
    }

    /// What the body asks for; a fault is in the fields, and what comes back then is not used.
    private func change(_ fields: inout BodyFields) -> EditDay.Change {
        switch fields.word("kind", else: Kind.final) {
        case .set:
            let first = fields.integer("firstBlock")
            return .set(first: first, wattHours: fields.integers("energyWattHours"))
        case .estimate:
            let slots = slots(&fields)
            return .estimate(slots, fields.optionalWord("method", among: EstimationMethod.chosen))
        case .accept: return .accept(slots(&fields))
        case .acceptReading: return .acceptReading(fields.instant("at"))
        case .rejectReading: return .rejectReading(fields.instant("at"))
        case .final: return .markFinal
        }
    }

    private func slots(_ fields: inout BodyFields) -> ClosedRange<Int> {
        let first = fields.integer("firstBlock")
        let last = fields.optionalInteger("lastBlock") ?? first
        if last < first { fields.refuse("lastBlock", "not before firstBlock") }
        return first...max(first, last)
    }
}

extension WebContext {
    /// The day of the path.
    fileprivate func day() throws -> CivilDate {
        let text = try pathParameter("date")
        guard let day = CivilDate(text) else { throw NotFound("day '\(text)'") }
        return day
    }
}

/// A day as it stands, with its versions.
struct DayHistoryResponse: Encodable {
    struct Version: Encodable {
        var number: Int64
        var stage: String
        var what: String?
        var method: String?
        var by: String
        var reason: String
        var at: String?
        var energyWattHours: Int64
        var isUndone: Bool
        var isLapsed: Bool
        var decidedOn: Ground?
    }

    /// What stood there when a person decided.
    struct Ground: Encodable {
        var firstBlock: Int?
        var energyWattHours: [Int32]?
        var registersWattHours: [Int64]?

        init(_ ground: EditGround) {
            switch ground {
            case .blocks(_, let first, let energies, _, _):
                firstBlock = first
                energyWattHours = energies
            case .reading(let registers): registersWattHours = registers
            }
        }
    }

    var meter: String
    var day: String
    var stage: String
    var bill: String?
    var isArchived: Bool
    var madeAt: String?
    var methods: [String]
    var hints: [String]
    var blocks: BlockDayResponse
    var versions: [Version]

    init(_ history: DayHistory) {
        meter = history.meterSerial
        day = history.day.description
        stage = history.stage.rawValue
        bill = history.bill
        isArchived = history.isArchived
        madeAt = history.madeAt?.description
        methods = history.methods.map(\.rawValue)
        hints = history.hints
        blocks = BlockDayResponse(
            BlockCurve(
                day: history.day,
                blockMinutes: Int(history.blocks.blockMinutes),
                energies: history.blocks.energies,
                qualities: history.blocks.qualities,
                counts: history.blocks.counts
            )
        )
        versions = history.versions.map {
            Version(
                number: $0.number,
                stage: $0.stage.rawValue,
                what: $0.rule.flatMap { $0.isEmpty ? nil : $0 },
                method: $0.method?.rawValue,
                by: $0.actor,
                reason: $0.reason,
                at: $0.recordedAt?.description,
                energyWattHours: $0.blocks.energy.wattHours,
                isUndone: $0.isUndone,
                isLapsed: $0.isLapsed,
                decidedOn: $0.ground.map(Ground.init)
            )
        }
    }
}
