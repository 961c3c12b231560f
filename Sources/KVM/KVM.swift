// KVM: the contract on the real /dev/kvm of a MIPS Linux host.
//
// Purpose. Everything that speaks to the kernel module. So far that is the question every other part begins with: is
// there a kernel here that virtualizes MIPS, and if not, why not and what can be done. `KVMProbe` answers it on every
// host, x86 included, so that `--backend auto` and `stasis doctor` give a reason and not just an errno.
//
// Glossary.
//   TE           trap-and-emulate: the guest kernel runs in host user mode. Linux 3.10 to 5.12, no hardware needed.
//   VZ           hardware virtualization of MIPS release 5. Linux 4.12 and later.
//   API version  the number KVM_GET_API_VERSION gives; 12 ever since the interface is stable.
//
// Life cycle. `KVMProbe.examine()` opens the device, asks four questions, closes it, and returns a `KVMHost` or throws
// a `KVMProbeError`. It changes nothing.
