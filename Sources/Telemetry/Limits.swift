/// The bounds of this room, each with what happens at it.
package enum Limits {
    /// Metrics of different names; later ones are counted by nobody but the overflow counter.
    package static let families = 1_000
    /// Label sets of one metric; further ones share a single series whose labels say `overflow`.
    package static let seriesPerFamily = 500
    /// A label's value is cut after so many characters.
    package static let labelCharacters = 200
    /// A name is cut after so many characters.
    package static let nameCharacters = 200
    /// A message or one field of a log record is cut after so many bytes.
    package static let logFieldBytes = 16_384
    /// Fields within fields of a log record; deeper ones are written as text.
    package static let logFieldDepth = 8

    /// Upper bounds of a timer's buckets: from a hot database statement to a slow report.
    package static let timerBucketsSeconds: [Double] = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Upper bounds of a recorder's buckets: counts and bytes.
    package static let recorderBuckets: [Double] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000,
    ]
}
