/// Frames written down once: a change of their meaning is a change of the protocol's version.
struct GoldenFrame: Sendable, CustomStringConvertible {
    var description: String
    var epoch: UInt32
    var sequence: UInt32
    var seconds: [Int64]
    var mainWattHours: [UInt64]
    var mainMilliwatts: [Int32]
    var hexadecimal: String

    static let all = [
        GoldenFrame(
            description: "three channels, three quarter hours",
            epoch: 0,
            sequence: 1_042,
            seconds: [1_795_342_500, 1_795_343_400, 1_795_344_300],
            mainWattHours: [1_234_760, 1_234_953, 1_235_146],
            mainMilliwatts: [770_100, 796_100, 822_100],
            hexadecimal: """
                d6010003000000001204000010040000030000a4818bd806c09c1ca435a20fbb0290dd96
                0163800ac40f5feef404780000000000880ebb05f00100718203000000e0024a14000000
                000000bb05f00100fc0182030000009e064a1400000000bd646c4d
                """
        ),
        GoldenFrame(
            description: "one channel, the first reading ever",
            epoch: 0,
            sequence: 1,
            seconds: [1_795_342_500],
            mainWattHours: [1_234_760],
            mainMilliwatts: [770_100],
            hexadecimal: """
                d6010001000000000100000001000000010000a4818bd806c09c1ca435a20fbb0290dd96
                01242bfcb2
                """
        ),
        GoldenFrame(
            description: "a clock that was set between two readings",
            epoch: 3,
            sequence: 70_002,
            seconds: [3_900, 3_000, 1_795_344_300],
            mainWattHours: [1_234_760, 1_234_953, 1_235_146],
            mainMilliwatts: [770_100, 796_100, 822_100],
            hexadecimal: """
                d6010003030000007211010070110100030001bc1ec09c1ca435a20fbb0290dd96016380
                0ac40f5feef404780000000001b817bb05f00100718203000000e0024a140000000000ac
                8f8bd806bb05f00100fc0182030000009e064a14000000001ac7d652
                """
        ),
        GoldenFrame(
            description: "export through main",
            epoch: 0,
            sequence: 70_002,
            seconds: [1_795_342_500, 1_795_343_400, 1_795_344_300],
            mainWattHours: [1_234_567, 1_234_567, 1_234_567],
            mainMilliwatts: [-770_100, -796_100, -822_100],
            hexadecimal: """
                d6010203000000007211010070110100030000a4818bd806fc52c09c1ca435a10fbc028e
                da960163800ac40f5feef404780000000000880efc02bb05f001007200000000e0024a14
                000000000000fc02bb05f00100fb01000000009e064a140000000048e28855
                """
        ),
    ]
}
