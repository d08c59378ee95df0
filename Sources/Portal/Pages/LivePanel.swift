import Metering
import Units

/// The newest values of a meter as they are shown, and how fresh they are.
struct LivePanel: Sendable {
    /// One reading in words.
    struct Values: Sendable {
        let power: String
        let powerLabel: String
        let voltage: String
        let current: String
        let powerFactor: String
        let register: String
        let channels: [ChannelPower]
    }

    /// A switched outlet's share.
    struct ChannelPower: Sendable {
        let label: String
        let power: String
    }

    let reading: Values?
    let status: String
    let statusClass: String

    init(_ latest: LatestReading?, wording: Wording) {
        reading = latest.map { Values($0) }
        let known = meterStatus(latest?.at, wording: wording)
        // An age would be wrong a moment later; a time of day stays true.
        status =
            latest.map {
                known.class == "fresh" ? "Reported at \(wording.second($0.at))" : known.text
            }
            ?? known.text
        statusClass = known.class
    }
}

/// How fresh a meter's last word is, and the class that colours it.
func meterStatus(_ at: Instant?, wording: Wording) -> (text: String, class: String) {
    guard let at else { return ("This meter has not reported yet", "none") }
    return wording.isSilent(since: at)
        ? ("No word from the meter since \(wording.fullTime(at))", "silent")
        : ("The meter reported \(wording.age(at))", "fresh")
}

extension LivePanel.Values {
    /// Below this the supply is off, as on the meter's own display.
    private static let supplyMillivolts: Int32 = 50_000

    init(_ latest: LatestReading) {
        let main = latest.main
        let isSupplied = main.voltageMillivolts >= Self.supplyMillivolts
        power = isSupplied ? watts(main.powerMilliwatts) : "No supply"
        powerLabel =
            !isSupplied ? "" : main.powerMilliwatts < 0 ? "given back now" : "in use now"
        voltage = decimal(thousandths: Int64(main.voltageMillivolts), places: 1) + " V"
        current = decimal(thousandths: Int64(main.currentMilliamps), places: 2) + " A"
        powerFactor = decimal(thousandths: Int64(main.powerFactorPermille), places: 2)
        register = main.energy.exactText + " kWh"
        channels = [("Outlet 1", latest.dev1), ("Outlet 2", latest.dev2)].compactMap {
            label,
            channel in
            channel.map {
                LivePanel.ChannelPower(label: label, power: watts($0.powerMilliwatts))
            }
        }
    }
}

/// Power as people say it: watts up to ten kilowatts, kilowatts above.
private func watts(_ milliwatts: Int32) -> String {
    let value = Int64(milliwatts.magnitude)
    return value < 10_000_000
        ? decimal(thousandths: value, places: 0) + " W"
        : decimal(thousandths: value / 1_000, places: 2) + " kW"
}
