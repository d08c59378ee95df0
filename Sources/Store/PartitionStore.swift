import Postgres
package import Units

extension LookupTransaction {
    /// Months of which readings wait in the default partition, oldest first.
    package func waitingReadingMonths() throws -> [CivilMonth] {
        try connection.query("select month from waiting_reading_months()").map {
            (try $0[0] as CivilDate).month
        }
    }

    /// Makes the partition of readings for a month; true when it was new.
    ///
    /// Readings that waited in
    /// the default partition are moved into it.
    package func makeReadingPartition(_ month: CivilMonth) throws -> Bool {
        let made: Bool? = try connection.query(
            "select make_reading_partition(\(month.first))"
        ).first?[0]
        return made ?? false
    }
}
