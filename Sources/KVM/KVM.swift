// KVM: the contract on the real /dev/kvm of a MIPS Linux host.
//
// Purpose. Everything that speaks to the kernel module, in two parts. The probe answers the question every other part
// begins with: is there a kernel here that virtualizes MIPS, and if not, why not and what can be done. It works on every
// host, x86 included, so that `--backend auto` and `stasis doctor` give a reason and not just an errno. The backend
// (`KVMSystem`, `KVMMachine`, `KVMVCPU`) passes the contract's calls on to the kernel: one ioctl for each, no cache, no
// opinion. What the contract has and ioctls have not is the alarm, a thread with a signal.
//
// Glossary.
//   TE           trap-and-emulate: the guest kernel runs in host user mode. Linux 3.10 to 5.12, no hardware needed.
//   VZ           hardware virtualization of MIPS release 5. Linux 4.12 and later.
//   API version  the number KVM_GET_API_VERSION gives; 12 ever since the interface is stable.
//   defect       of Linux 5.8 to 5.12: every interrupt is gated by Status.IM0. A profile, found out by a guest.
//   alarm        the instant at which every `run` returns EINTR
//   bell         one vCPU's part of the alarm: which thread runs it, and where its `immediate_exit` is
//
// Life cycle. `KVMProbe.examine()` opens the device, asks four questions, closes it, and returns a `KVMHost` or throws
// a `KVMProbeError`; it changes nothing. `KVMSystem.open()` asks the same, then finds the profile, and keeps the device
// open. A machine keeps its VM's descriptor, a vCPU its own and the mapping of its run area; each is given back when the
// object goes. The kernel keeps what is still in use, so the order does not matter to it.
//
// Errors. Every failing ioctl becomes a `HypervisorError` with the call and the errno. EINTR is passed on, KVM_CREATE_VM
// excepted (KVMMachine.swift says why).
