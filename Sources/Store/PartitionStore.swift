import Postgres
package import Units

extension LookupTransaction {
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
