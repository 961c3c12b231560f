// nbody: bodies that attract each other, in double precision with divisions and square roots, n= times a thousand steps. Needs an FPU.

#include "runtime/guest.h"
#ifndef HOST_TWIN
#include "runtime/fpu.h"
#endif

enum { bodies = 6 };

static struct {
    double position[3], speed[3], mass;
} body[bodies];

static void step(double time) {
    for (int i = 0; i < bodies; i++)
        for (int j = i + 1; j < bodies; j++) {
            double way[3], square = 0.015625;
            for (int k = 0; k < 3; k++) {
                way[k] = body[i].position[k] - body[j].position[k];
                square += way[k] * way[k];
            }
            double pull = time / (square * __builtin_sqrt(square));
            for (int k = 0; k < 3; k++) {
                body[i].speed[k] -= way[k] * body[j].mass * pull;
                body[j].speed[k] += way[k] * body[i].mass * pull;
            }
        }
    for (int i = 0; i < bodies; i++)
        for (int k = 0; k < 3; k++) body[i].position[k] += time * body[i].speed[k];
}

/// Apart from guest_main, so that nothing of it comes before the FPU is there.
__attribute__((noinline)) static uint32_t simulate(uint32_t rounds) {
    uint32_t random = 17, checksum = MIX_START;
    for (int i = 0; i < bodies; i++) {
        for (int k = 0; k < 3; k++) {
            body[i].position[k] = (int32_t)next_random(&random) / 134217728.0;
            body[i].speed[k] = (int32_t)next_random(&random) / 4294967296.0;
        }
        body[i].mass = (next_random(&random) >> 8) / 16777216.0 + 0.125;
    }
    for (uint32_t round = 0; round < rounds; round++)
        for (int i = 0; i < 1000; i++) step(0.0009765625);
    for (int i = 0; i < bodies; i++)
        for (int k = 0; k < 3; k++) {
            uint64_t bits;
            memcpy(&bits, &body[i].position[k], 8);
            checksum = mix(mix(checksum, (uint32_t)bits), (uint32_t)(bits >> 32));
        }
    return checksum;
}

int guest_main(void) {
#ifndef HOST_TWIN
    if (!fpu_start()) {
        put("no FPU\n");
        return 0;
    }
#endif
    uint32_t rounds = param("n", 25), start = cycle_count();
    put("nbody checksum=%08x\n", simulate(rounds));
    put_time("nbody", start);
    return 0;
}
