// Shared helpers of the device tests: a collecting sink, short names, and a seeded random source.
import Devices

/// Keeps every byte it is given.
struct Collector: ByteSink {
    var bytes: [UInt8] = []
    mutating func put(_ byte: UInt8) { bytes.append(byte) }
}

typealias UART = UART16550A<Collector>
typealias Register = UARTRegister

func makeUART() -> UART { UART(output: Collector()) }

/// SplitMix64: small, seeded, the same everywhere, so a failing run can be repeated.
struct SplitMix: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var z = seed
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
