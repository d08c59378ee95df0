package import Metering
package import Units

/// An exception as the office's staff sees it, with what was done about it last.
package struct ExceptionEntry: Hashable, Sendable {
    package var meterSerial: String
    package var serviceNumber: String?
    package var exception: ReadingException
    package var key: String
    /// Nil while it is open.
    package var settled: Settlement?

    /// Who looked at it, when and why it is right as it is.
    package struct Settlement: Hashable, Sendable {
        package var by: String
        package var at: Instant
        package var reason: String

        package init(by: String, at: Instant, reason: String) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    package init(
        meterSerial: String,
        serviceNumber: String?,
        exception: ReadingException,
        key: String,
        settled: Settlement?
    ) {
        self.meterSerial = meterSerial
        self.serviceNumber = serviceNumber
        self.exception = exception
        self.key = key
        self.settled = settled
    }
}

/// How many exceptions of one rule and severity there are, and on which days.
package struct ExceptionCount: Hashable, Sendable {
    package var rule: ReadingRule
    package var severity: ExceptionSeverity
    package var count: Int
    /// So many meters have one or more.
    package var meters: Int
    package var oldest: CivilDate
    package var newest: CivilDate

    package init(
        rule: ReadingRule,
        severity: ExceptionSeverity,
        count: Int,
        meters: Int,
        oldest: CivilDate,
        newest: CivilDate
    ) {
        self.rule = rule
        self.severity = severity
        self.count = count
        self.meters = meters
        self.oldest = oldest
        self.newest = newest
    }
}
