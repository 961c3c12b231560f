// ticker: timer interrupts at a rate, each one accounted for.
//
// Compare only ever moves by whole periods from where it was (never from "now"), so tick N is due at
// first_compare + (N - 1) * period whatever happens in between, and a stopped clock, a lost interrupt or a doubled one
// shows in the figures. README.md documents parameters and lines, ticker.h the state left in RAM.

#include "ticker.h"

#include "runtime/machine.h"

__attribute__((section(".fixed"), used, aligned(4096))) volatile struct ticker_state ticker_state = {0};
__attribute__((section(".fixed.trace"), used, aligned(4096))) volatile struct ticker_entry
    ticker_trace[TICKER_TRACE_ENTRIES] = {{0}};

/// Next Compare; equals CP0 Compare outside the handler.
static volatile uint32_t compare;
static uint32_t print_every;

/// One tick: account, then move Compare. Returns true when the next one is due already.
static bool tick(uint32_t count, uint32_t cause) {
    uint32_t due = compare;
    uint32_t number = ticker_state.ticks + 1;
    compare = due + ticker_state.period;
    mtc0(CP0_COMPARE, compare);
    bool late = (int32_t)(mfc0(CP0_COUNT) - compare) >= 0;

    volatile struct ticker_entry *entry = &ticker_trace[(number - 1) % TICKER_TRACE_ENTRIES];
    entry->tick = number;
    entry->compare = due;
    entry->count = count;
    entry->cause = cause;
    if ((int32_t)(count - due) > (int32_t)ticker_state.worst) ticker_state.worst = count - due;
    ticker_state.last_count = count;
    ticker_state.last_compare = due;
    ticker_state.late += late;
    ticker_state.checksum = mix(mix(mix(ticker_state.checksum, number), due), count);
    ticker_state.ticks = number;
    if (number == ticker_state.wanted) ticker_state.done = 1;
    if (print_every && number % print_every == 0)
        put("tick %u count=%08x compare=%08x late=%u\n", number, count, due, ticker_state.late);
    return late && !ticker_state.done;
}

static bool on_exception(struct frame *frame) {
    if (CAUSE_CODE(frame->cause) != EXC_INT) return false;
    uint32_t count = mfc0(CP0_COUNT);
    leave_wait(frame);
    if (!(frame->cause & CAUSE_TI)) {
        ticker_state.doubled++;
        put("ticker: doubled tick after %u: cause=%08x count=%08x compare=%08x\n", ticker_state.ticks, frame->cause,
            count, compare);
        return true;
    }
    if ((int32_t)(count - compare) < 0) {
        ticker_state.early++;
        put("ticker: early tick %u: count=%08x compare=%08x\n", ticker_state.ticks + 1, count, compare);
    }
    if (ticker_state.done) {
        mtc0(CP0_COMPARE, compare);
        return true;
    }
    while (tick(count, frame->cause)) count = mfc0(CP0_COUNT);
    return true;
}

/// One round of work between ticks: 64 steps of a generator, and a look whether a tick's interrupt failed to come.
static void spin(uint32_t *random, uint32_t *overdue, uint32_t *overdue_tick) {
    uint32_t sum = ticker_state.work_sum;
    for (int i = 0; i < 64; i++) sum = mix(sum, next_random(random));
    ticker_state.work_sum = sum;
    ticker_state.work++;

    uint32_t ticks = ticker_state.ticks;
    uint32_t due = compare;
    uint32_t count = mfc0(CP0_COUNT);
    if (ticks != ticker_state.ticks || (int32_t)(count - due) < (int32_t)ticker_state.period) {
        *overdue = 0;
        return;
    }
    // A whole period behind with interrupts on. Only if that lasts is the interrupt lost: it may be delivered a moment
    // after Count shows it.
    if (*overdue_tick != ticks) *overdue = 0;
    *overdue_tick = ticks;
    if (++*overdue < 1000) return;
    *overdue = 0;
    uint32_t status = mfc0(CP0_STATUS);
    mtc0(CP0_STATUS, status & ~STATUS_IE);
    ticker_state.lost++;
    put("ticker: lost tick %u: count=%08x compare=%08x cause=%08x\n", ticks + 1, count, due, mfc0(CP0_CAUSE));
    while ((int32_t)(mfc0(CP0_COUNT) - compare) >= 0) {
        compare += ticker_state.period;
        mtc0(CP0_COMPARE, compare);
    }
    mtc0(CP0_STATUS, status);
}

int guest_main(void) {
    uint32_t rate = param("hz", 100);
    uint32_t count_rate = param("counthz", 100000000);
    const char *print = param_word("print");
    bool wait = !word_is(param_word("work"), "spin");
    if (rate == 0 || rate > count_rate) {
        put("ticker: hz=%u is out of range 1...%u\n", rate, count_rate);
        return 2;
    }
    print_every = word_is(print, "none") ? 0 : 1;
    if (print && print[0] == 'e') print_every = param("print=every", 1);
    print_every = param("every", print_every);
    ticker_state.wanted = param("ticks", 100);
    ticker_state.period = param("period", count_rate / rate);
    ticker_state.checksum = MIX_START;
    ticker_state.work_sum = MIX_START;

    put("ticker: hz=%u period=%u ticks=%u work=%s\n", rate, ticker_state.period, ticker_state.wanted,
        wait ? "wait" : "spin");
    exception_hook = on_exception;
    compare = arm_timer(ticker_state.period);
    ticker_state.first_compare = compare;
    ticker_state.magic = TICKER_MAGIC;
    // IM0 as well: the trap-and-emulate of kernels 5.8 to 5.12 looks at that bit for every interrupt.
    mtc0(CP0_STATUS, STATUS_CU0 | STATUS_IM7 | STATUS_IM0 | STATUS_IE);
    uint32_t random = 1, overdue = 0, overdue_tick = 0;
    while (!ticker_state.done) {
        if (wait) {
            wait_unless(&ticker_state.done);
            ticker_state.work++;
        } else {
            spin(&random, &overdue, &overdue_tick);
        }
    }
    mtc0(CP0_STATUS, STATUS_CU0);
    put("ticker: ticks=%u late=%u lost=%u doubled=%u early=%u worst=%u checksum=%08x\n", ticker_state.ticks,
        ticker_state.late, ticker_state.lost, ticker_state.doubled, ticker_state.early, ticker_state.worst,
        ticker_state.checksum);
    return ticker_state.lost || ticker_state.doubled || ticker_state.early ? 1 : 0;
}
