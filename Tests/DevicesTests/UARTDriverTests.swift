// What drivers do at start-up, in the order Linux's 8250 driver does it (behaviour only): presence, loopback, FIFO
// generation, the tests for chips that look like ours and are not, and the interrupt tests.
import Devices
import Testing

@Suite struct UARTDriverTests {
    @Test func autoconfigurationFindsA16550A() {
        var uart = makeUART()
        // Presence: the low four bits of IER hold what is written, and nothing else does.
        uart.write(Register.interruptEnable, 0)
        #expect(uart.read(Register.interruptEnable) & 0x0F == 0)
        uart.write(Register.interruptEnable, 0x0F)
        #expect(uart.read(Register.interruptEnable) & 0x0F == 0x0F)
        uart.write(Register.interruptEnable, 0)
        // Loopback: OUT2 and RTS come back as carrier and CTS.
        let modem = uart.read(Register.modemControl)
        let line = uart.read(Register.lineControl)
        uart.write(Register.modemControl, 0x1A)
        #expect(uart.read(Register.modemStatus) & 0xF0 == 0x90)
        uart.write(Register.modemControl, modem)
        // Generation: enabling the FIFOs sets IIR bits 7...6.
        uart.write(Register.lineControl, 0xBF)
        uart.write(Register.fifoControl, 0)
        uart.write(Register.lineControl, 0)
        uart.write(Register.fifoControl, 0x01)
        #expect(uart.read(Register.interruptIdentification) >> 6 == 3)
        // Not a 16650 or relative: its extra register at offset 2 would read 0 under these LCR values.
        for mode: UInt8 in [0x80, 0xBF] {
            uart.write(Register.lineControl, mode)
            #expect(uart.read(2) != 0)
        }
        // Not a NS16550A "super" part: its register 2 under LCR 0xE0 follows MCR's loopback bit.
        uart.write(Register.lineControl, 0)
        let before = uart.read(Register.modemControl)
        uart.write(Register.modemControl, before ^ 0x10)
        uart.write(Register.lineControl, 0xE0)
        let follows = uart.read(2)
        uart.write(Register.lineControl, 0)
        uart.write(Register.modemControl, before)
        #expect((follows ^ before) & 0x10 == 0)
        // Not a 16750: bit 5 of FCR would enable 64 bytes and show in IIR.
        for mode: UInt8 in [0, 0x80] {
            uart.write(Register.lineControl, mode)
            uart.write(Register.fifoControl, 0x21)
            #expect(uart.read(Register.interruptIdentification) >> 5 == 6)
            uart.write(Register.fifoControl, 0x01)
        }
        // Not an XScale or similar: the unit enable bit of IER does not stick.
        uart.write(Register.lineControl, 0)
        uart.write(Register.interruptEnable, 0x40)
        #expect(uart.read(Register.interruptEnable) == 0)
        uart.write(Register.lineControl, line)
        // Scratch register present: not an 8250.
        uart.write(Register.scratch, 0xA5)
        #expect(uart.read(Register.scratch) == 0xA5)
        uart.write(Register.scratch, 0x5A)
        #expect(uart.read(Register.scratch) == 0x5A)
        #expect(uart.output.bytes.isEmpty)
    }

    @Test func startUpTestsFindNoBug() {
        var uart = makeUART()
        // The FIFO reset sequence, then the reads that throw away what lies around.
        for value: UInt8 in [0x01, 0x07, 0x00] { uart.write(Register.fifoControl, value) }
        for register in [Register.lineStatus, Register.data, Register.interruptIdentification, Register.modemStatus] {
            _ = uart.read(register)
        }
        #expect(uart.read(Register.lineStatus) != 0xFF, "0xFF means there is no UART")
        uart.write(Register.lineControl, 0x03)
        // "Transmitter empty" has to come again when it is enabled a second time.
        uart.write(Register.interruptEnable, 0x02)
        #expect(uart.read(Register.interruptIdentification) & 0x01 == 0)
        uart.write(Register.interruptEnable, 0x00)
        uart.write(Register.interruptEnable, 0x02)
        #expect(uart.read(Register.interruptIdentification) & 0x01 == 0)
        uart.write(Register.interruptEnable, 0x00)
        #expect(uart.read(Register.lineStatus) & 0x60 == 0x60)
        #expect(!uart.interruptLevel)
    }

    @Test func interruptDrivenSendingAndReceiving() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0xC1)
        uart.write(Register.interruptEnable, 0x05)
        var toSend = [UInt8]("a guest that talks in bursts of sixteen bytes, as its driver does\n".utf8)[...]
        let expected = [UInt8](toSend)
        let typed = [UInt8]("and listens: forty-two characters at once".utf8)
        var toDeliver = typed[...]
        var heard: [UInt8] = []
        uart.write(Register.interruptEnable, 0x07)
        var rounds = 0
        while !toSend.isEmpty || !toDeliver.isEmpty || uart.interruptLevel {
            rounds += 1
            guard rounds < 1000 else { break }
            let burst = toDeliver.prefix(uart.receiveRoom)
            uart.receive([UInt8](burst))
            toDeliver = toDeliver.dropFirst(burst.count)
            switch uart.read(Register.interruptIdentification) & 0x0F {
            case 0x04, 0x0C:
                while uart.read(Register.lineStatus) & 0x01 != 0 { heard.append(uart.read(Register.data)) }
            case 0x02:
                for byte in toSend.prefix(16) { uart.write(Register.data, byte) }
                toSend = toSend.dropFirst(16)
                if toSend.isEmpty { uart.write(Register.interruptEnable, 0x05) }
            case let other:
                #expect(other == 0x01)
            }
        }
        #expect(uart.output.bytes == expected)
        #expect(heard == typed)
    }
}
