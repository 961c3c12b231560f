// What ticker leaves in RAM for a host to read. Layouts are fixed: words, little endian.

#ifndef TICKER_H
#define TICKER_H

#include <stdint.h>

#define TICKER_MAGIC 0x4B434954u  // "TICK"
#define TICKER_TRACE_ENTRIES 1024u

/// Symbol `ticker_state`: the first thing in section .fixed, physical 0x00103000.
struct ticker_state {
    uint32_t magic;         ///< 0x00: TICKER_MAGIC once the timer is armed
    uint32_t ticks;         ///< 0x04: ticks handled
    uint32_t late;          ///< 0x08: times Compare was already behind Count when it was advanced
    uint32_t last_count;    ///< 0x0C: Count as the last tick's handler first read it
    uint32_t last_compare;  ///< 0x10: Compare that tick was due at
    uint32_t lost;          ///< 0x14: ticks whose interrupt never came (seen by work=spin only)
    uint32_t doubled;       ///< 0x18: timer interrupts with Cause.TI clear
    uint32_t early;         ///< 0x1C: timer interrupts with Count before Compare
    uint32_t period;        ///< 0x20: Counts per tick
    uint32_t checksum;      ///< 0x24: over (tick, Compare, Count) of every tick so far
    uint32_t first_compare; ///< 0x28: Compare of tick 1
    uint32_t work;          ///< 0x2C: rounds of work=spin, or wake-ups of work=wait
    uint32_t work_sum;      ///< 0x30: checksum of the spinning work
    uint32_t wanted;        ///< 0x34: ticks to do, 0 for ever
    uint32_t worst;         ///< 0x38: largest Count - Compare seen at the start of a handler
    uint32_t done;          ///< 0x3C: 1 once `wanted` ticks are through
};

/// Symbol `ticker_trace`: physical 0x00104000. Tick N is entry (N - 1) % TICKER_TRACE_ENTRIES.
struct ticker_entry {
    uint32_t tick, compare, count, cause;
};

#endif
