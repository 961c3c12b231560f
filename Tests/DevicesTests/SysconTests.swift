// The power switch: each command, its exit code, and everything that is not a command.
import Devices
import Testing

@Suite struct SysconTests {
    @Test func commands() {
        var syscon = Syscon()
        #expect(syscon.write(offset: 0, size: 4, value: 0x5555) == .powerOff(code: 0))
        #expect(syscon.write(offset: 0, size: 4, value: 0x7777) == .reset)
        #expect(syscon.write(offset: 0, size: 4, value: 0x3333) == .powerOff(code: 0))
        #expect(syscon.write(offset: 0, size: 4, value: 0x0001_3333) == .powerOff(code: 1))
        #expect(syscon.write(offset: 0, size: 4, value: 0xFFFF_3333) == .powerOff(code: 0xFFFF))
        #expect(syscon.write(offset: 0, size: 2, value: 0xABCD_5555) == .powerOff(code: 0))
        #expect(syscon.write(offset: 0, size: 2, value: 0xABCD_3333) == .powerOff(code: 0))
    }

    @Test func everythingElseIsIgnored() {
        var syscon = Syscon()
        for value: UInt32 in [0, 1, 0x5554, 0x7776, 0x5555_0000, .max] {
            #expect(syscon.write(offset: 0, size: 4, value: value) == .none)
        }
        for offset: UInt32 in [1, 2, 4, 0x1000, .max] {
            #expect(syscon.write(offset: offset, size: 4, value: 0x5555) == .none)
        }
        for size: UInt32 in [0, 1, 3, 8, .max] {
            #expect(syscon.write(offset: 0, size: size, value: 0x5555) == .none)
        }
        #expect(!syscon.interruptLevel)
    }

    @Test func readsAreZero() {
        var syscon = Syscon()
        for offset: UInt32 in [0, 4, .max] { #expect(syscon.read(offset: offset, size: 4) == 0) }
    }

    @Test func eventsDescribeThemselves() {
        #expect(DeviceEvent.powerOff(code: 7).description == "power off with code 7")
        #expect(DeviceEvent.reset.description == "reset")
        #expect(DeviceEvent.none.description == "no event")
    }
}
