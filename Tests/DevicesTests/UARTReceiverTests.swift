// The receiver: one character or sixteen, overrun, breaks, FIFO control, loopback and modem lines.
import Devices
import Testing

@Suite struct UARTReceiverTests {
    @Test func withoutFIFOTheNewestCharacterWins() {
        var uart = makeUART()
        #expect(uart.receiveRoom == 1)
        uart.receive([0x41])
        #expect(uart.receiveRoom == 0)
        #expect(uart.read(Register.lineStatus) == 0x61)
        uart.receive([0x42])
        #expect(uart.read(Register.lineStatus) == 0x63)
        #expect(uart.read(Register.lineStatus) == 0x61, "reading LSR clears the overrun")
        #expect(uart.read(Register.data) == 0x42)
        #expect(uart.read(Register.lineStatus) == 0x60)
        #expect(uart.read(Register.data) == 0)
    }

    @Test func withFIFOTheOldestSixteenStay() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        #expect(uart.receiveRoom == 16)
        uart.receive([UInt8](1...20))
        #expect(uart.receiveRoom == 0)
        #expect(uart.read(Register.lineStatus) & 0x02 != 0)
        #expect(uart.read(Register.lineStatus) & 0x02 == 0)
        for byte: UInt8 in 1...16 { #expect(uart.read(Register.data) == byte) }
        #expect(uart.read(Register.lineStatus) == 0x60)
    }

    @Test func exactlySixteenIsNoOverrun() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.receive([UInt8](1...16))
        #expect(uart.read(Register.lineStatus) == 0x61)
    }

    @Test func fifoControlBits() {
        var uart = makeUART()
        // Without "enable" the other bits do not count.
        uart.write(Register.fifoControl, 0xC8)
        #expect(uart.state.fifoControl == 0)
        #expect(uart.read(Register.interruptIdentification) == 0x01)
        uart.write(Register.fifoControl, 0xCF)
        #expect(uart.state.fifoControl == 0xC9)
        #expect(uart.read(Register.interruptIdentification) == 0xC1)
        uart.receive([1, 2, 3])
        uart.write(Register.fifoControl, 0xC5)
        #expect(uart.state.received.count == 3, "clearing the transmitter leaves the receiver alone")
        uart.write(Register.fifoControl, 0xC3)
        #expect(uart.state.received.isEmpty)
        uart.receive([1, 2, 3])
        uart.write(Register.fifoControl, 0x00)
        #expect(uart.state.received.isEmpty, "switching the FIFOs off empties them")
        uart.receive([1])
        uart.write(Register.fifoControl, 0x01)
        #expect(uart.state.received.isEmpty, "switching the FIFOs on empties the receiver")
    }

    @Test func breakTravelsWithItsCharacter() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.write(Register.interruptEnable, 0x04)
        uart.receive([0x41])
        uart.receiveBreak()
        uart.receive([0x42])
        #expect(!uart.interruptLevel, "the break is not at the head yet")
        #expect(uart.read(Register.lineStatus) == 0xE1, "an error waits inside the FIFO")
        #expect(uart.read(Register.data) == 0x41)
        #expect(uart.interruptLevel)
        #expect(uart.read(Register.interruptIdentification) == 0xC6)
        #expect(uart.read(Register.lineStatus) == 0xF1)
        #expect(uart.read(Register.lineStatus) == 0x61)
        #expect(!uart.interruptLevel)
        #expect(uart.read(Register.data) == 0)
        #expect(uart.read(Register.data) == 0x42)
    }

    @Test func loopbackConnectsTransmitterToReceiver() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.write(Register.modemControl, 0x10)
        #expect(uart.receiveRoom == 0)
        uart.receive([0x55])
        uart.receiveBreak()
        #expect(uart.read(Register.lineStatus) == 0x60, "the input pin is disconnected")
        for byte: UInt8 in 0..<100 { uart.write(Register.data, byte) }
        #expect(uart.output.bytes.isEmpty)
        var seen: [UInt8] = []
        while uart.read(Register.lineStatus) & 0x01 != 0 { seen.append(uart.read(Register.data)) }
        #expect(seen == [UInt8](0..<16), "the depth a driver measures in loopback is 16")
        uart.write(Register.modemControl, 0)
        uart.write(Register.data, 0x41)
        #expect(uart.output.bytes == [0x41])
    }

    @Test(arguments: UInt8(0)...15)
    func loopbackShowsModemOutputsAsInputs(outputs: UInt8) {
        var uart = makeUART()
        uart.write(Register.modemControl, 0x10 | outputs)
        let expected: UInt8 =
            (outputs & 2 != 0 ? 0x10 : 0) | (outputs & 1 != 0 ? 0x20 : 0)
            | (outputs & 4 != 0 ? 0x40 : 0) | (outputs & 8 != 0 ? 0x80 : 0)
        #expect(uart.read(Register.modemStatus) & 0xF0 == expected)
        #expect(uart.read(Register.modemStatus) & 0x0F == 0, "reading MSR clears the deltas")
        uart.write(Register.modemControl, 0)
        #expect(uart.read(Register.modemStatus) & 0xF0 == 0xB0)
    }

    @Test func modemDeltas() {
        var uart = makeUART()
        uart.write(Register.modemControl, 0x1B)  // DTR, RTS, OUT2 on: the same inputs as the wire has.
        #expect(uart.read(Register.modemStatus) == 0xB0)
        uart.write(Register.modemControl, 0x19)
        #expect(uart.read(Register.modemStatus) == 0xA1)
        uart.write(Register.modemControl, 0x18)
        #expect(uart.read(Register.modemStatus) == 0x82)
        uart.write(Register.modemControl, 0x14)
        #expect(uart.read(Register.modemStatus) == 0x48, "ring starting leaves no note")
        uart.write(Register.modemControl, 0x10)
        #expect(uart.read(Register.modemStatus) == 0x04, "ring ending does")
    }
}
