import Postgres
import Registry

/// What a broken constraint means to whoever asked; nothing above this room sees a SQLSTATE.
func translated(_ error: PostgresError) -> any Error {
    if error.kind == .commitUnknown { return OutcomeUnknown(detail: error.message) }
    guard let name = error.constraint else {
        return error.isTransient ? StoreUnavailable(detail: error.message) : error
    }
    if let fault = constraintFaults[name] { return InvalidInput([fault]) }
    if let conflict = constraintConflicts[name] { return conflict }
    if error.sqlState == "55000" { return StateConflict(name, error.message) }
    return error
}

/// The database is away, overloaded or full; trying again later may succeed.
package struct StoreUnavailable: Error, Sendable {
    package let detail: String
}

/// The connection ended while a transaction was committed: stored or not, only the database knows.
package struct OutcomeUnknown: Error, Sendable {
    package let detail: String
}

private func taken(_ field: String, _ what: String) -> FieldFault {
    FieldFault(field, "taken", "this \(what) is already registered")
}

private func form(_ field: String, _ rule: String) -> FieldFault {
    FieldFault(field, "invalid", rule)
}

private let numberRule =
    "1 to 40 letters, digits, '/', '-' or '_', beginning with a letter or digit"

private let constraintFaults: [String: FieldFault] = [
    "office_code_unique": taken("code", "office code"),
    "office_code_form": form("code", "2 to 31 lower-case letters, digits, '-' or '_'"),
    "office_name_present": form("name", "1 to 200 characters"),
    "office_cycle_months_known": form("cycleMonths", "1 or 2"),
    "office_cycle_day_range": form("cycleDay", "1 to 31"),
    "office_oldest_reading_range": form("oldestReadingDays", "1 to 36500"),
    "user_account_login_unique": taken("login", "login"),
    "user_account_login_form": form(
        "login",
        "2 to 100 lower-case letters, digits, '.', '_', '@', '+' or '-'"
    ),
    "user_account_consumer_given": form(
        "consumer",
        "needed for the role consumer, and only for it"
    ),
    "user_account_administrator_of_installation": form(
        "role",
        "administrators belong to the installation, everyone else to an office"
    ),
    "consumer_number_unique": taken("number", "consumer number"),
    "consumer_number_form": form("number", numberRule),
    "consumer_name_present": form("name", "1 to 200 characters"),
    "consumer_phone_form": form("phone", "6 to 15 digits, with or without a leading '+'"),
    "consumer_email_form": form("email", "an e-mail address"),
    "feeder_code_form": form("feeder", numberRule),
    "transformer_code_form": form("transformer", numberRule),
    "service_number_unique": taken("number", "service number"),
    "service_number_form": form("number", numberRule),
    "service_category_present": form("category", "1 to 100 characters"),
    "service_tariff_family_form": form("tariff", "lower-case letters, digits and '-'"),
    "service_load_range": form("sanctionedLoadWatts", "1 to 100000000"),
    "service_phases_known": form("phases", "1 or 3"),
    "service_closed_after_connected": form("closedOn", "not before connectedOn"),
    "meter_serial_unique": taken("serial", "meter serial"),
    "meter_serial_form": form("serial", "1 to 40 letters, digits, '-' or '_'"),
    "meter_register_digits_range": form("registerDigits", "4 to 12"),
    "meter_multiplier_range": form("multiplier", "1 to 100000"),
    "meter_channels_range": form("channels", "1 to 3"),
    "old_meter_port_unique": FieldFault("gatewayPort", "taken", "another old meter has this port"),
    "old_meter_port_range": form("gatewayPort", "1024 to 65535"),
    "installation_opening_not_negative": form("openingRegisterWattHours", "0 or more"),
    "installation_removed_after": form("removedAt", "after installedAt"),
    "billing_group_code_form": form(
        "code",
        "1 to 31 lower-case letters, digits, '-' or '_', beginning with a letter or digit"
    ),
    "tariff_document_pkey": taken("id", "tariff document"),
]

private let parameterOverlap = StateConflict(
    "parameter_overlaps",
    "another value of this parameter is published for some of these days; windows never change"
)

private let constraintConflicts: [String: StateConflict] = [
    "installation_meter_once": StateConflict(
        "meter_installed_elsewhere",
        "the meter hangs at a service at that time"
    ),
    "installation_service_one_meter": StateConflict(
        "service_has_meter",
        "the service has a meter at that time; replace it instead"
    ),
    "tariff_document_no_overlap": StateConflict(
        "tariff_overlaps",
        "another version of this family is in force on some of these days"
    ),
    "tariff_parameter_no_overlap": parameterOverlap,
    "tariff_parameter_pkey": parameterOverlap,
    "bill_once": StateConflict("bill_exists", "the service has a bill for this cycle"),
]

extension Store {
    /// What an error inside a transaction means, before the transaction has ended.
    package static func meaning(of error: any Error) -> any Error {
        guard let error = error as? PostgresError, error.constraint != nil else { return error }
        return translated(error)
    }

    /// Whether an error inside a transaction comes from the rows at hand, so that others may be worked
    /// on after it; the database being away, a lost race and a cancellation do not.
    package static func isAboutRows(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError, is StoreUnavailable, is OutcomeUnknown: false
        case let error as PostgresError:
            switch error.kind {
            case .server: !error.isTransient
            case .timeout, .decoding: true
            case .connectionLost, .commitUnknown, .poolExhausted, .cancelled, .misuse: false
            }
        default: true
        }
    }
}
