import Metering
import Registry
import Store
import Units

extension RollUpDays {
    /// Puts down what like services used in the month before last, once in its following month: days
    /// are estimated from profiles two months old, which are the same whenever they are made.
    func makePeerProfiles(of making: DayMaking) async throws {
        let month = making.yesterday.month.adding(months: -1)
        try await store.withTenant(making.office.id) { transaction in
            guard try !transaction.hasPeerProfiles(of: month) else { return }
            try transaction.makePeerProfiles(
                of: month,
                blockMinutes: making.office.metering.blockMinutes,
                services: Limits.peersMaximum,
                fewest: Limits.peersMinimum
            )
        }
    }
}
