import ArgumentParser
import Registry
import Units
import UseCases

extension ReadingCommands {
    /// `vidyut reading correct`.
    struct Correct: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Correct a register that was read or typed wrongly.",
            discussion: """
                The wrong register is kept with who and why. Bills not yet issued follow with the \
                next run, issued ones by `vidyut bill note correct`. The registers read when a \
                meter was exchanged are corrected in the same way, at the instant of the exchange \
                (see `vidyut service show`).
                  vidyut reading correct M-17 --at 2026-10-31T18:30:00Z --register-kwh 380 \
                --reason "digits exchanged"
                """
        )

        @Argument(help: "Serial of the meter.")
        var meter: String

        @Option(help: ArgumentHelp("Instant of the reading.", valueName: "instant"))
        var at: String

        @Option(help: ArgumentHelp("What the register showed.", valueName: "kWh"))
        var registerKwh: String

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            guard let instant = Instant(at) else {
                throw ValidationError("--at is an instant such as 2026-10-31T18:30:00Z.")
            }
            let register = Energy(
                wattHours: Int64(try wholeThousandths(registerKwh, option: "--register-kwh"))
            )
            let (meter, reason, asJSON) = (meter, reason, options.json)
            try await options.withOffice { useCases, _, caller in
                let old = try await useCases.correctReading(
                    serial: meter,
                    at: instant,
                    register: register,
                    reason: reason,
                    by: caller
                )
                if asJSON {
                    return try Output.json(["replacedRegisterWattHours": old.wattHours])
                }
                Terminal.print(
                    "Meter \(meter) at \(instant): \(register.kilowattHoursText) kWh instead of "
                        + "\(old.kilowattHoursText)."
                )
            }
        }
    }
}
