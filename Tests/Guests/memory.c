// memory: words, halfwords and bytes moved, filled, added up and followed through lists, n= rounds.

#include "runtime/guest.h"

enum { size = 128 * 1024, links = 16384 };

static uint32_t from[size / 4 + 1], to[size / 4 + 1];

/// A list through all elements in random order.
static struct element {
    struct element *next;
    uint32_t value;
} list[links];

static void tie(uint32_t *random) {
    static uint16_t order[links];
    for (uint32_t i = 0; i < links; i++) order[i] = (uint16_t)i;
    for (uint32_t i = links - 1; i > 0; i--) {
        uint32_t j = next_random(random) % (i + 1);
        uint16_t other = order[i];
        order[i] = order[j], order[j] = other;
    }
    for (uint32_t i = 0; i < links; i++) {
        list[order[i]].next = &list[order[(i + 1) % links]];
        list[order[i]].value = next_random(random);
    }
}

static uint32_t follow(uint32_t checksum) {
    struct element *at = list;
    for (uint32_t i = 0; i < links; i++, at = at->next) {
        checksum = checksum * 31 + at->value;
        at->value = checksum;
    }
    return checksum;
}

/// Columns of a square of words: no two accesses side by side.
static uint32_t columns(uint32_t checksum) {
    enum { side = 180 };
    for (uint32_t column = 0; column < side; column++)
        for (uint32_t row = 0; row < side; row++) checksum += to[row * side + column] ^ row;
    return checksum;
}

typedef int16_t __attribute__((may_alias)) half;

static uint32_t halves(uint32_t checksum) {
    half *at = (half *)to;
    for (uint32_t i = 0; i + 1 < size / 2; i++) {
        at[i] = (half)(at[i] + at[i + 1]);
        checksum += (uint32_t)(int32_t)at[i];
    }
    return checksum;
}

int guest_main(void) {
    uint32_t rounds = param("n", 25), start = cycle_count(), random = 13, checksum = MIX_START;
    for (uint32_t i = 0; i <= size / 4; i++) from[i] = next_random(&random);
    tie(&random);
    for (uint32_t round = 0; round < rounds; round++) {
        // At all distances from a word's start.
        memmove((char *)to + round % 4, (char *)from + round / 4 % 4, size - 4);
        memset((char *)from + round * 64 % size, (int)round, 1000);
        memcpy(from, to, size / 2);
        checksum = mix(checksum, follow(columns(halves(checksum))));
    }
    put("memory checksum=%08x\n", checksum);
    put_time("memory", start);
    return 0;
}
