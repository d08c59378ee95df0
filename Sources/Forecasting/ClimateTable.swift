/// Monthly mean temperatures that come with the program, by area, station or climate zone.
///
/// `br`, `mh` and `ln` are the areas of the evaluation, Bareilly, Mathura and London, in tenths of a
/// degree as its notes give them. The Indian stations are approximate, to half a degree: written
/// down in the manner of the normals of the India Meteorological Department (means of daily maximum
/// and minimum) but not checked against its tables; the zones are those of the National Building
/// Code by a typical station. They are where to begin: an office gives its own values as a setting.
package enum ClimateTable {
    /// The name that stands for a place not in the table: the mean of the country.
    package static let fallbackName = "india"

    /// The mean of the country.
    package static let fallback = normals[fallbackName] ?? .none

    /// The normals of a name, its case ignored; nil when it is not in the table.
    package static func named(_ name: String) -> ClimateNormals? { normals[name.lowercased()] }

    /// All names, in alphabetical order.
    package static var names: [String] { normals.keys.sorted() }

    private static let normals: [String: ClimateNormals] = values.compactMapValues {
        ClimateNormals(monthlyCelsius: $0)
    }

    private static let values: [String: [Double]] = [
        "br": [14.2, 17.3, 22.8, 28.9, 32.3, 32.6, 30.3, 29.7, 29.0, 25.7, 20.4, 15.8],
        "mh": [14.3, 17.6, 23.3, 29.3, 33.4, 34.0, 31.3, 30.0, 29.3, 26.3, 20.6, 15.9],
        "ln": [5.3, 5.6, 7.8, 10.3, 13.5, 16.6, 18.8, 18.5, 15.8, 12.2, 8.4, 5.9],

        "india": [18.5, 21, 25, 28.5, 30.5, 30, 28, 27.5, 27.5, 26, 22.5, 19.5],
        "hot-dry": [17, 19.5, 25, 30.5, 34, 34, 31.5, 30, 30, 28, 23, 18.5],
        "warm-humid": [25, 26.5, 28.5, 30.5, 32.5, 32, 31, 30, 29.5, 28, 26.5, 25.5],
        "composite": [14, 17, 22.5, 29, 32.5, 33.5, 31.5, 30.5, 29.5, 26, 20.5, 15.5],
        "temperate": [21.5, 23.5, 26, 27.5, 27, 24.5, 23.5, 23.5, 24, 23.5, 22.5, 21],
        "cold": [6, 7.5, 11.5, 16, 19, 20.5, 19, 18.5, 17.5, 15, 11.5, 8.5],

        "ahmedabad": [20, 22.5, 27.5, 31.5, 33.5, 32.5, 29.5, 28.5, 29, 28.5, 25, 21.5],
        "amritsar": [11.5, 14.5, 19.5, 25.5, 30.5, 32, 30.5, 30, 28, 23.5, 18, 13],
        "bengaluru": [21.5, 23.5, 26, 27.5, 27, 24.5, 23.5, 23.5, 24, 23.5, 22.5, 21],
        "bhopal": [17.5, 20.5, 25.5, 30.5, 33, 30.5, 27, 26, 26.5, 25.5, 21.5, 18],
        "bhubaneswar": [22, 25, 28.5, 31, 32, 30.5, 28.5, 28.5, 28.5, 27.5, 25, 22],
        "chandigarh": [13, 16, 21, 27, 31, 31.5, 29.5, 29, 28, 24, 18.5, 14.5],
        "chennai": [25, 26.5, 28.5, 30.5, 32.5, 32, 31, 30, 29.5, 28, 26.5, 25.5],
        "coimbatore": [24.5, 26.5, 28.5, 29.5, 29, 27, 26, 26, 27, 26.5, 25.5, 24],
        "dehradun": [12.5, 15, 19.5, 24.5, 27.5, 28.5, 26.5, 26, 25, 22, 17.5, 13.5],
        "delhi": [14, 17, 22.5, 29, 32.5, 33.5, 31.5, 30.5, 29.5, 26, 20.5, 15.5],
        "guwahati": [17, 19.5, 23, 25, 26.5, 28, 28.5, 28.5, 28, 25.5, 21.5, 18],
        "hyderabad": [22.5, 25, 28.5, 31.5, 33, 29.5, 27, 26.5, 26.5, 26, 23.5, 21.5],
        "jaipur": [15.5, 18.5, 24, 29.5, 33, 33, 29.5, 28.5, 28.5, 26.5, 21.5, 17],
        "jodhpur": [17, 19.5, 25, 30.5, 34, 34, 31.5, 30, 30, 28, 23, 18.5],
        "kochi": [27, 28, 29, 29.5, 29, 27, 26.5, 26.5, 27, 27.5, 27.5, 27],
        "kolkata": [19.5, 23.5, 28, 30.5, 31, 30.5, 29.5, 29.5, 29, 28, 24.5, 20.5],
        "lucknow": [14.5, 18, 23.5, 29.5, 32.5, 32.5, 30, 29.5, 28.5, 26, 20.5, 16],
        "madurai": [25.5, 27, 29.5, 31.5, 32, 31.5, 31, 30.5, 30, 28.5, 26.5, 25.5],
        "mumbai": [24, 24.5, 27, 28.5, 30, 29, 27.5, 27.5, 27.5, 28.5, 27.5, 25.5],
        "nagpur": [20.5, 23.5, 28, 32.5, 35, 31.5, 27.5, 27, 27.5, 26, 23, 20.5],
        "patna": [16, 19.5, 25, 30, 31.5, 31.5, 30, 29.5, 29, 27, 22.5, 17.5],
        "pune": [20.5, 22.5, 26, 29, 29.5, 27, 25, 24.5, 25, 25, 22.5, 20.5],
        "raipur": [20.5, 23.5, 28, 32, 34.5, 31.5, 27.5, 27, 27.5, 26.5, 23, 20],
        "ranchi": [16.5, 19.5, 24, 28.5, 30, 28.5, 26, 26, 25.5, 23.5, 20, 17],
        "shimla": [6, 7.5, 11.5, 16, 19, 20.5, 19, 18.5, 17.5, 15, 11.5, 8.5],
        "srinagar": [2, 4.5, 9, 13.5, 17.5, 22, 24.5, 24, 20, 13.5, 8, 3.5],
        "thiruvananthapuram": [27, 27.5, 28.5, 29, 28.5, 27, 26.5, 26.5, 27, 27, 27, 27],
        "visakhapatnam": [23.5, 25.5, 28, 30, 31.5, 31, 29, 28.5, 28.5, 27.5, 25.5, 23.5],
    ]
}
