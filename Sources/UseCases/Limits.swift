/// Bounds of the verbs; when one is reached the asker is told.
package enum Limits {
    package static let pageDefault = 50
    package static let pageMaximum = 200
    /// A batch leaves at this size or as soon as a writer is free.
    package static let readingsPerBatch = 1_000
    /// Readings that wait for a writer in all; then senders are told to wait.
    package static let readingsWaiting = 20_000
    /// Of those, what one office may have waiting: the others always find a place.
    package static let readingsWaitingOfOffice = 15_000
    /// And one meter, which is told to wait before it fills its office's share.
    package static let readingsWaitingOfMeter = 2_000
    /// As many writers as this platform's cores are worth (`performance/limits.md`).
    package static let writers = 2
    /// A closed day is made after this pause, so that batches under way at midnight are in.
    package static let dayClosingGraceSeconds: Int64 = 300
    package static let dirtyDaysPerRound = 500
    /// Meters whose days are made at once, if their readings allow.
    package static let metersPerDayMaking = 50
    /// Readings that are in memory at once while days are made; a meter with more is made alone.
    package static let readingsPerDayMaking = 200_000
    /// A meter whose days could not be made is tried again by the clock after so long.
    package static let unmadePauseSeconds: Int64 = 3_600
    /// A late reading can change what the register machine thought of the days before it.
    package static let daysBeforeDirty = 2
    /// What follows a closed day decides about its doubtful end.
    package static let daysAfterClosed = 2
    /// Load curves in one answer.
    package static let blockDaysMaximum = 62
    /// A meter exchange may be entered a little before the server's clock has reached it.
    package static let exchangeAheadSeconds: Int64 = 300
    /// What people did to one day, undos included.
    package static let versionsPerDay = 200
    /// Days or versions named in one refusal; the rest is counted.
    static let daysNamed = 10
    /// Days after a day that is looked at, which decide about its doubtful end.
    static let daysAfterLooked = 7
    /// Meters whose day an estimate by peers is drawn from.
    static let peersOfEstimate = 50
    /// Exceptions settled by their keys in one go.
    package static let exceptionKeysMaximum = 500
    /// Exceptions settled by one statement.
    package static let exceptionsPerRound = 500
    /// Own days that a day is compared with.
    package static let historyDays = 42
    /// So many days around the same weekday of the year before are its season.
    package static let seasonDays = 14
    /// Services whose average day stands for their tariff family, and how few say nothing.
    package static let peersMaximum = 200
    package static let peersMinimum = 5
    /// Gaps are estimated from the peers' average day of so many months before: that is put down by
    /// then, once and for ever.
    package static let peerMonthsBack = 2
    package static let servicesPerBillingRound = 500
    /// Like services that tell what is usual for a first bill, by their bills of so many days: two cycles
    /// of two months and some days.
    package static let firstBillPeers = 2_000
    package static let firstBillPeerDays = 130
    /// Workers of a billing run in one process, each with a connection and a transaction.
    package static let billingWorkers = 2
    package static let reasonCharactersMaximum = 500
    /// A note on one bill, either way: ten billion rupees.
    package static let notePaiseMaximum: Int64 = 1_000_000_000_000
    /// Optional tariff lines of a service.
    package static let optionalLinesMaximum = 20
    package static let sessionSeconds: Int64 = 12 * 3_600
    package static let passwordCharactersMinimum = 10
    package static let meterCacheSeconds: Int64 = 60
    package static let meterCacheEntries = 200_000
    /// Errors named in one answer to a file; the rest is counted.
    package static let faultsNamed = 50
    package static let importRowsPerTransaction = 2_000
    /// Meters of one file: what an import remembers of each is all that grows with the file.
    package static let importMeters = 200_000
    /// Months with a reading in one file: a wrong clock in it cannot make a thousand partitions.
    package static let importMonths = 240
    /// Months without a partition that are made in one go.
    static let waitingMonths = 48
    /// How far ahead of the clock a reading in a file may lie.
    static let importFutureSeconds: Int64 = 300
    package static let importsListed = 100
    /// Months that leave for the archive in one go without being asked for: a clock that jumped
    /// must not empty the ledger.
    package static let monthsArchivedAtOnce = 3
    /// Days that readings stay beyond what every office keeps.
    ///
    /// For those under way, and for local days that lie across two months; the database's
    /// `require_expired_month` holds to the same.
    package static let archiveGraceDays = 7
    /// Readings of one statement while a month is exported or brought back.
    package static let archiveRowsPerPage = 5_000
    /// How long intake may be kept waiting while a partition is detached or attached.
    static let partitionLockSeconds = 3
    /// How long the rows of a month may be counted.
    static let archiveStatementSeconds = 1_800
    /// Days of usage in one answer.
    package static let usageDaysMaximum = 3_700
    package static let liveSubscribersMaximum = 10_000
    /// Days until an issued bill is due.
    package static let dueDays = 15
    /// Twelve digits of kilowatt-hours, the largest register there is.
    package static let importedRegisterWattHours: Int64 = 1_000_000_000_000_000
    /// Ports of old meters' listeners, where none is chosen and nothing else is set.
    package static let oldMeterPorts = 18_801...18_999
    /// An older command is given up: it must not switch anything when the broker is back at last.
    package static let oldCommandSeconds: Int64 = 60
    /// A command that a server took and did not send in so long is taken by another.
    package static let oldCommandClaimSeconds: Int64 = 10
    package static let oldCommandsAtOnce = 100
    /// A person's commands for one old meter in a minute: relays are not made for more.
    package static let oldCommandsPerMinute = 20
    /// A photo of a meter; the database holds to the same.
    package static let photoBytesMaximum = 4 * 1_048_576
    /// Photos that leave in one transaction.
    static let photosPerRound = 200
    /// A consumer's readings of one service that wait for a person, and those of one day.
    package static let pendingOwnReadings = 3
    package static let ownReadingsADay = 5
    /// What an assessor writes beside an outcome.
    package static let noteCharactersMaximum = 200
    /// Services of one sheet of a round.
    package static let roundRowsMaximum = 10_000
    /// A round is due so many days before its cycle ends.
    static let roundLeadDays = 7
    /// Earlier visits in which a repeated one is looked for.
    static let visitsLookedAt = 20
    /// Readings in one comparison of sources.
    static let comparedReadings = 100
    /// Services of a part of a night of forecasts: two years of their days are in memory at once.
    package static let servicesPerForecastPart = 500
    /// Workers of a night in one process, each with a connection and a transaction.
    package static let forecastWorkers = 2
    /// Parts that stand for the fleet on an office's first night.
    static let forecastSampleParts = 2
    /// Results of parts that are in memory at once when a night is finished.
    static let forecastResultsPerRead = 50
    /// Families of tariffs whose services are peers of each other; those beyond are one more.
    static let forecastFamilies = 50
    /// Nights of which every forecast is kept.
    package static let forecastNightsKept = 7
    /// Days that the forecasts of the evening before a month or a cycle are kept, to be scored.
    package static let forecastDaysKept = 100
    /// A month or a cycle is scored so many days after its end, so that late readings are in.
    package static let forecastGraceDays = 5
    /// A night begins so long after midnight: meters that were silent have reported by then.
    package static let forecastPauseSeconds: Int64 = 1_800
    /// Nights that were missed are made up for, one after the other, at most so many.
    package static let forecastNightsMadeUp = 35
    /// Tariff documents that are kept decoded.
    static let decodedTariffs = 1_000
    /// So long the closed cycle of a service that never had a bill is shown in place of the running
    /// one: an office that bills elsewhere must not lose sight of that.
    static let unbilledCycleDays = 14
    /// Past days beside a forecast.
    package static let pastDaysShown = 62
    /// Months and cycles of accuracy in one answer.
    package static let scoredSpansListed = 240
}
