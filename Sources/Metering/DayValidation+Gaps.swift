import Units

extension DayValidation {
    mutating func checkGaps() {
        let until = day.until ?? end
        let hidden = zeros.filter(\.isShared)
        var begun: Int?
        let qualities = day.blocks.qualities
        for slot in 0...qualities.count {
            let isGap =
                slot < qualities.count
                && grid.bounds(of: slot, on: day.blocks.day).end <= until
                && isInstalled(grid.bounds(of: slot, on: day.blocks.day))
                && (qualities[slot].contains(.missing)
                    || qualities[slot].contains(.estimated) && qualities[slot].method != .sender)
                && !isWithin(hidden, slot)
            if isGap {
                begun = begun ?? slot
            } else if let first = begun {
                reportGap(first...slot - 1)
                begun = nil
            }
        }
    }

    /// Whether a block lies in a stretch of zeros: that has a name of its own, and had readings.
    private func isWithin(_ stretches: [ZeroStretch], _ slot: Int) -> Bool {
        let block = grid.bounds(of: slot, on: day.blocks.day)
        return day.blocks.qualities[slot].contains(.suspect)
            && stretches.contains { $0.from.at < block.end && $0.to.at > block.start }
    }

    /// Whether the meter hung there for any part of a block.
    private func isInstalled(_ block: (start: Instant, end: Instant)) -> Bool {
        day.installedAt.map { $0 < block.end } ?? true
            && day.removedAt.map { $0 > block.start } ?? true
    }

    private mutating func reportGap(_ slots: ClosedRange<Int>) {
        let qualities = day.blocks.qualities[slots]
        let from = grid.bounds(of: slots.lowerBound, on: day.blocks.day).start
        let to = grid.bounds(of: slots.upperBound, on: day.blocks.day).end
        let energy = Energy(wattHours: day.blocks.energies[slots].reduce(0) { $0 + Int64($1) })
        if qualities.allSatisfy({ $0.contains(.powerOutage) }) {
            report(
                .gap,
                .information,
                slots: slots,
                "no supply from \(from) to \(to): the meter missed no number, and its register "
                    + (energy == .zero
                        ? "stood" : "moved by no more than \(energy.kilowattHoursText) kWh")
            )
            return
        }
        let isOpen = qualities.contains { $0.contains(.missing) }
        // Those of the first and the last block may have ended what was before, or this.
        let inside = day.blocks.counts[slots].dropFirst().dropLast().reduce(0) { $0 + Int($1) }
        let isLong = slots.count >= Int(rules.gapWarningBlocks)
        let told =
            isOpen ? "no register ends it" : "registers tell \(energy.kilowattHoursText) kWh"
        report(
            .gap,
            isOpen && slots.count == day.blocks.qualities.count
                ? .error : isLong ? .warning : .information,
            slots: slots,
            "\(inside == 0 ? "no readings" : "only \(inside) reading(s)") from \(from) to \(to), "
                + "\(slots.count) block(s): \(told)"
        )
    }
}
