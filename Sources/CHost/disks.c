// What disks ask beyond reading and writing: the way to the medium, holes, several places of memory in one call, and
// the path a file really has.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// The same on all architectures (linux/falloc.h); not every libc has all of them.
#ifndef FALLOC_FL_ZERO_RANGE
#define FALLOC_FL_ZERO_RANGE 0x10
#endif

_Static_assert(sizeof(chost_iovec) == sizeof(struct iovec), "iovec");
_Static_assert(offsetof(chost_iovec, base) == offsetof(struct iovec, iov_base), "iovec.base");
_Static_assert(offsetof(chost_iovec, count) == offsetof(struct iovec, iov_len), "iovec.count");
_Static_assert(sizeof(uintptr_t) == sizeof(void *), "an address is a number");
#ifdef IOV_MAX
_Static_assert(CHOST_IOVEC_MOST <= IOV_MAX, "entries the kernel takes");
#endif

// Advice: whether it was taken shows in nothing but time.
void chost_start_writeback(int32_t fd, uint64_t offset, uint64_t count) {
    (void)sync_file_range(fd, (off_t)offset, (off_t)count, SYNC_FILE_RANGE_WRITE);
}

int64_t chost_fdatasync(int32_t fd) {
    GATE(CHOST_CALL_FDATASYNC, fd, 0, 0, NULL);
    ANSWER(fdatasync(fd));
}

int64_t chost_fallocate(int32_t fd, uint32_t how, uint64_t offset, uint64_t count) {
    // The driver sees `how` in the descriptor's upper half: there are four numbers.
    GATE(CHOST_CALL_FALLOCATE, (uint64_t)how << 32 | (uint32_t)fd, offset, count, NULL);
    int mode = FALLOC_FL_KEEP_SIZE | (how == 0 ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);
    ANSWER(fallocate(fd, mode, (off_t)offset, (off_t)count));
}

// What a driver left of a list: all of it, or the beginning of its first entry.
static const struct iovec *shortened(const chost_iovec *list, uint32_t *entries, int64_t most, chost_iovec *first) {
    if (most > 0 && *entries > 0) {
        *first = list[0];
        if ((uint64_t)most < first->count) { first->count = (size_t)most; }
        *entries = 1;
        list = first;
    }
    return (const struct iovec *)(const void *)list;
}

int64_t chost_preadv(int32_t fd, const chost_iovec *list, uint32_t entries, uint64_t offset) {
    int64_t forced = chost_gate(CHOST_CALL_PREADV, (uint64_t)fd, entries, offset, NULL);
    if (forced < 0) { return forced; }
    chost_iovec first;
    const struct iovec *native = shortened(list, &entries, forced, &first);
    ANSWER(preadv(fd, native, (int)entries, (off_t)offset));
}

int64_t chost_pwritev(int32_t fd, const chost_iovec *list, uint32_t entries, uint64_t offset) {
    int64_t forced = chost_gate(CHOST_CALL_PWRITEV, (uint64_t)fd, entries, offset, NULL);
    if (forced < 0) { return forced; }
    chost_iovec first;
    const struct iovec *native = shortened(list, &entries, forced, &first);
    ANSWER(pwritev(fd, native, (int)entries, (off_t)offset));
}

int64_t chost_realpath(const char *path, char *text, size_t capacity) {
    GATE(CHOST_CALL_REALPATH, 0, 0, 0, path);
    char *real = realpath(path, NULL);
    if (!real) { return -errno; }
    size_t length = strlen(real);
    if (length < capacity) { memcpy(text, real, length + 1); }
    free(real);
    return length < capacity ? (int64_t)length : -ERANGE;
}

#endif
