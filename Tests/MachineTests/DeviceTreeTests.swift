// The device tree: byte for byte by the specification's own numbers, and by Debian's dtc.

import Foundation
import Testing

@testable import Machine

/// Reads a block as the specification has it (chapter 5), apart from the code that writes it.
private struct Reader {
    let bytes: [UInt8]
    func cell(_ offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    func string(_ offset: Int) -> String { String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self) }

    /// Every property by its path.
    func properties() -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        var path: [String] = []
        var at = Int(cell(8))
        while true {
            let token = cell(at)
            at += 4
            switch token {
            case 1:
                let name = string(at)
                path.append(name)
                at += (name.utf8.count + 4) & ~3
            case 2: path.removeLast()
            case 3:
                let count = Int(cell(at))
                let name = string(Int(cell(12) + cell(at + 4)))
                found[path.joined(separator: "/") + "/" + name] = Array(bytes[at + 8..<at + 8 + count])
                at += 8 + (count + 3) & ~3
            default:
                #expect(token == 9 && path.isEmpty)
                return found
            }
        }
    }
}

@Suite struct DeviceTreeTests {
    private let facts = BoardFacts(
        countHz: 100_000_000, memory: GuestMemory.regions(of: 512 * mebibyte).map(\.window),
        commandLine: "console=ttyS0 quiet", initrd: 0x0FF0_0000..<0x0FF1_2345, virtioSlots: [0, 7])

    @Test func theHeaderIsTheSpecifications() {
        let block = DeviceTreeNode("", [DeviceTreeProperty("a", cells: [1, 2]), DeviceTreeProperty("b")]).flattened
        let reader = Reader(bytes: block)
        #expect(
            (0..<10).map { reader.cell($0 * 4) } == [
                0xD00D_FEED, UInt32(block.count), 56, 56 + 48, 40, 17, 16, 0, 4, 48,
            ])
        #expect(block[40..<56].allSatisfy { $0 == 0 })
        #expect(block.count % 8 == 0)
        #expect(reader.properties() == ["/a": [0, 0, 0, 1, 0, 0, 0, 2], "/b": []])
    }

    @Test func namesAreStoredOnce() {
        let child = DeviceTreeNode("c", [DeviceTreeProperty("reg", cells: [1])])
        let one = DeviceTreeNode("", [], children: [child]).flattened
        let two = DeviceTreeNode("", [], children: [child, child]).flattened
        #expect(Reader(bytes: one).cell(32) == 4 && Reader(bytes: two).cell(32) == 4)
    }

    @Test func theBoardsTreeSaysWhereThingsAre() {
        let found = Reader(bytes: BoardTree.root(facts).flattened).properties()
        #expect(found["/memory@0/reg"] == [0, 0, 0, 0, 0x10, 0, 0, 0])
        #expect(found["/memory@20000000/reg"] == [0x20, 0, 0, 0, 0x10, 0, 0, 0])
        #expect(found["/serial@10000000/interrupts"] == [0, 0, 0, 2])
        #expect(found["/rtc@10001000/interrupts"] == [0, 0, 0, 4])
        #expect(found["/rtc@10001000/compatible"] == Array("google,goldfish-rtc".utf8) + [0])
        #expect(found["/virtio@10004000/interrupts"] == [0, 0, 0, 3])
        #expect(found["/virtio@10004000/dma-coherent"] == [])
        #expect(found["/virtio@10004e00/reg"] == [0x10, 0, 0x4E, 0, 0, 0, 2, 0])
        #expect(found["/cpu-clock/clock-frequency"] == [0x0B, 0xEB, 0xC2, 0x00])
        #expect(found["/chosen/linux,initrd-start"] == [0x0F, 0xF0, 0, 0])
        #expect(found["/chosen/linux,initrd-end"] == [0x0F, 0xF1, 0x23, 0x45])
        #expect(found["/chosen/bootargs"] == Array("console=ttyS0 quiet".utf8) + [0])
        #expect(found["/reboot/value"] == [0, 0, 0x77, 0x77])
    }

    @Test func dtcHasNothingToSay() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("board-\(UUID().uuidString).dtb")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(BoardTree.root(facts).flattened).write(to: file)
        let dtc = Process()
        dtc.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        dtc.arguments = ["dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null", file.path]
        let errors = Pipe()
        dtc.standardError = errors
        try dtc.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        dtc.waitUntilExit()
        #expect(dtc.terminationStatus == 0, "dtc is Debian's device-tree-compiler: \(said)")
        #expect(said == "")
    }

    @Test func diskAndTreeLieAtTheTop() throws {
        let board = try makeBoard(16 * mebibyte)
        let disk = [UInt8](repeating: 0xA5, count: 70_000)
        let tree = try board.placeTree(
            commandLine: "x", initrd: disk, countHz: 1, above: 8 * mebibyte, file: "k", initrdFile: "i")
        #expect(tree == 0x00FD_0000)
        #expect(try board.memory.read(at: 0x00FE_0000, count: disk.count) == disk)
        let block = try board.memory.read(at: UInt64(tree), count: 4096)
        #expect(Reader(bytes: block).properties()["/chosen/linux,initrd-end"] == [0, 0xFF, 0x11, 0x70])
    }

    @Test func whatDoesNotFitIsRefusedAndNothingStored() throws {
        let board = try makeBoard(1 * mebibyte)
        let before = try board.memory.read(at: 0, count: Int(mebibyte))
        for (disk, end, part) in [
            (2 * mebibyte, 0, ImageError.Part.initrd), (0x1_0000, mebibyte - 0x1_0000, .deviceTree),
            (0x1_0000, mebibyte - 0xFFFF, .initrd), (1, 2 * mebibyte, .initrd),
        ] as [(UInt64, UInt64, ImageError.Part)] {
            let error = try #require(throws: ImageError.self) {
                try board.placeTree(
                    commandLine: "", initrd: [UInt8](repeating: 1, count: Int(disk)), countHz: 1, above: end, file: "k",
                    initrdFile: "i")
            }
            guard case .noRoom(part, _, _) = error.reason else {
                Issue.record("\(error)")
                continue
            }
        }
        #expect(throws: ImageError.self) {
            try board.placeTree(
                commandLine: "a\0b", initrd: nil, countHz: 1, above: 0, file: "k", initrdFile: "")
        }
        #expect(try board.memory.read(at: 0, count: Int(mebibyte)) == before)
    }
}
