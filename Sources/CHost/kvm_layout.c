// Proof of the mirrored KVM structures. First against the numbers of our own reference, which describe MIPS; then,
// where the kernel's header agrees on all architectures, against that header; the MIPS-only structures when this is
// compiled on MIPS.
#include "internal.h"

#define SIZE(type, bytes) _Static_assert(sizeof(chost_##type) == (bytes), #type " size")
#define AT(type, field, offset) _Static_assert(offsetof(chost_##type, field) == (offset), #type "." #field)

SIZE(kvm_regs, 280);
AT(kvm_regs, gpr, 0); AT(kvm_regs, hi, 256); AT(kvm_regs, lo, 264); AT(kvm_regs, pc, 272);
SIZE(kvm_one_reg, 16);
AT(kvm_one_reg, id, 0); AT(kvm_one_reg, addr, 8);
SIZE(kvm_reg_list, 8);
AT(kvm_reg_list, n, 0);
SIZE(kvm_mips_interrupt, 8);
AT(kvm_mips_interrupt, cpu, 0); AT(kvm_mips_interrupt, irq, 4);
SIZE(kvm_userspace_memory_region, 32);
AT(kvm_userspace_memory_region, slot, 0); AT(kvm_userspace_memory_region, flags, 4);
AT(kvm_userspace_memory_region, guest_phys_addr, 8); AT(kvm_userspace_memory_region, memory_size, 16);
AT(kvm_userspace_memory_region, userspace_addr, 24);
SIZE(kvm_dirty_log, 16);
AT(kvm_dirty_log, slot, 0); AT(kvm_dirty_log, dirty_bitmap, 8);
SIZE(kvm_clear_dirty_log, 24);
AT(kvm_clear_dirty_log, slot, 0); AT(kvm_clear_dirty_log, num_pages, 4);
AT(kvm_clear_dirty_log, first_page, 8); AT(kvm_clear_dirty_log, dirty_bitmap, 16);
SIZE(kvm_enable_cap, 104);
AT(kvm_enable_cap, cap, 0); AT(kvm_enable_cap, flags, 4); AT(kvm_enable_cap, args, 8); AT(kvm_enable_cap, pad, 40);
SIZE(kvm_signal_mask, 20);
AT(kvm_signal_mask, len, 0); AT(kvm_signal_mask, sigset, 4);
SIZE(kvm_ioeventfd, 64);
AT(kvm_ioeventfd, datamatch, 0); AT(kvm_ioeventfd, addr, 8); AT(kvm_ioeventfd, len, 16); AT(kvm_ioeventfd, fd, 20);
AT(kvm_ioeventfd, flags, 24); AT(kvm_ioeventfd, pad, 28);
SIZE(kvm_irqfd, 32);
AT(kvm_irqfd, fd, 0); AT(kvm_irqfd, gsi, 4); AT(kvm_irqfd, flags, 8); AT(kvm_irqfd, resamplefd, 12);
SIZE(kvm_coalesced_mmio_zone, 16);
AT(kvm_coalesced_mmio_zone, addr, 0); AT(kvm_coalesced_mmio_zone, size, 8); AT(kvm_coalesced_mmio_zone, pio, 12);
SIZE(kvm_coalesced_mmio, 24);
AT(kvm_coalesced_mmio, phys_addr, 0); AT(kvm_coalesced_mmio, len, 8); AT(kvm_coalesced_mmio, data, 16);
SIZE(kvm_coalesced_mmio_ring, 8);
AT(kvm_coalesced_mmio_ring, first, 0); AT(kvm_coalesced_mmio_ring, last, 4);
SIZE(kvm_create_device, 12);
AT(kvm_create_device, type, 0); AT(kvm_create_device, fd, 4); AT(kvm_create_device, flags, 8);
SIZE(kvm_mp_state, 4);
SIZE(kvm_translation, 24);
SIZE(kvm_exit_mmio, 24);
SIZE(kvm_exit_internal, 136);
SIZE(kvm_run, 304);
AT(kvm_run, request_interrupt_window, 0); AT(kvm_run, immediate_exit, CHOST_KVM_RUN_IMMEDIATE_EXIT);
AT(kvm_run, exit_reason, CHOST_KVM_RUN_EXIT_REASON);
AT(kvm_run, ready_for_interrupt_injection, CHOST_KVM_RUN_READY_FOR_INTERRUPT_INJECTION);
AT(kvm_run, if_flag, 13); AT(kvm_run, flags, 14); AT(kvm_run, cr8, 16); AT(kvm_run, apic_base, 24);
AT(kvm_run, exit, CHOST_KVM_RUN_EXIT);
AT(kvm_run, exit.mmio.phys_addr, CHOST_KVM_RUN_MMIO_PHYS_ADDR);
AT(kvm_run, exit.mmio.data, CHOST_KVM_RUN_MMIO_DATA);
AT(kvm_run, exit.mmio.len, CHOST_KVM_RUN_MMIO_LEN);
AT(kvm_run, exit.mmio.is_write, CHOST_KVM_RUN_MMIO_IS_WRITE);
AT(kvm_run, exit.internal.suberror, CHOST_KVM_RUN_INTERNAL_SUBERROR);
AT(kvm_run, exit.internal.ndata, CHOST_KVM_RUN_INTERNAL_NDATA);
AT(kvm_run, exit.internal.data, CHOST_KVM_RUN_INTERNAL_DATA);
AT(kvm_run, kvm_valid_regs, 288); AT(kvm_run, kvm_dirty_regs, 296);

#if defined(CHOST_HOSTED) && __has_include(<linux/kvm.h>)
#include <linux/kvm.h>

#define SAME_SIZE(type) _Static_assert(sizeof(chost_##type) == sizeof(struct type), #type " size")
#define SAME(type, field) \
    _Static_assert(offsetof(chost_##type, field) == offsetof(struct type, field), #type "." #field)

SAME_SIZE(kvm_one_reg);
SAME(kvm_one_reg, id); SAME(kvm_one_reg, addr);
SAME_SIZE(kvm_reg_list);
SAME_SIZE(kvm_userspace_memory_region);
SAME(kvm_userspace_memory_region, slot); SAME(kvm_userspace_memory_region, flags);
SAME(kvm_userspace_memory_region, guest_phys_addr); SAME(kvm_userspace_memory_region, memory_size);
SAME(kvm_userspace_memory_region, userspace_addr);
SAME_SIZE(kvm_dirty_log);
SAME(kvm_dirty_log, slot); SAME(kvm_dirty_log, dirty_bitmap);
SAME_SIZE(kvm_clear_dirty_log);
SAME(kvm_clear_dirty_log, slot); SAME(kvm_clear_dirty_log, num_pages);
SAME(kvm_clear_dirty_log, first_page); SAME(kvm_clear_dirty_log, dirty_bitmap);
SAME_SIZE(kvm_enable_cap);
SAME(kvm_enable_cap, cap); SAME(kvm_enable_cap, flags); SAME(kvm_enable_cap, args);
SAME(kvm_signal_mask, len); SAME(kvm_signal_mask, sigset);
SAME_SIZE(kvm_ioeventfd);
SAME(kvm_ioeventfd, datamatch); SAME(kvm_ioeventfd, addr); SAME(kvm_ioeventfd, len); SAME(kvm_ioeventfd, fd);
SAME(kvm_ioeventfd, flags);
SAME_SIZE(kvm_irqfd);
SAME(kvm_irqfd, fd); SAME(kvm_irqfd, gsi); SAME(kvm_irqfd, flags); SAME(kvm_irqfd, resamplefd);
SAME_SIZE(kvm_coalesced_mmio_zone);
SAME(kvm_coalesced_mmio_zone, addr); SAME(kvm_coalesced_mmio_zone, size);
SAME_SIZE(kvm_coalesced_mmio);
SAME(kvm_coalesced_mmio, phys_addr); SAME(kvm_coalesced_mmio, len); SAME(kvm_coalesced_mmio, data);
SAME_SIZE(kvm_coalesced_mmio_ring);
SAME(kvm_coalesced_mmio_ring, first); SAME(kvm_coalesced_mmio_ring, last);
SAME_SIZE(kvm_create_device);
SAME_SIZE(kvm_mp_state);
SAME_SIZE(kvm_translation);
SAME(kvm_run, immediate_exit); SAME(kvm_run, exit_reason); SAME(kvm_run, ready_for_interrupt_injection);
SAME(kvm_run, if_flag); SAME(kvm_run, flags); SAME(kvm_run, cr8); SAME(kvm_run, apic_base);
SAME(kvm_run, kvm_valid_regs); SAME(kvm_run, kvm_dirty_regs);
_Static_assert(offsetof(struct kvm_run, mmio.phys_addr) == CHOST_KVM_RUN_MMIO_PHYS_ADDR, "kvm_run.mmio.phys_addr");
_Static_assert(offsetof(struct kvm_run, mmio.data) == CHOST_KVM_RUN_MMIO_DATA, "kvm_run.mmio.data");
_Static_assert(offsetof(struct kvm_run, mmio.len) == CHOST_KVM_RUN_MMIO_LEN, "kvm_run.mmio.len");
_Static_assert(offsetof(struct kvm_run, mmio.is_write) == CHOST_KVM_RUN_MMIO_IS_WRITE, "kvm_run.mmio.is_write");
_Static_assert(offsetof(struct kvm_run, internal.suberror) == CHOST_KVM_RUN_INTERNAL_SUBERROR, "internal.suberror");
_Static_assert(offsetof(struct kvm_run, internal.ndata) == CHOST_KVM_RUN_INTERNAL_NDATA, "internal.ndata");
_Static_assert(offsetof(struct kvm_run, internal.data) == CHOST_KVM_RUN_INTERNAL_DATA, "internal.data");

#if defined(__mips__)
SAME_SIZE(kvm_regs);
SAME(kvm_regs, gpr); SAME(kvm_regs, hi); SAME(kvm_regs, lo); SAME(kvm_regs, pc);
_Static_assert(sizeof(chost_kvm_mips_interrupt) == sizeof(struct kvm_mips_interrupt), "kvm_mips_interrupt size");
SAME(kvm_mips_interrupt, cpu); SAME(kvm_mips_interrupt, irq);
_Static_assert(sizeof(struct kvm_run) == 2352, "kvm_run size");
#endif

uint32_t chost_kvm_ioctl_number(uint32_t which) {
    static const uint32_t numbers[] = {
        (uint32_t)KVM_RUN, (uint32_t)KVM_GET_ONE_REG, (uint32_t)KVM_GET_REG_LIST, (uint32_t)KVM_SET_USER_MEMORY_REGION,
        (uint32_t)KVM_INTERRUPT, (uint32_t)KVM_GET_DIRTY_LOG, (uint32_t)KVM_CREATE_VM, (uint32_t)KVM_SET_ONE_REG,
        (uint32_t)KVM_ENABLE_CAP, (uint32_t)KVM_IOEVENTFD,
    };
    return which < sizeof numbers / sizeof numbers[0] ? numbers[which] : 0;
}
#elif defined(CHOST_HOSTED)
uint32_t chost_kvm_ioctl_number(uint32_t which) {
    (void)which;
    return 0;
}
#endif
