package import Units

/// A document and the days of a bill that it governs; nil days when the bill's were not given.
package struct VersionPart: Sendable {
    package let document: TariffDocument
    package let period: BillingPeriod?
}

/// Why dated versions do not make a tariff.
package enum TariffVersionsError: Error, Sendable, Equatable, CustomStringConvertible {
    case noDocuments
    case mixedFamilies(String, String)
    case overlapping(String, String, BillingPeriod)
    case uncovered(family: String, days: [BillingPeriod])

    package var description: String {
        switch self {
        case .noDocuments: "there is no document"
        case .mixedFamilies(let left, let right): "\(left) and \(right) are different families"
        case .overlapping(let left, let right, let days):
            "\(left) and \(right) are both in force on \(days)"
        case .uncovered(let family, let days):
            "no version of \(family) is in force on "
                + days.map(\.description).joined(separator: " and ")
        }
    }
}

/// The dated versions of one family, in order of their first days and without overlaps.
package struct TariffVersions: Sendable {
    package let family: String
    package let documents: [TariffDocument]
    /// Whether a version has an optional line that reads a parameter.
    package let hasOptionalParameters: Bool

    private static let earliest = CivilDate(daysSince1970: -719_162)
    private static let latest = CivilDate(daysSince1970: 2_932_896)

    /// Refuses documents of several families, and two that are in force on the same day.
    package init(_ documents: [TariffDocument]) throws(TariffVersionsError) {
        guard let first = documents.first else { throw .noDocuments }
        let ordered = documents.sorted { TariffVersions.start($0) < TariffVersions.start($1) }
        if let other = ordered.first(where: { $0.family != first.family }) {
            throw .mixedFamilies(first.family, other.family)
        }
        for (left, right) in zip(ordered, ordered.dropFirst()) {
            let end = min(TariffVersions.end(left), TariffVersions.end(right))
            if let days = BillingPeriod(first: TariffVersions.start(right), last: end) {
                throw .overlapping(left.id, right.id, days)
            }
        }
        family = first.family
        self.documents = ordered
        hasOptionalParameters = ordered.contains { document in
            document.lines.contains { $0.isOptional && !$0.parameters.isEmpty }
        }
    }

    /// Every two documents of one family that are in force on the same day, as `overlapping`; one
    /// without any date stands for itself and is compared with none.
    package static func overlaps(in documents: [TariffDocument]) -> [TariffVersionsError] {
        var found: [TariffVersionsError] = []
        let dated = documents.filter { $0.effectiveFrom != nil || $0.effectiveTo != nil }
        for (_, family) in Dictionary(grouping: dated, by: \.family).sorted(by: { $0.key < $1.key })
        {
            let ordered = family.sorted { (start($0), $0.id) < (start($1), $1.id) }
            for (index, right) in ordered.enumerated() {
                for left in ordered[..<index] where left.id != right.id {
                    let last = min(end(left), end(right))
                    if let days = BillingPeriod(first: start(right), last: last) {
                        found.append(.overlapping(left.id, right.id, days))
                    }
                }
            }
        }
        return found
    }

    /// The version in force on a day; nil when there is none.
    package func inForce(on date: CivilDate) -> TariffDocument? {
        documents.first { $0.isInForce(on: date) }
    }

    /// The versions in force during these days with the days of each; refuses days without a
    /// version.
    package func inForce(during period: BillingPeriod) throws(TariffVersionsError) -> [VersionPart]
    {
        try inForce(during: period, continuing: false)
    }

    /// The same; with `continuing` the last version goes on beyond its last day.
    func inForce(
        during period: BillingPeriod,
        continuing: Bool
    ) throws(TariffVersionsError) -> [VersionPart] {
        var parts: [VersionPart] = []
        var missing: [BillingPeriod] = []
        var next = period.first
        for (index, document) in documents.enumerated() {
            let isLast = index == documents.count - 1
            let end = continuing && isLast ? period.last : TariffVersions.end(document)
            let first = max(TariffVersions.start(document), period.first)
            let last = min(end, period.last)
            guard let days = BillingPeriod(first: first, last: last) else { continue }
            if first > next, let gap = BillingPeriod(first: next, last: first.adding(days: -1)) {
                missing.append(gap)
            }
            parts.append(VersionPart(document: document, period: days))
            next = last.adding(days: 1)
        }
        if let gap = BillingPeriod(first: next, last: period.last) { missing.append(gap) }
        guard missing.isEmpty else { throw .uncovered(family: family, days: missing) }
        return parts
    }

    private static func start(_ document: TariffDocument) -> CivilDate {
        document.effectiveFrom ?? earliest
    }

    private static func end(_ document: TariffDocument) -> CivilDate {
        document.effectiveTo ?? latest
    }
}
