// From crt0.S to guest_main: console, boot arguments, and what to do with an exception nobody wants.

#include "machine.h"
#include "params.h"

void uart_start(void);
void start(uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3) __attribute__((noreturn));
void exception_dispatch(struct frame *frame);

bool (*exception_hook)(struct frame *frame);
uint32_t boot_memory;

static uint32_t exception_depth;

void start(uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3) {
    (void)a2;
    uart_start();
    if (a0 == (uint32_t)-2) {
        boot_memory = params_from_tree((const void *)a1);
    } else if (a0 >= 1 && a0 <= 64 && a1) {
        const uint32_t *argv = (const uint32_t *)a1;
        for (uint32_t i = 1; i < a0; i++)
            if (argv[i]) params_add((const char *)argv[i]);
        boot_memory = a3;
    }
    power_off((uint32_t)guest_main());
}

uint32_t cycle_count(void) { return mfc0(CP0_COUNT); }

uint32_t arm_timer(uint32_t delay) {
    for (;; delay *= 2) {
        uint32_t compare = mfc0(CP0_COUNT) + delay;
        mtc0(CP0_COMPARE, compare);
        if ((int32_t)(mfc0(CP0_COUNT) - compare) < 0) return compare;
    }
}

void sync_code(void *at, uint32_t size) {
    // 16 bytes is the shortest line any MIPS32 part has.
    for (char *line = at; line < (char *)at + size; line += 16) __asm__ volatile("synci 0(%0)" : : "r"(line));
    __asm__ volatile("sync\n\tehb" : : : "memory");
}

void exception_dispatch(struct frame *frame) {
    if (exception_depth == 0) {
        exception_depth = 1;
        if (exception_hook && exception_hook(frame)) {
            exception_depth = 0;
            return;
        }
        put("unexpected exception: code=%u vector=%03x status=%08x cause=%08x epc=%08x badvaddr=%08x\n",
            CAUSE_CODE(frame->cause), frame->vector, frame->status, frame->cause, frame->epc, frame->badvaddr);
        for (int i = 0; i < 32; i++) put("r%d=%08x%c", i, frame->r[i], i % 8 == 7 ? '\n' : ' ');
    } else if (exception_depth == 1) {
        exception_depth = 2;
        put("exception inside an exception: cause=%08x epc=%08x\n", frame->cause, frame->epc);
    }
    power_off(99);
}
