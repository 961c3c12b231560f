// From an image file to a guest ready to start, and again when it asks for a reset.

import Host
import Hypervisor
public import Machine

/// A program for a bare machine, or a kernel.
public struct BootImage: Equatable, Sendable {
    public var path: String
    public var format: ImageFormat
    /// What a program finds as argv, after its own name. A kernel has a command line instead.
    public var arguments: [String]
    /// What a kernel is given; nil for a program.
    public var kernel: KernelStart?

    public init(path: String, format: ImageFormat = .elf, arguments: [String] = []) {
        self.path = path
        self.format = format
        self.arguments = arguments
    }

    /// A kernel that starts by UHI.
    public init(kernel path: String, _ start: KernelStart) {
        self.init(path: path)
        kernel = start
    }
}

/// What a kernel is given besides the board's device tree.
public struct KernelStart: Equatable, Sendable {
    public var commandLine: String
    /// File of the initial RAM disk.
    public var initrd: String?

    public init(commandLine: String, initrd: String? = nil) {
        self.commandLine = commandLine
        self.initrd = initrd
    }
}

extension VirtualMachine {
    /// Loads a program or kernel and points the vCPU at it: PC at its entry, argument registers as its way of starting
    /// has them, everything else as after a reset.
    @discardableResult
    public func boot(_ image: BootImage) throws(MonitorError) -> LoadedImage {
        try step(.load)
        let loaded = try load(image)
        self.image = image
        guestClock.begin(at: system.monotonic, elapsed: 0)
        // Unpacking a kernel takes memory and code that running it does not.
        Memory.trim()
        return loaded
    }

    private func load(_ image: BootImage) throws(MonitorError) -> LoadedImage {
        let loaded: LoadedImage
        do throws(ImageError) {
            loaded = try ImageLoader.load(path: image.path, format: image.format, window: kernelWindow, into: memory)
        } catch {
            throw .image(error)
        }
        if let kernel = image.kernel {
            try checkPageSize(image, loaded)
            try prepare(image, kernel, loaded)
        } else {
            try prepare(image, loaded)
        }
        return loaded
    }

    /// Under trap-and-emulate, a kernel with other pages than the host's would fail without a word.
    private func checkPageSize(_ image: BootImage, _ loaded: LoadedImage) throws(MonitorError) {
        guard profile.isTE else { return }
        let range = loaded.physicalRange
        let code: [UInt8]
        do throws(GuestMemoryError) {
            code = try memory.read(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound))
        } catch {
            throw .memory(error)
        }
        if let size = KernelPageSize.find(in: code), size != profile.pageSize {
            throw .image(ImageError(file: image.path, .wrongPageSize(kernel: size, host: profile.pageSize)))
        }
    }

    /// A bare-metal program: argument registers as `ArgumentBlock` says.
    private func prepare(_ image: BootImage, _ loaded: LoadedImage) throws(MonitorError) {
        let block: ArgumentBlock
        do throws(ArgumentError) {
            block = try board.writeArguments(
                [image.path] + image.arguments, window: kernelWindow, avoiding: loaded.physicalRange)
        } catch {
            throw .arguments(error)
        }
        try start(
            StartRegisters(
                arguments: (block.count, block.argv, block.environment, block.memorySize),
                stackPointer: block.stackPointer, entry: loaded.entry))
    }

    /// A kernel: a0 = -2, a1 = address of the device tree (Unified Hosting Interface, MIPS MD01069, "UHI boot
    /// protocol").
    private func prepare(
        _ image: BootImage, _ kernel: KernelStart, _ loaded: LoadedImage
    ) throws(MonitorError) {
        let hz = try doing(.registers) { () throws(HypervisorError) in try vcpu.register(.countHz) }
        let tree: UInt32
        do throws(ImageError) {
            var initrd: [UInt8]?
            if let path = kernel.initrd {
                initrd = try ImageLoader.readFile(path)
                if initrd?.isEmpty == true { throw ImageError(file: path, .isEmpty) }
            }
            tree = try board.placeTree(
                commandLine: kernel.commandLine, initrd: initrd, countHz: UInt32(truncatingIfNeeded: hz),
                above: loaded.physicalRange.upperBound, file: image.path, initrdFile: kernel.initrd ?? "")
        } catch {
            throw .image(error)
        }
        try start(
            StartRegisters(
                arguments: (UInt32.max - 1, kernelWindow.address(ofPhysical: tree), 0, 0), entry: loaded.entry))
    }

    /// By the boot ROM where code in it can run as after a reset; under trap-and-emulate, whose vCPUs begin elsewhere,
    /// directly.
    private func start(_ start: StartRegisters) throws(MonitorError) {
        let fromROM = profile.isTE ? false : try Self.takesROM(system)
        board.prepareStart(start, fromROM: fromROM)
        var registers = Registers()
        if fromROM {
            registers.pc = UInt64(BootROM.resetVector)
        } else {
            let (a0, a1, a2, a3) = start.arguments
            for (index, value) in [a0, a1, a2, a3].enumerated() { registers.gpr[4 + index] = UInt64(value) }
            registers.gpr[29] = UInt64(start.stackPointer)
            registers.pc = UInt64(start.entry)
        }
        let normalized = registers.normalized
        try doing(.registers) { () throws(HypervisorError) in try vcpu.setRegisters(normalized) }
    }

    /// Whether the backend lets code run in memory that the guest cannot write.
    static func takesROM(_ system: System) throws(MonitorError) -> Bool {
        try doing(.memory) { () throws(HypervisorError) in try system.checkExtension(.readOnlyMemory) } != 0
    }

    /// The boot ROM as a memory slot behind those of RAM, where the backend takes one.
    static func mapROM(_ system: System, _ machine: System.Machine, _ board: Board) throws(MonitorError) {
        guard try takesROM(system) else { return }
        let address: UInt64
        do throws(GuestMemoryError) {
            address = try board.bootROM.hostAddress()
        } catch {
            throw .memory(error)
        }
        let window = AddressMap.bootROM
        let slot = MemoryRegion(
            slot: UInt32(truncatingIfNeeded: board.memory.regions.count), flags: .readOnly,
            guestPhysicalAddress: window.base, size: window.size, hostAddress: address)
        try doing(.memory) { () throws(HypervisorError) in try machine.setMemoryRegion(slot) }
    }

    /// What the guest's reset switch does: new vCPU, devices as after power-on, the program read and loaded again.
    /// Other memory stays, as RAM does on a warm reset. A fresh vCPU is the only way to be rid of interrupts that are
    /// queued (reference 5.4).
    func reset() throws(MonitorError) {
        guard let image else { throw .resetWithoutImage }
        let (machine, vcpu) = try Self.assemble(system, board, fpu: hasFPU)
        self.machine = machine
        self.vcpu = vcpu
        // What the old guest asked for is done; nobody waits for it any more.
        quiesceDevices()
        board.reset()
        lines.forget()
        _ = try load(image)
        statistics.resets += 1
        onReset?()
    }

    /// Asks the life cycle for a step.
    func step(_ step: LifeCycle.Step) throws(MonitorError) {
        do throws(LifeCycle.Refusal) {
            try lifeCycle.take(step)
        } catch {
            throw .refused(error)
        }
    }
}
