import Logging
import Metering
import Registry
import Units
import UseCases

extension Logger {
    /// Names the meters whose days could not be made.
    func note(_ done: [(office: Office, report: RollUpDays.Report)]) {
        for (office, report) in done {
            for unmade in report.unmade {
                let first = unmade.days.first.map { "\($0)" } ?? "-"
                error(
                    "days could not be made; they stay marked",
                    metadata: [
                        "office": "\(office.code)",
                        "meter": "\(unmade.meter.value)",
                        "first": "\(first)",
                        "days": "\(unmade.days.count)",
                        "reason": "\(unmade.reason)",
                    ]
                )
            }
        }
    }
}
