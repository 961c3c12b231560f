// The UART register by register: reset values, storage, masks, divisor latch, transmit, odd accesses.
import Devices
import Testing

@Suite struct UARTRegisterTests {
    @Test func resetValues() {
        var uart = makeUART()
        #expect(uart.read(Register.data) == 0)
        #expect(uart.read(Register.interruptEnable) == 0)
        #expect(uart.read(Register.interruptIdentification) == 0x01)
        #expect(uart.read(Register.lineControl) == 0)
        #expect(uart.read(Register.modemControl) == 0)
        #expect(uart.read(Register.lineStatus) == 0x60)
        #expect(uart.read(Register.modemStatus) == 0xB0)
        #expect(uart.read(Register.scratch) == 0)
        #expect(!uart.interruptLevel)
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func storageAndMasks(value: UInt8) {
        var uart = makeUART()
        uart.write(Register.scratch, value)
        #expect(uart.read(Register.scratch) == value)
        uart.write(Register.interruptEnable, value)
        #expect(uart.read(Register.interruptEnable) == value & 0x0F)
        uart.write(Register.modemControl, value)
        #expect(uart.read(Register.modemControl) == value & 0x1F)
        uart.write(Register.lineStatus, value)
        #expect(uart.read(Register.lineStatus) == 0x60)
        uart.write(Register.modemControl, 0)
        _ = uart.read(Register.modemStatus)
        uart.write(Register.modemStatus, value)
        #expect(uart.read(Register.modemStatus) == 0xB0)
        uart.write(Register.lineControl, value)
        #expect(uart.read(Register.lineControl) == value)
        #expect(uart.output.bytes.isEmpty)
    }

    @Test func divisorLatchHidesDataAndInterruptEnable() {
        var uart = makeUART()
        uart.write(Register.interruptEnable, 0x05)
        uart.write(Register.lineControl, 0x83)
        #expect(uart.read(Register.data) == 12)
        #expect(uart.read(Register.interruptEnable) == 0)
        uart.write(Register.data, 0x34)
        uart.write(Register.interruptEnable, 0x12)
        #expect(uart.read(Register.data) == 0x34)
        #expect(uart.read(Register.interruptEnable) == 0x12)
        #expect(uart.state.divisor == 0x1234)
        uart.write(Register.lineControl, 0x03)
        #expect(uart.read(Register.interruptEnable) == 0x05)
        #expect(uart.output.bytes.isEmpty, "a divisor byte must not be sent")
        // Received data is not consumed by a divisor read.
        uart.receive([0x41])
        uart.write(Register.lineControl, 0x80)
        _ = uart.read(Register.data)
        uart.write(Register.lineControl, 0)
        #expect(uart.read(Register.data) == 0x41)
    }

    @Test func transmit() {
        var uart = makeUART()
        for byte: UInt8 in 0...255 {
            uart.write(Register.data, byte)
            #expect(uart.read(Register.lineStatus) == 0x60)
        }
        #expect(uart.output.bytes == [UInt8](0...255))
    }

    @Test func accessesOfEverySizeAndOffset() {
        var uart = makeUART()
        uart.write(Register.scratch, 0xA5)
        for size: UInt32 in [0, 1, 2, 3, 4, 8, .max] {
            #expect(uart.read(offset: 7, size: size) == 0xA5)
            #expect(uart.read(offset: 8, size: size) == 0)
            #expect(uart.read(offset: .max, size: size) == 0)
            #expect(uart.write(offset: 8, size: size, value: .max) == .none)
            #expect(uart.write(offset: 0x107, size: size, value: 0) == .none)
        }
        #expect(uart.read(Register.scratch) == 0xA5, "offset 0x107 is not register 7")
        #expect(uart.write(offset: 7, size: 4, value: 0xDEAD_BE11) == .none)
        #expect(uart.read(offset: 7, size: 4) == 0x11)
        for offset in Register.count...UInt8.max { #expect(uart.read(offset) == 0) }
    }

    @Test func resetKeepsOutput() {
        var uart = makeUART()
        uart.write(Register.data, 0x41)
        uart.write(Register.scratch, 1)
        uart.reset()
        #expect(uart.state == UARTState())
        #expect(uart.output.bytes == [0x41])
    }
}
