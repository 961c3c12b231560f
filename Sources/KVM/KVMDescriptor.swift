// Owner of one of KVM's descriptors: the device, a VM or a vCPU. All ioctls go through here.
//
// Unsafe code: structures are handed to the kernel by address for the length of one call; each is at least as large as the
// kernel's, which CHost proves.

import Host
import Hypervisor

struct KVMDescriptor: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Takes over what KVM_CREATE_VM or KVM_CREATE_VCPU answered; the kernel has set close-on-exec.
    init(raw: Int) { descriptor = FileDescriptor(raw: Int32(truncatingIfNeeded: raw)) }

    /// One call, made once. EINTR reaches the caller.
    @inline(__always)
    func call(_ request: Request, _ argument: UInt = 0) throws(HypervisorError) -> Int {
        do throws(Errno) {
            return try descriptor.ioctl(UInt(request.rawValue), argument)
        } catch {
            throw HypervisorError(request, error)
        }
    }

    /// A call with a structure, which the kernel may read and write.
    @inline(__always)
    func call<Structure>(_ request: Request, _ structure: inout Structure) throws(HypervisorError) {
        _ = try unsafe withUnsafeMutablePointer(to: &structure) { pointer throws(HypervisorError) in
            try call(request, UInt(bitPattern: pointer))
        }
    }

    /// Maps the memory this vCPU shares with the kernel.
    func map(_ size: Int) throws(Errno) -> Mapping {
        try Mapping.file(descriptor, offset: 0, size: size, sharing: .shared)
    }
}
