/* The guest side of the CPU differential: runs thousands of small random programs, each from a complete machine state of its
 * own, and leaves what became of each in memory. The same image runs on Stasis and on an independent implementation.
 *
 * A vector is run in kernel or user mode through ERET. Every exception is recorded and stepped over, so that one bad address
 * does not end the program; an exception outside the program's code, or one too many, ends the vector. Only k0 and k1 are
 * lost to the exception handler. The program runs several times over with what registers it left. Layouts: layout.h.
 */
#include "layout.h"

#define INDEX $0
#define ENTRYLO0 $2
#define ENTRYLO1 $3
#define CONTEXT $4
#define PAGEMASK $5
#define WIRED $6
#define HWRENA $7
#define BADVADDR $8
#define COUNT $9
#define ENTRYHI $10
#define STATUS $12
#define CAUSE $13
#define EPC $14
#define ERROREPC $30

/* Where Malta, and the simulated board, stop. */
#define RESET 0xBF000500

    .set noreorder
    .set noat
    .set mips32r2

/* LDC1 and SDC1 by number, so that the odd registers of the FR = 1 file have names in any mode of the assembler. */
.macro fpload n, offset, base
    .word 0xD4000000 | (\base << 21) | (\n << 16) | (\offset)
.endm
.macro fpstore n, offset, base
    .word 0xF4000000 | (\base << 21) | (\n << 16) | (\offset)
.endm

/* An exception vector: keeps the time and which vector it was. */
.macro vector offset
    lui     $k1, %hi(KSEG0(STATE))
    mfc0    $k0, COUNT
    sw      $k0, S_NOW($k1)
    li      $k0, \offset
    sw      $k0, S_OFFSET($k1)
    lui     $k0, %hi(exception)
    addiu   $k0, $k0, %lo(exception)
    jr      $k0
    nop
.endm

    .section .vectors, "ax"
    .org 0x000
    vector 0x000
    .org 0x180
    vector 0x180
    .org 0x200
    vector 0x200
    .org 0x300

    .section .text, "ax"
    .globl _start
_start:
    li      $t0, 0x30000002         /* CU1, CU0, EXL; BEV clear: the vectors are ours */
    mtc0    $t0, STATUS
    ehb
    mtc0    $zero, CAUSE
    li      $s7, KSEG0(STATE)
    li      $t0, KSEG0(HEADER)
    lw      $t1, 0($t0)
    sw      $t1, S_LEFT($s7)
    li      $t1, KSEG0(VECTORS)
    sw      $t1, S_VECTOR($s7)
    li      $t1, KSEG0(RESULTS)
    sw      $t1, S_RESULT($s7)

    /* As many TLB entries as there are, Config1 says: none may match by accident. Vectors use the first 16. */
    mfc0    $t3, $16, 1
    srl     $t3, $t3, 25
    andi    $t3, $t3, 0x3F
    mtc0    $zero, PAGEMASK
    mtc0    $zero, ENTRYLO0
    mtc0    $zero, ENTRYLO1
    move    $t0, $zero
    lui     $t1, 0x8000
1:  mtc0    $t0, INDEX
    mtc0    $t1, ENTRYHI
    ehb
    tlbwi
    addiu   $t1, $t1, 0x2000
    bne     $t0, $t3, 1b
    addiu   $t0, $t0, 1

next_vector:
    li      $s7, KSEG0(STATE)
    lw      $t0, S_LEFT($s7)
    beqz    $t0, all_done
    addiu   $t0, $t0, -1
    sw      $t0, S_LEFT($s7)
    lw      $s6, S_VECTOR($s7)
    lw      $s5, S_RESULT($s7)
    addiu   $t0, $s5, R_LOG
    sw      $t0, S_LOG($s7)
    sw      $zero, S_EXCEPTIONS($s7)
    sw      $zero, S_EXECUTED($s7)
    lw      $t0, V_ROUNDS($s6)
    sw      $t0, S_ROUNDS($s7)

    /* Code */
    lw      $t0, V_CODE($s6)
    lw      $t1, V_WORDS($s6)
    addiu   $t2, $s6, V_WORD
1:  lw      $t3, 0($t2)
    sw      $t3, 0($t0)
    addiu   $t2, $t2, 4
    addiu   $t1, $t1, -1
    bnez    $t1, 1b
    addiu   $t0, $t0, 4
    lw      $t1, V_CODE($s6)
    li      $t2, -32
    and     $t1, $t1, $t2
1:  synci   0($t1)
    addiu   $t1, $t1, 32
    sltu    $t2, $t1, $t0
    bnez    $t2, 1b
    nop
    sync

    /* Windows */
    addiu   $a0, $s6, V_WINDOWS
    jal     copy_window
    lui     $a1, %hi(KSEG0(WINDOW_0))
    addiu   $a0, $s6, V_WINDOWS + WINDOW_SIZE
    jal     copy_window_1
    lui     $a1, %hi(KSEG0(WINDOW_1))
    addiu   $a0, $s6, V_WINDOWS + 2 * WINDOW_SIZE
    jal     copy_window_2
    lui     $a1, %hi(KSEG0(WINDOW_2))
    addiu   $a0, $s6, V_WINDOWS + 3 * WINDOW_SIZE
    jal     copy_window_3
    lui     $a1, %hi(KSEG0(WINDOW_3))

    /* TLB: first entries that match nothing and each other least of all, then the vector's. */
    mtc0    $zero, PAGEMASK
    mtc0    $zero, ENTRYLO0
    mtc0    $zero, ENTRYLO1
    move    $t0, $zero
    lui     $t1, 0x8000
1:  mtc0    $t0, INDEX
    mtc0    $t1, ENTRYHI
    ehb
    tlbwi
    addiu   $t0, $t0, 1
    li      $t2, 16
    bne     $t0, $t2, 1b
    addiu   $t1, $t1, 0x2000
    move    $t0, $zero
    addiu   $t1, $s6, V_TLB
1:  lw      $t2, 0($t1)
    mtc0    $t2, ENTRYHI
    lw      $t2, 4($t1)
    mtc0    $t2, ENTRYLO0
    lw      $t2, 8($t1)
    mtc0    $t2, ENTRYLO1
    lw      $t2, 12($t1)
    mtc0    $t2, PAGEMASK
    mtc0    $t0, INDEX
    ehb
    tlbwi
    addiu   $t0, $t0, 1
    li      $t2, 16
    bne     $t0, $t2, 1b
    addiu   $t1, $t1, 16

    /* Floating point, under the vector's FR */
    lw      $t0, V_STATUS($s6)
    lui     $t1, 0x0400
    and     $t0, $t0, $t1
    li      $t2, 0x30000002
    or      $t2, $t2, $t0
    mtc0    $t2, STATUS
    ehb
    ctc1    $zero, $31
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    fpload  \n, (V_FPR + 8 * \n), 22
    .endr
    beqz    $t0, 1f
    nop
    .irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31
    fpload  \n, (V_FPR + 8 * \n), 22
    .endr
1:  lw      $t0, V_FCSR($s6)
    ctc1    $t0, $31

    /* Coprocessor 0 */
    lw      $t0, V_ENTRYHI($s6)
    mtc0    $t0, ENTRYHI
    lw      $t0, V_ENTRYLO0($s6)
    mtc0    $t0, ENTRYLO0
    lw      $t0, V_ENTRYLO1($s6)
    mtc0    $t0, ENTRYLO1
    lw      $t0, V_PAGEMASK($s6)
    mtc0    $t0, PAGEMASK
    lw      $t0, V_CONTEXT($s6)
    mtc0    $t0, CONTEXT
    lw      $t0, V_INDEX($s6)
    mtc0    $t0, INDEX
    lw      $t0, V_WIRED($s6)
    mtc0    $t0, WIRED
    lw      $t0, V_HWRENA($s6)
    mtc0    $t0, HWRENA
    lw      $t0, V_USERLOCAL($s6)
    mtc0    $t0, CONTEXT, 2
    lw      $t0, V_ERROREPC($s6)
    mtc0    $t0, ERROREPC
    lw      $t0, V_CAUSE($s6)
    mtc0    $t0, CAUSE
    lw      $t0, V_PC($s6)
    mtc0    $t0, EPC
    lw      $t0, V_STATUS($s6)
    ori     $t0, $t0, 2
    mtc0    $t0, STATUS
    lw      $t0, V_HI($s6)
    mthi    $t0
    lw      $t0, V_LO($s6)
    mtlo    $t0
    ehb

    move    $k1, $s6
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
    lw      $\n, (V_GPR + 4 * \n)($k1)
    .endr
    lui     $k1, %hi(KSEG0(STATE))
    mfc0    $k0, COUNT
    sw      $k0, S_START($k1)
    move    $k0, $zero
    move    $k1, $zero
    eret

    /* Every exception: k1 = STATE. */
exception:
    sw      $1, S_AT($k1)
    sw      $2, S_V0($k1)
    sw      $3, S_V1($k1)
    lw      $1, S_NOW($k1)
    lw      $2, S_START($k1)
    subu    $1, $1, $2
    lw      $2, S_EXECUTED($k1)
    addu    $1, $1, $2
    sw      $1, S_EXECUTED($k1)
    lw      $2, S_LOG($k1)
    lw      $1, S_OFFSET($k1)
    sw      $1, 0($2)
    mfc0    $3, CAUSE
    sw      $3, 4($2)
    mfc0    $1, STATUS
    sw      $1, 8($2)
    mfc0    $k0, EPC
    sw      $k0, 12($2)
    mfc0    $1, BADVADDR
    sw      $1, 16($2)
    /* An address error leaves EntryHi.VPN2 and Context.BadVPN2 unpredictable; the former is made predictable here. */
    mfc0    $1, ENTRYHI
    andi    $3, $3, 0x78
    xori    $3, $3, 0x10            /* ExcCode 4 and 5 */
    bnez    $3, 1f
    nop
    andi    $1, $1, 0xFF
    mtc0    $1, ENTRYHI
    ehb
1:  sw      $1, 20($2)
    mfc0    $1, CONTEXT
    sw      $1, 24($2)
    sw      $31, 28($2)
    mfc0    $3, CAUSE
    addiu   $2, $2, LOG_SIZE
    andi    $1, $2, RESULT_SIZE - 1
    bnez    $1, 1f
    nop
    addiu   $2, $2, R_LOG - RESULT_SIZE
1:  sw      $2, S_LOG($k1)
    lw      $1, S_EXCEPTIONS($k1)
    addiu   $1, $1, 1
    sw      $1, S_EXCEPTIONS($k1)
    lw      $2, S_VECTOR($k1)
    lw      $2, V_LIMIT($2)
    sltu    $1, $1, $2
    beqz    $1, finish
    lw      $2, S_VECTOR($k1)
    lw      $1, V_BASE($2)
    subu    $1, $k0, $1
    lw      $2, V_LENGTH($2)
    sltu    $1, $1, $2
    beqz    $1, round
    andi    $1, $3, 0x7C
    beqz    $1, 2f
    nop
    bgez    $3, 1f
    addiu   $k0, $k0, 4
    addiu   $k0, $k0, 4
1:  b       3f
    nop
2:  /* Interrupt: withdraw the software interrupts, come back to the same place. */
    li      $1, 0x300
    nor     $1, $1, $zero
    and     $3, $3, $1
    mtc0    $3, CAUSE
3:  mtc0    $k0, EPC
    ehb
    lw      $3, S_V1($k1)
    lw      $2, S_V0($k1)
    lw      $1, S_AT($k1)
    mfc0    $k0, COUNT
    sw      $k0, S_START($k1)
    move    $k0, $zero
    move    $k1, $zero
    eret

    /* The program's end, or a jump out of it: once more from the start with the registers it left, if rounds are left. */
round:
    lw      $1, S_ROUNDS($k1)
    addiu   $1, $1, -1
    beqz    $1, finish
    sw      $1, S_ROUNDS($k1)
    lw      $2, S_VECTOR($k1)
    lw      $1, V_STATUS($2)
    ori     $1, $1, 2
    mtc0    $1, STATUS
    b       3b
    lw      $k0, V_PC($2)

    /* The end of a vector: k1 = STATE, all other registers but 1, 2, 3 and k0 are the vector's. */
finish:
    lw      $k0, S_RESULT($k1)
    .irp n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
    sw      $\n, (V_GPR + 4 * \n)($k0)
    .endr
    lw      $1, S_AT($k1)
    sw      $1, (V_GPR + 4)($k0)
    lw      $1, S_V0($k1)
    sw      $1, (V_GPR + 8)($k0)
    lw      $1, S_V1($k1)
    sw      $1, (V_GPR + 12)($k0)
    move    $s7, $k1
    move    $s5, $k0
    lw      $s6, S_VECTOR($s7)
    mfhi    $t0
    sw      $t0, R_HI($s5)
    mflo    $t0
    sw      $t0, R_LO($s5)
    lw      $t0, S_EXCEPTIONS($s7)
    sw      $t0, R_EXCEPTIONS($s5)
    lw      $t0, S_EXECUTED($s7)
    sw      $t0, R_EXECUTED($s5)
    mfc0    $t0, STATUS
    sw      $t0, R_STATUS($s5)
    mfc0    $t1, CAUSE
    sw      $t1, R_CAUSE($s5)
    mfc0    $t1, EPC
    sw      $t1, R_EPC($s5)
    mfc0    $t1, BADVADDR
    sw      $t1, R_BADVADDR($s5)
    mfc0    $t1, ENTRYHI
    sw      $t1, R_ENTRYHI($s5)
    mfc0    $t1, ENTRYLO0
    sw      $t1, R_ENTRYLO0($s5)
    mfc0    $t1, ENTRYLO1
    sw      $t1, R_ENTRYLO1($s5)
    mfc0    $t1, PAGEMASK
    sw      $t1, R_PAGEMASK($s5)
    mfc0    $t1, CONTEXT
    sw      $t1, R_CONTEXT($s5)
    mfc0    $t1, INDEX
    sw      $t1, R_INDEX($s5)
    mfc0    $t1, WIRED
    sw      $t1, R_WIRED($s5)
    mfc0    $t1, HWRENA
    sw      $t1, R_HWRENA($s5)
    mfc0    $t1, CONTEXT, 2
    sw      $t1, R_USERLOCAL($s5)
    mfc0    $t1, ERROREPC
    sw      $t1, R_ERROREPC($s5)

    lui     $t1, 0x0400
    and     $t0, $t0, $t1
    li      $t2, 0x30000002
    or      $t2, $t2, $t0
    mtc0    $t2, STATUS
    ehb
    mtc0    $zero, CAUSE
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    fpstore \n, (V_FPR + 8 * \n), 21
    .endr
    beqz    $t0, 1f
    nop
    .irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31
    fpstore \n, (V_FPR + 8 * \n), 21
    .endr
1:  cfc1    $t0, $31
    sw      $t0, R_FCSR($s5)

    /* The TLB as TLBR shows it */
    move    $t0, $zero
    addiu   $t1, $s5, V_TLB
1:  mtc0    $t0, INDEX
    ehb
    tlbr
    ehb
    mfc0    $t2, ENTRYHI
    sw      $t2, 0($t1)
    mfc0    $t2, ENTRYLO0
    sw      $t2, 4($t1)
    mfc0    $t2, ENTRYLO1
    sw      $t2, 8($t1)
    mfc0    $t2, PAGEMASK
    sw      $t2, 12($t1)
    addiu   $t0, $t0, 1
    li      $t2, 16
    bne     $t0, $t2, 1b
    addiu   $t1, $t1, 16

    /* Windows */
    addiu   $a1, $s5, V_WINDOWS
    lui     $a0, %hi(KSEG0(WINDOW_0))
    jal     copy
    addiu   $a0, $a0, %lo(KSEG0(WINDOW_0))
    addiu   $a1, $s5, V_WINDOWS + WINDOW_SIZE
    lui     $a0, %hi(KSEG0(WINDOW_1))
    jal     copy
    addiu   $a0, $a0, %lo(KSEG0(WINDOW_1))
    addiu   $a1, $s5, V_WINDOWS + 2 * WINDOW_SIZE
    lui     $a0, %hi(KSEG0(WINDOW_2))
    jal     copy
    addiu   $a0, $a0, %lo(KSEG0(WINDOW_2))
    addiu   $a1, $s5, V_WINDOWS + 3 * WINDOW_SIZE
    lui     $a0, %hi(KSEG0(WINDOW_3))
    jal     copy
    addiu   $a0, $a0, %lo(KSEG0(WINDOW_3))

    addiu   $s6, $s6, VECTOR_SIZE
    sw      $s6, S_VECTOR($s7)
    addiu   $s5, $s5, RESULT_SIZE
    b       next_vector
    sw      $s5, S_RESULT($s7)

all_done:
    li      $t0, KSEG0(HEADER)
    li      $t1, 1
    sw      $t1, 4($t0)
    li      $t0, RESET
    li      $t1, 0x42
    sw      $t1, 0($t0)
1:  b       1b
    nop

copy_window:
    b       copy
    addiu   $a1, $a1, %lo(KSEG0(WINDOW_0))
copy_window_1:
    b       copy
    addiu   $a1, $a1, %lo(KSEG0(WINDOW_1))
copy_window_2:
    b       copy
    addiu   $a1, $a1, %lo(KSEG0(WINDOW_2))
copy_window_3:
    b       copy
    addiu   $a1, $a1, %lo(KSEG0(WINDOW_3))

    /* Copies WINDOW_SIZE bytes from a0 to a1. */
copy:
    li      $t0, WINDOW_SIZE / 4
1:  lw      $t1, 0($a0)
    sw      $t1, 0($a1)
    addiu   $a0, $a0, 4
    addiu   $t0, $t0, -1
    bnez    $t0, 1b
    addiu   $a1, $a1, 4
    jr      $ra
    nop
