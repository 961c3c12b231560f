# ticker_wait(): sleeps in WAIT until an interrupt, unless ticker_state.done is set already.
#
# ticker.c's handler sends an interrupted PC between ticker_wait and ticker_wait_end to ticker_wait_end, so no interrupt
# can slip in between the look at `done` and the WAIT.

        .set noreorder
        .text
        .globl ticker_wait, ticker_wait_end
ticker_wait:
        la      $t0, ticker_state
        lw      $t0, 0x3C($t0)
        bnez    $t0, ticker_wait_end
        nop
        wait
ticker_wait_end:
        jr      $ra
        nop
