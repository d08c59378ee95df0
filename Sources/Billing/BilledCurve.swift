package import Tariffs
package import Units

/// What the load curve of a bill's period told beside its registers: the energy of the tariff's slots of
/// the day, and the highest demand.
package struct BilledCurve: Hashable, Sendable {
    /// The energy in a slot as it is billed.
    package struct Slot: Hashable, Sendable {
        /// The parameter of the tariff that takes it.
        package var parameter: String
        package var id: String
        package var energy: Energy
        /// Blocks of it that rest on an estimate.
        package var estimatedBlocks: Int
    }

    /// The largest measured block.
    package struct Demand: Hashable, Sendable {
        package var day: CivilDate
        /// Minutes of the day at which the block begins, and how long it is.
        package var minute: Int
        package var minutes: Int
        package var energy: Energy
        /// Blocks that are estimated or missing, among which no demand was looked for.
        package var leftOut: Int
        /// The tariff bills kVA: taken at unity power factor, since blocks hold active energy only.
        package var isApparent: Bool

        /// The mean power of the block, half a watt upwards.
        package var watts: Int64 {
            (energy.wattHours * 120 + Int64(minutes)) / (2 * Int64(max(1, minutes)))
        }

        /// Such as `12.4 kW on 2026-09-14 from 18:15 to 18:30`.
        package var text: String {
            func time(_ minute: Int) -> String {
                "\((minute / 60).padded(2)):\((minute % 60).padded(2))"
            }
            let size = Energy(wattHours: watts).kilowattHoursText
            return "\(size) \(isApparent ? "kVA at unity power factor" : "kW") on \(day) from "
                + "\(time(minute)) to \(time(minute + minutes))"
        }
    }

    /// Blocks that the period has, those that rest on an estimate, and those nothing is known of.
    package var blocks: Int
    package var estimatedBlocks: Int
    package var missingBlocks: Int
    /// What the blocks sum to; the bill's registers decide, and slots are shares of what they say.
    package var energy: Energy
    package var slots: [Slot]
    package var demand: Demand?

    /// The units of slots as each parameter of the tariff takes them.
    package var tables: [(name: String, table: ParameterValue)] {
        var tables: [String: [String: Int64]] = [:]
        for slot in slots {
            // A parameter is in millionths of a unit.
            tables[slot.parameter, default: [:]][slot.id, default: 0] +=
                slot.energy.wattHours * 1_000
        }
        return tables.sorted { $0.key < $1.key }.map { ($0.key, .table($0.value)) }
    }

    /// The curve in sentences: slots, estimates, the demand.
    package var sentences: [String] {
        var found: [String] = []
        if !slots.isEmpty {
            let each = slots.map { slot in
                "\(slot.id) \(slot.energy.kilowattHoursText) kWh"
                    + (slot.estimatedBlocks > 0
                        ? " (\(slot.estimatedBlocks) blocks estimated)" : "")
            }
            found.append("Units by time of day: " + each.joined(separator: ", "))
        }
        if let demand {
            found.append(
                "Highest demand: \(demand.text)"
                    + (demand.leftOut > 0
                        ? ", not looked for in \(demand.leftOut) blocks that were not measured"
                        : "")
            )
        }
        if estimatedBlocks + missingBlocks > 0 {
            found.append(
                "Of \(blocks) blocks of the load curve \(estimatedBlocks) are estimated and "
                    + "\(missingBlocks) missing"
            )
        }
        return found
    }
}

// MARK: Doubts

extension BilledCurve {
    /// What a person looks at before a bill that rests on this curve is issued.
    func doubts(against registers: Energy) -> [BillHold] {
        var holds: [BillHold] = []
        if missingBlocks > 0 {
            holds.append(
                BillHold(
                    .readings,
                    "\(missingBlocks) of \(blocks) blocks of the load curve are missing; their energy is "
                        + "shared out like that of the others"
                )
            )
        }
        let difference = abs(energy.wattHours - registers.wattHours)
        if difference > Limits.curveDifferenceWattHours,
            Int128(difference) * 100
                > Int128(registers.wattHours) * Int128(Limits.curveDifferencePercent)
        {
            holds.append(
                BillHold(
                    .readings,
                    "the blocks of the load curve sum to \(energy.kilowattHoursText) kWh, the "
                        + "registers to \(registers.kilowattHoursText) kWh"
                )
            )
        }
        if let demand, demand.isApparent {
            holds.append(
                BillHold(
                    .readings,
                    "the tariff bills kVA, and the demand is known in kW: taken at unity power factor"
                )
            )
        }
        return holds
    }
}

// MARK: In a proof

extension BilledCurve {
    var json: JSONValue {
        var members = [
            JSONMember("blocks", .integer(blocks)),
            JSONMember("estimatedBlocks", .integer(estimatedBlocks)),
            JSONMember("missingBlocks", .integer(missingBlocks)),
            JSONMember("energyWattHours", .integer(energy.wattHours)),
            JSONMember(
                "slots",
                .array(
                    slots.map { slot in
                        .object([
                            JSONMember("parameter", .string(slot.parameter)),
                            JSONMember("id", .string(slot.id)),
                            JSONMember("energyWattHours", .integer(slot.energy.wattHours)),
                            JSONMember("estimatedBlocks", .integer(slot.estimatedBlocks)),
                        ])
                    }
                )
            ),
        ]
        if let demand {
            members.append(
                JSONMember(
                    "demand",
                    .object([
                        JSONMember("day", .string(demand.day.description)),
                        JSONMember("minute", .integer(demand.minute)),
                        JSONMember("minutes", .integer(demand.minutes)),
                        JSONMember("energyWattHours", .integer(demand.energy.wattHours)),
                        JSONMember("leftOutBlocks", .integer(demand.leftOut)),
                        JSONMember("apparent", .boolean(demand.isApparent)),
                    ])
                )
            )
        }
        return .object(members)
    }

    /// Reads `json`; nil when it is not whole.
    init?(json: JSONValue) {
        guard let blocks = json.integer("blocks"),
            let estimated = json.integer("estimatedBlocks"),
            let missing = json.integer("missingBlocks"),
            let energy = json.integer("energyWattHours")
        else { return nil }
        self.init(
            blocks: Int(clamping: blocks),
            estimatedBlocks: Int(clamping: estimated),
            missingBlocks: Int(clamping: missing),
            energy: Energy(wattHours: energy),
            slots: []
        )
        for slot in json.list("slots") {
            guard let parameter = slot.text("parameter"), let id = slot.text("id"),
                let energy = slot.integer("energyWattHours")
            else { return nil }
            slots.append(
                Slot(
                    parameter: parameter,
                    id: id,
                    energy: Energy(wattHours: energy),
                    estimatedBlocks: Int(clamping: slot.integer("estimatedBlocks") ?? 0)
                )
            )
        }
        guard let demand = json.member("demand") else { return }
        guard let day = demand.text("day").flatMap({ CivilDate($0) }),
            let minute = demand.integer("minute"), let minutes = demand.integer("minutes"),
            let wattHours = demand.integer("energyWattHours")
        else { return nil }
        self.demand = Demand(
            day: day,
            minute: Int(clamping: minute),
            minutes: Int(clamping: minutes),
            energy: Energy(wattHours: wattHours),
            leftOut: Int(clamping: demand.integer("leftOutBlocks") ?? 0),
            isApparent: demand.member("apparent") == .boolean(true)
        )
    }
}
