// CRC-32C by the processor's own instruction, where there is one. Sums by table are Snapshot's.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>

bool chost_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t chost_crc32c(uint32_t state, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t wide = state;
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    uint32_t sum = (uint32_t)wide;
    for (; count > 0; p++, count--) { sum = _mm_crc32_u8(sum, *p); }
    return sum;
}
#else
bool chost_has_crc32c(void) { return false; }

uint32_t chost_crc32c(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}
#endif

#endif
