// From an image file to a guest ready to start, and again when it asks for a reset.

public import Machine
import Hypervisor

/// What a program finds at its start.
public enum BootProtocol: Equatable, Sendable {
    /// YAMON's: argc, argv, environment, bytes of RAM.
    case argumentBlock
    /// UHI's: a device tree, and what a kernel is given besides: the path of an initial RAM disk.
    case deviceTree(initrd: String?)
}

/// A program for a bare machine, or a kernel.
public struct BootImage: Equatable, Sendable {
    public var path: String
    public var format: ImageFormat
    /// What the program finds as argv, after its own name; a kernel's command line, word by word.
    public var arguments: [String]
    /// How it is told what it runs on.
    public var protocolOfBoot: BootProtocol

    public init(
        path: String, format: ImageFormat = .elf, arguments: [String] = [], protocol: BootProtocol = .argumentBlock
    ) {
        self.path = path
        self.format = format
        self.arguments = arguments
        protocolOfBoot = `protocol`
    }
}

extension VirtualMachine {
    /// Loads a program and points the vCPU at it: PC at its entry, argument registers as `ArgumentBlock` says, everything else as after
    /// a reset.
    @discardableResult
    public func boot(_ image: BootImage) throws(MonitorError) -> LoadedImage {
        try step(.load)
        let loaded = try load(image)
        self.image = image
        return loaded
    }

    private func load(_ image: BootImage) throws(MonitorError) -> LoadedImage {
        let loaded: LoadedImage
        do throws(ImageError) {
            loaded = try ImageLoader.load(path: image.path, format: image.format, window: kernelWindow, into: memory)
        } catch {
            throw .image(error)
        }
        if case .deviceTree(let initrd) = image.protocolOfBoot {
            try hand(image, initrd, loaded)
            return loaded
        }
        let block: ArgumentBlock
        do throws(ArgumentError) {
            block = try board.writeArguments(
                [image.path] + image.arguments, window: kernelWindow, avoiding: loaded.physicalRange)
        } catch {
            throw .arguments(error)
        }
        var registers = Registers()
        registers.gpr[4] = UInt64(block.count)
        registers.gpr[5] = UInt64(block.argv)
        registers.gpr[6] = UInt64(block.environment)
        registers.gpr[7] = UInt64(block.memorySize)
        registers.gpr[29] = UInt64(block.stackPointer)
        registers.pc = UInt64(loaded.entry)
        let normalized = registers.normalized
        try doing(.registers) { () throws(HypervisorError) in try vcpu.setRegisters(normalized) }
        return loaded
    }

    /// UHI: a0 = -2, a1 = the tree's address; PC at the entry.
    private func hand(_ image: BootImage, _ initrd: String?, _ loaded: LoadedImage) throws(MonitorError) {
        let hz = try doing(.registers) { () throws(HypervisorError) in try vcpu.register(.countHz) }
        var disk: [UInt8]?
        if let initrd {
            do throws(ImageError) { disk = try ImageLoader.readFile(initrd) } catch { throw .image(error) }
        }
        var line = ""
        for word in image.arguments { line += (line.utf8.isEmpty ? "" : " ") + word }
        let tree: UInt32
        do throws(ImageError) {
            tree = try board.writeDeviceTree(
                commandLine: line, initrd: disk, countHz: UInt32(truncatingIfNeeded: hz),
                avoiding: loaded.physicalRange, name: image.path)
        } catch {
            throw .image(error)
        }
        var registers = Registers()
        registers.gpr[4] = UInt64(UInt32.max - 1)
        registers.gpr[5] = UInt64(kernelWindow.address(ofPhysical: tree))
        registers.pc = UInt64(loaded.entry)
        let normalized = registers.normalized
        try doing(.registers) { () throws(HypervisorError) in try vcpu.setRegisters(normalized) }
    }

    /// What the guest's reset switch does: new vCPU, devices as after power-on, the program read and loaded again. Other memory stays, as
    /// RAM does on a warm reset. A fresh vCPU is the only way to be rid of interrupts that are queued (reference 5.4).
    func reset() throws(MonitorError) {
        guard let image else { throw .resetWithoutImage }
        let (machine, vcpu) = try Self.assemble(system, memory, fpu: hasFPU)
        self.machine = machine
        self.vcpu = vcpu
        board.reset()
        lines.forget()
        _ = try load(image)
        statistics.resets += 1
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
