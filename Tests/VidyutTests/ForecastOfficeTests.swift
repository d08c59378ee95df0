import API
import Billing
import Forecasting
import Foundation
import Gzip
import Metering
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases
import Wire

/// Forecasts of an office by the command line, and of real households night after night.
@Suite(.enabled(if: BuiltProgram.path != nil && TestCluster.isAvailable))
struct ForecastOfficeTests {
    private func program() async throws -> BuiltProgram {
        let cluster = try await TestCluster.shared.cluster()
        let name = try await TestCluster.shared.makeDatabase().name
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": cluster.applicationURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_DATABASE_OWNER_URL": cluster.ownerURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
        #expect(try await program.run("db", "migrate").status == 0)
        return program
    }

    @Test func `an office is forecast, shown and scored by commands`() async throws {
        let program = try await program()
        func succeeds(_ arguments: String..., input: String = "") async throws -> String {
            let outcome = try await program.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
        var readings = "meter,date,kwh\n"
        for day in 0..<180 {
            let date = CivilDate(daysSince1970: 20_460).adding(days: day)
            for (meter, level) in [("m-1", 8), ("m-2", 3)] {
                readings += "\(meter),\(date),\(level + day % 3)\n"
            }
        }
        _ = try await succeeds("office", "add", "town", "--name", "Town")
        _ = try await succeeds("tariff", "publish", "--family", "tneb-lt1a")
        _ = try await succeeds(
            "reading",
            "import",
            "-",
            "--create-with-tariff",
            "tneb-lt1a",
            input: readings
        )
        _ = try await succeeds("office", "forecast", "--climate", "chennai")
        #expect(try await succeeds("office", "forecast").contains("chennai"))
        _ = try await succeeds(
            "service",
            "hang",
            "m-1",
            "--transformer",
            "T-1",
            "--feeder",
            "F-1"
        )
        #expect(try await program.run("forecast", "feeder").status == 1)

        // 30 April and 5 June 2026.
        let first = try await succeeds("forecast", "run", "--origin", "2026-04-30")
        #expect(first.contains("2 of 2 services"))
        _ = try await succeeds("forecast", "run", "--origin", "2026-06-05")
        let back = try await program.run("forecast", "run", "--origin", "2026-05-01")
        #expect(back.status == 1 && back.errors.contains("forward only"))

        let service = try await program.run("forecast", "service", "m-1", "--percent=-20", "--json")
        let answer = try service.json()
        #expect(answer["origin"] as? String == "2026-06-05")
        #expect((answer["days"] as? [Any])?.count == 62)
        let cycle = try #require(answer["cycle"] as? [String: Any])
        let outcome = try #require(cycle["whatIf"] as? [String: Any])
        #expect((outcome["differencePaise"] as? Int ?? 0) < 0)
        let text = try await succeeds("forecast", "service", "m-1", "--days")
        #expect(text.contains("Bill") && text.contains("2026-06-06"))
        let feeders = try await succeeds("forecast", "feeder")
        #expect(feeders.contains("F-1") && feeders.contains("(no feeder)"))
        #expect(try await succeeds("forecast", "feeder", "F-1").contains("T-1"))
        #expect(try await program.run("forecast", "feeder", "F-9").status == 1)
        let accuracy = try await succeeds("forecast", "accuracy")
        #expect(accuracy.contains("month") && accuracy.contains("2026-05-31"))
    }

    /// Every name in a JSON value with those it stands in.
    private func keys(_ value: Any, under path: String = "") -> Set<String> {
        if let list = value as? [Any] {
            return list.reduce(into: []) { $0.formUnion(keys($1, under: path + "[]")) }
        }
        guard let members = value as? [String: Any] else { return [] }
        return members.reduce(into: []) { all, member in
            let name = path + "." + member.key
            all.insert(name)
            all.formUnion(keys(member.value, under: name))
        }
    }

    private func keys(of value: some Encodable) throws -> Set<String> {
        keys(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)))
    }

    @Test func `the command line writes forecasts with the names of the contract`() async throws {
        let now = Instant(secondsSince1970: Int64(Date().timeIntervalSince1970))
        let office = try await TestOffice.make(at: now)
        let yesterday = office.office.zone.date(of: now).adding(days: -1)
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect("1", on: yesterday.adding(days: -300).description)
        try await office.fillDays(
            ofMeter: "m-1",
            from: yesterday.adding(days: -299),
            to: yesterday
        ) { 8_000 + Int64($0.daysSince1970 % 5) * 500 }
        _ = try await office.useCases.hangService(
            HangService.Input(serviceNumber: "S-1", transformer: "T-1", feeder: "F-1"),
            by: office.manager
        )
        for night in [yesterday.month.adding(months: -3).last, yesterday] {
            _ = try await office.useCases.runForecasts(origin: night, by: office.manager)
        }
        let name = try await SharedDatabase.shared.open().database.name
        let url = try await TestCluster.shared.cluster().applicationURL
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
        func printed(_ arguments: String...) async throws -> Set<String> {
            let outcome = try await program.run(
                ["forecast"] + arguments + ["--office", office.office.code, "--json"]
            )
            #expect(outcome.status == 0, "\(outcome.errors)")
            return keys(try outcome.json())
        }
        let service = try await office.useCases.showForecast(
            serviceNumber: "S-1",
            whatIf: WhatIf(percent: -10),
            withAccuracy: true,
            by: office.manager
        )
        let ofService = try keys(of: ServiceForecastResponse(service))
        #expect(ofService.contains(".cycle.whatIf.bill.energy.medianWattHours"))
        #expect(try await printed("service", "S-1", "--percent=-10") == ofService)
        let feeder = try await office.useCases.showFeeders.feeder("F-1", by: office.manager)
        let ofFeeder = try keys(of: LoadForecastResponse(feeder))
        #expect(ofFeeder.contains(".items[].month.meanWattHours"))
        #expect(try await printed("feeder", "F-1") == ofFeeder)
        let spans = try await office.useCases.showAccuracy(by: office.manager).spans
        #expect(!spans.isEmpty)
        let ofSpans = try keys(of: ListResponse(whole: spans.map { AccuracyResponse($0) }))
        #expect(try await printed("accuracy") == ofSpans)
    }

    /// The days of the Indian households from their file.
    private func rows() throws -> [ReadingImportRow] {
        var reader = try GzipReader(path: try #require(SourceTree.shared) + "/forecast/data.csv.gz")
        var csv = ReadingCSV()
        while let piece = try reader.next() { csv.feed(piece) }
        csv.finish()
        return csv.rows
    }

    /// The whole way from the file of readings to the scores of months: what the office would have
    /// seen.
    @Test(.enabled(if: SourceTree.shared != nil))
    func `real households' months are forecast better than naively, by stored forecasts`()
        async throws
    {
        let office = try await TestOffice.make()
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.useCases.importReadings(
            try rows(),
            options: ImportReadings.Options(
                only: ["br-*", "mh-*"],
                createWithTariff: "tneb-lt1a"
            ),
            by: office.manager
        )
        _ = try await office.useCases.setForecasting(
            SetForecasting.Input(climate: "br"),
            by: office.manager
        )
        var month = try #require(CivilMonth("2019-10"))
        while month.year < 2022 {
            _ = try await office.useCases.runForecasts(origin: month.last, by: office.manager)
            month = month.adding(months: 1)
        }
        let spans = try await office.useCases.showAccuracy(by: office.manager).spans
        var total = ForecastScore()
        for span in spans where span.kind == .month { total.add(span.score) }
        var bills = ForecastScore()
        for span in spans where span.kind == .cycle { bills.add(span.score) }
        func text(_ value: Double?) -> String { value.map { "\(($0 * 10).rounded() / 10)" } ?? "-" }
        print(
            "months: \(Int(total.services)) forecasts, error \(text(total.errorPercent)) %, naive "
                + "\(text(total.naiveErrorPercent)) %, within \(text(total.totalsIn80Percent)) / "
                + "\(text(total.totalsIn95Percent)) %, days \(text(total.daysIn80Percent)) %; "
                + "bills: \(Int(bills.bills)), error \(text(bills.billErrorPercent)) %, naive "
                + "\(text(bills.billNaiveErrorPercent)) %, within \(text(bills.billsIn80Percent)) %"
        )
        #expect(total.services > 400)
        #expect((total.errorPercent ?? 100) < 0.8 * (total.naiveErrorPercent ?? 0))
        #expect((70...92).contains(total.totalsIn80Percent ?? 0))
        // A bill is scored where every day of its cycle is known: few of these households have such.
        #expect(bills.bills > 40 && !bills.isNaiveBetterForBills)
    }
}
