import Foundation
import Testing
import Units

@testable import Forecasting

@Suite struct ClimateTests {
    @Test func `the areas of the evaluation have their published normals`() throws {
        let bareilly = try #require(ClimateTable.named("br"))
        #expect(bareilly.monthlyCelsius[0] == 14.2)
        #expect(bareilly.monthlyCelsius[5] == 32.6)
        let mathura = try #require(ClimateTable.named("mh"))
        #expect(mathura.monthlyCelsius[4...5] == [33.4, 34.0])
        let london = try #require(ClimateTable.named("ln"))
        #expect(london.monthlyCelsius[5...7] == [16.6, 18.8, 18.5])
    }

    @Test func `every place of the table has twelve plausible months`() {
        #expect(ClimateTable.names.count >= 35)
        for name in ClimateTable.names {
            #expect(ClimateTable.named(name)?.monthlyCelsius.count == 12, "\(name)")
        }
        #expect(ClimateTable.named("Chennai") != nil)
        #expect(ClimateTable.named("atlantis") == nil)
        #expect(ClimateNormals(monthlyCelsius: [1, 2, 3]) == nil)
        #expect(ClimateNormals(monthlyCelsius: Array(repeating: .nan, count: 12)) == nil)
    }

    @Test func `days lie between the middles of the months`() throws {
        let normals = try #require(ClimateNormals(monthlyCelsius: (1...12).map { Double($0) }))
        let date = try #require(CivilDate("2021-06-16"))
        #expect(abs(normals.celsius(on: date) - 6) < 0.03)
        let newYear = try #require(CivilDate("2021-01-01"))
        #expect(abs(normals.celsius(on: newYear) - 6.5) < 0.3)
    }

    @Test func `Bareilly and Mathura are peers and London is not`() throws {
        let areas = try ["br", "mh", "ln"].map { try #require(ClimateTable.named($0)) }
        #expect(areas[0].isLike(areas[1]))
        #expect(!areas[0].isLike(areas[2]))
    }
}
