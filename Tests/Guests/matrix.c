// matrix: multiplication of integer, double and single-precision matrices, n= rounds. Needs an FPU.

#include "runtime/guest.h"
#ifndef HOST_TWIN
#include "runtime/fpu.h"
#endif

enum { size = 48 };

static uint32_t ia[size][size], ib[size][size], ic[size][size];
static double da[size][size], db[size][size], dc[size][size];
static float fa[size][size], fb[size][size], fc[size][size];

static void multiply_integers(void) {
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            uint32_t sum = 0;
            for (int k = 0; k < size; k++) sum += ia[i][k] * ib[k][j];
            ic[i][j] = sum;
        }
}

static void multiply_doubles(void) {
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int k = 0; k < size; k++) sum += da[i][k] * db[k][j];
            dc[i][j] = sum;
        }
}

static void multiply_singles(void) {
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            float sum = 0;
            for (int k = 0; k < size; k++) sum += fa[i][k] * fb[k][j];
            fc[i][j] = sum;
        }
}

int guest_main(void) {
#ifndef HOST_TWIN
    if (!fpu_start()) {
        put("no FPU\n");
        return 0;
    }
#endif
    uint32_t rounds = param("n", 25), start = cycle_count();
    uint32_t random = 5, checksum = MIX_START;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            ia[i][j] = next_random(&random);
            ib[i][j] = next_random(&random);
            da[i][j] = (int32_t)next_random(&random) / 65536.0;
            db[i][j] = (int32_t)next_random(&random) / 1048576.0;
            fa[i][j] = (float)((int32_t)next_random(&random) >> 12) / 1024.0f;
            fb[i][j] = (float)((int32_t)next_random(&random) >> 12) / 4096.0f;
        }
    for (uint32_t round = 0; round < rounds; round++) {
        multiply_integers();
        multiply_doubles();
        multiply_singles();
        uint32_t at = round % size;
        for (int i = 0; i < size; i++) {
            // Back into the next round, scaled down so that nothing overflows.
            ia[at][i] ^= ic[i][at];
            da[at][i] = dc[i][at] / 1000.0;
            fa[at][i] = fc[i][at] / 1000.0f;
        }
    }
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            uint64_t bits;
            uint32_t single;
            memcpy(&bits, &dc[i][j], 8);
            memcpy(&single, &fc[i][j], 4);
            checksum = mix(mix(mix(mix(checksum, ic[i][j]), (uint32_t)bits), (uint32_t)(bits >> 32)), single);
        }
    put("matrix checksum=%08x\n", checksum);
    put_time("matrix", start);
    return 0;
}
