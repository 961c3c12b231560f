// Saving and restoring the board's devices: round trip, all or nothing, every wrong section named.
import Devices
import Machine
import Testing

@Suite struct BoardStateTests {
    /// A board in the middle of things: an interrupt pending, input waiting, registers changed.
    func busyBoard() throws -> Board {
        let board = try makeBoard()
        board.store(uart + 2, 0x81)
        board.store(uart + 1, 0x03)
        board.store(uart + 7, 0x5A)
        #expect(board.enqueueInput([UInt8](0..<100)) == 100)
        return board
    }

    @Test func roundTrip() throws {
        let board = try busyBoard()
        board.store(uart, 0x41)
        let sections = board.saveState()
        #expect(sections.map(\.id.description) == ["BORD", "UART", "CONS", "GRTC", "BROM"])
        let copy = try makeBoard()
        copy.store(uart + 4, 0x1F)
        _ = copy.enqueueInput([200, 201])
        try copy.restoreState(sections)
        #expect(copy.saveState() == sections)
        #expect(copy.assertedLines == 1 << 2, "a pending interrupt is pending again")
        #expect(copy.load(uart + 7) == 0x5A)
        #expect(copy.drainOutput() == [], "output belongs to the host that saw it")
        for expected: UInt8 in 0..<100 { #expect(UInt8(copy.load(uart)) == expected) }
        #expect(copy.load(uart + 5) & 1 == 0)
    }

    @Test func identifiersAreLettersInFileOrder() {
        #expect(SectionID.uart.rawValue == 0x5452_4155)
        #expect(SectionID(rawValue: 0x0141_FF20).description == "??A?")
    }

    @Test func wrongSectionsAreNamedAndChangeNothing() throws {
        let good = try busyBoard().saveState()
        var otherSize = good
        otherSize[0].bytes = [0, 0, 0, 1, 0, 0, 0, 0]
        var cutBoard = good
        cutBoard[0].bytes.removeLast()
        var version = good
        version[1].version = 2
        var badUART = good
        badUART[1].bytes[1] = 0xF0
        var hugeInput = good
        hugeInput[2].bytes = [1, 0, 1, 0]
        var cutInput = good
        cutInput[2].bytes.removeLast()
        var longInput = good
        longInput[2].bytes.append(0)
        var badRTC = good
        badRTC[3].bytes[1] = 0x80
        var rtcVersion = good
        rtcVersion[3].version = 9
        let stranger = DeviceSection(id: SectionID(rawValue: 0x2154_4143), version: 1, bytes: [])
        let cases: [([DeviceSection], String)] = [
            ([], "section BORD is missing"), (Array(good.prefix(2)), "section CONS is missing"),
            (Array(good.dropFirst()), "section BORD is missing"), (good + [good[1]], "section UART is there twice"),
            (good + [stranger], "section CAT! belongs to a device"), (version, "section UART has version 2"),
            (otherSize, "16 MiB of RAM, but this board has 4 MiB"), (cutBoard, "section BORD: state of the board"),
            (badUART, "section UART: state of the UART: field IER"), (hugeInput, "field count holds 0x10001"),
            (cutInput, "section CONS: state of the console's input"), (longInput, "1 bytes too many"),
            (badRTC, "section GRTC: state of the RTC: field flags"), (rtcVersion, "section GRTC has version 9"),
            (good + [good[3]], "section GRTC is there twice"),
        ]
        let board = try makeBoard()
        let before = board.saveState()
        for (sections, words) in cases {
            do throws(BoardStateError) {
                try board.restoreState(sections)
                Issue.record("accepted where \(words)")
            } catch {
                #expect(error.description.contains(words), "\(error.description)")
            }
            #expect(board.saveState() == before)
        }
    }

    @Test func theClockTravelsAndIsNotMissed() throws {
        let board = try busyBoard()
        board.realtime = { 1000 }
        board.store(AddressMap.rtc.base + 0x0C, 0, 4)
        board.store(AddressMap.rtc.base + 0x08, 500, 4)
        board.store(AddressMap.rtc.base + 0x10, 1, 4)
        #expect(board.assertedLines & 1 << 4 != 0)
        let sections = board.saveState()
        let copy = try makeBoard()
        try copy.restoreState(sections)
        #expect(copy.assertedLines & 1 << 4 != 0, "an alarm that rang still rings")
        // As saved by a build without the clock.
        try copy.restoreState(sections.filter { $0.id != .rtc })
        #expect(copy.assertedLines == 1 << 2)
        #expect(copy.load(AddressMap.rtc.base + 0x10, 4) == 0)
    }

    @Test func everyByteFlippedIsHarmless() throws {
        let good = try busyBoard().saveState()
        let board = try makeBoard()
        for index in good.indices {
            for offset in good[index].bytes.indices {
                for bit in 0..<8 {
                    var damaged = good
                    damaged[index].bytes[offset] ^= UInt8(1 << bit)
                    if (try? board.restoreState(damaged)) != nil { #expect(board.saveState() == damaged) }
                }
            }
        }
    }
}
