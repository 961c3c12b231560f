// What only bare-metal guests may use: CP0, exceptions, the board.

#ifndef MACHINE_H
#define MACHINE_H

#include "guest.h"

// CP0 registers by number and select.
#define CP0_INDEX "$0, 0"
#define CP0_RANDOM "$1, 0"
#define CP0_ENTRYLO0 "$2, 0"
#define CP0_ENTRYLO1 "$3, 0"
#define CP0_CONTEXT "$4, 0"
#define CP0_PAGEMASK "$5, 0"
#define CP0_WIRED "$6, 0"
#define CP0_HWRENA "$7, 0"
#define CP0_BADVADDR "$8, 0"
#define CP0_COUNT "$9, 0"
#define CP0_ENTRYHI "$10, 0"
#define CP0_COMPARE "$11, 0"
#define CP0_STATUS "$12, 0"
#define CP0_CAUSE "$13, 0"
#define CP0_EPC "$14, 0"
#define CP0_PRID "$15, 0"
#define CP0_EBASE "$15, 1"
#define CP0_CONFIG "$16, 0"
#define CP0_CONFIG1 "$16, 1"
#define CP0_CONFIG3 "$16, 3"
#define CP0_ERROREPC "$30, 0"

#define mfc0(reg)                                                     \
    ({                                                                \
        uint32_t value_;                                              \
        __asm__ volatile("mfc0 %0, " reg : "=r"(value_) : : "memory"); \
        value_;                                                       \
    })
#define mtc0(reg, value) __asm__ volatile("mtc0 %0, " reg "\n\tehb" : : "r"((uint32_t)(value)) : "memory")

// Status
#define STATUS_IE 0x00000001u
#define STATUS_EXL 0x00000002u
#define STATUS_ERL 0x00000004u
#define STATUS_UM 0x00000010u
#define STATUS_IM0 0x00000100u
#define STATUS_IM1 0x00000200u
#define STATUS_IM7 0x00008000u
#define STATUS_BEV 0x00400000u
#define STATUS_FR 0x04000000u
#define STATUS_CU0 0x10000000u
#define STATUS_CU1 0x20000000u

// Cause
#define CAUSE_CODE(cause) ((cause) >> 2 & 31)
#define CAUSE_CE(cause) ((cause) >> 28 & 3)
#define CAUSE_IP0 0x00000100u
#define CAUSE_IP1 0x00000200u
#define CAUSE_IP7 0x00008000u
#define CAUSE_IV 0x00800000u
#define CAUSE_DC 0x08000000u
#define CAUSE_TI 0x40000000u
#define CAUSE_BD 0x80000000u

// Cause.ExcCode
enum {
    EXC_INT = 0, EXC_MOD = 1, EXC_TLBL = 2, EXC_TLBS = 3, EXC_ADEL = 4, EXC_ADES = 5, EXC_IBE = 6, EXC_DBE = 7,
    EXC_SYS = 8, EXC_BP = 9, EXC_RI = 10, EXC_CPU = 11, EXC_OV = 12, EXC_TR = 13, EXC_FPE = 15,
};

/// The state an exception found. The handler may change any register, status and epc before it returns.
/// vectors.S knows the offsets.
struct frame {
    uint32_t r[32];
    uint32_t hi, lo, status, cause, epc, badvaddr;
    uint32_t vector;  ///< offset of the vector that was taken: 0x000, 0x180, 0x200; +0x1000 on the second page
    uint32_t entryhi, context;
};

/// Called for every exception with EXL set and interrupts off. Returns false for one it does not want; an unwanted
/// exception is printed and powers off with code 99.
extern bool (*exception_hook)(struct frame *frame);

/// The kernel's unmapped window: 0x80000000 (KSEG0), or 0x40000000 in a trap-and-emulate link.
extern char ram_base[];

/// End of the image, its stacks and its data.
extern char image_end[];

/// The vector page, and a second one that any guest may switch EBase to.
extern char vectors[], second_vectors[];

static inline bool trap_and_emulate(void) { return (uint32_t)ram_base == 0x40000000u; }

static inline uint32_t physical(const void *at) { return (uint32_t)at & 0x1FFFFFFFu; }

/// Bytes of RAM as the boot arguments gave them; 0 when they did not.
extern uint32_t boot_memory;

/// Ends the machine. Code 0 is success.
void power_off(uint32_t code) __attribute__((noreturn));

/// Sleeps in WAIT until an interrupt, unless `*flag` is set already. The handler must call leave_wait.
void wait_unless(const volatile uint32_t *flag);
extern char wait_unless_end[];

/// For interrupt handlers: takes an interrupted wait_unless past its WAIT.
static inline void leave_wait(struct frame *frame) {
    if (frame->epc >= (uint32_t)wait_unless && frame->epc < (uint32_t)wait_unless_end)
        frame->epc = (uint32_t)wait_unless_end;
}

/// Arms the timer `delay` Counts from now, later if the machine is too slow for that, and returns Compare. Call with
/// interrupts off.
uint32_t arm_timer(uint32_t delay);

/// Makes `size` bytes of stored instructions at `at` visible to instruction fetch.
void sync_code(void *at, uint32_t size);

#endif
