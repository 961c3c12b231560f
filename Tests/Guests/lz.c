// lz: an LZ77 compressor of our own and back again, verified, n= rounds.
//
// Format: a control byte c. c < 128: c + 1 literal bytes follow. c >= 128: a match of c - 128 + 4 bytes, whose distance
// (1...65535) follows as two bytes, low first.

#include "runtime/guest.h"

enum { size = 65536, table_bits = 12, shortest = 4, longest = 127 + 4 };

static uint8_t plain[size], packed[size + size / 64 + 16], unpacked[size];
static uint32_t table[1 << table_bits];  // position + 1 of the last place with this hash

static uint32_t hash(const uint8_t *at) {
    uint32_t word = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return word * 2654435761u >> (32 - table_bits);
}

static uint8_t *literals(uint8_t *to, const uint8_t *from, uint32_t count) {
    while (count) {
        uint32_t run = count < 128 ? count : 128;
        *to++ = (uint8_t)(run - 1);
        memcpy(to, from, run);
        to += run;
        from += run;
        count -= run;
    }
    return to;
}

static uint32_t compress(void) {
    memset(table, 0, sizeof table);
    uint8_t *to = packed;
    uint32_t at = 0, waiting = 0;
    while (at + shortest <= size) {
        uint32_t slot = hash(plain + at), candidate = table[slot];
        table[slot] = at + 1;
        uint32_t length = 0;
        if (candidate && at - (candidate - 1) < 65536) {
            const uint8_t *a = plain + candidate - 1, *b = plain + at;
            uint32_t most = size - at < longest ? size - at : longest;
            while (length < most && a[length] == b[length]) length++;
        }
        if (length < shortest) {
            at++;
            continue;
        }
        to = literals(to, plain + waiting, at - waiting);
        uint32_t distance = at - (candidate - 1);
        *to++ = (uint8_t)(128 + length - shortest);
        *to++ = (uint8_t)distance;
        *to++ = (uint8_t)(distance >> 8);
        at += length;
        waiting = at;
    }
    to = literals(to, plain + waiting, size - waiting);
    return (uint32_t)(to - packed);
}

static uint32_t decompress(uint32_t count) {
    uint8_t *to = unpacked;
    const uint8_t *from = packed, *end = packed + count;
    while (from < end) {
        uint32_t control = *from++;
        if (control < 128) {
            memcpy(to, from, control + 1);
            to += control + 1;
            from += control + 1;
        } else {
            uint32_t distance = from[0] | (uint32_t)from[1] << 8;
            from += 2;
            for (uint32_t left = control - 128 + shortest; left--; to++) *to = to[-(int32_t)distance];
        }
    }
    return (uint32_t)(to - unpacked);
}

/// Text-like bytes: words of a small vocabulary with a changed letter now and then.
static void fill(uint32_t *random) {
    static const char vocabulary[] = "count compare cause status timer guest freeze thaw tick entry exit the of and ";
    uint32_t at = 0;
    while (at < size) {
        uint32_t from = next_random(random) % (sizeof vocabulary - 9), length = 3 + next_random(random) % 6;
        for (uint32_t i = 0; i < length && at < size; i++) plain[at++] = (uint8_t)vocabulary[from + i];
        if (!(next_random(random) & 15) && at < size) plain[at++] = (uint8_t)next_random(random);
    }
}

int guest_main(void) {
    uint32_t rounds = param("n", 8), start = cycle_count();
    uint32_t random = 4, checksum = MIX_START, failures = 0, packed_bytes = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        fill(&random);
        uint32_t count = compress();
        packed_bytes += count;
        for (uint32_t i = 0; i < count; i++) checksum = (checksum ^ packed[i]) * 16777619u;
        memset(unpacked, 0, size);
        if (decompress(count) != size || memcmp(plain, unpacked, size)) failures++;
    }
    put("lz checksum=%08x\n", checksum);
    put("lz plain=%u packed=%u\n", rounds * size, packed_bytes);
    if (failures) put("FAIL lz: %u rounds\n", failures);
    put_time("lz", start);
    return failures ? 1 : 0;
}
