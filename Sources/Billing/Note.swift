package import Registry
import Tariffs
package import Units

/// Why a note was written.
package enum NoteCause: String, CaseIterable, Hashable, Sendable {
    /// A reading, tariff or figure of an issued bill was wrong: reversed and rebooked (R9).
    case correction
    /// Real registers came after provisional bills (R11).
    case trueUp = "true_up"
    /// An amount given or asked for a stated reason.
    case adjustment
}

/// Where a note is in its life.
package enum NoteState: String, CaseIterable, Hashable, Sendable {
    case draft, issued
    case withdrawn
}

/// One bill reversed and rebooked by a note.
package struct NoteItem: Hashable, Sendable {
    package var bill: Bill.ID
    package var billNumber: String
    package var cycle: String
    package var period: BillingPeriod
    /// The bill with its earlier notes, and what it is with this one.
    package var reversed: Money
    package var rebooked: Money
    package var energy: Energy
    /// The recomputed bill's proof; empty for an adjustment.
    package var content: String

    package init(
        bill: Bill.ID,
        billNumber: String,
        cycle: String,
        period: BillingPeriod,
        reversed: Money,
        rebooked: Money,
        energy: Energy,
        content: String
    ) {
        self.bill = bill
        self.billNumber = billNumber
        self.cycle = cycle
        self.period = period
        self.reversed = reversed
        self.rebooked = rebooked
        self.energy = energy
        self.content = content
    }
}

/// A credit or debit note: a correction is a new document (R3).
package struct Note: Hashable, Sendable {
    package typealias ID = Identifier<Note>

    package var id: ID
    package var service: Service.ID
    package var serviceNumber: String
    package var cause: NoteCause
    package var reason: String
    package var state: NoteState
    /// Given at issue, without gaps per office, kind and year.
    package var number: String?
    /// To be paid when positive, credited when negative.
    package var amount: Money
    package var draftedBy: String
    package var draftedAt: Instant
    package var approvedBy: String?
    package var issuedAt: Instant?
    package var items: [NoteItem]

    package init(
        id: ID,
        service: Service.ID,
        serviceNumber: String,
        cause: NoteCause,
        reason: String,
        state: NoteState,
        number: String? = nil,
        amount: Money,
        draftedBy: String,
        draftedAt: Instant,
        approvedBy: String? = nil,
        issuedAt: Instant? = nil,
        items: [NoteItem] = []
    ) {
        self.id = id
        self.service = service
        self.serviceNumber = serviceNumber
        self.cause = cause
        self.reason = reason
        self.state = state
        self.number = number
        self.amount = amount
        self.draftedBy = draftedBy
        self.draftedAt = draftedAt
        self.approvedBy = approvedBy
        self.issuedAt = issuedAt
        self.items = items
    }

    /// `CN` for a credit, `DN` for a debit note.
    package static func series(of amount: Money) -> NumberSeries {
        amount < .zero ? .credit : .debit
    }
}

/// The documents that are numbered without gaps, per office and year (R6).
package enum NumberSeries: String, Hashable, Sendable {
    case bill, credit, debit

    /// What stands before the year in a number.
    package var prefix: String {
        switch self {
        case .bill: ""
        case .credit: "CN-"
        case .debit: "DN-"
        }
    }
}

extension Note {
    /// What the note's digest is made of: cause, reason and every bill reversed and rebooked.
    package var proofText: String {
        let value = JSONValue.object([
            JSONMember("format", .string("vidyut-note-1")),
            JSONMember("service", .string(serviceNumber)),
            JSONMember("cause", .string(cause.rawValue)),
            JSONMember("reason", .string(reason)),
            JSONMember(
                "items",
                .array(
                    items.map { item in
                        .object([
                            JSONMember("cycle", .string(item.cycle)),
                            JSONMember("reversedPaise", .integer(item.reversed.paise)),
                            JSONMember("rebookedPaise", .integer(item.rebooked.paise)),
                            JSONMember(
                                "sha256",
                                .string(hexadecimal(sha256(Array(item.content.utf8))))
                            ),
                        ])
                    }
                )
            ),
            JSONMember("amountPaise", .integer(amount.paise)),
        ])
        return String(decoding: value.bytes(), as: UTF8.self)
    }
}
