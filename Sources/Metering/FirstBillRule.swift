package import Units

/// What like services of an office use a day by their last bills: the middle nine tenths of them, in
/// milliwatt-hours.
package struct PeerUse: Hashable, Sendable {
    package var services: Int
    package var lowest: Int64
    package var highest: Int64

    /// The 5th and the 95th percentile, by nearest rank, of what each service used a day; nil where
    /// there are fewer than so many.
    ///
    /// `daily`: milliwatt-hours a day of one service each, in any order.
    package init?(daily: [Int64], fewest: Int) {
        guard !daily.isEmpty, daily.count >= fewest else { return nil }
        let sorted = daily.sorted()
        func rank(_ percent: Int) -> Int64 {
            sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
        }
        services = sorted.count
        lowest = rank(5)
        highest = rank(95)
    }
}

/// What is possible and what is usual for a service of which too few bills tell: the rule of the first
/// bills.
///
/// Possible is what the sanctioned load draws all day, times the office's `possible_percent`. Usual is
/// up to `first_high_percent` of what like services (same tariff family, same category) use, and down to
/// `first_low_percent`; where there are fewer than `first_peers` of them, up to a load factor of
/// `first_load_factor` percent, which is energy over sanctioned load times time. Pure.
package struct FirstBillRule: Hashable, Sendable {
    /// Something that a person looks at first, in words and figures.
    package enum Doubt: Hashable, Sendable {
        case abovePossible(String)
        case high(String)
        case low(String)
    }

    package var sanctionedLoadWatts: Int
    package var peers: PeerUse?
    package var thresholds: ValidationRules

    package init(sanctionedLoadWatts: Int, peers: PeerUse?, thresholds: ValidationRules) {
        self.sanctionedLoadWatts = sanctionedLoadWatts
        self.peers = peers
        self.thresholds = thresholds
    }

    /// What the sanctioned load draws in a day at so many percent of it, in milliwatt-hours.
    private func dailyMilliwattHours(percent: Int64) -> Int128 {
        Int128(sanctionedLoadWatts) * 24 * 10 * Int128(percent)
    }

    private var load: String {
        "\(Energy(wattHours: Int64(sanctionedLoadWatts)).kilowattHoursText) kW of sanctioned load"
    }

    /// Why so much energy in a time cannot be, or nil.
    package func impossible(_ energy: Energy, seconds: Int64) -> Doubt? {
        let daily = daily(energy, seconds)
        let possible = dailyMilliwattHours(percent: thresholds.possiblePercent)
        guard sanctionedLoadWatts > 0, daily > possible else { return nil }
        return .abovePossible(
            "\(text(daily)) kWh a day; \(load) allow \(text(possible)) kWh a day at most, which is "
                + "\(thresholds.possiblePercent) % of it for 24 hours"
        )
    }

    /// Why so much energy in a time is unusual for a service without enough bills of its own, or nil.
    package func unusual(_ energy: Energy, seconds: Int64) -> Doubt? {
        let daily = daily(energy, seconds)
        guard let peers else { return unusualLoadFactor(daily) }
        let range =
            "\(peers.services) like services use \(text(Int128(peers.lowest))) to "
            + "\(text(Int128(peers.highest))) kWh a day, and there are too few bills of its own"
        if daily * 100 > Int128(peers.highest) * Int128(thresholds.firstHighPercent) {
            return .high(
                "\(text(daily)) kWh a day are more than \(thresholds.firstHighPercent) % of what is "
                    + "usual: \(range)"
            )
        }
        if daily * 100 < Int128(peers.lowest) * Int128(thresholds.firstLowPercent) {
            return .low(
                "\(text(daily)) kWh a day are less than \(thresholds.firstLowPercent) % of what is "
                    + "usual: \(range)"
            )
        }
        return nil
    }

    private func unusualLoadFactor(_ daily: Int128) -> Doubt? {
        let usual = dailyMilliwattHours(percent: thresholds.firstLoadFactor)
        guard sanctionedLoadWatts > 0, daily > usual else { return nil }
        let factor = daily * 100 / dailyMilliwattHours(percent: 100)
        return .high(
            "\(text(daily)) kWh a day are a load factor of \(factor) % of \(load); without bills of "
                + "its own or of \(thresholds.firstPeers) like services up to "
                + "\(thresholds.firstLoadFactor) % (\(text(usual)) kWh a day) is usual"
        )
    }

    /// Milliwatt-hours a day.
    private func daily(_ energy: Energy, _ seconds: Int64) -> Int128 {
        Int128(energy.wattHours) * 1_000 * 86_400 / Int128(max(1, seconds))
    }

    private func text(_ milliwattHours: Int128) -> String {
        Energy(wattHours: Int64(clamping: milliwattHours / 1_000)).kilowattHoursText
    }
}
