# wait_unless(flag): sleeps in WAIT until an interrupt, unless *flag is set already.
#
# An interrupt that sets the flag between the look at it and the WAIT would make the WAIT sleep through, so a handler
# calls leave_wait() (machine.h), which moves an interrupted PC from inside to wait_unless_end.

        .set noreorder
        .text
        .globl wait_unless, wait_unless_end
wait_unless:
        lw      $t0, 0($a0)
        bnez    $t0, wait_unless_end
        nop
        wait
wait_unless_end:
        jr      $ra
        nop
