// The dispatcher: finds the next block, runs it, and between blocks looks at the clock, signals and interrupts when the
// slice is used up.
//
// Unsafe code: jump cache entries are written here only, with ops of blocks that live until `removeAll`, which bumps the
// epoch and so makes every entry stale.

import Host
import Hypervisor
import MIPS

extension CPU {
    /// Executes the guest until there is a reason to leave it. `exitKind` says which. The caller holds the vCPU's lock.
    func enter() {
        exitKind = .none
        clock.acquire()
        signals.begin()
        memoryUser.begin()
        defer {
            memoryUser.end()
            signals.end()
            clock.release()
        }
        zeroRegister = 0
        sliceStart = clock.now()
        sliceBudget = 0
        core.budget = 0
        slicesUntilSignalPoll = 0
        isEntering = true
        if blockMode & 2 != 0 { core.fcsr &= CPU.fcsrMask }
        if completedLoad {
            completedLoad = false
            sliceBudget = 1
        }
        takeMemoryChanges()
        // The user may have written guest memory or registers since the last run.
        bumpEpoch()
        dispatch()
        settle()
        checkInvariants()
        if exitKind == .interrupted {
            runArea.exitReason = ExitReason.interrupted
            runArea.readyForInterruptInjection = 1
        }
    }

    private func dispatch() {
        let core = self.core
        let cache = unsafe jumpCache
        while true {
            if core.budget <= 0, events() { return }
            let pc = core.pc
            var entry = unsafe cache + JumpCache.offset(pc)
            if unsafe _slowPath(entry.load(as: UInt64.self) != core.context | UInt64(pc)) {
                guard let found = unsafe prepare(pc) else {
                    if exitKind != .none { return }
                    continue
                }
                unsafe entry = found
            }
            let length = unsafe entry.load(fromByteOffset: 16, as: UInt32.self)
            let ops = unsafe entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
            core.budget -= Int64(length)
            core.blockLength = length
            core.blockPC = pc
            unsafe core.blockOps = ops
            if unsafe Op(ops).handler(core.p, ops) != Flow.next { return }
        }
    }

    /// Between slices. Returns true to leave the guest.
    @inline(never)
    private func events() -> Bool {
        settle()
        let alarm = clock.alarmInstant
        if sliceStart >= alarm {
            exitKind = .interrupted
            return true
        }
        takeMemoryChanges()
        refreshInterrupts(now: sliceStart)
        deliverInterrupt(entering: isEntering)
        isEntering = false
        slicesUntilSignalPoll -= 1
        if slicesUntilSignalPoll < 0 {
            slicesUntilSignalPoll = 16
            if signals.pending {
                exitKind = .interrupted
                return true
            }
        }
        beginSlice(alarm: alarm)
        return false
    }

    /// Drops what came from slots that changed.
    private func takeMemoryChanges() {
        let generation = memory.generation
        guard generation != memoryGeneration else { return memoryUser.acknowledge(generation) }
        memoryGeneration = generation
        flushSoftTLBs()
        blocks.removeAll()
        bumpEpoch()
        memoryUser.acknowledge(generation)
    }

    /// Finds or builds the block at `pc` and enters it into the jump cache. nil when the fetch raised an exception (PC is at the
    /// vector) or left the guest (`exitKind` says so).
    @inline(never)
    private func prepare(_ pc: UInt32) -> UnsafeMutableRawPointer? {
        guard let fetched = unsafe fetch(pc, delaySlotOf: nil) else { return nil }
        let block = unsafe self.block(at: pc, physical: fetched.physical, memory: fetched.host)
        let entry = unsafe jumpCache + JumpCache.offset(pc)
        unsafe entry.storeBytes(of: core.context | UInt64(pc), as: UInt64.self)
        unsafe entry.storeBytes(of: UnsafeRawPointer(blocks.ops(block)), toByteOffset: 8, as: UnsafeRawPointer.self)
        unsafe entry.storeBytes(of: blocks.length(block), toByteOffset: 16, as: UInt32.self)
        return unsafe entry
    }

    private func block(at pc: UInt32, physical: UInt32, memory: UnsafeRawPointer) -> UInt32 {
        let mode = blockMode
        if let known = unsafe blocks.find(physical: physical, pc: pc, mode: mode, memory: memory, epoch: epoch) {
            return known
        }
        if blocks.isFull {
            blocks.removeAll()
            bumpEpoch()
        }
        let newCode = !blocks.hasCode(physical)
        let length = unsafe predecode(pc: pc, memory: memory, mode: mode, into: blocks.openOps)
        let block = unsafe blocks.close(
            physical: physical, pc: pc, mode: mode, length: length, memory: memory, epoch: epoch)
        if newCode { flushStoreTLBs() }
        return block
    }

    /// Where the instruction at `pc` lies. Raises what the fetch raises; `branch` is the address of the branch whose delay
    /// slot it is.
    func fetch(_ pc: UInt32, delaySlotOf branch: UInt32?) -> (physical: UInt32, host: UnsafeRawPointer)? {
        guard pc & 3 == 0 else {
            if isTE, kernelMode { return unsafe fetchFailed(branch ?? pc) }
            return unsafe fetchAddressError(pc, branch)
        }
        let t = translate(pc, .fetch)
        switch t.kind {
        case .physical, .mapped:
            guard let page = memory.page(UInt64(t.physical)) else { return unsafe fetchFailed(branch ?? pc) }
            if isMapped(pc) { mappedFetch.insert(pc) }
            return unsafe (t.physical, UnsafeRawPointer(page.host + Int(t.physical & 0xFFF)))
        case .addressError:
            return unsafe fetchAddressError(pc, branch)
        case .refill, .invalid:
            recordTLBFault(pc)
            enterException(
                ExceptionCode.tlbl, at: branch ?? pc, delaySlot: branch != nil, refill: t.kind == .refill)
            return nil
        case .modified, .mmio, .commpage, .unsupported:
            return unsafe fetchFailed(branch ?? pc)
        }
    }

    /// Does the TLB decide about this address?
    private func isMapped(_ address: UInt32) -> Bool {
        isTE ? address < 0x4000_0000 || address >= 0x6000_0000 : address < 0x8000_0000 || address >= 0xC000_0000
    }

    private func fetchAddressError(_ pc: UInt32, _ branch: UInt32?) -> (physical: UInt32, host: UnsafeRawPointer)? {
        self[Cell.badVAddr] = pc
        enterException(ExceptionCode.adEL, at: branch ?? pc, delaySlot: branch != nil)
        return nil
    }

    /// No memory to fetch from: KVM cannot emulate that.
    private func fetchFailed(_ pc: UInt32) -> (physical: UInt32, host: UnsafeRawPointer)? {
        core.pc = pc
        _ = leave(ExitReason.internalError)
        return nil
    }

    /// A delay slot on the page after its branch. `o` is the pseudo-op behind the branch; `core.target` is set.
    func executeRemoteDelaySlot(_ o: Op) -> Outcome {
        let slot = pc(o)
        let target = core.target
        guard let fetched = unsafe fetch(slot, delaySlotOf: slot &- 4) else {
            return exitKind == .none ? Flow.next : Flow.exit
        }
        let word = unsafe fetched.host.load(as: UInt32.self)
        // A block of one instruction that is never linked: it lies behind the last block and is overwritten by the next.
        if blocks.isFull {
            blocks.removeAll()
            bumpEpoch()
        }
        let ops = unsafe blocks.scratch(word: word)
        unsafe emitDelaySlot(InstructionWord(word), pc: slot, mode: blockMode, at: ops)
        unsafe Op.write(ops + Op.size, { unsafe endAfterBranch(Core($0), Op($1)) })
        core.budget -= 1
        core.blockPC = slot
        core.blockLength = 1
        core.target = target
        unsafe core.blockOps = UnsafeRawPointer(ops)
        return unsafe Op(ops).handler(core.p, ops)
    }
}
