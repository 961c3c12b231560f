// What must hold of the CPU's caches whenever the guest is left. Compiled to nothing in release builds.

import Hypervisor

extension CPU {
    /// Runs between two checks: looking at every entry after every exit would drown the tests.
    private static var stride: UInt64 { 61 }

    /// Ends the process when a cached translation says something the architecture no longer does.
    @inline(__always)
    func checkInvariants() {
        #if DEBUG
            runs &+= 1
            if runs % Self.stride == 0 { checkSoftTLBs() }
        #endif
    }

    #if DEBUG
        /// Every software TLB entry of the current mode equals a fresh translation; store entries lead to writable pages without
        /// code and without a dirty log.
        private func checkSoftTLBs() {
            guard memoryGeneration == memory.generation else { return }
            for store in [false, true] {
                let table = unsafe store ? core.writeTLB : core.readTLB
                for i in 0..<SoftTLB.entries {
                    let tag = unsafe table.load(fromByteOffset: i * 16, as: UInt32.self)
                    guard tag != SoftTLB.invalid else { continue }
                    let addend = unsafe table.load(fromByteOffset: i * 16 + 8, as: UInt.self)
                    check(tag, UInt64(addend &+ UInt(tag)), store)
                }
            }
        }

        private func check(_ address: UInt32, _ host: UInt64, _ store: Bool) {
            let t = translate(address, store ? .store : .load)
            if t.kind == .commpage {
                let cell = unsafe UInt64(UInt(bitPattern: cells)) + UInt64(t.physical)
                precondition(!store && host == cell, "a commpage entry leads elsewhere")
                return
            }
            precondition(t.kind == .physical || t.kind == .mapped, "a software TLB entry outlived its translation")
            guard let page = page(UInt64(t.physical)) else {
                preconditionFailure("a software TLB entry leads nowhere")
            }
            let expected = unsafe UInt64(UInt(bitPattern: page.host)) + UInt64(t.physical & 0xFFF)
            precondition(host == expected, "a software TLB entry leads to another page")
            if store {
                precondition(page.writable && !page.logged, "a store entry bypasses a read-only or logged slot")
                precondition(!blocks.hasCode(t.physical), "a store entry bypasses a page with code")
            }
        }
    #endif
}
