import Units

extension LineDecoder {
    private enum Split: String, CaseIterable { case units, days }
    private enum Select: String, CaseIterable { case band, marginal }

    mutating func windowLine(_ fields: JSONFields) throws(TariffDocumentError) -> WindowLine {
        let node = try fields.required("windows")
        let source: WindowSource
        if case .object = node.value {
            source = .parameter(try parameter(node))
        } else {
            source = .fixed(try ParameterWindow.list(node))
        }
        return WindowLine(
            line: try lineIndex(try fields.required("of_line")),
            windows: source,
            splitsUnits: try fields.optional("split")?.word(Split.self) ?? .days == .units
        )
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
        let by = try fields.optional("by").map { node throws(TariffDocumentError) in
            try measure(node)
        }
        var bands: [FreeBand] = []
        for (bound, value) in try pairs(try fields.required("bands")) {
            guard case .object = value.value else {
                bands.append(
                    FreeBand(
                        bound: bound,
                        wattHours: try value.thousandths(),
                        parameter: nil,
                        plusPercent: 0,
                        cap: unbounded
                    )
                )
                continue
            }
            let inner = try value.object(["param", "plus_percent", "cap"])
            bands.append(
                FreeBand(
                    bound: bound,
                    wattHours: 0,
                    parameter: try parameter(try inner.required("param")),
                    plusPercent: try inner.optional("plus_percent")?.millionths() ?? 0,
                    cap: try inner.optional("cap")?.thousandths() ?? unbounded
                )
            )
        }
        return FreeUnitsLine(lines: indices, by: by ?? .units, bands: bands)
    }

    mutating func caseLine(_ fields: JSONFields) throws(TariffDocumentError) -> CaseLine {
        let by = try fields.optional("by").map { node throws(TariffDocumentError) in
            try measure(node)
        }
        var cases: [SubsidyCase] = []
        for (bound, value) in try pairs(try fields.required("cases")) {
            cases.append(SubsidyCase(bound: bound, effect: try effect(value)))
        }
        return CaseLine(by: by ?? .units, cases: cases)
    }

    /// `"0"`, `{"percent", "of", "cap", "cap_per"}`, `{"amount", "times"}`, `{"per_unit"}` or a
    /// phrase.
    private func effect(_ node: JSONNode) throws(TariffDocumentError) -> SubsidyCase.Effect {
        if case .string(let text) = node.value, text != "0" { return try phrase(text, node) }
        guard case .object = node.value else {
            guard try node.millionths() == 0 else {
                throw node.fails("\"0\", a phrase or an object is expected")
            }
            return .none
        }
        let fields = try node.object([
            "percent", "of", "cap", "cap_per", "amount", "times", "per_unit",
        ])
        if let percent = fields.optional("percent") {
            let bases = try fields.optional("of").map { node throws(TariffDocumentError) in
                try self.bases(node)
            }
            return .percent(
                try percent.millionths(),
                of: bases ?? [.everything],
                cap: try cap(fields)
            )
        }
        if let amount = fields.optional("amount") {
            return .amount(
                try amount.millionths(),
                try fields.optional("times")?.word(Times.self) ?? .months
            )
        }
        return .perUnit(try fields.required("per_unit").millionths())
    }

    /// `-50% [of everything above | of energy, fixed] [up to Rs 800 [a month | a bill]]`.
    private func phrase(_ text: String, _ node: JSONNode) throws(TariffDocumentError)
        -> SubsidyCase.Effect
    {
        let wrong = node.fails(
            "a phrase such as \"-100% of everything above\" or \"-50% of energy, fixed up to Rs "
                + "800 a month\" is expected"
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
        let index = try fields.optional("of_line").map(lineIndex)
        var slots: [TimeOfDaySlot] = []
        for element in try fields.required("slots").array(1...Limits.entries) {
            let inner = try element.object(["id", "hours", "percent", "per_unit"])
            let percent = try inner.optional("percent")?.millionths()
            let adder = try inner.optional("per_unit")?.millionths()
            guard (percent == nil) != (adder == nil) else {
                throw element.fails("a slot has either \"percent\" or \"per_unit\"")
            }
            guard percent == nil || index != nil else {
                throw element.fails("a percentage needs \"of_line\"")
            }
            let id = try inner.required("id").text()
            guard !slots.contains(where: { $0.id == id }) else {
                throw element.fails("slot \"\(id)\" stands twice")
            }
            slots.append(
                TimeOfDaySlot(
                    id: id,
                    hours: try hours(inner.optional("hours")),
                    percent: percent,
                    adder: adder ?? 0
                )
            )
        }
        let units = fields.named("units", unless: "tod_units")
        return TimeOfDayLine(line: index, slots: slots, parameter: try parameter(units))
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
        let penalty = try steps(fields.optional("penalty"), "below")
        let incentive = try steps(fields.optional("incentive"), "above")
        guard !penalty.isEmpty || !incentive.isEmpty else {
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
            isMarginal: try fields.optional("select")?.word(Select.self) ?? .marginal == .marginal,
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
