// The console: bytes both ways without loss, in whatever pieces, and its size.
import Devices
import Testing

@Suite struct VirtioConsoleTests {
    private let memory = ArrayMemory()
    private let console: VirtioConsole
    private var guest: Guest

    init() {
        console = VirtioConsole(memory: memory, columns: 80, rows: 25)
        guest = Guest(memory, console)
        guest.start()
    }

    @Test mutating func size() {
        #expect(guest.offeredFeatures() == 0x1_3000_0001)
        #expect(guest.read(0x100) == 80 | 25 << 16)
        #expect(guest.read(0x104) == 1)
        console.setSize(columns: 80, rows: 25)
        #expect(!guest.device.interruptLevel)
        console.setSize(columns: 132, rows: 50)
        #expect(guest.takeInterrupts() == 2)
        #expect(guest.read(0x100) == 132 | 50 << 16)
        let unknown = VirtioConsole(memory: memory)
        var other = Guest(memory, unknown)
        #expect(other.offeredFeatures() == 0x1_3000_0000)
        unknown.setSize(columns: 1, rows: 1)
        #expect(other.read(0x100) == 0)
    }

    @Test mutating func output() {
        #expect(console.takeOutput() == [])
        #expect(!console.hasOutput, "nothing before a notification")
        #expect(memory.copyIn([UInt8]("hello, world".utf8), at: guest.data))
        guest.queues[1].add([.readable(guest.data, 5), .readable(guest.data + 5, 2)])
        guest.queues[1].add([.readable(guest.data + 7, 5)], indirect: true)
        guest.notify(1)
        #expect(console.takeOutput() == [UInt8]("hello, world".utf8))
        #expect(!console.hasOutput)
        #expect(guest.queues[1].collect().map(\.written) == [0, 0])
        #expect(guest.takeInterrupts() == 1)
    }

    @Test mutating func aLargeBufferLeavesInSteps() {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 5 ^ $0 >> 8) }
        #expect(memory.copyIn(bytes, at: guest.data))
        guest.queues[1].add([.readable(guest.data, 150_000), .readable(guest.data + 150_000, 49_999)])
        guest.queues[1].add([.readable(guest.data + 199_999, 1)])
        guest.notify(1)
        var output: [UInt8] = []
        var calls = 0
        while console.hasOutput {
            let part = console.takeOutput()
            #expect(part.count <= 65536)
            output += part
            calls += 1
            #expect(guest.queues[1].collect().count == (calls == 4 ? 2 : 0))
        }
        #expect(output == bytes)
    }

    @Test mutating func input() {
        #expect(!console.canReceive)
        #expect(console.receive([1, 2, 3]) == 0)
        guest.queues[0].add([.writable(guest.data, 2)])
        guest.queues[0].add([.writable(guest.data + 0x100, 1), .writable(guest.data + 0x200, 4)])
        #expect(console.canReceive)
        #expect(console.receive([]) == 0)
        #expect(console.receive([1]) == 1)
        #expect(console.receive([2, 3, 4, 5, 6, 7, 8]) == 5)
        #expect(!console.canReceive)
        #expect(guest.queues[0].collect().map(\.written) == [1, 5])
        #expect(memory.copyOut(guest.data, 2) == [1, 0])
        #expect(memory.copyOut(guest.data + 0x100, 1) == [2])
        #expect(memory.copyOut(guest.data + 0x200, 4) == [3, 4, 5, 6])
        guest.queues[0].add([.writable(guest.data, 0x2_0000)])
        #expect(console.receive([UInt8](repeating: 9, count: 100_000)) == 65535)
    }

    @Test mutating func wrongDirectionsFailIt() {
        guest.queues[1].add([.readable(guest.data, 1), .writable(guest.data, 1)])
        guest.notify(1)
        #expect(console.takeOutput() == [])
        #expect(guest.device.core.failure?.error == .malformedRequest)
        guest.start()
        guest.queues[0].add([.readable(guest.data, 1)])
        #expect(console.receive([1]) == 0)
        #expect(guest.device.core.failure?.error == .malformedRequest)
        #expect(guest.device.core.failure?.description.contains("queue 0 of a virtio device is broken") == true)
    }

    @Test mutating func aChainThatShrinksWhileItIsTaken() {
        guest.queues[1].add([.readable(guest.data, 100_000)])
        guest.notify(1)
        #expect(console.takeOutput().count == 65536)
        guest.queues[1].describe(7, 0, 0, flags: 0)
        memory.put(10, 4, at: guest.queues[1].descriptors + 16 * UInt64(guest.queues[1].chains.keys.first ?? 0) + 8)
        #expect(console.takeOutput() == [])
        #expect(guest.queues[1].collect().count == 1)
        guest.queues[1].add([.readable(guest.data, 3)])
        guest.notify(1)
        #expect(console.takeOutput().count == 3, "counting began anew")
    }

    @Test mutating func resetInTheMiddleOfABuffer() {
        guest.queues[1].add([.readable(guest.data, 100_000)])
        guest.notify(1)
        _ = console.takeOutput()
        guest.start()
        guest.queues[1].add([.readable(guest.data, 10)])
        guest.notify(1)
        #expect(console.takeOutput().count == 10)
    }
}
