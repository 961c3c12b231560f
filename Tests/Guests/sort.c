// sort: quicksort and heapsort of the same pseudo-random words, compared with each other, n= rounds.

#include "runtime/guest.h"

enum { count = 16384 };

static uint32_t by_quick[count], by_heap[count];

static void swap(uint32_t *a, uint32_t *b) {
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

/// Median of three, recursion into the smaller half, insertion below 12.
static void quicksort(uint32_t *low, uint32_t *high) {
    while (high - low > 12) {
        uint32_t *middle = low + (high - low) / 2;
        if (*middle < *low) swap(middle, low);
        if (high[-1] < *low) swap(high - 1, low);
        if (high[-1] < *middle) swap(high - 1, middle);
        uint32_t pivot = *middle;
        uint32_t *i = low, *j = high - 1;
        while (i <= j) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i <= j) swap(i++, j--);
        }
        if (j - low < high - i) {
            quicksort(low, j + 1);
            low = i;
        } else {
            quicksort(i, high);
            high = j + 1;
        }
    }
    for (uint32_t *i = low + 1; i < high; i++) {
        uint32_t value = *i, *j = i;
        for (; j > low && j[-1] > value; j--) *j = j[-1];
        *j = value;
    }
}

static void sink(uint32_t *words, uint32_t at, uint32_t size) {
    uint32_t value = words[at];
    for (uint32_t child; (child = 2 * at + 1) < size; at = child) {
        if (child + 1 < size && words[child + 1] > words[child]) child++;
        if (words[child] <= value) break;
        words[at] = words[child];
    }
    words[at] = value;
}

static void heapsort_words(uint32_t *words, uint32_t size) {
    for (uint32_t i = size / 2; i--;) sink(words, i, size);
    while (size > 1) {
        swap(words, words + --size);
        sink(words, 0, size);
    }
}

int guest_main(void) {
    uint32_t rounds = param("n", 5), start = cycle_count();
    uint32_t random = 3, checksum = MIX_START, failures = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        // Every other round has many equal keys.
        uint32_t mask = round & 1 ? 0x3FF : 0xFFFFFFFF;
        for (uint32_t i = 0; i < count; i++) by_quick[i] = by_heap[i] = next_random(&random) & mask;
        quicksort(by_quick, by_quick + count);
        heapsort_words(by_heap, count);
        for (uint32_t i = 0; i < count; i++) {
            if (by_quick[i] != by_heap[i] || (i && by_quick[i] < by_quick[i - 1])) failures++;
            checksum = mix(checksum, by_quick[i]);
        }
    }
    put("sort checksum=%08x\n", checksum);
    if (failures) put("FAIL sort: %u words\n", failures);
    put_time("sort", start);
    return failures ? 1 : 0;
}
