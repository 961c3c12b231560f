// The functions a compiler may call on its own. Word at a time where both sides allow it: unaligned words would be
// legal only through LWL/LWR, and a kernel under trap-and-emulate must never take an address error.

#include "guest.h"

void *memcpy(void *to, const void *from, size_t size) {
    uint8_t *t = to;
    const uint8_t *f = from;
    if (!(((uintptr_t)t | (uintptr_t)f) & 3)) {
        for (; size >= 4; size -= 4, t += 4, f += 4) *(uint32_t *)t = *(const uint32_t *)f;
    }
    while (size--) *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f || t >= f + size) return memcpy(to, from, size);
    while (size--) t[size] = f[size];
    return to;
}

void *memset(void *to, int byte, size_t size) {
    uint8_t *t = to;
    uint32_t word = (uint8_t)byte * 0x01010101u;
    for (; size && (uintptr_t)t & 3; size--) *t++ = (uint8_t)byte;
    for (; size >= 4; size -= 4, t += 4) *(uint32_t *)t = word;
    while (size--) *t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const uint8_t *x = a, *y = b;
    for (; size--; x++, y++)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}
