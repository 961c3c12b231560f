// What a disk does for each request, and what it says when the host fails it. On the test's own thread.

import Devices
import Host
import Testing

@testable import HostIO

@Suite struct DiskRequests {
    private let scratch: Scratch
    private let memory: TestMemory
    private let disk: Disk

    init() throws {
        scratch = try Scratch("requests", size: 65536)
        memory = try TestMemory()
        disk = try Disk(path: scratch.path)
    }

    private func perform(_ request: BlockRequest, by driver: SystemCallDriver = SystemCallDriver()) -> BlockCompletion {
        driver.run { disk.perform(request, memory) }
    }

    private func ok(_ token: UInt32, _ written: UInt32 = 0) -> BlockCompletion {
        BlockCompletion(token: token, status: .ok, written: written)
    }

    private func bad(_ token: UInt32) -> BlockCompletion {
        BlockCompletion(token: token, status: .ioError, written: 0)
    }

    @Test func scatterAndGather() throws {
        let bytes = pattern(2048)
        try scratch.write(bytes, at: 512)
        let driver = SystemCallDriver()
        // Three places, of which two touch; one call.
        let reading = request(3, .read, 512, 2048, segment(9000, 1000), segment(10000, 24), segment(100, 1024))
        #expect(perform(reading, by: driver) == ok(3, 2048))
        #expect(driver.trace.map { $0.name } == [.preadv] && driver.trace[0].arguments.1 == 2)
        #expect(memory[9000..<10024] + memory[100..<1124] == bytes)
        // Who runs the guest is told where.
        var pages: [ClosedRange<UInt32>] = []
        let isKnown = memory.writes.take { pages.append($0...$1) }
        #expect(isKnown && pages == [0x20002...0x20002, 0x20000...0x20000])
        let writing = request(4, .write, 32768, 2048, segment(100, 1024), segment(9000, 1024))
        #expect(perform(writing) == ok(4))
        #expect(!memory.writes.isPending)
        #expect(try Array(scratch.bytes()[32768..<34816]) == Array(bytes[1024...]) + Array(bytes[..<1024]))
        #expect(perform(request(5, .read, 0, 0)) == ok(5))
    }

    @Test func shortTransfersGoOn() throws {
        memory[0..<4096] = pattern(4096)
        let driver = SystemCallDriver { number, _ in number < 5 ? .short(700) : .pass }
        let writing = request(1, .write, 512, 4096, segment(0, 1024), segment(2048, 2048), segment(1024, 1024))
        #expect(perform(writing, by: driver) == ok(1))
        #expect(driver.trace.count == 6)
        let expected = memory[0..<1024] + memory[2048..<4096] + memory[1024..<2048]
        #expect(try Array(scratch.bytes()[512..<4608]) == expected)
    }

    /// Requests a hostile guest can make: none does anything, none is the host's failure.
    @Test func whatTheGuestGetsWrong() throws {
        let before = try scratch.bytes()
        let wrong = [
            request(1, .read, 65536, 512, segment(0, 512)),
            request(1, .read, 65024, 1024, segment(0, 1024)),
            request(1, .read, .max, 512, segment(0, 512)),
            request(1, .read, 512, .max, segment(0, 512)),
            request(1, .read, 0, 512, segment(0, 511)),
            request(1, .read, 0, 512, segment(0, 513)),
            request(1, .read, 0, 512),
            request(1, .read, 0, 512, DMASegment(address: 0, count: 512)),
            request(1, .read, 0, 512, DMASegment(address: .max, count: 512)),
            request(1, .write, 0, 512, segment((1 << 20) - 256, 512)),
            request(1, .write, 0, 4_294_967_295, DMASegment(address: TestMemory.base, count: .max)),
            request(1, .write, 65536, 512, segment(0, 512)),
            request(1, .discard, 65024, 1024),
            request(1, .discard, .max, .max),
            request(1, .writeZeroes(unmap: true), 1, 65536),
            request(1, .writeZeroes(unmap: false), 70000, 0),
        ]
        for request in wrong {
            let driver = SystemCallDriver()
            #expect(perform(request, by: driver) == bad(1))
            #expect(driver.trace.isEmpty)
        }
        #expect(try scratch.bytes() == before)
        #expect(disk.takeFailure() == nil)
    }

    @Test func aReadOnlyDiskIsNotWritten() throws {
        let other = try Scratch("readonly", size: 4096)
        let disk = try Disk(path: other.path, readOnly: true)
        for kind: BlockRequest.Kind in [.write, .discard, .writeZeroes(unmap: true), .writeZeroes(unmap: false)] {
            let driver = SystemCallDriver()
            let request = request(1, kind, 0, 512, segment(0, 512))
            #expect(driver.run { disk.perform(request, memory) } == bad(1))
            #expect(driver.trace.isEmpty)
        }
        #expect(disk.perform(request(2, .flush), memory) == ok(2))
        #expect(disk.perform(request(3, .read, 0, 512, segment(0, 512)), memory) == ok(3, 512))
        #expect(disk.takeFailure() == nil)
    }

    @Test func flushing() {
        let driver = SystemCallDriver()
        #expect(perform(request(1, .flush), by: driver) == ok(1))
        #expect(driver.trace.map { $0.name } == [.fdatasync])
    }

    @Test func clearingByTheFileSystem() throws {
        for kind: BlockRequest.Kind in [.discard, .writeZeroes(unmap: true), .writeZeroes(unmap: false)] {
            let bytes = pattern(65536, seed: 9)
            try scratch.write(bytes, at: 0)
            #expect(perform(request(1, kind, 4096, 8192)) == ok(1))
            let after = try scratch.bytes()
            #expect(Array(after[..<4096]) == Array(bytes[..<4096]) && after[12288...] == bytes[12288...])
            // A file system without holes keeps what was discarded; what was to be zero is.
            if kind != .discard { #expect(after[4096..<12288].allSatisfy { $0 == 0 }) }
            #expect(after.count == 65536)
        }
    }

    @Test func clearingWithoutTheFileSystem() throws {
        for error: Errno in [.opnotsupp, .nosys, .inval, .nodev] {
            let driver = { SystemCallDriver.failing(.fallocate, error) }
            let bytes = pattern(65536, seed: 3)
            try scratch.write(bytes, at: 0)
            #expect(perform(request(1, .discard, 512, 1024), by: driver()) == ok(1))
            #expect(try scratch.bytes() == bytes)
            let zeroing = driver()
            #expect(perform(request(1, .writeZeroes(unmap: true), 512, 1024), by: zeroing) == ok(1))
            #expect(zeroing.trace.map { $0.name } == [.fallocate, .fallocate, .pwrite])
            let after = try scratch.bytes()
            #expect(after[..<512] == bytes[..<512] && after[1536...] == bytes[1536...])
            #expect(after[512..<1536].allSatisfy { $0 == 0 })
        }
        #expect(disk.takeFailure() == nil)
    }

    /// More zeros than are written at once.
    @Test func manyZeros() throws {
        let other = try Scratch("zeros", size: 300_032)
        try other.write([UInt8](repeating: 5, count: 300_032), at: 0)
        let disk = try Disk(path: other.path)
        let driver = SystemCallDriver.failing(.fallocate, .opnotsupp)
        #expect(driver.run { disk.perform(request(1, .writeZeroes(unmap: false), 512, 299_008), memory) } == ok(1))
        let after = try other.bytes()
        #expect(after.indices.allSatisfy { (after[$0] == 0) == (512..<299_520).contains($0) })
    }

    @Test func failuresAreToldOnceAndCounted() throws {
        let rows: [(SystemCall.Name, BlockRequest, DiskFailure.Action)] = [
            (.preadv, request(1, .read, 512, 512, segment(0, 512)), .read),
            (.pwritev, request(1, .write, 512, 512, segment(0, 512)), .write),
            (.fdatasync, request(1, .flush), .flush),
            (.fallocate, request(1, .discard, 512, 512), .discard),
            (.fallocate, request(1, .writeZeroes(unmap: false), 512, 512), .writeZeroes),
        ]
        var total: UInt64 = 0
        for (name, request, action) in rows {
            for error: Errno in [.io, .nospc, .dquot, .fault, .fbig] {
                #expect(perform(request, by: .failing(name, error)) == bad(1))
                #expect(perform(request, by: .failing(name, .intr, count: 3)).status == .ok)
                #expect(perform(request, by: .failing(name, .io)) == bad(1))
                total += 2
                let told = try #require(disk.takeFailure())
                #expect(told.total == total)
                #expect(
                    told.first
                        == DiskFailure(
                            path: disk.path, action: action, offset: request.offset, count: request.count, error: error)
                )
                #expect(told.first.description.contains(Errno(error.name).description))
                #expect(!told.first.description.contains("\n"))
                #expect(disk.takeFailure() == nil)
            }
        }
        // The fallback can fail too.
        let driver = SystemCallDriver { _, call in call.name == .fallocate ? .fail(.opnotsupp) : .fail(.nospc) }
        #expect(perform(request(1, .writeZeroes(unmap: true), 0, 512), by: driver) == bad(1))
        #expect(disk.takeFailure()?.first.error == .nospc)
    }

    @Test func aFileThatBecameShorter() throws {
        try FileDescriptor.open(path: scratch.path, [.write]).truncate(to: 1000)
        #expect(perform(request(1, .read, 512, 512, segment(0, 512))) == bad(1))
        let told = try #require(disk.takeFailure())
        #expect(told.first.error == nil && told.first.description.contains("shorter"))
        // Writing makes it long again.
        #expect(perform(request(1, .write, 65024, 512, segment(0, 512))) == ok(1))
        #expect(perform(request(1, .read, 512, 512, segment(0, 512))) == ok(1, 512))
    }

    /// A file system that is full: a small one of its own, which takes root.
    @Test(.enabled(if: Process.uid == 0, "only root may mount")) func aFullFileSystem() throws {
        let folder = try temporaryPath("full")
        try Files.makeDirectory(folder)
        defer { _ = try? Process.wait(Process.spawn("/bin/rmdir", ["rmdir", folder])) }
        let mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
        guard try Process.wait(Process.spawn("/bin/mount", mounting)) == .exit(0) else {
            try Test.cancel("mounting is not permitted here")
        }
        defer { _ = try? Process.wait(Process.spawn("/bin/umount", ["umount", "-l", folder])) }
        let path = folder + "/disk"
        try FileDescriptor.open(path: path, [.write, .create]).truncate(to: 1 << 20)
        let disk = try Disk(path: path)
        let writing = request(1, .write, 0, 1 << 19, segment(0, 1 << 19))
        #expect(disk.perform(writing, memory) == bad(1))
        let told = try #require(disk.takeFailure())
        #expect(told.first.error == .nospc && told.first.description.contains("make room"))
        #expect(disk.perform(request(2, .discard, 0, 1 << 20), memory) == ok(2))
        #expect(disk.perform(request(3, .write, 0, 4096, segment(0, 4096)), memory) == ok(3))
    }
}
