# The code that exceptions.c provokes exceptions with.
#
# A probe is a leaf function `probe_NAME(a0, a1)` returning v0. It keeps its return address in t8, where the handler
# sends it after an exception; so it may change ra. `probe_NAME_at` is the instruction EPC is expected to name: the
# faulting one or, when that lies in a delay slot, its branch.
#
# A user probe is position independent, is copied into a mapped page and ends in an exception.

        .set noreorder
        .set noat
        .set hardfloat
        .text

        .macro  probe name
        .globl  probe_\name, probe_\name\()_at
        .balign 8
probe_\name:
        move    $t8, $ra
        li      $v0, 0x1234
        .endm

        .macro  done
        jr      $t8
        nop
        .endm

        # probe_NAME: one instruction under test
        .macro  simple name, code:vararg
        probe   \name
probe_\name\()_at:
        \code
        done
        .endm

        simple  syscall, syscall
        simple  syscall_code, .word 0x0012340C
        simple  break, break
        simple  break_code, break 7
        simple  teq, teq $a0, $a1
        simple  tge, tge $a0, $a1
        simple  tgeu, tgeu $a0, $a1
        simple  tlt, tlt $a0, $a1
        simple  tltu, tltu $a0, $a1
        simple  tne, tne $a0, $a1
        simple  teqi, teqi $a0, -5
        simple  tgei, tgei $a0, -5
        simple  tgeiu, tgeiu $a0, -5
        simple  tlti, tlti $a0, -5
        simple  tltiu, tltiu $a0, -5
        simple  tnei, tnei $a0, -5
        simple  add, add $v0, $a0, $a1
        simple  sub, sub $v0, $a0, $a1
        simple  addi, addi $v0, $a0, 1
        simple  addu, addu $v0, $a0, $a1
        simple  reserved, .word 0xEC000000
        simple  rdhwr30, .word 0x7C02F03B
        simple  mfc1, mfc1 $v0, $f0
        simple  lwc1, lwc1 $f0, 0($a0)
        simple  sdc1, sdc1 $f0, 0($a0)
        simple  adds, add.s $f0, $f2, $f4
        simple  maddd, .word 0x4C221821         # madd.d $f0, $f1(2), ... through COP1X
        simple  lwc2, .word 0xC8820000          # lwc2 $2, 0($a0)
        simple  lw, lw $v0, 0($a0)
        simple  lh, lh $v0, 0($a0)
        simple  lhu, lhu $v0, 0($a0)
        simple  lbu, lbu $v0, 0($a0)
        simple  ll, ll $v0, 0($a0)
        simple  sw, sw $a1, 0($a0)
        simple  sh, sh $a1, 0($a0)
        simple  sb, sb $a1, 0($a0)
        simple  lwl, lwl $v0, 3($a0)
        simple  swr, swr $a1, 0($a0)

# Jumps to a0; a fault there has EPC = a0, and t8 brings it home. `_at` is not used.
        probe   call
probe_call_at:
        jalr    $a0
        nop
        done

# Exceptions in delay slots. The branch is taken unless the name says otherwise.
        .macro  slot name, branch:vararg
        probe   slot_\name
        li      $t0, 1
        li      $t1, -1
        li      $t3, 1
        la      $t2, 1f
probe_slot_\name\()_at:
        \branch
        teq     $zero, $zero
        li      $v0, 7
1:      done
        .endm

        slot    beq, beq $zero, $zero, 1f
        slot    bne, bne $t0, $zero, 1f
        slot    blez, blez $t1, 1f
        slot    bgtz, bgtz $t0, 1f
        slot    bltz, bltz $t1, 1f
        slot    bgez, bgez $t0, 1f
        slot    bltzal, bltzal $t1, 1f
        slot    bgezal, bgezal $t0, 1f
        slot    beql, beql $zero, $zero, 1f
        slot    bnel, bnel $t0, $zero, 1f
        slot    blezl, blezl $t1, 1f
        slot    bgtzl, bgtzl $t0, 1f
        slot    bltzl, bltzl $t1, 1f
        slot    bgezl, bgezl $t0, 1f
        slot    bltzall, bltzall $t1, 1f
        slot    bgezall, bgezall $t0, 1f
        slot    j, j 1f
        slot    jal, jal 1f
        slot    jr, jr $t2
        slot    jalr, jalr $t2
        slot    beq_not, beq $t0, $zero, 1f
        slot    bne_not, bne $t0, $t3, 1f
        slot    bgezal_not, bgezal $t1, 1f

# Likely branches not taken: the trap in the slot must not happen.
        .macro  annul name, branch:vararg
        slot    annul_\name, \branch
        .endm
        annul   beql, beql $t0, $zero, 1f
        annul   bnel, bnel $t0, $t3, 1f
        annul   blezl, blezl $t0, 1f
        annul   bgtzl, bgtzl $t1, 1f
        annul   bltzl, bltzl $t0, 1f
        annul   bgezl, bgezl $t1, 1f
        annul   bltzall, bltzall $t0, 1f
        annul   bgezall, bgezall $t1, 1f

# Other faults in slots.
        .macro  slotted name, code:vararg
        probe   slotted_\name
probe_slotted_\name\()_at:
        b       1f
        \code
        li      $v0, 7
1:      done
        .endm
        slotted syscall, syscall
        slotted break, break
        slotted reserved, .word 0xEC000000
        slotted mfc1, mfc1 $v0, $f0
        slotted add, add $v0, $a0, $a1
        slotted lw, lw $v0, 0($a0)
        slotted sw, sw $a1, 0($a0)

# A trap in the slot that the handler repairs (it clears a0) before it returns to the branch: the branch runs again, and
# what it does must come out as if nothing had happened. v0 counts what ran after it.
        .macro  retry name, branch:vararg
        probe   retry_\name
        li      $v0, 0
        li      $t0, 1
        la      $t2, 1f
probe_retry_\name\()_at:
        \branch
        tne     $a0, $zero
        addiu   $v0, $v0, 100
1:      done
        .endm
        retry   bne, bne $t0, $zero, 1f
        retry   bnel, bnel $t0, $zero, 1f
        retry   jal, jal 1f
        retry   jalr, jalr $t2
        retry   not, beq $t0, $zero, 1f

# LL and SC with nothing in between: v0 = what SC left (1), the word holds a1.
        probe   llsc
probe_llsc_at:
        ll      $t0, 0($a0)
        move    $v0, $a1
        sc      $v0, 0($a0)
        done

# LL, an exception whose handler steps over it with ERET, SC: v0 = 0, the word is unchanged.
        probe   llsc_eret
        ll      $t0, 0($a0)
probe_llsc_eret_at:
        syscall
        move    $v0, $a1
        sc      $v0, 0($a0)
        done

# ERET from EXL: to EPC, with EXL clear and nothing of what follows it run. v0 = Status afterwards.
        probe   eret_exl
        mfc0    $t0, $12, 0
        ori     $t0, $t0, 2
        mtc0    $t0, $12, 0
        ehb
        la      $t1, probe_eret_exl_at
        mtc0    $t1, $14, 0
        ehb
        eret
        done
probe_eret_exl_at:
        mfc0    $v0, $12, 0
        done

# ERET from ERL: to ErrorEPC, with ERL clear.
        probe   eret_erl
        mfc0    $t0, $12, 0
        ori     $t0, $t0, 4
        mtc0    $t0, $12, 0
        ehb
        la      $t1, probe_eret_erl_at
        mtc0    $t1, $30, 0
        ehb
        eret
        done
probe_eret_erl_at:
        mfc0    $v0, $12, 0
        done

# An exception with EXL set: EPC and BD stay. a0 goes to EPC first, and then the load from a1 (or trap when a1 = 0).
        probe   nested
        mfc0    $t0, $12, 0
        ori     $t0, $t0, 2
        mtc0    $t0, $12, 0
        mtc0    $a0, $14, 0
        ehb
        bnez    $a1, 1f
        nop
probe_nested_at:
        teq     $zero, $zero
1:      lw      $v0, 0($a1)
        done

# Software interrupt: writes a0 to Cause and gives it time to be taken.
        probe   cause
        mtc0    $a0, $13, 0
probe_cause_at:
        ehb
        nop
        nop
        done

# EI and DI: v0 = what DI returned xor'ed with what EI returned (IE), v1 unused.
        probe   eidi
        ei      $t0
        ehb
probe_eidi_at:
        di      $t1
        ehb
        xor     $v0, $t0, $t1
        mfc0    $t2, $12, 0
        andi    $t2, $t2, 1
        sll     $t2, $t2, 31
        or      $v0, $v0, $t2
        done

# Shadow sets: with one set, RDPGPR and WRPGPR are moves.
        probe   pgpr
        .word   0x41C44800              # wrpgpr t1, a0
probe_pgpr_at:
        .word   0x41491000              # rdpgpr v0, t1
        done

# The CACHE operations every profile knows, and SYNCI; the word at a0 must survive.
        probe   cache
probe_cache_at:
        cache   0x15, 0($a0)
        sync
        cache   0x11, 0($a0)
        cache   0x10, 0($a0)
        cache   0x01, 0($a0)
        cache   0x00, 0($a0)
        synci   0($a0)
        sync
        ehb
        lw      $v0, 0($a0)
        done

# enter_user(pc, a0, a1): runs user code until it takes an exception; the handler returns here through user_return.
        .globl  enter_user, user_return
enter_user:
        addiu   $sp, $sp, -48
        .irp    n, 16,17,18,19,20,21,22,23
        sw      $\n, ((\n - 16) * 4)($sp)
        .endr
        sw      $fp, 32($sp)
        sw      $ra, 36($sp)
        la      $t0, user_saved_sp
        sw      $sp, 0($t0)
        la      $t0, user_status
        lw      $t0, 0($t0)
        mtc0    $t0, $12, 0
        mtc0    $a0, $14, 0
        move    $a0, $a1
        move    $a1, $a2
        li      $v0, 0x1234
        ehb
        eret
user_return:
        la      $t0, user_saved_sp
        lw      $sp, 0($t0)
        .irp    n, 16,17,18,19,20,21,22,23
        lw      $\n, ((\n - 16) * 4)($sp)
        .endr
        lw      $fp, 32($sp)
        lw      $ra, 36($sp)
        jr      $ra
        addiu   $sp, $sp, 48

        .bss
        .balign 4
user_saved_sp:
        .space  4
        .text

        # user_NAME to user_NAME_end: position independent, always ends in SYSCALL
        .macro  user name, code:vararg
        .globl  user_\name, user_\name\()_end
user_\name:
        \code
        syscall
        nop
user_\name\()_end:
        .endm

        user    syscall, li $v0, 0x55
        user    mfc0, mfc0 $v0, $12, 0
        user    mtc0, mtc0 $zero, $12, 0
        user    eret, eret
        user    tlbr, tlbr
        user    wait, wait
        user    di, di
        user    cache, cache 0x15, 0($a0)
        user    lw, lw $v0, 0($a0)
        user    sw, sw $a1, 0($a0)
        user    rdhwr, rdhwr $v0, $2
        user    rdhwr29, .word 0x7C02E83B
        user    mfc1, mfc1 $v0, $f0
        .globl  user_jump, user_jump_end, user_slot, user_slot_end, user_loop, user_loop_end
user_jump:
        jr      $a0
        nop
user_jump_end:
user_slot:
        b       1f
        break
1:      syscall
        nop
user_slot_end:
user_loop:
1:      b       1b
        addiu   $v0, $v0, 1
user_loop_end:
