// CRC-32C by the processor's own instruction, where there is one. Sums by table are Snapshot's.
#include "internal.h"

#ifdef CHOST_HOSTED
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>

bool chost_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

// The instruction takes three cycles and one can begin in each, so three sums over neighbouring lanes go side by side. The sum of a
// lane is then moved past the bytes behind it: multiplied by x to the power of so many bits, less the 33 that the product
// of two reflected numbers and the instruction itself add (Gopal et al., "Fast CRC Computation for iSCSI Polynomial").
enum { lane = 1024 };
enum { past_one_lane = 0x170076fa, past_two_lanes = 0xa51b6135 };

__attribute__((target("sse4.2,pclmul"))) static uint64_t moved(uint64_t sum, uint64_t power) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)sum), _mm_cvtsi64_si128((long long)power), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

__attribute__((target("sse4.2,pclmul"))) static uint64_t three_lanes(uint64_t a, const uint8_t *p) {
    uint64_t b = 0, c = 0;
    for (size_t at = 0; at < lane; at += 8) {
        uint64_t words[3];
        memcpy(&words[0], p + at, 8);
        memcpy(&words[1], p + lane + at, 8);
        memcpy(&words[2], p + 2 * lane + at, 8);
        a = _mm_crc32_u64(a, words[0]);
        b = _mm_crc32_u64(b, words[1]);
        c = _mm_crc32_u64(c, words[2]);
    }
    return _mm_crc32_u64(0, moved(a, past_two_lanes) ^ moved(b, past_one_lane)) ^ c;
}

__attribute__((target("sse4.2"))) uint32_t chost_crc32c(uint32_t state, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t wide = state;
    if (count >= 3 * lane && __builtin_cpu_supports("pclmul")) {
        for (; count >= 3 * lane; p += 3 * lane, count -= 3 * lane) { wide = three_lanes(wide, p); }
    }
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
