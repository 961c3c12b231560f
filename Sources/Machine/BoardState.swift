// The board's devices as sections of a snapshot, and back. Memory is not among them: it lies in a snapshot's memory
// part.
//
//   name   version  contents
//   BORD   1        bytes of RAM, 64 bits: a restore onto another board is refused
//   UART   1        see UARTState.swift
//   CONS   1        host input that the UART had no room for: a 32-bit count, at most 65536, and so many bytes
//   GRTC   1        see GoldfishRTCState.swift; a snapshot without it has the clock as after power-on
//   VIRT   1        one for each virtio slot in use, its instance the slot's number: see VirtioState.swift
//   BROM   1        the board has started (1: 0 or 1), 0 (3), bytes of the boot ROM (4), at most 65536, and these. A
//                   snapshot without it has a ROM that resets the board

public import Devices

/// The four-letter name of a section, in the order the letters are written to a file.
public struct SectionID: Equatable, Sendable {
    /// The letters as a little-endian number: the first letter in the low byte.
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Four ASCII letters.
    private init(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar, _ fourth: Unicode.Scalar) {
        rawValue = first.value | second.value << 8 | third.value << 16 | fourth.value << 24
    }

    public static var board: SectionID { SectionID("B", "O", "R", "D") }
    public static var uart: SectionID { SectionID("U", "A", "R", "T") }
    public static var console: SectionID { SectionID("C", "O", "N", "S") }
    public static var rtc: SectionID { SectionID("G", "R", "T", "C") }
    public static var virtio: SectionID { SectionID("V", "I", "R", "T") }
    public static var bootROM: SectionID { SectionID("B", "R", "O", "M") }

    /// All sections of this board.
    public static var all: [SectionID] { [.board, .uart, .console, .rtc, .bootROM, .virtio] }
}

extension SectionID: CustomStringConvertible {
    /// The letters; anything unprintable as a question mark.
    public var description: String {
        var letters: [UInt8] = []
        for index: UInt32 in 0..<4 {
            let letter = UInt8(truncatingIfNeeded: rawValue >> (8 * index))
            letters.append(letter > 0x20 && letter < 0x7F ? letter : UInt8(ascii: "?"))
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

/// Saved state of one part of the board.
public struct DeviceSection: Equatable, Sendable {
    public var id: SectionID
    /// Tells sections of one name apart: the number of a slot; 0 elsewhere.
    public var instance: UInt32
    public var version: UInt32
    public var bytes: [UInt8]

    public init(id: SectionID, instance: UInt32 = 0, version: UInt32, bytes: [UInt8]) {
        self.id = id
        self.instance = instance
        self.version = version
        self.bytes = bytes
    }
}

/// Why saved sections were refused. The board is unchanged.
public enum BoardStateError: Error {
    /// A section every snapshot of this board has is not there.
    case missing(SectionID)
    /// A section is there twice.
    case duplicate(SectionID)
    /// A section of a device this board does not have.
    case unknown(SectionID)
    /// A section's layout is not one this build reads.
    case unknownVersion(SectionID, found: UInt32, known: UInt32)
    /// The snapshot's RAM is not as large as this board's.
    case otherMemorySize(saved: UInt64, board: UInt64)
    /// A section's contents were refused.
    case state(SectionID, DeviceStateError)
    /// The snapshot has so many virtio devices, the board so many.
    case otherSlots(saved: Int, board: Int)
}

extension BoardStateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let id): "section \(id.description) is missing; the file is damaged"
        case .duplicate(let id): "section \(id.description) is there twice; the file is damaged"
        case .unknown(let id):
            "section \(id.description) belongs to a device this board does not have; "
                + "use the build that saved it"
        case .unknownVersion(let id, let found, let known):
            "section \(id.description) has version \(found), this build reads version \(known); "
                + "use the build that saved it"
        case .otherMemorySize(let saved, let board):
            "section BORD was saved with \(mebibytes(saved)) of RAM, but this board has \(mebibytes(board))"
        case .state(let id, let error): "section \(id.description): \(error.description)"
        case .otherSlots(let saved, let board):
            "it was saved with \(saved) virtio devices, but this board has \(board); start with the devices it was saved with"
        }
    }
}

extension Board {
    private static let version: UInt32 = 1
    private static let consoleName: StaticString = "the console's input"
    private static let boardName: StaticString = "the board"
    private static let romName: StaticString = "the boot ROM"

    /// The state of all devices, as sections in a fixed order.
    public func saveState() -> [DeviceSection] {
        var board = StateWriter()
        board.write(memory.size)
        var console = StateWriter()
        console.write(UInt32(input.count))
        console.write(contentsOf: input.waiting)
        var rom = StateWriter()
        rom.write(UInt32(syscon.device.hasStarted ? 1 : 0))
        rom.write(UInt32(bootROM.contents.count))
        rom.write(contentsOf: bootROM.contents)
        return [
            DeviceSection(id: .board, version: Self.version, bytes: board.bytes),
            DeviceSection(id: .uart, version: UInt32(UARTState.version), bytes: uart.device.state.encode()),
            DeviceSection(id: .console, version: Self.version, bytes: console.bytes),
            DeviceSection(id: .rtc, version: UInt32(GoldfishRTCState.version), bytes: rtc.device.state.encode()),
            DeviceSection(id: .bootROM, version: Self.version, bytes: rom.bytes),
        ]
            + virtio.indices.map {
                DeviceSection(
                    id: .virtio, instance: UInt32($0), version: UInt32(VirtioState.version),
                    bytes: virtio[$0].device.state.encode())
            }
    }

    /// Puts saved devices back, all of them or, when something is wrong with any, none. Lines are computed from the
    /// state, so interrupts that were pending are pending again; `InterruptLines` has to be told to forget.
    public func restoreState(_ sections: [DeviceSection]) throws(BoardStateError) {
        for section in sections where !SectionID.all.contains(section.id) { throw .unknown(section.id) }
        let board = try Self.find(.board, Self.version, in: sections)
        let uartSection = try Self.find(.uart, UInt32(UARTState.version), in: sections)
        let console = try Self.find(.console, Self.version, in: sections)
        try checkBoard(board)
        let waiting = try Self.decodeConsole(console)
        let rtcState = try Self.decodeRTC(sections)
        let rom = try Self.decodeROM(sections)
        let virtioStates = try decodeVirtio(sections)
        let uartState: UARTState
        do throws(DeviceStateError) {
            uartState = try UARTState.decode(uartSection.bytes)
            // Tried on copies first: a device that refuses its state must not leave others changed.
            var copy = uart.device
            try copy.restore(uartState)
        } catch {
            throw .state(.uart, error)
        }
        do throws(DeviceStateError) {
            for (port, state) in zip(virtio, virtioStates) { try port.device.restore(state) }
            try uart.device.restore(uartState)
        } catch {
            // Those before it go back to what they are after power-on, as this board was.
            for port in virtio { port.device.reset() }
            throw .state(.virtio, error)
        }
        // Everything was good: from here on nothing fails.
        input = InputQueue(waiting)
        syscon.device.hasStarted = rom?.hasStarted ?? true
        if let rom { bootROM.fill(rom.contents) }
        rtc.device.restore(rtcState)
    }

    private static func find(
        _ id: SectionID, _ version: UInt32, in sections: [DeviceSection]
    ) throws(BoardStateError) -> DeviceSection {
        guard let found = try findOptional(id, version, in: sections) else { throw .missing(id) }
        return found
    }

    /// The same for a section that snapshots of earlier builds do not have.
    private static func findOptional(
        _ id: SectionID, _ version: UInt32, in sections: [DeviceSection]
    ) throws(BoardStateError) -> DeviceSection? {
        var found: DeviceSection?
        for section in sections where section.id == id {
            guard found == nil else { throw .duplicate(id) }
            found = section
        }
        if let found, found.version != version {
            throw .unknownVersion(id, found: found.version, known: version)
        }
        return found
    }

    /// The states of all slots, in their order.
    private func decodeVirtio(_ sections: [DeviceSection]) throws(BoardStateError) -> [VirtioState] {
        let saved = sections.filter { $0.id == .virtio }
        guard saved.count == virtio.count else { throw .otherSlots(saved: saved.count, board: virtio.count) }
        var states: [VirtioState] = []
        for slot in virtio.indices {
            guard let section = saved.first(where: { $0.instance == UInt32(slot) }) else { throw .duplicate(.virtio) }
            guard section.version == UInt32(VirtioState.version) else {
                throw .unknownVersion(.virtio, found: section.version, known: UInt32(VirtioState.version))
            }
            do throws(DeviceStateError) {
                states.append(try VirtioState.decode(section.bytes))
            } catch {
                throw .state(.virtio, error)
            }
        }
        return states
    }

    private static func decodeRTC(_ sections: [DeviceSection]) throws(BoardStateError) -> GoldfishRTCState {
        guard let section = try findOptional(.rtc, UInt32(GoldfishRTCState.version), in: sections) else {
            return GoldfishRTCState()
        }
        do throws(DeviceStateError) {
            return try GoldfishRTCState.decode(section.bytes)
        } catch {
            throw .state(.rtc, error)
        }
    }

    private static func decodeROM(
        _ sections: [DeviceSection]
    ) throws(BoardStateError) -> (hasStarted: Bool, contents: [UInt8])? {
        guard let section = try findOptional(.bootROM, version, in: sections) else { return nil }
        do throws(DeviceStateError) {
            var reader = StateReader(section.bytes, of: romName)
            let started = try reader.readUInt32()
            guard started <= 1 else { throw .impossible(device: romName, field: "started", value: started) }
            let count = try reader.readUInt32()
            guard UInt64(count) <= AddressMap.bootROM.size else {
                throw .impossible(device: romName, field: "count", value: count)
            }
            let contents = try reader.readBytes(count)
            guard contents.last != 0 else { throw .impossible(device: romName, field: "last byte", value: 0) }
            try reader.expectEnd()
            return (started == 1, contents)
        } catch {
            throw .state(.bootROM, error)
        }
    }

    private func checkBoard(_ section: DeviceSection) throws(BoardStateError) {
        let saved: UInt64
        do throws(DeviceStateError) {
            var reader = StateReader(section.bytes, of: Self.boardName)
            saved = try reader.readUInt64()
            try reader.expectEnd()
        } catch {
            throw .state(.board, error)
        }
        guard saved == memory.size else { throw .otherMemorySize(saved: saved, board: memory.size) }
    }

    private static func decodeConsole(_ section: DeviceSection) throws(BoardStateError) -> [UInt8] {
        do throws(DeviceStateError) {
            var reader = StateReader(section.bytes, of: consoleName)
            let count = try reader.readUInt32()
            guard count <= UInt32(InputQueue.capacity) else {
                throw .impossible(device: consoleName, field: "count", value: count)
            }
            let waiting = try reader.readBytes(count)
            try reader.expectEnd()
            return waiting
        } catch {
            throw .state(.console, error)
        }
    }
}
