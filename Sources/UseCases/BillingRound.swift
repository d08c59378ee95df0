import Billing
import Metering
import Registry
import Store
import Units

/// One cycle being billed: everything that is the same for every service.
struct BillingRound: Sendable {
    let office: Office
    let cycle: CivilMonth
    let period: BillingPeriod
    let months: Int
    let maker: BillMaker
    let input: RunBilling.Input
    /// Who runs it.
    let by: String
    let clock: WallClock
    /// Meters whose days could not be made: what they used is not known.
    let unmade: [UnmadeDays]

    /// A bill under way: what it is made from, and what is there already.
    struct Work {
        var input: ServiceToBill
        var standing: StandingBill?
        var result: Result<MadeBill, BillRefusal>?
    }

    /// Bills a chunk of services in one transaction, or says by name why not.
    func bill(
        _ services: [Service],
        in transaction: TenantTransaction
    ) throws -> [BillRunOutcome] {
        var works = try prepared(services, in: transaction)
        try readHistory(&works, in: transaction)
        try readPeers(&works, in: transaction)
        try readRegisters(&works, in: transaction)
        refuseUnmade(&works)
        try readCurves(&works, in: transaction)
        for index in works.indices {
            if works[index].standing?.state == .issued { continue }
            follow(&works, index)
            if works[index].result != nil { continue }
            do throws(BillRefusal) {
                works[index].result = .success(try maker.make(works[index].input))
            } catch {
                works[index].result = .failure(error)
            }
        }
        let outcomes = Dictionary(grouping: try settle(works, in: transaction), by: \.service)
        return services.map { merged($0, outcomes[$0.id] ?? []) }
    }

    /// The bill of who comes opens with what the bill of who left closed with; without that one
    /// there is none yet.
    private func follow(_ works: inout [Work], _ index: Int) {
        guard index > 0, works[index - 1].standing?.state != .issued,
            works[index - 1].input.service.id == works[index].input.service.id
        else { return }
        switch works[index - 1].result {
        case .success(let before)?:
            for place in works[index].input.installations.indices {
                let meter = works[index].input.installations[place].installation.meter.id
                let closing = before.content.segments.last { $0.meter.id == meter }?.closing
                guard let closing else { continue }
                works[index].input.installations[place].before = closing
            }
        default:
            let name = works[index - 1].input.occupancy.consumerName
            works[index].result = .failure(
                BillRefusal("the final bill of \(name) cannot be made yet")
            )
        }
    }

    /// Registers that were not looked at are not billed.
    private func refuseUnmade(_ works: inout [Work]) {
        guard !unmade.isEmpty else { return }
        for index in works.indices where works[index].standing?.state != .issued {
            let (start, end) = office.zone.bounds(of: works[index].input.period)
            for installation in works[index].input.installations.map(\.installation)
            where installation.installedAt < end && installation.removedAt ?? end > start {
                guard let own = unmade.first(where: { $0.meter == installation.meter.id }) else {
                    continue
                }
                works[index].result = .failure(
                    BillRefusal(
                        "the days of meter \(installation.meter.serial) could not be made: "
                            + own.reason
                    )
                )
            }
        }
    }

    // MARK: Reading

    /// One piece of work for each occupant that a service had in the cycle.
    private func prepared(
        _ services: [Service],
        in transaction: TenantTransaction
    ) throws -> [Work] {
        let ids = services.map(\.id)
        let occupancies = try transaction.occupancies(of: ids, during: period)
        let installations = try transaction.installations(of: ids)
        let standing = try transaction.standingBills(of: ids, cycle: cycle)
        let old = try transaction.oldMeterIDs()
        var works: [Work] = []
        for service in services {
            let meters = installations[service.id] ?? []
            for occupancy in occupancies[service.id] ?? [] {
                let leaves = occupancy.to.map { $0 <= period.last } ?? false
                let first = max(period.first, occupancy.from, service.connectedOn)
                let last = min(period.last, occupancy.to ?? period.last)
                guard let own = BillingPeriod(first: first, last: last) else { continue }
                let kind =
                    leaves && occupancy.to != period.last || service.closedOn == last
                    ? BillKind.final : .regular
                works.append(
                    Work(
                        input: ServiceToBill(
                            service: service,
                            occupancy: occupancy,
                            kind: kind,
                            cycle: cycle,
                            whole: period,
                            period: own,
                            months: months,
                            installations: meters.map {
                                MeteredInstallation(
                                    installation: $0,
                                    before: nil,
                                    days: [],
                                    after: nil
                                )
                            },
                            derivedMeters: derived(meters, old, in: own)
                        ),
                        standing: standing[service.id]?[kind]
                    )
                )
            }
        }
        return works
    }

    /// Serials of old meters that hung there in these days.
    private func derived(
        _ meters: [Installation],
        _ old: Set<Meter.ID>,
        in period: BillingPeriod
    ) -> [String] {
        let (start, end) = office.zone.bounds(of: period)
        return meters.filter {
            old.contains($0.meter.id) && $0.installedAt < end && $0.removedAt ?? end > start
        }.map(\.meter.serial)
    }

    /// Earlier bills; a bill that reached into this cycle lets it begin later.
    private func readHistory(_ works: inout [Work], in transaction: TenantTransaction) throws {
        let open = works.indices.filter { works[$0].standing?.state != .issued }
        let histories = try transaction.history(
            of: open.map {
                (works[$0].input.service.id, works[$0].input.period.last.adding(days: 1))
            }
        )
        for (index, history) in zip(open, histories) {
            let own = works[index].standing?.id
            let past = history.filter { $0.id != own }
            works[index].input.history = past
            guard let latest = past.first, latest.period.last >= works[index].input.period.first
            else { continue }
            guard
                let rest = BillingPeriod(
                    first: latest.period.last.adding(days: 1),
                    last: works[index].input.period.last
                )
            else {
                works[index].result = .failure(
                    BillRefusal(
                        "billed to \(latest.period.last) already, by the bill of cycle "
                            + latest.cycle
                    )
                )
                continue
            }
            works[index].input.period = rest
        }
    }

    /// What like services use, for those of whose own bills too few tell, and which registers a person
    /// has vouched for.
    private func readPeers(_ works: inout [Work], in transaction: TenantTransaction) throws {
        let open = works.indices.filter { works[$0].standing?.state != .issued }
        let (start, end) = office.zone.bounds(of: period)
        let vouched = try transaction.vouchedReadings(
            of: open.map { works[$0].input.service.id },
            after: start,
            // A register read within a day after the end closes the cycle; a late one the bill.
            upTo: max(end.adding(seconds: 86_400), clock.now())
        )
        for index in open {
            works[index].input.vouched = vouched[works[index].input.service.id] ?? []
        }
        let places = open.filter { works[$0].input.isNewcomer }
        guard !places.isEmpty else { return }
        let peers = try transaction.peers(
            of: places.map { works[$0].input.service },
            before: period.first,
            fewest: Int(maker.rules.thresholds.firstPeers)
        )
        for (place, found) in zip(places, peers) { works[place].input.peers = found }
    }

    /// The registers of every meter for the days it is needed for.
    private func readRegisters(_ works: inout [Work], in transaction: TenantTransaction) throws {
        var places: [(work: Int, installation: Int)] = []
        var meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)] = []
        for index in works.indices where works[index].standing?.state != .issued {
            let input = works[index].input
            let first = input.provisionalChain.first?.period.first ?? input.period.first
            let (start, _) = office.zone.bounds(of: input.period)
            let end = office.zone.bounds(of: input.period).end
            let chainStart = office.zone.start(of: first)
            works[index].input.installations.removeAll {
                $0.installation.installedAt >= end
                    || ($0.installation.removedAt ?? end) <= min(start, chainStart)
            }
            for place in works[index].input.installations.indices {
                places.append((index, place))
                meters.append(
                    (
                        works[index].input.installations[place].installation.meter.id,
                        first,
                        input.period.last
                    )
                )
            }
        }
        let days = try transaction.days(of: meters)
        let around = try transaction.registersAround(meters, zone: office.zone)
        let doubts = try transaction.doubts(about: meters)
        for (position, place) in places.enumerated() {
            let input = works[place.work].input
            let end = office.zone.bounds(of: input.period).end
            works[place.work].input.doubts += doubts[position]
            var metered = input.installations[place.installation]
            let meter = metered.installation.meter.id
            metered.days = days[position]
            metered.after = around[position].after
            if let last = metered.days.last?.last, last.at == end { metered.after = last }
            if metered.after == nil, metered.installation.removedAt == nil {
                // The day after the cycle may still be running.
                metered.after = try transaction.register(of: meter, atOrAfter: end)
            }
            metered.before = billedBefore(input, meter) ?? around[position].before
            refuseGap(&works[place.work], metered)
            if metered.days.isEmpty, let after = metered.after, after.at > end,
                let opening = metered.opening(atStartOf: input.period, zone: office.zone),
                try transaction.isSumOfDays(of: meter, atOrAfter: end)
            {
                metered.after = RegisterReading(at: end, register: opening.register)
            }
            works[place.work].input.installations[place.installation] = metered
        }
    }

    /// The load curves of those whose tariff may bill by them.
    private func readCurves(_ works: inout [Work], in transaction: TenantTransaction) throws {
        var places: [Int] = []
        var stretches: [DayStretch] = []
        for index in works.indices where works[index].standing?.state != .issued {
            let input = works[index].input
            guard maker.shelf.readsLoadCurve(input.service.tariffFamily) else { continue }
            let first = input.provisionalChain.first?.period.first ?? input.period.first
            for metered in input.installations {
                // A late reading stretches the bill up to its day.
                let closing = metered.after.map { office.zone.meteringDay(of: $0.at) }
                places.append(index)
                stretches.append(
                    DayStretch(
                        meter: metered.installation.meter.id,
                        first: first,
                        last: max(input.period.last, closing ?? input.period.last)
                    )
                )
            }
        }
        guard !stretches.isEmpty else { return }
        for (place, curves) in zip(places, try transaction.curves(of: stretches)) {
            works[place].input.curves += curves
        }
    }

    /// Days before this cycle that nobody billed, and no register at their end: their energy would land
    /// in this bill's slabs, and once more in theirs when they are billed afterwards.
    private func refuseGap(_ work: inout Work, _ metered: MeteredInstallation) {
        let (start, _) = office.zone.bounds(of: work.input.period)
        let before = start.adding(seconds: -86_400)
        let first = work.input.period.first.adding(days: -1)
        guard metered.installation.installedAt < before,
            metered.before.map({ $0.at < before }) ?? true
        else { return }
        let days: String
        if let latest = work.input.history.first {
            guard latest.period.last < first else { return }
            days = "after \(latest.period.last)"
        } else {
            // Who moved in with this cycle is not asked for what was before.
            guard work.input.occupancy.from <= first else { return }
            days = "since \(office.zone.date(of: metered.installation.installedAt))"
        }
        work.result = .failure(
            BillRefusal(
                "the days \(days) are not billed yet, and no register was read when this cycle "
                    + "began; bill them first"
            )
        )
    }

    /// What the last bill closed with opens this one, so that a reading which came late is billed
    /// once and at last; after provisional bills, what the first of them opened with.
    private func billedBefore(_ input: ServiceToBill, _ meter: Meter.ID) -> RegisterReading? {
        if let oldest = input.provisionalChain.first {
            return oldest.segments.first { $0.meter.id == meter }?.opening
        }
        guard let latest = input.history.first,
            latest.period.last == input.period.first.adding(days: -1)
        else { return nil }
        return latest.closing(of: meter)
    }
}

extension TenantTransaction {
    /// What services of each one's tariff family and category used by the bills of the last cycles that
    /// ended before a day; nil where they are too few to tell.
    func peers(of services: [Service], before day: CivilDate, fewest: Int) throws -> [PeerUse?] {
        func key(_ service: Service) -> [String] { [service.tariffFamily, service.category] }
        let groups = Array(Set(services.map(key))).sorted { $0.lexicographicallyPrecedes($1) }
        let daily = try dailyUse(
            of: groups.map { ($0[0], $0[1]) },
            endingFrom: day.adding(days: -Limits.firstBillPeerDays),
            to: day.adding(days: -1),
            services: Limits.firstBillPeers
        )
        let found = Dictionary(
            uniqueKeysWithValues: zip(groups, daily.map { PeerUse(daily: $0, fewest: fewest) })
        )
        return services.map { found[key($0)] ?? nil }
    }
}
