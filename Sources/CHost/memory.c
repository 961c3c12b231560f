// Mappings of memory and files, and the test for pages of zeros.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

int64_t chost_munmap(void *base, size_t size) {
    GATE(CHOST_CALL_MUNMAP, (uintptr_t)base, size, 0, NULL);
    ANSWER(munmap(base, size));
}

int64_t chost_mprotect(void *base, size_t size, uint32_t protection) {
    GATE(CHOST_CALL_MPROTECT, (uintptr_t)base, size, protection, NULL);
    ANSWER(mprotect(base, size, (protection & 1 ? PROT_READ : 0) | (protection & 2 ? PROT_WRITE : 0)));
}

int64_t chost_madvise(void *base, size_t size, uint32_t advice) {
    static const int native[] = {MADV_DONTNEED, MADV_WILLNEED, MADV_HUGEPAGE};
    GATE(CHOST_CALL_MADVISE, (uintptr_t)base, size, advice, NULL);
    if (advice > 2) { return -EINVAL; }
    ANSWER(madvise(base, size, native[advice]));
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
