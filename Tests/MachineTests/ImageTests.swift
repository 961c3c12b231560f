// Loading images: good ELFs in every window, raw images, and one clear line for everything that is wrong.
import Foundation
import Host
import Machine
import Testing

let mebibyte: UInt64 = 1 << 20

func makeMemory(_ size: UInt64 = 4 * mebibyte) throws -> GuestMemory { try GuestMemory(size: size) }

@Suite struct ImageTests {
    @Test(arguments: [(UInt32(0x8000_0000), KernelWindow.kseg0), (0xA000_0000, .kseg0), (0x4000_0000, .trapAndEmulate)])
    func everyWindowLeadsToTheSamePlace(base: UInt32, window: KernelWindow) throws {
        let memory = try makeMemory()
        try memory.write([UInt8](repeating: 0xFF, count: 64), at: 0x10_0000)
        let image = try ImageLoader.load(ELFBuilder.small(base).build(), name: "a", window: window, into: memory)
        #expect(image.entry == base + 0x10_0000)
        #expect(image.physicalRange == 0x10_0000..<0x10_0010)
        let expected: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 0, count: 8)
        #expect(try memory.read(at: 0x10_0000, count: 17) == expected + [0xFF])
    }

    @Test func severalSegmentsAndEmptyOnes() throws {
        var builder = ELFBuilder.small()
        builder.segments.append(.init(address: 0x8020_0000, bytes: [], memorySize: 32))
        builder.segments.append(.init(address: 0x8030_0000, bytes: [], memorySize: 0))
        builder.segments.append(.init(address: 0, bytes: [9, 9], memorySize: 2, type: 0x7000_0003))
        builder.segments.append(.init(address: 0x8000_1000, bytes: [7], memorySize: 1))
        let memory = try makeMemory()
        try memory.write([UInt8](repeating: 0xFF, count: 32), at: 0x20_0000)
        let image = try ImageLoader.load(builder.build(), name: "a", window: .kseg0, into: memory)
        #expect(image.physicalRange == 0x1000..<0x20_0020)
        #expect(try memory.read(at: 0x20_0000, count: 32) == [UInt8](repeating: 0, count: 32))
        #expect(try memory.read(at: 0x1000, count: 1) == [7])
        #expect(try memory.read(at: 0, count: 2) == [0, 0], "only PT_LOAD is loaded")
        #expect(image.executable?.segments.map(\.index) == [0, 1, 4])
    }

    @Test func symbols() throws {
        var builder = ELFBuilder.small()
        builder.symbols = [("start", 0x8010_0000), ("ticks", 0x8010_0008), ("tick", 7)]
        let image = try ELFImage(builder.build(), name: "a")
        #expect(image.symbol(named: "start") == 0x8010_0000)
        #expect(image.symbol(named: "ticks") == 0x8010_0008)
        #expect(image.symbol(named: "tick") == 7)
        #expect(image.symbol(named: "tic") == nil)
        #expect(image.symbol(named: "") == nil)
        #expect(try ELFImage(ELFBuilder.small().build(), name: "a").symbol(named: "start") == nil)
    }

    @Test func rawImages() throws {
        let memory = try makeMemory()
        for (address, window, entry) in [
            (UInt32(0x20_0000), KernelWindow.kseg0, UInt32(0x8020_0000)),
            (0x20_0000, .trapAndEmulate, 0x4020_0000), (0xA020_0000, .kseg0, 0x8020_0000),
        ] {
            let image = try ImageLoader.load(
                [1, 2, 3], name: "a", format: .raw(address: address), window: window, into: memory)
            #expect(image.entry == entry)
            #expect(image.physicalRange == 0x20_0000..<0x20_0003)
            #expect(image.symbol(named: "x") == nil)
        }
        #expect(try memory.read(at: 0x20_0000, count: 4) == [1, 2, 3, 0])
    }

    @Test func anELFTakenAsRawIsBytes() throws {
        let memory = try makeMemory()
        let bytes = ELFBuilder.small().build()
        _ = try ImageLoader.load(bytes, name: "a", format: .raw(address: 0), window: .kseg0, into: memory)
        #expect(try memory.read(at: 0, count: 4) == [0x7F, 0x45, 0x4C, 0x46])
    }

    /// What is wrong, and words of the line the user gets.
    static let refused: [(what: String, bytes: [UInt8], words: [String])] = {
        let good = ELFBuilder.small().build()
        func with(_ change: (inout ELFBuilder) -> Void) -> [UInt8] {
            var builder = ELFBuilder.small()
            change(&builder)
            return builder.build()
        }
        return [
            ("empty", [], ["is empty"]),
            ("text", [UInt8]("#!/bin/sh\n".utf8), ["not an ELF", "e_ident", "--raw"]),
            ("three bytes", [0x7F, 0x45, 0x4C], ["not an ELF"]),
            ("magic only", [0x7F, 0x45, 0x4C, 0x46], ["ELF header", "cut short"]),
            ("half a header", [UInt8](good.prefix(51)), ["ELF header ends at byte 52", "has 51"]),
            ("64-bit", good.patched(4, [2]), ["EI_CLASS", "64-bit"]),
            ("class 0", good.patched(4, [0]), ["EI_CLASS", "is 0"]),
            ("big-endian", good.patched(5, [2]), ["EI_DATA", "big-endian"]),
            ("byte order 9", good.patched(5, [9]), ["EI_DATA", "is 9"]),
            ("ident version", good.patched(6, [0]), ["version is 0"]),
            ("version", good.patched(20, [2]), ["version is 2"]),
            ("x86-64", with { $0.machine = 62 }, ["e_machine", "62", "x86-64"]),
            ("unknown machine", with { $0.machine = 999 }, ["e_machine", "999"]),
            ("object", with { $0.type = 1 }, ["e_type", "relocatable"]),
            ("shared", with { $0.type = 3 }, ["e_type", "position-independent"]),
            ("core", with { $0.type = 4 }, ["e_type", "core"]),
            ("type 77", with { $0.type = 77 }, ["e_type", "77"]),
            ("release 6", with { $0.flags = 0x9000_0000 }, ["e_flags", "release 6"]),
            ("MIPS64", with { $0.flags = 0x8000_0000 }, ["e_flags", "MIPS64"]),
            ("n32", with { $0.flags = 0x7000_0020 }, ["e_flags", "n32"]),
            ("microMIPS", with { $0.flags = 0x7200_0000 }, ["e_flags", "microMIPS"]),
            ("program header size", good.patched(42, [56]), ["e_phentsize is 56"]),
            ("too many headers", good.patched(44, [0xFF, 0xFF]), ["e_phnum is 65535"]),
            ("no headers", good.patched(44, [0, 0]), ["no PT_LOAD"]),
            ("headers outside", good.patched(28, [0, 0, 0, 0x80]), ["program header 0", "cut short"]),
            ("headers at the end of all", good.patched(28, [0xFF, 0xFF, 0xFF, 0xFF]), ["program header 0"]),
            ("more headers than file", good.patched(44, [9]), ["program header 1"]),
            (
                "interpreter", with { $0.segments.append(.init(address: 0, bytes: [0], memorySize: 1, type: 3)) },
                ["PT_INTERP", "operating system"]
            ),
            ("nothing loadable", with { $0.segments[0].type = 4 }, ["no PT_LOAD"]),
            (
                "only empty segments",
                with {
                    $0.segments[0].bytes = []
                    $0.segments[0].memorySize = 0
                }, ["no PT_LOAD"]
            ),
            (
                "file size above memory size", with { $0.segments[0].memorySize = 4 },
                ["segment 0", "p_filesz 0x8", "p_memsz 0x4"]
            ),
            ("contents cut off", [UInt8](good.dropLast()), ["segment 0", "p_offset + p_filesz", "cut short"]),
            ("contents outside", good.patched(52 + 4, [0, 0, 0, 0xF0]), ["segment 0", "p_offset"]),
            (
                "wraps",
                with {
                    $0.segments[0].address = 0xFFFF_FFF8
                    $0.entry = 0xFFFF_FFF8
                }, ["segment 0", "runs over the end"]
            ),
            (
                "leaves its window", with { $0.segments[0].memorySize = 0x2000_0000 },
                ["segment 0", "runs over the end"]
            ),
            (
                "overlap", with { $0.segments.append(.init(address: 0xA010_000C, bytes: [1], memorySize: 4)) },
                ["segments 0 and 1 overlap"]
            ),
            (
                "inside", with { $0.segments.append(.init(address: 0x8010_0004, bytes: [1], memorySize: 1)) },
                ["segments 0 and 1 overlap"]
            ),
            ("entry outside", with { $0.entry = 0x8010_0010 }, ["e_entry 0x80100010", "no loaded segment"]),
            ("entry 0", with { $0.entry = 0 }, ["e_entry 0x0"]),
            ("MIPS16 entry", with { $0.entry = 0x8010_0001 }, ["e_entry", "microMIPS"]),
            ("odd entry", with { $0.entry = 0x8010_0002 }, ["e_entry", "multiple of 4"]),
            (
                "trap-and-emulate link", ELFBuilder.small(0x4000_0000).build(),
                ["e_entry 0x40100000", "trap-and-emulate"]
            ),
            ("user-space link", ELFBuilder.small(0).build(), ["e_entry 0x100000", "TLB"]),
            (
                "too little memory",
                with {
                    $0.segments[0].address = 0x803F_FFF8
                    $0.entry = 0x803F_FFF8
                },
                ["segment 0", "0x3ffff8-0x400007", "4 MiB of RAM", "--memory 5M"]
            ),
            (
                "on the devices",
                with {
                    $0.segments[0].address = 0x9000_0000
                    $0.entry = 0x9000_0000
                },
                ["segment 0", "devices", "link it lower"]
            ),
            (
                "into the devices",
                with {
                    $0.segments[0].address = 0x8FFF_FFF8
                    $0.entry = 0x8FFF_FFF8
                }, ["devices"]
            ),
        ]
    }()

    @Test(arguments: refused.indices)
    func refusedInOneClearLine(index: Int) throws {
        let (what, bytes, words) = Self.refused[index]
        let memory = try makeMemory()
        do throws(ImageError) {
            _ = try ImageLoader.load(bytes, name: "guest.elf", window: .kseg0, into: memory)
            Issue.record("\(what) was accepted")
        } catch {
            let line = error.description
            #expect(line.hasPrefix("guest.elf: "), "\(what)")
            #expect(!line.contains("\n"))
            for word in words { #expect(line.contains(word), "\(what): \(line)") }
        }
        for page in 0..<Int(memory.size) / Mapping.pageSize {
            #expect(memory.isZeroPage(page), "\(what) left bytes behind")
        }
    }

    @Test func rawRefusals() throws {
        let memory = try makeMemory()
        for (bytes, address, words) in [
            ([], 0, "is empty"), ([1], 2, "multiple of 4"), ([1], UInt32(4 * mebibyte), "--memory 5M"),
            ([1], 0x1000_0000, "devices begin"), ([1, 2], 0x0FFF_FFFF & ~3, "--memory 256M"),
        ] as [([UInt8], UInt32, String)] {
            do throws(ImageError) {
                _ = try ImageLoader.load(
                    bytes, name: "a.bin", format: .raw(address: address), window: .kseg0, into: memory)
                Issue.record("accepted at \(address)")
            } catch {
                #expect(error.description.hasPrefix("a.bin: "))
                #expect(error.description.contains(words), "\(error.description)")
            }
        }
    }

    @Test func filesThatCannotBeRead() throws {
        let memory = try makeMemory()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("stasis-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let empty = directory.appendingPathComponent("empty").path
        try Data().write(to: URL(fileURLWithPath: empty))
        for (path, words) in [
            (directory.path, "is a directory"), (empty, "is empty"),
            (directory.path + "/none", "ENOENT"), (empty + "/x", "ENOTDIR"),
        ] {
            do throws(ImageError) {
                _ = try ImageLoader.load(path: path, window: .kseg0, into: memory)
                Issue.record("\(path) was accepted")
            } catch {
                #expect(error.description.hasPrefix(path + ": "))
                #expect(error.description.contains(words), "\(error.description)")
            }
        }
        let good = directory.appendingPathComponent("good").path
        try Data(ELFBuilder.small().build()).write(to: URL(fileURLWithPath: good))
        #expect(try ImageLoader.load(path: good, window: .kseg0, into: memory).entry == 0x8010_0000)
        #if DEBUG
            // A file nobody may read: the host's answer is made up, since the tests may run as root.
            for (call, error) in [(SystemCall.Name.open, Errno.acces), (.read, .io)] {
                #expect(throws: ImageError.self) {
                    try SystemCallDriver.failing(call, error).run { () throws(ImageError) in
                        _ = try ImageLoader.load(path: good, window: .kseg0, into: memory)
                    }
                }
            }
        #endif
    }
}

@Suite struct HostileImageTests {
    /// The program every mutation starts from: two segments and a symbol table.
    static let good: [UInt8] = {
        var builder = ELFBuilder.small()
        builder.segments.append(.init(address: 0x8020_0000, bytes: [9, 9, 9, 9], memorySize: 64))
        builder.symbols = [("start", 0x8010_0000), ("ticks", 0x8010_0008)]
        return builder.build()
    }()

    /// Parses, loads and looks for symbols; whatever happens, the host goes on.
    func swallow(_ bytes: [UInt8], _ memory: GuestMemory) {
        guard let image = try? ELFImage(bytes, name: "a") else { return }
        _ = image.symbol(named: "ticks")
        _ = image.symbol(named: "no such symbol")
        _ = image.physicalRange
        _ = try? ImageLoader.load(image, window: .kseg0, into: memory)
    }

    @Test func everyByteOfEveryValue() throws {
        let memory = try makeMemory()
        for index in Self.good.indices {
            for value in UInt8.min...UInt8.max { swallow(Self.good.patched(index, [value]), memory) }
        }
    }

    @Test func everyLength() throws {
        let memory = try makeMemory()
        for length in Self.good.indices { swallow([UInt8](Self.good.prefix(length)), memory) }
    }

    @Test func everyWordWithEveryExtremeValue() throws {
        let memory = try makeMemory()
        for index in 0...Self.good.count - 4 {
            for value: UInt32 in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFE0, 0xFFFF_FFF0, 0xFFFF_FFFF] {
                let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
                swallow(Self.good.patched(index, bytes), memory)
            }
        }
    }

    @Test func manyRandomMutations() throws {
        let memory = try makeMemory()
        var random = SplitMix(seed: 4)
        for _ in 0..<20_000 {
            var bytes = Self.good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 6..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            swallow(bytes, memory)
        }
    }

    /// As many headers as the field can count, none of them overlapping: still quick.
    @Test func tensOfThousandsOfSegments() throws {
        var builder = ELFBuilder.small()
        for index in 0..<20_000 {
            builder.segments.append(.init(address: 0x8020_0000 + UInt32(index) * 4, bytes: [], memorySize: 4))
        }
        let image = try ELFImage(builder.build(), name: "a")
        #expect(image.segments.count == 20_001)
    }
}
