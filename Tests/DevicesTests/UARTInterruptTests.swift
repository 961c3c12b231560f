// The interrupt line and IIR: each reason, its enable bit, what clears it, and the priorities.
import Devices
import Testing

@Suite struct UARTInterruptTests {
    @Test(arguments: [(UInt8(0x01), 1), (0x41, 4), (0x81, 8), (0xC1, 14)])
    func triggerLevels(fifoControl: UInt8, level: Int) {
        var uart = makeUART()
        uart.write(Register.fifoControl, fifoControl)
        uart.write(Register.interruptEnable, 0x01)
        for count in 1...16 {
            uart.receive([UInt8(count)])
            #expect(uart.interruptLevel)
            #expect(uart.read(Register.interruptIdentification) == (count >= level ? 0xC4 : 0xCC))
        }
        for left in (0..<16).reversed() {
            _ = uart.read(Register.data)
            let expected: UInt8 = left == 0 ? 0xC1 : left >= level ? 0xC4 : 0xCC
            #expect(uart.read(Register.interruptIdentification) == expected)
        }
        #expect(!uart.interruptLevel)
    }

    @Test func receivedDataNeedsItsEnableBit() {
        var uart = makeUART()
        uart.receive([1])
        #expect(!uart.interruptLevel)
        uart.write(Register.interruptEnable, 0x0E)
        uart.write(Register.interruptEnable, 0x01)
        #expect(uart.interruptLevel)
        #expect(uart.read(Register.interruptIdentification) == 0x04)
        _ = uart.read(Register.data)
        #expect(!uart.interruptLevel)
    }

    @Test func transmitterEmpty() {
        var uart = makeUART()
        uart.write(Register.data, 0x41)
        #expect(!uart.interruptLevel)
        uart.write(Register.interruptEnable, 0x02)
        #expect(uart.interruptLevel, "enabling it while empty raises it")
        #expect(uart.read(Register.interruptIdentification) == 0x02)
        #expect(!uart.interruptLevel, "reading IIR clears it")
        #expect(uart.read(Register.interruptIdentification) == 0x01)
        uart.write(Register.interruptEnable, 0x02)
        #expect(!uart.interruptLevel, "it was enabled already")
        uart.write(Register.data, 0x42)
        #expect(uart.interruptLevel, "the byte has left")
        uart.write(Register.interruptEnable, 0x00)
        #expect(!uart.interruptLevel)
        uart.write(Register.interruptEnable, 0x02)
        #expect(uart.interruptLevel, "off and on raises it again")
    }

    @Test func readingAnotherReasonDoesNotClearTransmitterEmpty() {
        var uart = makeUART()
        uart.write(Register.interruptEnable, 0x03)
        uart.receive([1])
        #expect(uart.read(Register.interruptIdentification) == 0x04)
        #expect(uart.read(Register.interruptIdentification) == 0x04)
        _ = uart.read(Register.data)
        #expect(uart.read(Register.interruptIdentification) == 0x02)
        #expect(uart.read(Register.interruptIdentification) == 0x01)
    }

    @Test func prioritiesFromTopToBottom() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x81)
        uart.write(Register.modemControl, 0x10)
        uart.write(Register.modemControl, 0x00)  // leaves modem deltas
        uart.receive([UInt8](1...17))  // data above the trigger level, and an overrun
        uart.write(Register.interruptEnable, 0x0F)
        #expect(uart.read(Register.interruptIdentification) == 0xC6)
        _ = uart.read(Register.lineStatus)
        #expect(uart.read(Register.interruptIdentification) == 0xC4)
        for _ in 0..<9 { _ = uart.read(Register.data) }
        #expect(uart.read(Register.interruptIdentification) == 0xCC)
        for _ in 0..<7 { _ = uart.read(Register.data) }
        #expect(uart.read(Register.interruptIdentification) == 0xC2)
        #expect(uart.read(Register.interruptIdentification) == 0xC0)
        #expect(uart.interruptLevel)
        _ = uart.read(Register.modemStatus)
        #expect(uart.read(Register.interruptIdentification) == 0xC1)
        #expect(!uart.interruptLevel)
    }

    @Test func eachReasonNeedsItsEnableBit() {
        for enable: UInt8 in 0...15 {
            var uart = makeUART()
            uart.write(Register.modemControl, 0x10)
            uart.write(Register.modemControl, 0x00)
            uart.receive([1, 2])
            uart.write(Register.interruptEnable, enable)
            #expect(uart.interruptLevel == (enable != 0))
            let expected: UInt8 =
                enable & 4 != 0 ? 0x06 : enable & 1 != 0 ? 0x04 : enable & 2 != 0 ? 0x02 : enable & 8 != 0 ? 0 : 1
            #expect(uart.read(Register.interruptIdentification) == expected)
        }
    }

    @Test func clearingTheFIFOLowersTheLine() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.write(Register.interruptEnable, 0x01)
        uart.receive([1])
        #expect(uart.interruptLevel)
        uart.write(Register.fifoControl, 0x03)
        #expect(!uart.interruptLevel)
    }

    @Test func outputTwoDoesNotGateTheLine() {
        var uart = makeUART()
        uart.write(Register.modemControl, 0x00)
        uart.write(Register.interruptEnable, 0x02)
        #expect(uart.interruptLevel)
    }
}
