/// What has to be said beside a forecast, or instead of one.
package struct ForecastNote: Hashable, Sendable {
    /// A stable name for programs.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        /// There has been no night of forecasts since the service is there.
        case notYet = "not_yet"
        /// The service is closed.
        case closed
        /// Nothing is known of the service or of its peers.
        case nothingKnown = "nothing_known"
        /// Few days of its own: it leans on its peers.
        case new
        /// The meter has been silent for some days.
        case silent
        /// Days of the cycle have passed that nobody has read; they are estimated as the days to come.
        case gaps
        /// Nothing was used on any known day: an empty house, or an outage.
        case allZero = "all_zero"
        /// The forecast is from an earlier night than the last.
        case stale
        /// The cycle is over and its bill is not issued yet: it is shown instead of the next.
        case over
        /// There is no forecast of the bill.
        case noBill = "no_bill"
        /// What was asked cannot be priced; the forecast itself stands.
        case noWhatIf = "no_what_if"
    }

    package var code: Code
    /// A sentence for people.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
