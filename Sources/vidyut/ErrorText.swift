import ArgumentParser
import Billing
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Tariffs
import UseCases

/// Why a command could not do what it was asked, in words for whoever asked.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Several things wrong with a file, each with its line.
struct FileFaults: Error {
    let file: String
    let faults: [ImportFault]
    /// All of them, those not listed included.
    let count: Int
}

/// What an error means to the person at the command line: sentences, never a dump.
func errorLines(_ error: any Error) -> [String] {
    switch error {
    case let error as InvalidInput: error.faults.map { "\($0.field): \($0.detail)" }
    case let error as FileFaults:
        error.faults.map { "\(error.file), line \($0.line): \($0.detail)" }
            + (error.count > error.faults.count
                ? ["and \(error.count - error.faults.count) more"] : [])
    case let error as TariffFileFaults:
        error.lines.prefix(UseCases.Limits.faultsNamed)
            + (error.lines.count > UseCases.Limits.faultsNamed
                ? ["and \(error.lines.count - UseCases.Limits.faultsNamed) more"] : [])
    case let error as ImportFault: ["line \(error.line): \(error.detail)"]
    case let error as StoreUnavailable: ["the database is away: \(error.detail)"]
    case let error as OutcomeUnknown:
        ["the database went away while this was stored; look whether it was: \(error.detail)"]
    case let error as NotSignedIn: [error.detail]
    case is Overloaded, is TooMuchBlockingWork: ["too much is waiting already; try again later"]
    case let error where isInterruption(error): ["interrupted"]
    case let error as PostgresError:
        [(error.isTransient ? "the database is away: " : "the database refused: ") + "\(error)"]
    case let error as any CustomStringConvertible & Error: [error.description]
    default: ["\(error)"]
    }
}

/// Whether a signal to stop came before the end; what was under way was rolled back.
private func isInterruption(_ error: any Error) -> Bool {
    error is CancellationError || (error as? PostgresError)?.kind == .cancelled
}

/// The exit status of a failure: 64 for misuse, 130 for an interruption, else 1.
func exitStatus(of error: any Error) -> ExitCode {
    switch error {
    case let code as ExitCode: code
    case is ConfigurationError: ExitCode(64)
    case let error where isInterruption(error): ExitCode(130)
    default: .failure
    }
}
