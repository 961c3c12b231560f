// The board: address map, bus, lines, RAM by MMIO, console, arguments.
import Devices
import Machine
import Testing

let uart = AddressMap.uart.base

func makeBoard(_ size: UInt64 = 4 * mebibyte) throws -> Board { Board(memory: try GuestMemory(size: size)) }

extension Board {
    func load(_ address: UInt64, _ size: UInt32 = 1) -> UInt64 {
        handleMMIO(address: address, size: size, isWrite: false, data: .max).value
    }

    @discardableResult func store(_ address: UInt64, _ value: UInt64, _ size: UInt32 = 1) -> DeviceEvent {
        let result = handleMMIO(address: address, size: size, isWrite: true, data: value)
        #expect(result.value == 0)
        return result.event
    }
}

/// A device that remembers what it was asked.
struct Recorder: Device {
    var trace: [String] = []
    var interruptLevel = false
    mutating func read(offset: UInt32, size: UInt32) -> UInt32 {
        trace.append("read \(offset) \(size)")
        return 0x8182_8384 &+ offset
    }
    mutating func write(offset: UInt32, size: UInt32, value: UInt32) -> DeviceEvent {
        trace.append("write \(offset) \(size) \(String(value, radix: 16))")
        return .none
    }
}

@Suite struct BusTests {
    @Test func windowsOfTheMapDoNotOverlap() {
        var windows = [AddressMap.uart, AddressMap.rtc, AddressMap.syscon, AddressMap.bootROM]
        for slot in 0..<AddressMap.virtioSlots { windows.append(AddressMap.virtio(slot)) }
        windows += GuestMemory.regions(of: AddressMap.largestRAM).map(\.window)
        for (index, window) in windows.enumerated() {
            for other in windows[(index + 1)...] { #expect(!window.overlaps(other)) }
        }
        for window in windows.dropLast() { #expect(window.end <= 0x2000_0000, "KSEG1 reaches every device") }
        #expect(AddressMap.virtio(7).base == 0x1000_4E00)
    }

    @Test func offsetsSizesAndMasks() {
        let port = Port(Recorder())
        let bus = Bus()
        bus.attach(port, at: AddressWindow(base: 0x1000, size: 0x10))
        #expect(bus.perform(MMIOAccess(address: 0x0FFF, size: 1, isWrite: false)) == nil)
        #expect(bus.perform(MMIOAccess(address: 0x1010, size: 1, isWrite: false)) == nil)
        #expect(bus.perform(MMIOAccess(address: 0x1004, size: 4, isWrite: false))?.value == 0x8182_8388)
        #expect(bus.perform(MMIOAccess(address: 0x1004, size: 2, isWrite: false))?.value == 0x8388)
        #expect(bus.perform(MMIOAccess(address: 0x100F, size: 1, isWrite: false))?.value == 0x93)
        #expect(bus.perform(MMIOAccess(address: 0x1008, size: 8, isWrite: false))?.value == 0x8182_8390_8182_838C)
        let data: UInt64 = 0x1122_3344_5566_7788
        for size: UInt32 in [1, 2, 4, 8] {
            #expect(bus.perform(MMIOAccess(address: 0x1000, size: size, isWrite: true, data: data)) == MMIOResult())
        }
        #expect(
            port.device.trace == [
                "read 4 4", "read 4 2", "read 15 1", "read 8 4", "read 12 4", "write 0 1 88", "write 0 2 7788",
                "write 0 4 55667788", "write 0 4 55667788", "write 4 4 11223344",
            ])
    }

    @Test func sharedLinesAreOred() {
        let first = Port(Recorder())
        let second = Port(Recorder())
        let third = Port(Recorder())
        let bus = Bus()
        bus.attach(first, at: AddressWindow(base: 0x1000, size: 4), line: .ip3)
        bus.attach(second, at: AddressWindow(base: 0x2000, size: 4), line: .ip3)
        bus.attach(third, at: AddressWindow(base: 0x3000, size: 4), line: .ip6)
        #expect(bus.assertedLines == 0)
        second.device.interruptLevel = true
        #expect(bus.assertedLines == 0x08)
        first.device.interruptLevel = true
        third.device.interruptLevel = true
        #expect(bus.assertedLines == 0x48)
        second.device.interruptLevel = false
        #expect(bus.assertedLines == 0x48)
        first.device.interruptLevel = false
        #expect(bus.assertedLines == 0x40)
    }

    @Test func changesOfLines() {
        var lines = InterruptLines()
        #expect(lines.update(0) == .init(raised: 0, lowered: 0))
        #expect(lines.update(0x0C) == .init(raised: 0x0C, lowered: 0))
        #expect(lines.update(0x0C).isEmpty)
        #expect(lines.update(0x14) == .init(raised: 0x10, lowered: 0x08))
        lines.forget()
        #expect(lines.update(0x14) == .init(raised: 0x14, lowered: 0))
        #expect(InterruptLine.allCases.map(\.rawValue) == [2, 3, 4, 6])
    }
}

@Suite struct BoardTests {
    @Test func consoleOutput() throws {
        let board = try makeBoard()
        #expect(!board.hasOutput)
        for byte in "hello\n".utf8 { #expect(board.store(uart, UInt64(byte)) == .none) }
        #expect(board.hasOutput)
        #expect(board.drainOutput() == [UInt8]("hello\n".utf8))
        #expect(board.drainOutput() == [])
    }

    @Test func consoleInputWaitsForRoom() throws {
        let board = try makeBoard()
        board.store(uart + 2, 1)
        board.store(uart + 1, 1)
        let typed = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(board.enqueueInput(typed) == 1000)
        var heard: [UInt8] = []
        while board.load(uart + 5) & 1 != 0 {
            #expect(board.assertedLines == 1 << 2)
            heard.append(UInt8(board.load(uart)))
        }
        #expect(heard == typed)
        #expect(board.assertedLines == 0)
        #expect(board.load(uart + 5) & 2 == 0, "no overrun")
    }

    @Test func theSenderPausesWhenAsked() throws {
        let board = try makeBoard()
        board.store(uart + 2, 1)
        board.store(uart + 4, 3)
        _ = board.enqueueInput([UInt8](0..<40))
        board.store(uart + 4, 1)
        for expected: UInt64 in 0..<16 { #expect(board.load(uart) == expected) }
        #expect(board.load(uart + 5) & 1 == 0, "nothing comes while RTS is low")
        #expect(board.inputRoom == 65536 - 24)
        board.store(uart + 4, 3)
        for expected: UInt64 in 16..<40 { #expect(board.load(uart) == expected) }
        // Nobody there at all asks for nothing.
        board.store(uart + 4, 0)
        _ = board.enqueueInput([7])
        #expect(board.load(uart) == 7)
    }

    /// Without pauses a kernel would never leave its interrupt handler.
    @Test func inputPausesAfterABurst() throws {
        let board = try makeBoard()
        var now: UInt64 = 1_000_000_000
        board.realtime = { now }
        board.store(uart + 2, 1)
        board.store(uart + 1, 1)
        let typed = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(board.enqueueInput(typed) == 1000)
        var heard: [UInt8] = []
        /// Takes what is there, two microseconds each; whether the owner was told that a pause began.
        func take() -> Bool {
            var told = false
            while board.load(uart + 5) & 1 != 0 {
                now += 2000
                let result = board.handleMMIO(address: uart, size: 1, isWrite: false, data: 0)
                heard.append(UInt8(result.value))
                told = told || result.event == .attention
            }
            return told
        }
        for burst in 1...3 {
            #expect(take())
            #expect(heard.count == 256 * burst)
            #expect(board.assertedLines == 0)
            // As long as the burst took.
            #expect(board.nextAlarm == now + 512_000)
            now += 511_999
            #expect(board.assertedLines == 0)
            now += 1
            #expect(burst & 1 == 0 ? board.assertedLines == 4 : board.nextAlarm == nil)
        }
        #expect(!take(), "nothing more to wait for")
        #expect(heard == typed)
        #expect(board.nextAlarm == nil)
    }

    @Test func pausesAreBounded() throws {
        let board = try makeBoard()
        var now: UInt64 = 1_000_000_000
        board.realtime = { now }
        board.store(uart + 2, 1)
        _ = board.enqueueInput([UInt8](repeating: 7, count: 1000))
        for _ in 0..<255 { _ = board.load(uart) }
        now += 50_000_000_000
        _ = board.load(uart)
        #expect(board.nextAlarm == now + 20_000_000)
        // The host's clock is set back.
        now -= 3_000_000_000
        #expect(board.load(uart + 5) & 1 == 0)
        #expect(board.nextAlarm == nil)
        #expect(board.load(uart + 5) & 1 == 1)
        for _ in 0..<256 { _ = board.load(uart) }
        #expect(board.nextAlarm == now + 300_000)
        board.reset()
        #expect(board.load(uart + 5) & 1 == 1, "a reset ends it")
    }

    /// An alarm that is over is none, whatever else keeps the input back: set again and again it would keep the guest
    /// from running.
    @Test func aPauseEndsWhileTheGuestAsksForOne() throws {
        let board = try makeBoard()
        var now: UInt64 = 1_000_000_000
        board.realtime = { now }
        board.store(uart + 2, 1)
        board.store(uart + 4, 3)
        _ = board.enqueueInput([UInt8](repeating: 7, count: 1000))
        for _ in 0..<256 { _ = board.load(uart) }
        let end = try #require(board.nextAlarm)
        board.store(uart + 4, 1)
        #expect(board.nextAlarm == end)
        now = end
        #expect(board.nextAlarm == nil)
        #expect(board.load(uart + 5) & 1 == 0)
        board.store(uart + 4, 3)
        #expect(board.load(uart + 5) & 1 == 1)
        // And the other way round: the guest is ready before the pause is over.
        for _ in 0..<256 { _ = board.load(uart) }
        board.store(uart + 4, 1)
        board.store(uart + 4, 3)
        #expect(board.load(uart + 5) & 1 == 0)
        now = try #require(board.nextAlarm)
        #expect(board.nextAlarm == nil)
        #expect(board.load(uart + 5) & 1 == 1)
        // And something in the UART that the guest does not take.
        for _ in 0..<256 { _ = board.load(uart) }
        board.sendBreak()
        now = try #require(board.nextAlarm)
        #expect(board.nextAlarm == nil)
    }

    /// Whoever types is never kept waiting, whatever came before.
    @Test func singleKeysDoNotPause() throws {
        let board = try makeBoard()
        board.realtime = { 5 }
        board.store(uart + 2, 1)
        for key in 0..<2000 {
            #expect(board.enqueueInput([UInt8(truncatingIfNeeded: key)]) == 1)
            #expect(board.load(uart) == UInt64(key & 255))
        }
        #expect(board.nextAlarm == nil)
    }

    @Test func consoleInputIsBounded() throws {
        let board = try makeBoard()
        board.store(uart + 2, 1)
        let room = board.inputRoom
        #expect(board.enqueueInput([UInt8](repeating: 1, count: room + 100)) == room)
        #expect(board.inputRoom == 16, "sixteen went on into the UART")
        #expect(board.enqueueInput([UInt8](repeating: 1, count: 100)) == 16)
        #expect(board.enqueueInput([1]) == 0)
        _ = board.load(uart)
        #expect(board.enqueueInput([1, 2]) == 1)
    }

    @Test func breakReachesTheGuest() throws {
        let board = try makeBoard()
        board.store(uart + 2, 1)
        board.sendBreak()
        #expect(board.load(uart + 5) == 0xF1)
    }

    @Test func clock() throws {
        let board = try makeBoard()
        let rtc = AddressMap.rtc.base
        #expect(board.load(rtc, 4) == 0 && board.load(rtc + 4, 4) == 0, "no clock, no time")
        var now: UInt64 = 0x1122_3344_5566_7788
        var asked = 0
        board.realtime = {
            asked += 1
            return now
        }
        #expect(board.load(rtc, 4) == 0x5566_7788 && board.load(rtc + 4, 4) == 0x1122_3344)
        asked = 0
        _ = board.assertedLines
        _ = board.load(uart)
        #expect(asked == 0, "nobody else's access costs a reading of the clock")
        let alarm = now + 100
        board.store(rtc + 0x0C, alarm >> 32, 4)
        board.store(rtc + 0x08, alarm & 0xFFFF_FFFF, 4)
        board.store(rtc + 0x10, 1, 4)
        #expect(board.nextAlarm == alarm)
        #expect(board.assertedLines == 0)
        now = alarm
        #expect(board.assertedLines == 1 << 4)
        #expect(board.nextAlarm == nil)
        asked = 0
        #expect(board.assertedLines == 1 << 4)
        #expect(asked == 0)
        board.store(rtc + 0x1C, 1, 4)
        #expect(board.assertedLines == 0)
        board.store(rtc + 0x08, 1, 4)
        board.store(rtc + 0x10, 1, 4)
        #expect(board.assertedLines == 1 << 4)
        board.reset()
        #expect(board.assertedLines == 0)
    }

    @Test func powerSwitch() throws {
        let board = try makeBoard()
        let syscon = AddressMap.syscon.base
        #expect(board.store(syscon, 0x5555, 4) == .powerOff(code: 0))
        #expect(board.store(syscon, 0x0003_3333, 4) == .powerOff(code: 3))
        #expect(board.store(syscon, 0x7777, 4) == .reset)
        #expect(board.store(syscon, 0x5555, 8) == .powerOff(code: 0))
        #expect(board.load(syscon, 4) == 0)
        #expect(board.unclaimed.count == 0)
    }

    @Test func ramAnswersByMMIO() throws {
        let board = try makeBoard(257 * mebibyte)
        for address: UInt64 in [0, 0x100, 0x0FFF_FFF8, 0x2000_0000] {
            for size: UInt32 in [1, 2, 4, 8] {
                board.store(address, 0x1122_3344_5566_7788, size)
                #expect(board.load(address, size) == 0x1122_3344_5566_7788 & (UInt64.max >> (64 - UInt64(size) * 8)))
            }
        }
        #expect(board.memory.load(at: 0x2000_0000, size: 8) == 0x1122_3344_5566_7788)
        #expect(board.unclaimed.count == 0)
    }

    @Test func nothingThereReadsZeroAndIsCounted() throws {
        let board = try makeBoard()
        #expect(board.load(0x1800_0000, 4) == 0)
        #expect(board.store(0x1FD0_0000, 1, 4) == .none)
        #expect(board.load(4 * mebibyte - 2, 4) == 0, "half in RAM is not in RAM")
        #expect(board.load(.max, 8) == 0)
        #expect(board.load(0, 3) == 0)
        #expect(board.load(uart, 0) == 0)
        #expect(board.unclaimed.count == 6)
        #expect(board.unclaimed.first?.description == "4-byte load at guest-physical address 0x18000000")
    }

    @Test func randomAccessNeverTraps() throws {
        let board = try makeBoard()
        var random = SplitMix(seed: 5)
        let bases: [UInt64] = [
            0, 4 * mebibyte - 4, uart, AddressMap.rtc.base, AddressMap.syscon.base, 0x2000_0000, .max - 8,
        ]
        for _ in 0..<50_000 {
            let address = bases.randomElement(using: &random)! &+ UInt64.random(in: 0..<0x120, using: &random)
            let size: UInt32 = [0, 1, 2, 3, 4, 8, 16, .max].randomElement(using: &random)!
            let isWrite = Bool.random(using: &random)
            let result = board.handleMMIO(address: address, size: size, isWrite: isWrite, data: random.next())
            if size < 8 && !isWrite { #expect(result.value >> (8 * UInt64(size)) == 0) }
            if UInt8.random(in: 0...255, using: &random) == 0 { _ = board.enqueueInput([1, 2, 3]) }
            if UInt8.random(in: 0...255, using: &random) == 0 { _ = board.drainOutput() }
        }
    }

    @Test func resetKeepsMemoryInputAndOutput() throws {
        let board = try makeBoard()
        board.store(uart + 7, 0x55)
        board.store(uart, 0x41)
        board.store(0x100, 7, 4)
        _ = board.enqueueInput([1, 2, 3])
        board.reset()
        #expect(board.load(uart + 7) == 0)
        #expect(board.drainOutput() == [0x41])
        #expect(board.load(0x100, 4) == 7)
        #expect(board.load(uart) == 2, "what was in the UART is gone, what waited is not")
    }
}

@Suite struct ArgumentTests {
    @Test(arguments: [KernelWindow.kseg0, .trapAndEmulate])
    func layout(window: KernelWindow) throws {
        let board = try makeBoard(64 * mebibyte)
        let block = try board.writeArguments(["ticker", "rate=100", ""], window: window)
        #expect(block.count == 3)
        #expect(block.memorySize == UInt32(64 * mebibyte))
        #expect(block.argv >> 29 == window.base >> 29)
        #expect(block.argv % 16 == 0)
        #expect(block.stackPointer == block.argv - 16)
        #expect(block.physicalRange.upperBound == 64 * mebibyte)
        func word(_ address: UInt32) throws -> UInt32 {
            UInt32(try #require(board.memory.load(at: UInt64(KernelWindow.physical(of: address)), size: 4)))
        }
        func string(_ address: UInt32) throws -> String {
            var at = UInt64(KernelWindow.physical(of: address))
            var bytes: [UInt8] = []
            while let byte = board.memory.load(at: at, size: 1), byte != 0 {
                bytes.append(UInt8(byte))
                at += 1
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(try string(word(block.argv)) == "ticker")
        #expect(try string(word(block.argv + 4)) == "rate=100")
        #expect(try string(word(block.argv + 8)) == "")
        #expect(try word(block.argv + 4) >> 29 == window.base >> 29)
        #expect(try word(block.argv + 12) == 0)
        #expect(block.environment == block.argv + 16)
        #expect(try word(block.environment) == 0)
    }

    @Test func liesInLowRAMEvenWithMore() throws {
        let block = try makeBoard(300 * mebibyte).writeArguments(["a"], window: .kseg0)
        #expect(block.physicalRange.upperBound == 256 * mebibyte)
        #expect(block.memorySize == UInt32(300 * mebibyte))
    }

    @Test func noArgumentsAtAll() throws {
        let block = try makeBoard().writeArguments([[UInt8]](), window: .kseg0)
        #expect(block.count == 0)
        #expect(block.physicalRange.count == 16)
    }

    @Test func refusals() throws {
        let board = try makeBoard(65536)
        #expect(throws: ArgumentError.zeroByte(index: 1)) {
            _ = try board.writeArguments([[65], [65, 0, 66]], window: .kseg0)
        }
        let long = [UInt8](repeating: 65, count: 65536)
        #expect(throws: ArgumentError.noRoom(need: 65552, have: 65536)) {
            _ = try board.writeArguments([long], window: .kseg0)
        }
        #expect(throws: ArgumentError.noRoom(need: 16, have: 8)) {
            _ = try board.writeArguments([[65]], window: .kseg0, avoiding: 0..<65528)
        }
        #expect(board.memory.isZeroPage(15))
        _ = try board.writeArguments([[65]], window: .kseg0, avoiding: 0..<65520)
    }
}
