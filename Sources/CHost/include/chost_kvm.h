// Structures the KVM ioctl interface shares with its user, mirrored.
//
// They are ours, not the kernel header's, because that header describes the machine the code is compiled for (and does
// not parse in Embedded Swift), while these describe a MIPS host everywhere, so that layout can be tested on any host.
// kvm_layout.c proves every size and offset, against our documented numbers and, where the architectures agree,
// against the kernel's own header. All of them have the same layout on o32 and n64. Fields are in host byte order.
#ifndef CHOST_KVM_H
#define CHOST_KVM_H

#include <stdint.h>

// KVM_GET_REGS, KVM_SET_REGS on MIPS: 280 bytes.
typedef struct chost_kvm_regs {
    uint64_t gpr[32];
    uint64_t hi;
    uint64_t lo;
    uint64_t pc;
} chost_kvm_regs;

// KVM_GET_ONE_REG, KVM_SET_ONE_REG.
typedef struct chost_kvm_one_reg {
    uint64_t id;
    uint64_t addr;
} chost_kvm_one_reg;

// KVM_GET_REG_LIST: `n` identifiers follow.
typedef struct chost_kvm_reg_list {
    uint64_t n;
} chost_kvm_reg_list;

// KVM_INTERRUPT on MIPS. The ioctl number says 4 bytes, the kernel copies 8.
typedef struct chost_kvm_mips_interrupt {
    uint32_t cpu;
    int32_t irq;
} chost_kvm_mips_interrupt;

typedef struct chost_kvm_userspace_memory_region {
    uint32_t slot;
    uint32_t flags;
    uint64_t guest_phys_addr;
    uint64_t memory_size;
    uint64_t userspace_addr;
} chost_kvm_userspace_memory_region;

// `dirty_bitmap` is a pointer in a union with a u64: on little-endian hosts the zero-extended address.
typedef struct chost_kvm_dirty_log {
    uint32_t slot;
    uint32_t padding1;
    uint64_t dirty_bitmap;
} chost_kvm_dirty_log;

typedef struct chost_kvm_clear_dirty_log {
    uint32_t slot;
    uint32_t num_pages;
    uint64_t first_page;
    uint64_t dirty_bitmap;
} chost_kvm_clear_dirty_log;

typedef struct chost_kvm_enable_cap {
    uint32_t cap;
    uint32_t flags;
    uint64_t args[4];
    uint8_t pad[64];
} chost_kvm_enable_cap;

// KVM_SET_SIGNAL_MASK: `len` bytes of a kernel sigset follow, 16 on MIPS, 8 elsewhere.
typedef struct chost_kvm_signal_mask {
    uint32_t len;
    uint8_t sigset[16];
} chost_kvm_signal_mask;

typedef struct chost_kvm_ioeventfd {
    uint64_t datamatch;
    uint64_t addr;
    uint32_t len;
    int32_t fd;
    uint32_t flags;
    uint8_t pad[36];
} chost_kvm_ioeventfd;

typedef struct chost_kvm_irqfd {
    uint32_t fd;
    uint32_t gsi;
    uint32_t flags;
    uint32_t resamplefd;
    uint8_t pad[16];
} chost_kvm_irqfd;

typedef struct chost_kvm_coalesced_mmio_zone {
    uint64_t addr;
    uint32_t size;
    uint32_t pio;
} chost_kvm_coalesced_mmio_zone;

typedef struct chost_kvm_coalesced_mmio {
    uint64_t phys_addr;
    uint32_t len;
    uint32_t pio;
    uint8_t data[8];
} chost_kvm_coalesced_mmio;

// The ring in the second page of a vCPU's mapping; entries follow.
typedef struct chost_kvm_coalesced_mmio_ring {
    uint32_t first;
    uint32_t last;
} chost_kvm_coalesced_mmio_ring;

typedef struct chost_kvm_create_device {
    uint32_t type;
    uint32_t fd;
    uint32_t flags;
} chost_kvm_create_device;

typedef struct chost_kvm_mp_state {
    uint32_t mp_state;
} chost_kvm_mp_state;

typedef struct chost_kvm_translation {
    uint64_t linear_address;
    uint64_t physical_address;
    uint8_t valid;
    uint8_t writeable;
    uint8_t usermode;
    uint8_t pad[5];
} chost_kvm_translation;

typedef struct chost_kvm_exit_mmio {
    uint64_t phys_addr;
    uint8_t data[8];
    uint32_t len;
    uint8_t is_write;
} chost_kvm_exit_mmio;

typedef struct chost_kvm_exit_internal {
    uint32_t suberror;
    uint32_t ndata;
    uint64_t data[16];
} chost_kvm_exit_internal;

// The shared page of a vCPU up to the end of its exit union. The kernel's structure is 2352 bytes on MIPS; what follows
// is unused there.
typedef struct chost_kvm_run {
    uint8_t request_interrupt_window;
    uint8_t immediate_exit;
    uint8_t padding1[6];
    uint32_t exit_reason;
    uint8_t ready_for_interrupt_injection;
    uint8_t if_flag;
    uint16_t flags;
    uint64_t cr8;
    uint64_t apic_base;
    union {
        chost_kvm_exit_mmio mmio;
        chost_kvm_exit_internal internal;
        uint8_t padding[256];
    } exit;
    uint64_t kvm_valid_regs;
    uint64_t kvm_dirty_regs;
} chost_kvm_run;

enum {
    CHOST_KVM_RUN_IMMEDIATE_EXIT = 1,
    CHOST_KVM_RUN_EXIT_REASON = 8,
    CHOST_KVM_RUN_READY_FOR_INTERRUPT_INJECTION = 12,
    CHOST_KVM_RUN_EXIT = 32,
    CHOST_KVM_RUN_MMIO_PHYS_ADDR = 32,
    CHOST_KVM_RUN_MMIO_DATA = 40,
    CHOST_KVM_RUN_MMIO_LEN = 48,
    CHOST_KVM_RUN_MMIO_IS_WRITE = 52,
    CHOST_KVM_RUN_INTERNAL_SUBERROR = 32,
    CHOST_KVM_RUN_INTERNAL_NDATA = 36,
    CHOST_KVM_RUN_INTERNAL_DATA = 40,
};

// The kernel's own number of an ioctl as the C compiler of this host has it, for a test of ours against it; 0 when this
// host has no such header. which: 0 KVM_RUN, 1 KVM_GET_ONE_REG, 2 KVM_GET_REG_LIST, 3 KVM_SET_USER_MEMORY_REGION,
// 4 KVM_INTERRUPT, 5 KVM_GET_DIRTY_LOG, 6 KVM_CREATE_VM, 7 KVM_SET_ONE_REG, 8 KVM_ENABLE_CAP, 9 KVM_IOEVENTFD.
uint32_t chost_kvm_ioctl_number(uint32_t which);

#endif
