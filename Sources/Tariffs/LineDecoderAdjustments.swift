import Units

extension LineDecoder {
    private enum Split: String, CaseIterable { case units, days }
    private enum Select: String, CaseIterable { case band, marginal }

    mutating func windowLine(_ fields: JSONFields) throws(TariffDocumentError) -> WindowLine {
        let line = try fields.attempt(try lineIndex(try fields.required("of_line")), or: 0)
        let split = try fields.word("split", Split.self) ?? .days
        let node = try fields.required("windows")
        let source: WindowSource
        if case .object = node.value {
            source = .parameter(try parameter(node))
        } else {
            source = .fixed(try ParameterWindow.list(node))
        }
        return WindowLine(line: line, windows: source, splitsUnits: split == .units)
    }

    mutating func freeUnitsLine(_ fields: JSONFields) throws(TariffDocumentError) -> FreeUnitsLine {
        guard let node = fields.optional("line") ?? fields.optional("lines") else {
            throw .invalid(path: fields.path, reason: "\"line\" or \"lines\" is missing")
        }
        let indices = try lineIndices(node)
        for index in indices {
            switch lines[index].form {
            case .blocks, .like, .perUnit: continue
            default: throw node.fails("free units are of lines of kind blocks or per_unit")
            }
        }
        let by = try measure(fields, "by") ?? .units
        var bands: [FreeBand] = []
        for (bound, value) in try pairs(try fields.required("bands")) {
            let band = try value.attempt(try freeBand(bound, value), or: nil)
            if let band { bands.append(band) }
        }
        return FreeUnitsLine(lines: indices, by: by, bands: bands)
    }

    private mutating func freeBand(_ bound: Int64, _ node: JSONNode) throws(TariffDocumentError)
        -> FreeBand
    {
        guard case .object = node.value else {
            return FreeBand(
                bound: bound,
                wattHours: try node.thousandths(),
                parameter: nil,
                plusPercent: 0,
                cap: unbounded
            )
        }
        let fields = try node.object(["param", "plus_percent", "cap"])
        return FreeBand(
            bound: bound,
            wattHours: 0,
            parameter: try parameter(try fields.required("param")),
            plusPercent: try fields.millionths("plus_percent") ?? 0,
            cap: try fields.thousandths("cap") ?? unbounded
        )
    }

    mutating func caseLine(_ fields: JSONFields) throws(TariffDocumentError) -> CaseLine {
        let by = try measure(fields, "by") ?? .units
        var cases: [SubsidyCase] = []
        for (bound, value) in try pairs(try fields.required("cases")) {
            let effect = try value.attempt(try effect(value), or: .none)
            cases.append(SubsidyCase(bound: bound, effect: effect))
        }
        return CaseLine(by: by, cases: cases)
    }

    /// `"0"`, `{"percent", "of", "cap", "cap_per"}`, `{"amount", "times"}`, `{"per_unit"}` or a
    /// phrase.
    private func effect(_ node: JSONNode) throws(TariffDocumentError) -> SubsidyCase.Effect {
        if case .string(let text) = node.value, text != "0" { return try phrase(text, node) }
        guard case .object = node.value else {
            guard try node.millionths() == 0 else {
                throw node.fails(
                    "\"0\", a phrase or an object is expected; a rate a unit is "
                        + "{\"per_unit\": \"-1\"}, an amount {\"amount\": \"-50\"}"
                )
            }
            return .none
        }
        if node.value.member("percent") != nil {
            let fields = try node.object(["percent", "of", "cap", "cap_per"])
            let bases = try fields.optional("of").map { node throws(TariffDocumentError) in
                try node.attempt(try self.bases(node), or: [])
            }
            return .percent(
                try fields.required("percent").millionths(),
                of: bases ?? [.everything],
                cap: try cap(fields)
            )
        }
        if node.value.member("amount") != nil {
            let fields = try node.object(["amount", "times"])
            return .amount(
                try fields.required("amount").millionths(),
                try fields.word("times", Times.self) ?? .months
            )
        }
        guard node.value.member("per_unit") != nil else {
            throw node.fails("one of \"percent\", \"amount\" and \"per_unit\" is expected")
        }
        let fields = try node.object(["per_unit", "cap", "cap_per"])
        return .perUnit(try fields.required("per_unit").millionths(), cap: try cap(fields))
    }

    /// `-50% [of everything above | of energy, fixed] [up to Rs 800 [a month | a bill]]`.
    private func phrase(_ text: String, _ node: JSONNode) throws(TariffDocumentError)
        -> SubsidyCase.Effect
    {
        let wrong = node.fails(
            "\"0\", a phrase such as \"-100% of everything above\" or \"-50% of energy, fixed up to "
                + "Rs 800 a month\", {\"percent\", \"of\", \"cap\", \"cap_per\"}, "
                + "{\"amount\", \"times\"} or {\"per_unit\", \"cap\", \"cap_per\"} is expected"
        )
        var words = text.split(separator: " ")
        guard let first = words.first, first.hasSuffix("%"),
            let percent = parseSignedDecimal(first.dropLast(), places: 6)
        else { throw wrong }
        words.removeFirst()
        var cap: Cap?
        if let start = words.indices.first(where: { words[$0...].starts(with: ["up", "to", "Rs"]) })
        {
            let tail = words[(start + 3)...]
            guard let number = tail.first, let amount = parseDecimal(number, places: 6) else {
                throw wrong
            }
            switch tail.dropFirst().joined(separator: " ") {
            case "": cap = Cap(amount: amount, per: .bill)
            case "a bill": cap = Cap(amount: amount, per: .bill)
            case "a month": cap = Cap(amount: amount, per: .month)
            default: throw wrong
            }
            words.removeSubrange(start...)
        }
        let capWords = words.filter { ["up", "upto", "max"].contains($0) }
        if capWords.contains(where: { word in !lines.contains { $0.id == word } }) {
            throw node.fails(
                "a cap is written \"up to Rs 800\", then \"a month\" or \"a bill\": "
                    + "\"-50% of energy up to Rs 800 a month\""
            )
        }
        if words.isEmpty || words == ["of", "everything"] || words == ["of", "everything", "above"]
        {
            return .percent(percent, of: [.everything], cap: cap)
        }
        guard words.removeFirst() == "of" else { throw wrong }
        var bases: [PercentBase] = []
        for word in words where word != "and" {
            let id = word.hasSuffix(",") ? word.dropLast() : word
            let name = JSONNode(value: .string(String(id)), path: node.path)
            bases.append(.line(try lineIndex(name)))
        }
        guard !bases.isEmpty else { throw wrong }
        return .percent(percent, of: bases, cap: cap)
    }

    // MARK: Time of day and power factor

    mutating func timeOfDayLine(_ fields: JSONFields) throws(TariffDocumentError) -> TimeOfDayLine {
        let index = try fields.optional("of_line").map { node throws(TariffDocumentError) in
            try node.attempt(try lineIndex(node), or: 0)
        }
        var slots: [TimeOfDaySlot] = []
        for element in try fields.required("slots").array(1...Limits.entries) {
            let slot = try element.attempt(try self.slot(element, hasLine: index != nil), or: nil)
            guard let slot else { continue }
            if slots.contains(where: { $0.id == slot.id }) {
                try element.report(element.fails("slot \"\(slot.id)\" stands twice"))
            }
            slots.append(slot)
        }
        let units = fields.named("units", unless: "tod_units")
        return TimeOfDayLine(line: index, slots: slots, parameter: try parameter(units))
    }

    private func slot(_ node: JSONNode, hasLine: Bool) throws(TariffDocumentError) -> TimeOfDaySlot
    {
        let fields = try node.object(["id", "hours", "percent", "per_unit"])
        guard (fields.optional("percent") == nil) != (fields.optional("per_unit") == nil) else {
            throw node.fails("a slot has either \"percent\" or \"per_unit\"")
        }
        guard fields.optional("percent") == nil || hasLine else {
            throw node.fails("a percentage needs \"of_line\"")
        }
        return TimeOfDaySlot(
            id: try fields.required("id").text(),
            hours: try fields.attempt(try hours(fields.optional("hours")), or: []),
            percent: try fields.millionths("percent"),
            adder: try fields.millionths("per_unit") ?? 0
        )
    }

    /// `[["06:00", "10:00"], ["18:00", "22:00"]]`.
    private func hours(_ node: JSONNode?) throws(TariffDocumentError) -> [MinuteSpan] {
        var spans: [MinuteSpan] = []
        for element in try node?.array() ?? [] {
            let ends = try element.array(2...2)
            let start = try minute(ends[0]) % 1_440
            spans.append(MinuteSpan(start: start, end: try minute(ends[1])))
        }
        return spans
    }

    private func minute(_ node: JSONNode) throws(TariffDocumentError) -> Int {
        let bytes = Array(try node.text().utf8)
        guard bytes.count == 5, bytes[2] == 58, let hour = decimalDigits(bytes[0..<2]),
            let minute = decimalDigits(bytes[3..<5]), minute < 60, hour * 60 + minute <= 1_440
        else { throw node.fails("a time of day such as \"06:00\" is expected") }
        return hour * 60 + minute
    }

    mutating func powerFactorLine(_ fields: JSONFields) throws(TariffDocumentError)
        -> PowerFactorLine
    {
        let before = fields.faultCount
        let penalty = try fields.attempt(try steps(fields.optional("penalty"), "below"), or: [])
        let incentive = try fields.attempt(try steps(fields.optional("incentive"), "above"), or: [])
        guard !penalty.isEmpty || !incentive.isEmpty || fields.faultCount > before else {
            throw .invalid(
                path: fields.path,
                reason: "\"penalty\", \"incentive\" or both are expected"
            )
        }
        let factor = fields.named("power_factor", unless: "power_factor")
        return PowerFactorLine(
            of: try bases(try fields.required("of")),
            penalty: penalty,
            incentive: incentive,
            isMarginal: try fields.word("select", Select.self) ?? .marginal == .marginal,
            parameter: try parameter(factor),
            partCounts: try fields.boolean("part_counts")
        )
    }

    /// Steps go away from one: each next `below` is lower, each next `above` is higher.
    private func steps(_ node: JSONNode?, _ key: String) throws(TariffDocumentError)
        -> [PowerFactorStep]
    {
        var steps: [PowerFactorStep] = []
        for element in try node?.array() ?? [] {
            let fields = try element.object([key, "percent", "step"])
            let from = try fields.required(key).thousandths()
            let step = try fields.optional("step")?.thousandths() ?? 10
            guard from <= 1_000, step > 0 else {
                throw element.fails("a power factor up to 1 and a step above 0 are expected")
            }
            let percent = try fields.required("percent").millionths(signed: false)
            guard percent <= Percentage.whole.millionths else {
                throw element.fails("at most 100 percent a step are expected")
            }
            if let before = steps.last {
                guard key == "below" ? from < before.from : from > before.from else {
                    throw element.fails("steps must go away from one another in order")
                }
            }
            steps.append(
                PowerFactorStep(
                    from: from,
                    percent: percent,
                    step: step
                )
            )
        }
        return steps
    }
}
