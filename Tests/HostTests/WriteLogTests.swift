// Pages that were written: what touches becomes one range, what is too much becomes everything.

import Host
import Testing

@Suite struct WriteLogs {
    private func taken(_ log: WriteLog) -> [ClosedRange<UInt32>]? {
        var ranges: [ClosedRange<UInt32>] = []
        return log.take { ranges.append($0...$1) } ? ranges : nil
    }

    @Test func rangesThatTouchBecomeOne() {
        let log = WriteLog()
        #expect(!log.isPending)
        log.add(0x5000, count: 0)
        #expect(!log.isPending)
        log.add(0x5FFF, count: 1)
        log.add(0x5FFF, count: 2)
        log.add(0x3000, count: 0x2000)
        log.add(0x9000, count: 0x1000)
        #expect(log.isPending)
        #expect(taken(log) == [3...6, 9...9])
        #expect(!log.isPending)
        #expect(taken(log) == [])
    }

    @Test func moreThanItKeepsIsEverything() {
        let log = WriteLog()
        for n in 0..<UInt64(WriteLog.capacity) { log.add(n * 0x2000, count: 1) }
        // What touches needs no room.
        log.add(0x1000, count: 1)
        log.add(UInt64(WriteLog.capacity) * 0x2000, count: 1)
        #expect(log.isPending)
        #expect(taken(log) == nil)
        #expect(!log.isPending)
        log.add(0x1000, count: 1)
        #expect(taken(log) == [1...1])
    }

    @Test(arguments: [(UInt64.max, UInt64(2)), (1, .max), (1 << 44, 1), (0, 1 << 45)] as [(UInt64, UInt64)])
    func addressesNobodyHas(address: UInt64, count: UInt64) {
        let log = WriteLog()
        log.add(0, count: 1)
        log.add(address, count: count)
        #expect(taken(log) == nil)
    }

    /// What a thread added is there for whoever it told.
    @Test func fromAnotherThread() throws {
        let log = WriteLog()
        let thread = try HostThread { for n in 0..<1000 as Range<UInt64> { log.add(n << 12, count: 1) } }
        var pages = Set<UInt32>()
        var isKnown = true
        while pages.count < 1000, isKnown {
            guard log.isPending else { continue }
            isKnown = log.take { pages.formUnion($0...$1) }
        }
        thread.join()
        #expect(isKnown && pages.count == 1000)
    }
}
