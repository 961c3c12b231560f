// Mappings of memory and files, and the test for pages of zeros.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1u
#endif

uint32_t chost_page_size(void) { return (uint32_t)sysconf(_SC_PAGESIZE); }

intptr_t chost_mmap(size_t size, uint32_t protection, uint32_t kind, int32_t fd, uint64_t offset) {
    GATE(CHOST_CALL_MMAP, size, fd, offset, NULL);
    int native = (protection & 1 ? PROT_READ : 0) | (protection & 2 ? PROT_WRITE : 0);
    int flags = (kind ? MAP_SHARED : MAP_PRIVATE) | (fd < 0 ? MAP_ANONYMOUS : 0);
    // Memory of a guest is mostly never touched: no swap is set aside for it.
    if (!kind) { flags |= MAP_NORESERVE; }
    void *base = mmap(NULL, size, native, flags, fd, (off_t)offset);
    return base == MAP_FAILED ? -(intptr_t)errno : (intptr_t)base;
}

intptr_t chost_map_code(size_t size, int32_t fd) {
    GATE(CHOST_CALL_MMAP, size, fd, 0, NULL);
    void *base = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    return base == MAP_FAILED ? -(intptr_t)errno : (intptr_t)base;
}

int64_t chost_memory_file(const char *name, uint64_t size) {
    GATE(CHOST_CALL_OPEN, 0, 0, size, name);
    // MFD_EXEC (Linux 6.3), which older headers lack and older kernels refuse.
    int fd = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | 0x10u);
    if (fd < 0 && errno == EINVAL) { fd = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC); }
    if (fd >= 0 && ftruncate(fd, (off_t)size) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    ANSWER(fd);
}

int64_t chost_munmap(void *base, size_t size) {
    GATE(CHOST_CALL_MUNMAP, (uintptr_t)base, size, 0, NULL);
    ANSWER(munmap(base, size));
}

int64_t chost_mprotect(void *base, size_t size, uint32_t protection) {
    GATE(CHOST_CALL_MPROTECT, (uintptr_t)base, size, protection, NULL);
    ANSWER(mprotect(base, size, (protection & 1 ? PROT_READ : 0) | (protection & 2 ? PROT_WRITE : 0)));
}

int64_t chost_madvise(void *base, size_t size, uint32_t advice) {
    // MADV_POPULATE_WRITE (Linux 5.14), which older headers lack.
    static const int native[] = {MADV_DONTNEED, MADV_WILLNEED, MADV_HUGEPAGE, MADV_DONTDUMP, 23};
    GATE(CHOST_CALL_MADVISE, (uintptr_t)base, size, advice, NULL);
    if (advice > 4) { return -EINVAL; }
    ANSWER(madvise(base, size, native[advice]));
}

#ifndef DEBUG
// Set by the linker: where the program begins, and where what nobody writes ends, its constants and its code. Weak, since not every
// target has them.
extern const char __executable_start[] __attribute__((weak)), etext[] __attribute__((weak));
#endif

void chost_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
#ifndef DEBUG
    // Not in debug builds: a debugger's breakpoints are private copies of such pages, and would go with them.
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)__executable_start + page - 1) & ~(page - 1), end = (uintptr_t)etext & ~(page - 1);
    if (start != 0 && start < end) { (void)madvise((void *)start, end - start, MADV_DONTNEED); }
#endif
}

int32_t chost_pagemap(void) {
    int32_t fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

// Bit 63 of an entry: the page is in memory. Bit 62: it is elsewhere, swapped out or on its way. Neither: this process has not
// touched it (Documentation/admin-guide/mm/pagemap.rst).
uint64_t chost_untouched(int32_t pagemap, const void *base, size_t stretch, uint32_t stretches) {
    enum { most = 512 };
    uint64_t entries[most];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), each = stretch / page;
    if (stretches > 64 || each == 0 || each > most || stretch % page || (uintptr_t)base % page) { return 0; }
    uint64_t untouched = 0;
    uint32_t together = (uint32_t)(most / each);
    for (uint32_t first = 0; first < stretches; first += together) {
        uint32_t count = stretches - first < together ? stretches - first : together;
        off_t place = (off_t)(((uintptr_t)base / page + first * each) * sizeof *entries);
        ssize_t length = (ssize_t)(count * each * sizeof *entries);
        if (pread(pagemap, entries, (size_t)length, place) != length) { return untouched; }
        for (uint32_t index = 0; index < count; index++) {
            uint64_t any = 0;
            for (size_t at = 0; at < each; at++) { any |= entries[index * each + at]; }
            if (any >> 62 == 0) { untouched |= (uint64_t)1 << (first + index); }
        }
    }
    return untouched;
}

bool chost_is_zero(const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    // The first words decide nearly every page that is not zero; memcmp with itself, shifted, does the rest at full
    // width.
    for (; count > 0 && ((uintptr_t)p & 7); p++, count--) {
        if (*p) { return false; }
    }
    for (size_t head = 0; head < 64 && head < count; head++) {
        if (p[head]) { return false; }
    }
    return count == 0 || memcmp(p, p + 1, count - 1) == 0;
}

#endif
