import Billing
import Metering
import Registry
import Store
import Units

/// An issued bill beside what the registers and tariffs known now make of it (R8, R9).
struct Recomputation {
    /// The bill reversed as it stands and rebooked as it should be.
    let item: NoteItem
    /// Whether anything that a note would state is different.
    let differs: Bool

    /// Throws `StateConflict` where the bill cannot be computed again.
    init(of bill: Bill, office: Office, in transaction: TenantTransaction) throws {
        guard let service = try transaction.service(bill.content.service) else {
            throw NotFound("service of bill '\(bill.number ?? "")'")
        }
        let shelf = try TariffShelf(
            try transaction.tariffs(),
            parameters: try ParameterWindowRow.series(transaction.parameterWindows())
        )
        let items = try transaction.notes(bill: bill.id, before: nil, limit: 50)
            .filter { $0.state == .issued }.flatMap(\.items).filter { $0.bill == bill.id }
        let known = items.first { !$0.content.isEmpty }
        // What was given or asked for other reasons stays.
        let adjustments = items.filter(\.content.isEmpty)
            .reduce(Money.zero) { $0 + $1.rebooked - $1.reversed }
        let content = try Rebilling(
            office: office,
            bill: bill,
            known: known.flatMap { StoredProof($0.content) },
            service: service,
            shelf: shelf
        ).content(in: transaction)
        let standing = try transaction.standing(bill.id)
        item = NoteItem(
            bill: bill.id,
            billNumber: bill.number ?? "",
            cycle: content.cycle.description,
            period: content.period,
            reversed: standing,
            rebooked: content.total + adjustments,
            energy: content.energy,
            content: content.proof
        )
        differs =
            item.rebooked != standing
            || content.energy != known?.energy ?? bill.content.energy
            || StoredProof(content.proof)?.closings
                != StoredProof(known?.content ?? bill.content.proof)?.closings
    }
}

/// An issued bill computed again over the same days and meters, with the registers as they are now.
struct Rebilling {
    let office: Office
    let bill: Bill
    /// The last recomputation of this bill that was issued.
    let known: StoredProof?
    let service: Service
    let shelf: TariffShelf

    func content(in transaction: TenantTransaction) throws -> BillContent {
        let old = bill.content
        var segments: [ConsumptionSegment] = []
        for (index, segment) in old.segments.enumerated() {
            var latest = segment
            latest.opening = known?.openings[segment.meter.serial] ?? segment.opening
            latest.closing = known?.closings[segment.meter.serial] ?? segment.closing
            let isLast = index == old.segments.count - 1
            segments.append(
                try renewed(
                    latest,
                    // What came after the issue, up to the end of the period, counts too (R8).
                    upTo: isLast
                        ? max(latest.closing.at, office.zone.bounds(of: old.period).end)
                        : latest.closing.at,
                    in: transaction
                )
            )
        }
        let occupancy = Occupancy(
            consumer: old.consumer ?? service.consumer,
            consumerNumber: old.consumerNumber,
            consumerName: old.consumerName,
            from: old.period.first,
            to: old.period.last
        )
        let months = StoredProof(old.proof)?.months
        let history = try transaction.history(of: [(service.id, old.period.first)])[0]
        var input = ServiceToBill(
            service: service,
            occupancy: occupancy,
            kind: old.kind,
            cycle: old.cycle,
            whole: old.period,
            period: old.period,
            months: months ?? office.cycle.months,
            history: history
        )
        if shelf.readsLoadCurve(service.tariffFamily) {
            input.curves = try transaction.curves(
                of: segments.map {
                    DayStretch(meter: $0.meter.id, first: old.period.first, last: old.period.last)
                }
            ).flatMap { $0 }
        }
        let used = Consumption(segments: segments, missingDays: [])
        do throws(BillRefusal) {
            return try shelf.rebill(input, used, wholeMonths: months)
        } catch {
            throw StateConflict("not_rebillable", error.reason)
        }
    }

    /// The same span of a meter's register, read again.
    private func renewed(
        _ segment: ConsumptionSegment,
        upTo end: Instant,
        in transaction: TenantTransaction
    ) throws -> ConsumptionSegment {
        func now(_ reading: RegisterReading, upTo end: Instant) throws -> RegisterReading {
            guard !reading.isEstimated,
                let found = try transaction.register(of: segment.meter.id, atOrBefore: end),
                found.at >= reading.at
            else { return reading }
            return found
        }
        let installation = try transaction.installations(of: service.id)
            .last { $0.meter.id == segment.meter.id }
        var opening = try now(segment.opening, upTo: segment.opening.at)
        var closing = segment.closing
        // Registers at an exchange were read by hand and stand in no reading.
        if let installation, installation.installedAt == opening.at {
            opening.register = installation.openingRegister
        }
        if let removedAt = installation?.removedAt, removedAt <= end {
            if removedAt == closing.at, let register = installation?.closingRegister {
                closing.register = register
            }
        } else {
            closing = try now(segment.closing, upTo: end)
        }
        do {
            return ConsumptionSegment(
                meter: segment.meter,
                opening: opening,
                closing: closing,
                energy: try registerDifference(
                    meter: segment.meter,
                    opening: opening,
                    closing: closing,
                    sanctionedLoadWatts: service.sanctionedLoadWatts
                )
            )
        } catch {
            throw StateConflict("not_rebillable", error.reason)
        }
    }
}
