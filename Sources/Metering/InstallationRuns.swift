import Units

/// One installation of a service with what its register showed.
package struct InstalledReadings: Sendable {
    package var installation: Installation
    package var rules: RegisterRules
    /// In any order; those outside the installation's time are passed over.
    package var samples: [RegisterSample]
    /// Where an earlier run ended; nil begins with the installation's opening register.
    package var state: RegisterState?

    package init(
        installation: Installation,
        rules: RegisterRules,
        samples: [RegisterSample],
        state: RegisterState? = nil
    ) {
        self.installation = installation
        self.rules = rules
        self.samples = samples
        self.state = state
    }
}

/// What one installation used, never subtracted across an exchange (R13).
package struct InstallationRun: Sendable {
    package var installation: Installation
    package var rules: RegisterRules
    package var run: RegisterRun
}

/// Runs the installations of a service in order of time, each with its own meter and multiplier.
///
/// A change of the multiplier is an installation of its own, as an exchange is: it ends with its
/// closing register, and the next begins with its opening one.
package func registerRuns(of installations: [InstalledReadings]) -> [InstallationRun] {
    installations.sorted {
        ($0.installation.installedAt, $0.installation.meter.id)
            < ($1.installation.installedAt, $1.installation.meter.id)
    }.map { installed in
        let installation = installed.installation
        let opening = RegisterReading(
            at: installation.installedAt,
            register: installation.openingRegister
        )
        let removedAt = installation.removedAt
        let samples = installed.samples.filter { sample in
            sample.at > installation.installedAt && removedAt.map { sample.at < $0 } ?? true
        }
        var run = RegisterMachine.run(
            samples,
            from: installed.state ?? RegisterState(opening: opening),
            rules: installed.rules
        )
        if let removedAt, let register = installation.closingRegister {
            run = RegisterMachine.close(
                run,
                with: RegisterReading(at: removedAt, register: register),
                rules: installed.rules
            )
        }
        return InstallationRun(
            installation: installation,
            rules: installed.rules,
            run: run
        )
    }
}
