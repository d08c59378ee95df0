import Billing
import Metering
import Registry
import Units

/// A consumer's services at a glance.
struct HomePage: Sendable {
    /// One service.
    struct Card: Sendable {
        /// The newest bill of it.
        struct LastBill: Sendable {
            let address: String
            let total: String
            let due: String?
        }

        let address: String
        let number: String
        let category: String
        let place: String
        let used: String
        let cycle: String
        let balanceLabel: String
        let balance: String
        let lastBill: LastBill?
        let status: String
        let statusClass: String

        init(
            _ service: Service,
            running: RunningCycle?,
            balance: Money,
            lastBill: BillSummary?,
            lastReadingAt: Instant?,
            hasMeter: Bool,
            wording: Wording
        ) {
            address = "/services/" + pathPiece(service.number)
            number = service.number
            category = service.category
            place = service.address
            used = running.map { "\($0.used.unitsText) units" } ?? "–"
            cycle = running.map { "since \($0.period.first.text)" } ?? ""
            (balanceLabel, self.balance) = balanceText(balance)
            self.lastBill = lastBill.map {
                let row = BillRow($0)
                return LastBill(
                    address: row.address,
                    total: row.total,
                    due: $0.dueOn.map(\.text)
                )
            }
            (status, statusClass) =
                hasMeter
                ? meterStatus(lastReadingAt, wording: wording)
                : ("No meter is installed at this service", "none")
        }
    }

    let name: String
    let number: String
    let services: [Card]
    let more: String?

    init(_ consumer: Consumer, services: [Card], hasMore: Bool) {
        name = consumer.name
        number = consumer.number
        self.services = services
        more =
            hasMore
            ? "The first \(services.count) services are shown; ask your office for the rest."
            : nil
    }
}
