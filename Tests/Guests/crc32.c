// crc32: CRC-32 (IEEE 802.3, reflected) of a pseudo-random buffer, by table and by bit, n= rounds.

#include "runtime/guest.h"

enum { size = 65536 };

static uint8_t buffer[size];
static uint32_t table[256];

static uint32_t one_bit(uint32_t crc) { return crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0); }

static uint32_t by_table(uint32_t crc, const uint8_t *at, uint32_t count) {
    crc = ~crc;
    while (count--) crc = crc >> 8 ^ table[(crc ^ *at++) & 0xFF];
    return ~crc;
}

static uint32_t by_bit(uint32_t crc, const uint8_t *at, uint32_t count) {
    crc = ~crc;
    while (count--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = one_bit(crc);
    }
    return ~crc;
}

int guest_main(void) {
    uint32_t rounds = param("n", 60), start = cycle_count();
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) crc = one_bit(crc);
        table[i] = crc;
    }
    uint32_t random = 1;
    for (uint32_t i = 0; i < size; i++) buffer[i] = (uint8_t)next_random(&random);
    // The check value of the CRC catalogues.
    uint32_t failures = by_table(0, (const uint8_t *)"123456789", 9) != 0xCBF43926u;
    uint32_t crc = 0;
    for (uint32_t i = 0; i < rounds; i++) {
        crc = by_table(crc, buffer, size);
        buffer[i % size] ^= (uint8_t)crc;
    }
    if (by_bit(crc, buffer, 4096) != by_table(crc, buffer, 4096)) failures++;
    put("crc32 checksum=%08x\n", crc);
    if (failures) put("FAIL crc32: %u checks\n", failures);
    put_time("crc32", start);
    return failures ? 1 : 0;
}
