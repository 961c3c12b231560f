// The Goldfish RTC: time, alarm and line as Linux's driver uses them, and its saved state.
import Devices
import Testing

private typealias RTC = GoldfishRTCRegister

extension GoldfishRTC {
    fileprivate mutating func load(_ offset: UInt32) -> UInt32 { read(offset: offset, size: 4) }
    fileprivate mutating func store(_ offset: UInt32, _ value: UInt32) {
        #expect(write(offset: offset, size: 4, value: value) == .none)
    }

    /// As Linux reads the clock: low, then high.
    fileprivate mutating func time() -> UInt64 { UInt64(load(RTC.timeLow)) | UInt64(load(RTC.timeHigh)) << 32 }

    /// As Linux sets it: high, then low.
    fileprivate mutating func setTime(_ time: UInt64) {
        store(RTC.timeHigh, UInt32(truncatingIfNeeded: time >> 32))
        store(RTC.timeLow, UInt32(truncatingIfNeeded: time))
    }

    /// As Linux arms the alarm: high, low, then the line.
    fileprivate mutating func setAlarm(_ time: UInt64) {
        store(RTC.alarmHigh, UInt32(truncatingIfNeeded: time >> 32))
        store(RTC.alarmLow, UInt32(truncatingIfNeeded: time))
        store(RTC.irqEnabled, 1)
    }
}

@Suite struct GoldfishRTCTests {
    static let instant: UInt64 = 1_700_000_000_123_456_789

    @Test func theTimeIsTheOwners() {
        var rtc = GoldfishRTC()
        rtc.advance(to: Self.instant)
        #expect(rtc.time() == Self.instant)
        rtc.advance(to: Self.instant + 5)
        #expect(rtc.time() == Self.instant + 5)
    }

    @Test func theHighHalfBelongsToTheLowHalfReadBefore() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 0x1_FFFF_FFFF)
        #expect(rtc.load(RTC.timeLow) == 0xFFFF_FFFF)
        rtc.advance(to: 0x2_0000_0000)
        #expect(rtc.load(RTC.timeHigh) == 1)
        #expect(rtc.time() == 0x2_0000_0000)
    }

    @Test func settingTheClockIsExactAlthoughTimeGoesOn() {
        var rtc = GoldfishRTC()
        // Between the two stores the low half wraps.
        rtc.advance(to: 0x1_FFFF_FFFF)
        rtc.store(RTC.timeHigh, 7)
        #expect(rtc.time() == 0x7_FFFF_FFFF, "each half counts at once")
        rtc.advance(to: 0x2_0000_0001)
        rtc.store(RTC.timeLow, 9)
        #expect(rtc.time() == 0x7_0000_0009)
        rtc.advance(to: 0x2_0000_0011)
        #expect(rtc.time() == 0x7_0000_0019)
        // A low half alone changes the low half alone.
        rtc.store(RTC.timeLow, 1)
        #expect(rtc.time() == 0x7_0000_0001)
        // Backwards too.
        rtc.setTime(3)
        rtc.advance(to: 0x2_0000_0021)
        #expect(rtc.time() == 0x13)
    }

    @Test func anAlarmRingsOnceAndIsAcknowledged() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 1000)
        rtc.setAlarm(5_000_000_000)
        #expect(rtc.load(RTC.alarmStatus) == 1)
        #expect(rtc.load(RTC.alarmHigh) == 1 && rtc.load(RTC.alarmLow) == 705_032_704)
        #expect(rtc.nextAlarm == 5_000_000_000)
        rtc.advance(to: 4_999_999_999)
        #expect(!rtc.interruptLevel)
        #expect(rtc.interruptLevel(at: 5_000_000_000), "asked without being moved")
        #expect(!rtc.interruptLevel)
        rtc.advance(to: 5_000_000_000)
        #expect(rtc.interruptLevel)
        #expect(rtc.load(RTC.alarmStatus) == 0)
        #expect(rtc.nextAlarm == nil)
        rtc.store(RTC.clearInterrupt, 1)
        #expect(!rtc.interruptLevel)
        rtc.advance(to: 6_000_000_000)
        #expect(!rtc.interruptLevel)
    }

    @Test func halfAnAlarmIsNone() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 2_000_000_000)
        rtc.setAlarm(0x1_0000_0000)
        rtc.store(RTC.alarmHigh, 0)
        #expect(!rtc.interruptLevel && rtc.nextAlarm == nil)
        rtc.store(RTC.alarmLow, 2_000_000_001)
        #expect(rtc.nextAlarm == 2_000_000_001)
    }

    @Test func theLineCanBeOffAndStillTellsLater() {
        var rtc = GoldfishRTC()
        rtc.setAlarm(100)
        rtc.store(RTC.irqEnabled, 0)
        #expect(rtc.nextAlarm == nil)
        rtc.advance(to: 200)
        #expect(!rtc.interruptLevel)
        rtc.store(RTC.irqEnabled, 0xFFFF_FFFF)
        #expect(rtc.interruptLevel)
        #expect(rtc.load(RTC.irqEnabled) == 1)
    }

    @Test func aClearedAlarmDoesNotRing() {
        var rtc = GoldfishRTC()
        rtc.setAlarm(100)
        rtc.store(RTC.clearAlarm, 1)
        #expect(rtc.load(RTC.alarmStatus) == 0)
        rtc.advance(to: 200)
        #expect(!rtc.interruptLevel)
        #expect(rtc.load(RTC.alarmLow) == 100, "what it was set to stays to be read")
    }

    @Test func anAlarmInThePastRingsAtOnce() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 1000)
        rtc.setAlarm(999)
        #expect(rtc.interruptLevel)
        #expect(rtc.load(RTC.alarmStatus) == 0)
    }

    @Test func settingTheClockMovesTheAlarmsInstant() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 1_000_000)
        rtc.setTime(500)
        rtc.setAlarm(700)
        #expect(rtc.nextAlarm == 1_000_200)
        rtc.setTime(100)
        #expect(rtc.nextAlarm == 1_000_600)
        rtc.setTime(700)
        #expect(rtc.interruptLevel, "set past the alarm")
        rtc.setAlarm(.max)
        rtc.store(RTC.clearInterrupt, 0)
        #expect(rtc.nextAlarm == nil, "beyond the owner's time")
    }

    @Test func aResetKeepsTheTimeOnly() {
        var rtc = GoldfishRTC()
        rtc.advance(to: 50)
        rtc.setTime(1050)
        rtc.setAlarm(900)
        rtc.reset()
        #expect(!rtc.interruptLevel)
        #expect(rtc.load(RTC.alarmLow) == 0)
        #expect(rtc.time() == 1050)
    }

    @Test func otherSizesAndOffsetsAreNothing() {
        var rtc = GoldfishRTC()
        rtc.advance(to: Self.instant)
        let before = rtc.state
        for size: UInt32 in [1, 2] {
            for offset: UInt32 in 0..<0x24 {
                #expect(rtc.read(offset: offset, size: size) == 0)
                _ = rtc.write(offset: offset, size: size, value: .max)
            }
        }
        for offset: UInt32 in [1, 2, 3, 0x20, 0x24, 0xFC, .max] {
            #expect(rtc.load(offset) == 0)
            rtc.store(offset, .max)
        }
        #expect(rtc.state == before)
    }

    // MARK: State

    @Test func layout() {
        var rtc = GoldfishRTC()
        #expect(rtc.state.encode() == [1] + [UInt8](repeating: 0, count: 27))
        rtc.advance(to: 0x0102_0304_0506_0708)
        _ = rtc.load(RTC.timeLow)
        rtc.setAlarm(0x1112_1314_1516_1718)
        rtc.store(RTC.timeHigh, 0x0102_0306)
        #expect(
            rtc.state.encode() == [
                1, 0x0B, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 6, 3,
                2, 1,
            ])
    }

    @Test func randomStatesSurviveTheRoundTrip() throws {
        var random = SplitMix(seed: 11)
        var rtc = GoldfishRTC()
        for _ in 0..<5000 {
            rtc.advance(to: random.next() >> (random.next() & 63))
            for _ in 0..<4 {
                let offset = UInt32(random.next() % 9) * 4
                if random.next() & 1 == 0 {
                    _ = rtc.load(offset)
                } else {
                    rtc.store(offset, UInt32(random.next() >> 32))
                }
            }
            let copy = try GoldfishRTCState.decode(rtc.state.encode())
            #expect(copy == rtc.state)
            if let next = rtc.nextAlarm {
                #expect(rtc.interruptLevel(at: next), "the line is high when it was said to be")
                #expect(!rtc.interruptLevel(at: next - 1), "and not before")
            }
            var other = GoldfishRTC()
            other.restore(copy)
            #expect(other.interruptLevel == rtc.interruptLevel)
        }
    }

    @Test func damagedBytesAreRefusedOrMeanWhatTheySay() {
        var rtc = GoldfishRTC()
        rtc.setAlarm(12345)
        rtc.store(RTC.timeHigh, 77)
        for bytes in [rtc.state.encode(), GoldfishRTCState().encode()] {
            for length in 0..<bytes.count {
                #expect(throws: DeviceStateError.self) { try GoldfishRTCState.decode([UInt8](bytes.prefix(length))) }
            }
            #expect(throws: DeviceStateError.self) { try GoldfishRTCState.decode(bytes + [0]) }
            for index in bytes.indices {
                for value in UInt8.min...UInt8.max {
                    var damaged = bytes
                    damaged[index] = value
                    guard let state = try? GoldfishRTCState.decode(damaged) else { continue }
                    #expect(state.encode() == damaged)
                }
            }
        }
    }

    @Test(arguments: [(1, UInt8(0x10), "flags"), (3, 1, "flags"), (24, 1, "written TIME_HIGH")])
    func impossibleFieldsAreNamed(index: Int, value: UInt8, field: String) {
        var bytes = GoldfishRTCState().encode()
        bytes[index] = value
        let error = #expect(throws: DeviceStateError.self) { try GoldfishRTCState.decode(bytes) }
        #expect(error?.description.contains("the RTC: field \(field)") == true)
    }
}
