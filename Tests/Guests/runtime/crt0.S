# Start-up: from any kernel-mode state with unmapped memory (reset state, YAMON, UHI) to start() in C.

        .set noreorder
        .section .text.crt0, "ax", @progbits
        .globl _start
        .type _start, @function
        .ent _start
_start:
        # Leave ERL, EXL and user mode but keep BEV, since EBase may only be written then.
        lui     $t0, 0x1040             # CU0, BEV
        mtc0    $t0, $12, 0
        ehb
        la      $t1, vectors
        mtc0    $t1, $15, 1
        lui     $t0, 0x0080             # IV: interrupts go to +0x200; DC clear: Count runs
        mtc0    $t0, $13, 0
        lui     $t0, 0x1000             # CU0
        mtc0    $t0, $12, 0
        ehb
        la      $sp, stack_top
        la      $t0, bss_start
        la      $t1, bss_end
        beq     $t0, $t1, 2f
        nop
1:      sw      $zero, 0($t0)
        addiu   $t0, $t0, 4
        bne     $t0, $t1, 1b
        nop
2:      move    $fp, $zero
        addiu   $sp, $sp, -16
        la      $t0, start
        jr      $t0
        move    $ra, $zero
        .end _start
