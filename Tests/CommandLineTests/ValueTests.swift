// Texts to sizes, addresses, durations, instants, policies and rows.

import Testing

@testable import CommandLine

/// The value, or `nil` if the text was refused.
func accepted<Value>(_ parse: () throws(ValueError) -> Value) -> Value? {
    do throws(ValueError) { return try parse() } catch { return nil }
}

@Suite struct ValueTests {
    @Test(
        arguments: [
            ("64K", 65536), ("64k", 65536), ("1M", 1 << 20), ("1g", 1 << 30), ("0064K", 65536),
            ("64", nil), ("", nil), ("K", nil), ("5Q", nil), ("-1M", nil), ("1MB", nil), ("1.5M", nil), (" 1M", nil),
            ("1K", nil), ("65K", nil), ("5G", nil), ("99999999999999999999G", nil), ("18446744073709551615G", nil),
        ] as [(String, UInt64?)])
    func sizes(_ text: String, _ bytes: UInt64?) {
        let result = accepted { () throws(ValueError) in
            try Size.parse(text, from: 64 << 10, to: 4 << 30, step: 64 << 10)
        }
        #expect(result == bytes)
    }

    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("0x80010000", 0x8001_0000), ("0XfffffffC", 0xFFFF_FFFC),
            ("4294967292", 0xFFFF_FFFC),
            ("", nil), ("0x", nil), ("8001000g", nil), ("ff", nil), ("0x100000000", nil), ("4294967296", nil),
            ("0xffffffffffffffffffffffff0", nil), ("2", nil), ("-4", nil), ("0x-4", nil),
        ] as [(String, UInt32?)])
    func addresses(_ text: String, _ address: UInt32?) {
        #expect(accepted { () throws(ValueError) in try Address.parse(text) } == address)
    }

    @Test(
        arguments: [
            ("250ms", 250_000_000), ("2s", 2_000_000_000), ("1m30s", 90_000_000_000), ("1h", 3_600_000_000_000),
            ("1h1m1s1ms1us1ns", 3_661_001_001_001), ("0s", 0), ("1.5s", 1_500_000_000), ("0.000000001s", 1),
            ("1m0.25s", 60_250_000_000), ("0.5m", 30_000_000_000), ("0.00000000005m", 3), ("0.0000000000025h", 9),
            ("1.50000000000000000000s", 1_500_000_000), ("9223372036854775807ns", UInt64(Int64.max)),
            ("", nil), ("2", nil), ("s", nil), ("2s1m", nil), ("2s2s", nil), ("-1s", nil), ("1.s", nil), (".5s", nil),
            ("1.5m2s", nil), ("1.5ns", nil), ("0.0000000001s", nil), ("0.00000000001m", nil), ("1 s", nil),
            ("1e3s", nil),
            ("9223372036854775808ns", nil), ("2562048h", nil), ("18446744073709551616s", nil),
            ("5000000h5000000h", nil),
            ("1sec", nil), ("1S", nil),
        ] as [(String, UInt64?)])
    func durations(_ text: String, _ nanoseconds: UInt64?) {
        #expect(accepted { () throws(ValueError) in try Nanoseconds.parse(text) } == nanoseconds)
    }

    @Test func durationsSurviveTheRoundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let value = generator.next() >> UInt64.random(in: 1...63, using: &generator)
            #expect(try Nanoseconds.parse(Nanoseconds.format(value)) == value)
        }
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-02T03:04:05.678Z", 1_767_323_045_678_000_000),
            ("2000-02-29t12:00:00z", 951_825_600_000_000_000), ("2000-02-29 12:00:00Z", 951_825_600_000_000_000),
            ("1969-12-31T23:59:59.999999999Z", -1), ("2026-01-02T04:04:05+01:00", 1_767_323_045_000_000_000),
            ("2026-01-01T22:34:05-04:30", 1_767_323_045_000_000_000),
            ("1700-03-01T00:00:00Z", -8_515_238_400_000_000_000),
            ("2262-04-11T23:47:16.854775807Z", Int64.max), ("@0", 0), ("@1767323045.678", 1_767_323_045_678_000_000),
            ("@-1.5", -1_500_000_000), ("@1.000000000000", 1_000_000_000),
            ("", nil), ("@", nil), ("@1.", nil), ("@+1", nil), ("now", nil), ("2026-01-02", nil),
            ("2026-01-02T03:04:05", nil), ("2026-1-2T03:04:05Z", nil), ("2026-02-29T00:00:00Z", nil),
            ("2100-02-29T00:00:00Z", nil), ("2026-04-31T00:00:00Z", nil), ("2026-13-01T00:00:00Z", nil),
            ("2026-00-01T00:00:00Z", nil), ("2026-01-00T00:00:00Z", nil), ("2026-01-02T24:00:00Z", nil),
            ("2026-01-02T23:59:60Z", nil), ("2026-01-02T23:60:00Z", nil), ("2026-01-02T03:04:05+24:00", nil),
            ("2026-01-02T03:04:05.1234567891Z", nil), ("2262-04-11T23:47:16.854775808Z", nil),
            ("9999-01-01T00:00:00Z", nil),
            ("0000-01-01T00:00:00Z", nil), ("@9223372037", nil), ("@99999999999999999999", nil), ("@1Z", nil),
        ] as [(String, Int64?)])
    func instants(_ text: String, _ nanoseconds: Int64?) {
        #expect(accepted { () throws(ValueError) in try Instant.parse(text) } == nanoseconds)
    }

    @Test(
        arguments: [
            ("freeze", .freeze), ("catch-up", .catchUp), ("catch-up-max=2s", .catchUpMax(nanoseconds: 2_000_000_000)),
            ("at=@1.5", .at(realtimeNanoseconds: 1_500_000_000)), ("catch-up-max=0s", .catchUpMax(nanoseconds: 0)),
            ("", nil), ("catch-up-max", nil), ("catch-up-max=", nil), ("at=", nil), ("Freeze", nil),
            ("catch-up=2s", nil),
        ] as [(String, ClockPolicyChoice?)])
    func policies(_ text: String, _ policy: ClockPolicyChoice?) {
        #expect(accepted { () throws(ValueError) in try ClockPolicyChoice.parse(text) } == policy)
    }

    @Test func rows() throws {
        let some = try RowSelection.parse("t8,G1-G9,I2-4,M")
        for id in ["T8", "G1", "G9", "I2", "I4", "M1", "M999"] { #expect(some.contains(id: id)) }
        for id in ["T7", "T80", "G10", "I5", "A1", "T", "", "8", "T8x", "T99999999999999999999"] {
            #expect(!some.contains(id: id))
        }
        #expect(RowSelection.all.contains(id: "T8"))
        for text in ["", ",", "T8,", "8", "T8-", "T1-G9", "T9-T1", "T8 ", "T-9", "T99999999999", "*", "é"] {
            #expect(accepted { () throws(ValueError) in try RowSelection.parse(text) } == nil, "\(text)")
        }
    }

    @Test func nearWords() {
        #expect(nearest(to: "rnu", among: ["run", "restore"]) == "run")
        #expect(nearest(to: "simulatr", among: BackendChoice.names) == "simulator")
        #expect(nearest(to: "x", among: ["a"]) == nil)
        #expect(nearest(to: "", among: ["a"]) == nil)
        #expect(editDistance(Array("ca".utf8), Array("abc".utf8)) == 3)
        #expect(editDistance(Array("abcd".utf8), Array("abdc".utf8)) == 1)
        #expect(editDistance([], Array("abc".utf8)) == 3)
    }
}
