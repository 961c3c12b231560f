// Hypervisor: the contract.
//
// Purpose. One vocabulary for "something that runs a MIPS guest the way KVM/MIPS does". Two backends speak it: module
// KVM, on the real /dev/kvm of a MIPS Linux host, and module Simulator, in software, anywhere. Everything above (time
// keeping, conformance, monitor) is generic over the three protocols here and cannot tell the backends apart.
//
// It is the KVM/MIPS ioctl interface in Swift types, no more and no less: the same calls, the same registers with the
// same numbers, the same order-dependent effects, the same errors by name. Where Linux has a quirk, the contract has it.
//
// Glossary.
//   system      /dev/kvm: version, capabilities, creation of machines
//   machine     a VM: memory slots, virtual CPUs
//   vCPU        registers (ONE_REG), interrupts, run
//   run area    the shared memory of one vCPU (`struct kvm_run`), valid while the vCPU lives
//   exit        why `run` came back; its payload is valid until the next `run`
//   profile     what the other side is: TE-5.10, TE-fixed or VZ; page size; FPU
//   TE, VZ      trap-and-emulate and hardware-virtualized KVM/MIPS
//   raw call    `ioctl(_:_:)`: a request with a scalar or an address, for what the typed calls cannot say (a null pointer, an
//               unknown number). Conformance needs it; nothing else should.
//
// Life cycle. system → createMachine → setMemoryRegion, createVCPU → set registers → run, handle the exit, run … Objects are
// classes and release what they own when the last reference goes.
//
// Threads. Every call on a vCPU except `interrupt` takes the vCPU's lock and waits while another thread is in `run`, as the
// kernel's vCPU mutex does (kvm-mips reference 1.3). `interrupt` may be called from any thread at any time.
