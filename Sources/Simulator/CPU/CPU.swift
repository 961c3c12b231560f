// The simulated CPU: cold state and life cycle.
//
// Purpose. One MIPS32 release 2 processor, little endian, in one of two personalities: what a guest sees under KVM's
// trap-and-emulate (profiles te-5.10 and te-fixed), or a 24Kf-like part with a 64-entry TLB as hardware virtualization would
// show it (profile vz). What the two share is here and in Instructions/; where they differ, the file says TE.
//
// Files, one concern each: Core (hot state), Predecoder, DecodedWords and BlockCache (from words to ops), CPU+Run (dispatcher, events),
// CPU+Translated (which blocks get machine code),
// CPU+Memory (slow loads and stores), CPU+Translation (address spaces), CPU+TLB, CPU+Exceptions, CPU+Interrupts, CPU+CP0,
// CPU+TrapAndEmulate, CPU+MMIO (exits and their completion), CPU+Time, CPU+FPU, CPU+Invariants.
//
// Life cycle. Created with its vCPU in the reset state of reference 7.1. `enter` (CPU+Run) executes until an exit. Registers are
// read and written between runs only; the vCPU's lock sees to that. Posted interrupts are the only state other threads touch
// (`InterruptMail`).
//
// Unsafe code: this class owns the memory behind `Core`, the software TLBs, the jump cache and the commpage, all of one mapping
// that lives as long as the object; every index into it is masked or comes from constants.

import Host
import Hypervisor
import MIPS

@safe
final class CPU {
    let id: UInt32
    let profile: Profile
    /// Trap-and-emulate personality.
    let isTE: Bool
    let core: Core
    let memory: MemorySlots
    let clock: SimulatorClock
    let runArea: RunArea
    var timer: TimerModel

    /// Memory of the hot state and tables, see `Layout`.
    private let mapping: HostMemory
    /// CP0 cells: start of the commpage.
    let cells: UnsafeMutablePointer<UInt32>
    let jumpCache: UnsafeMutableRawPointer
    let decoded: DecodedWords
    /// Makes machine code of blocks that run often; nil where everything is interpreted.
    let translator: Translator?
    /// Runs of a block, as far as the jump cache counts them, before it is translated.
    let warmth: UInt32
    var blocks: BlockCache
    var tlb: GuestTLB
    /// Pseudo-random source of TLBWR; part of the saved state, so that runs repeat.
    var random: UInt32 = 0

    /// The guest may use the FPU: KVM_CAP_MIPS_FPU was enabled (reference 7.6). A VZ guest has it from the start of its Config1.FP.
    var fpuEnabled = false

    /// TE: queued line interrupts by priority (reference 6.4): bits 8, 9, 11, 12, and 13 for the unmapped one. The timer's is in
    /// `timer.pend`.
    var queued: UInt32 = 0
    /// Lines KVM_INTERRUPT asserts, as Cause bits 14 to 10.
    var lines: UInt32 = 0
    /// What other threads posted with KVM_INTERRUPT and the CPU has not taken yet.
    let mail: InterruptMail

    /// An MMIO access that the next run completes.
    var pendingMMIO: PendingMMIO?

    // The slice: instructions between two looks at clock and interrupts.
    var sliceStart: UInt64 = 0
    var sliceBudget: Int64 = 0
    /// KVM_RUN has not looked for interrupts yet.
    var isEntering = false
    var slicesUntilSignalPoll = 0
    var signals: SignalWatch
    /// Set by a handler that left the guest: why.
    var exitKind = ExitKind.none
    /// Bumped whenever a translation that may have fed the jump cache goes away.
    var epoch: UInt32 = 1
    var memoryGeneration: UInt32 = 0
    /// The slot the last page was in; of no bytes if none.
    var recentSlot = MemoryRegion(slot: 0, guestPhysicalAddress: 0, size: 0, hostAddress: 0)
    let memoryUser = MemoryUser()
    /// Where to find what others write into memory; nil if anything may have been written since the last entry.
    var writeLog: WriteLog?
    /// User space looked at registers, or changed them, since the last entry.
    var wasTouched = true
    /// Retired instructions since creation.
    var retired: UInt64 = 0
    /// Mapped pages the jump cache may have entries of, a bit each, so that TLB writes need not forget blocks in general.
    let mappedCode: UnsafeMutableRawPointer
    /// There has been any since the epoch began.
    var hasMappedCode = false
    /// The instant from which on memory of blocks may be given back again.
    var nextRelease: UInt64 = 0
    /// When it was last looked whether the guest does little, and what it had retired then.
    var quietSince: (instant: UInt64, retired: UInt64) = (0, 0)
    /// Kernel code came from a page of one address space since the epoch began.
    var hasPrivateKernelCode = false
    /// The address space the context was made for.
    var contextASID: UInt32 = 0
    /// A store went to the commpage: Status may have changed under the hot path.
    var contextMayChange = false
    /// What GET_REGS shows for $zero: the data of a completed load to it, until the guest runs again (reference 6.2).
    var zeroRegister: UInt32 = 0
    /// The last run began by completing an MMIO load, which retires one instruction.
    var completedLoad = false
    /// TE on a host whose KVM patches guest instructions (reference 7.5).
    let dynamicTranslation = true
    let ioEvents: IOEvents
    /// Runs so far; paces `checkInvariants`.
    var runs: UInt64 = 0

    /// Why the guest was left.
    enum ExitKind: UInt8 {
        case none
        /// The run area has the exit.
        case exit
        /// A signal or the system's alarm: EINTR.
        case interrupted
    }

    /// Offsets in the CPU's mapping.
    enum Layout {
        static let core = 0
        static let softTLBs = 4096
        static let jumpCache = softTLBs + 4 * SoftTLB.bytes
        static let decoded = jumpCache + JumpCache.bytes
        static let mappedCode = decoded + DecodedWords.bytes
        static let commpage = mappedCode + 1 << 17
        static func size(_ pageSize: Int) -> Int { commpage + max(pageSize, 4096) }
    }

    init(
        id: UInt32, profile: Profile, memory: MemorySlots, ioEvents: IOEvents, clock: SimulatorClock, runArea: RunArea,
        engine: Engine
    ) throws(Errno) {
        self.id = id
        self.profile = profile
        self.memory = memory
        self.ioEvents = ioEvents
        self.clock = clock
        self.runArea = runArea
        isTE = profile.isTE
        // Tables that are filled right away; the rest comes as it is used.
        mapping = try HostMemory(size: Layout.size(Int(profile.pageSize)), populated: Layout.decoded)
        let base = unsafe mapping.base
        core = unsafe Core(base + Layout.core)
        unsafe jumpCache = base + Layout.jumpCache
        decoded = unsafe DecodedWords(base + Layout.decoded)
        unsafe mappedCode = base + Layout.mappedCode
        unsafe cells = (base + Layout.commpage).assumingMemoryBound(to: UInt32.self)
        blocks = try BlockCache()
        translator = try engine.translator()
        warmth = engine.warmth
        tlb = GuestTLB()
        signals = try SignalWatch()
        mail = try InterruptMail()
        timer = TimerModel(now: clock.now(), defersCause: !profile.isTE)
        unsafe core.owner = Unmanaged.passUnretained(self).toOpaque()
        unsafe core.cells = cells
        resetRegisters()
        memory.add(memoryUser)
        memoryGeneration = memory.generation
        writeLog = memory.soleWriteLog
        findUnmapped()
        flushSoftTLBs()
        flushJumpCache()
        updateContext()
    }

    deinit { memory.remove(memoryUser) }

    /// Software TLB of a mode: 0 kernel, 1 user; loads or stores.
    func softTLB(user: Bool, store: Bool) -> UnsafeMutableRawPointer {
        unsafe mapping.base + Layout.softTLBs + ((user ? 2 : 0) + (store ? 1 : 0)) * SoftTLB.bytes
    }

    /// A CP0 register.
    subscript(_ cell: Int) -> UInt32 {
        @inline(__always) get { unsafe cells[cell & 255] }
        @inline(__always) set { unsafe cells[cell & 255] = newValue }
    }

    /// Address of the commpage in a TE guest's kernel address space (reference 2.4), or nil where there is none.
    var commpage: UInt32? {
        guard isTE else { return nil }
        return profile.pageSize <= 0x8000 ? 0x8000 - profile.pageSize : 0
    }

    /// Kernel mode: EXL or ERL set, or Status.UM clear (supervisor counts as kernel; reference 7.2).
    var kernelMode: Bool {
        let status = self[Cell.status]
        return status & (Status.exl | Status.erl) != 0 || status & Status.um == 0
    }

    /// Registers after creation (reference 7.1 and 3.5; for VZ a 24Kf with a 64-entry TLB).
    private func resetRegisters() {
        self[Cell.status] = Status.bev | Status.erl
        self[Cell.intCtl] = 0xFC00_0000
        self[Cell.prid] = 0x0001_9300
        if isTE {
            core.pc = 0x5FC0_0000
            self[Cell.ebase] = 0x4000_0000 | id & 0x3FF
            self[Cell.config] = 0x8000_0483
            self[Cell.config1] = 0xFE19_0C80
            self[Cell.config2] = 0x8000_0000
            self[Cell.config3] = 0x8000_2000
            self[Cell.config4] = 0x8000_0000
            self[Cell.config7] = 0x8000_0400
        } else {
            core.pc = 0xBFC0_0000
            self[Cell.ebase] = 0x8000_0000 | id & 0x3FF
            // M, release 2, standard TLB, cacheable noncoherent KSEG0.
            self[Cell.config] = 0x8000_0483
            // M, 64 TLB entries, 4-way caches with 32-byte lines, no watch, no performance counters, EJTAG bit clear.
            // 32 KiB of instructions, but 16 KiB of data: a way is a page of 4 KiB, so that no data can be in two
            // lines, which would make Linux do without highmem.
            self[Cell.config1] = 0x8000_0000 | 63 << 25 | 2 << 22 | 4 << 19 | 3 << 16 | 1 << 13 | 4 << 10 | 3 << 7
            self[Cell.config2] = 0x8000_0000
            // ULRI and VInt; no Config4.
            self[Cell.config3] = 1 << 13 | 1 << 5
            self[Cell.config7] = 0x400
            self[Cell.random] = 63
        }
        core.fcsr = 0
    }
}
