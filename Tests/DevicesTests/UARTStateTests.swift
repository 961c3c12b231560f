// Saving and restoring: every reachable state survives the round trip, hostile bytes are refused, nothing ever traps.
import Devices
import Testing

/// Performs `count` random accesses and arrivals.
func shake(_ uart: inout UART, _ random: inout SplitMix, _ count: Int) {
    for _ in 0..<count {
        let value = UInt8.random(in: 0...255, using: &random)
        switch UInt8.random(in: 0..<8, using: &random) {
        case 0: uart.receive([UInt8](repeating: value, count: Int(value & 31)))
        case 1: uart.receiveBreak()
        case 2...4: _ = uart.read(UInt8.random(in: 0...9, using: &random))
        default: uart.write(UInt8.random(in: 0...9, using: &random), value)
        }
    }
}

@Suite struct UARTStateTests {
    @Test func layoutOfTheDefaultState() {
        #expect(UARTState().encode() == [1, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0])
    }

    @Test func layoutOfABusyState() {
        var uart = makeUART()
        uart.write(Register.lineControl, 0x80)
        uart.write(Register.data, 0x34)
        uart.write(Register.interruptEnable, 0x12)
        uart.write(Register.lineControl, 0x1B)
        uart.write(Register.interruptEnable, 0x0F)
        uart.write(Register.fifoControl, 0x89)
        uart.write(Register.modemControl, 0x10)
        uart.write(Register.modemControl, 0x0B)
        uart.write(Register.scratch, 0x77)
        uart.receive([0x41])
        uart.receiveBreak()
        uart.receive([UInt8](repeating: 0x42, count: 15))
        let head: [UInt8] = [1, 0x0F, 0x89, 0x1B, 0x0B, 0x02, 0x0B, 0x77, 0x34, 0x12, 1, 16, 0x41, 0, 0, 0x10]
        #expect(uart.state.encode() == head + (0..<14).flatMap { _ in [UInt8(0x42), 0] })
    }

    @Test func randomStatesSurviveTheRoundTrip() throws {
        var random = SplitMix(seed: 1)
        for _ in 0..<2000 {
            var uart = makeUART()
            shake(&uart, &random, 40)
            var copy = makeUART()
            try copy.restore(UARTState.decode(uart.state.encode()))
            #expect(copy.state == uart.state)
            #expect(copy.interruptLevel == uart.interruptLevel, "a pending interrupt is pending again")
            // From here on both behave alike.
            var same = random
            shake(&uart, &random, 40)
            shake(&copy, &same, 40)
            #expect(copy.state == uart.state)
        }
    }

    @Test func everyCutIsRefused() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.receive([1, 2, 3])
        let bytes = uart.state.encode()
        for length in 0..<bytes.count {
            #expect(throws: DeviceStateError.self) { try UARTState.decode([UInt8](bytes.prefix(length))) }
        }
        #expect(throws: DeviceStateError.self) { try UARTState.decode(bytes + [0]) }
    }

    @Test func everyByteOfEveryValueIsEitherValidOrRefused() {
        var uart = makeUART()
        uart.write(Register.fifoControl, 0x01)
        uart.receive([1, 2, 3])
        let bytes = uart.state.encode()
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max {
                var damaged = bytes
                damaged[index] = value
                guard let state = try? UARTState.decode(damaged) else { continue }
                #expect(state.encode() == damaged, "what is accepted means exactly what was written")
            }
        }
    }

    @Test(arguments: [
        (1, UInt8(0x10), "IER"), (2, 0x02, "FCR"), (2, 0x08, "FCR"), (4, 0x20, "MCR"), (5, 0x01, "LSR"),
        (6, 0x10, "MSR"),
        (10, 1, "transmitter empty pending"), (10, 2, "transmitter empty pending"), (11, 17, "receiver count"),
    ])
    func impossibleFieldsAreNamed(index: Int, value: UInt8, field: String) {
        var bytes = UARTState().encode()
        bytes[index] = value
        do throws(DeviceStateError) {
            _ = try UARTState.decode(bytes)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains("field \(field) holds 0x\(String(value, radix: 16))"))
        }
    }

    @Test func twoCharactersWithoutFIFOAreImpossible() {
        var state = UARTState()
        state.received = [UARTCharacter(byte: 1), UARTCharacter(byte: 2)]
        var uart = makeUART()
        uart.write(Register.scratch, 9)
        #expect(throws: DeviceStateError.self) { try uart.restore(state) }
        #expect(uart.state.scratch == 9, "a refused restore changes nothing")
        #expect(throws: DeviceStateError.self) { try UARTState.decode(state.encode()) }
    }

    @Test func otherVersionsAreRefusedByNumber() {
        for version: UInt8 in [0, 2, 255] {
            var bytes = UARTState().encode()
            bytes[0] = version
            do throws(DeviceStateError) {
                _ = try UARTState.decode(bytes)
                Issue.record("accepted")
            } catch {
                #expect(error.description.contains("version \(version), this build reads version 1"))
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SplitMix(seed: 2)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...48, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if !bytes.isEmpty && Bool.random(using: &random) { bytes[0] = 1 }
            _ = try? UARTState.decode(bytes)
        }
    }

    @Test func randomAccessNeverTrapsAndStaysReachable() throws {
        var random = SplitMix(seed: 3)
        var uart = makeUART()
        for _ in 0..<3000 {
            shake(&uart, &random, 20)
            try uart.state.validate()
            _ = uart.read(offset: UInt32.random(in: 0...(.max), using: &random), size: 4)
            #expect(uart.receiveRoom >= 0)
        }
    }
}
