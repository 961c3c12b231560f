# One instruction at a time for fpu_checks.c.
#
# fprobe_NAME(io): loads the operands and FCSR from *io, runs the instruction at fprobe_NAME_at, and stores the result
# (which held io->result before) and FCSR. If the instruction traps, the handler steps over it.

        .set noreorder
        .set noat
        .set hardfloat
        .text

# struct io of fpu_checks.c
#define A 0
#define B 8
#define C 16
#define RESULT 24
#define FCSR_IN 32
#define FCSR_OUT 36
#define GPR 40

        .macro  begin name
        .globl  fprobe_\name, fprobe_\name\()_at
fprobe_\name:
        ctc1    $zero, $31
        ldc1    $f4, A($a0)
        ldc1    $f6, B($a0)
        ldc1    $f10, C($a0)
        ldc1    $f8, RESULT($a0)
        lw      $v0, GPR($a0)
        lw      $t0, FCSR_IN($a0)
        ctc1    $t0, $31
fprobe_\name\()_at:
        .endm

        .macro  finish
        cfc1    $t1, $31
        ctc1    $zero, $31
        sdc1    $f8, RESULT($a0)
        sw      $v0, GPR($a0)
        jr      $ra
        sw      $t1, FCSR_OUT($a0)
        .endm

        .macro  op name, code:vararg
        begin   \name
        \code
        finish
        .endm

        op      add_d, add.d $f8, $f4, $f6
        op      sub_d, sub.d $f8, $f4, $f6
        op      mul_d, mul.d $f8, $f4, $f6
        op      div_d, div.d $f8, $f4, $f6
        op      sqrt_d, sqrt.d $f8, $f4
        op      recip_d, recip.d $f8, $f4
        op      rsqrt_d, rsqrt.d $f8, $f4
        op      mov_d, mov.d $f8, $f4
        op      neg_d, neg.d $f8, $f4
        op      abs_d, abs.d $f8, $f4
        op      add_s, add.s $f8, $f4, $f6
        op      sub_s, sub.s $f8, $f4, $f6
        op      mul_s, mul.s $f8, $f4, $f6
        op      div_s, div.s $f8, $f4, $f6
        op      sqrt_s, sqrt.s $f8, $f4
        op      cvt_s_d, cvt.s.d $f8, $f4
        op      cvt_d_s, cvt.d.s $f8, $f4
        op      cvt_w_d, cvt.w.d $f8, $f4
        op      cvt_w_s, cvt.w.s $f8, $f4
        op      cvt_d_w, cvt.d.w $f8, $f4
        op      cvt_s_w, cvt.s.w $f8, $f4
        op      round_w_d, round.w.d $f8, $f4
        op      trunc_w_d, trunc.w.d $f8, $f4
        op      ceil_w_d, ceil.w.d $f8, $f4
        op      floor_w_d, floor.w.d $f8, $f4
        op      round_w_s, round.w.s $f8, $f4
        op      trunc_w_s, trunc.w.s $f8, $f4
        op      ceil_w_s, ceil.w.s $f8, $f4
        op      floor_w_s, floor.w.s $f8, $f4
        op      madd_d, madd.d $f8, $f10, $f4, $f6
        op      msub_d, msub.d $f8, $f10, $f4, $f6
        op      nmadd_d, nmadd.d $f8, $f10, $f4, $f6
        op      nmsub_d, nmsub.d $f8, $f10, $f4, $f6
        op      madd_s, madd.s $f8, $f10, $f4, $f6
        op      msub_s, msub.s $f8, $f10, $f4, $f6
        op      nmadd_s, nmadd.s $f8, $f10, $f4, $f6
        op      nmsub_s, nmsub.s $f8, $f10, $f4, $f6

# Conditions: FCC 0, and FCC 5 for the branches and moves below.
        .macro  condition name
        op      c_\name\()_s, c.\name\().s $f4, $f6
        op      c_\name\()_d, c.\name\().d $f4, $f6
        .endm
        condition f
        condition un
        condition eq
        condition ueq
        condition olt
        condition ult
        condition ole
        condition ule
        condition sf
        condition ngle
        condition seq
        condition ngl
        condition lt
        condition nge
        condition le
        condition ngt
        op      c5_eq_d, c.eq.d $fcc5, $f4, $f6

# v0 collects 1 for "went there" and 2 for "slot ran".
        .macro  branch name, code:vararg
        begin   \name
        move    $v0, $zero
        \code
        ori     $v0, $v0, 2
        b       2f
        nop
1:      ori     $v0, $v0, 1
2:      finish
        .endm
        branch  bc1t, bc1t $fcc0, 1f
        branch  bc1f, bc1f $fcc0, 1f
        branch  bc1tl, bc1tl $fcc0, 1f
        branch  bc1fl, bc1fl $fcc0, 1f
        branch  bc1t5, bc1t $fcc5, 1f
        branch  bc1f5, bc1f $fcc5, 1f

        op      movt, movt $v0, $a0, $fcc0
        op      movf, movf $v0, $a0, $fcc0
        op      movt_d, movt.d $f8, $f4, $fcc0
        op      movf_d, movf.d $f8, $f4, $fcc0
        op      movt_s, movt.s $f8, $f4, $fcc0
        op      movf_s, movf.s $f8, $f4, $fcc5
        op      movz_d, movz.d $f8, $f4, $v0
        op      movn_d, movn.d $f8, $f4, $v0
        op      movz_s, movz.s $f8, $f4, $v0
        op      movn_s, movn.s $f8, $f4, $v0

# Register file and memory. With FR = 0 an odd register is the upper half of the pair.
        op      mfc1_low, mfc1 $v0, $f4
        op      mfc1_odd, mfc1 $v0, $f5
        op      mfhc1, mfhc1 $v0, $f4
        op      mtc1_odd, mtc1 $v0, $f9
        op      mthc1, mthc1 $v0, $f8
        op      mtc1_low, mtc1 $v0, $f8
        op      lwxc1, lwxc1 $f8, $v0($a0)
        op      ldxc1, ldxc1 $f8, $v0($a0)
        op      lwc1_odd, lwc1 $f9, A($a0)
        op      swxc1, swxc1 $f4, $v0($a0)
        op      sdxc1, sdxc1 $f4, $v0($a0)

# Control registers: v0 = what was read, or is written.
        op      ctc1, ctc1 $v0, $31
        op      cfc1_fccr, cfc1 $v0, $25
        op      cfc1_fexr, cfc1 $v0, $26
        op      cfc1_fenr, cfc1 $v0, $28
        op      ctc1_fccr, ctc1 $v0, $25
        op      ctc1_fexr, ctc1 $v0, $26
        op      ctc1_fenr, ctc1 $v0, $28

# A trap in a delay slot.
        begin   slot
        b       1f
        div.d   $f8, $f4, $f6
        nop
1:      finish

# The 64-bit register file: Status.FR = 1 must be set.
        .set    push
        .set    fp=64
        .macro  wide name, code:vararg
        .globl  fwide_\name, fwide_\name\()_at
fwide_\name:
        ldc1    $f5, A($a0)
        ldc1    $f7, B($a0)
        ldc1    $f9, RESULT($a0)
        lw      $v0, GPR($a0)
        lw      $t0, FCSR_IN($a0)
        ctc1    $t0, $31
fwide_\name\()_at:
        \code
        cfc1    $t1, $31
        ctc1    $zero, $31
        sdc1    $f9, RESULT($a0)
        sw      $v0, GPR($a0)
        jr      $ra
        sw      $t1, FCSR_OUT($a0)
        .endm
        wide    add_d, add.d $f9, $f5, $f7
        wide    mfc1, mfc1 $v0, $f5
        wide    mfhc1, mfhc1 $v0, $f5
        wide    mthc1, mthc1 $v0, $f9
        wide    cvt_l_d, cvt.l.d $f9, $f5
        wide    cvt_l_s, cvt.l.s $f9, $f5
        wide    cvt_d_l, cvt.d.l $f9, $f5
        wide    cvt_s_l, cvt.s.l $f9, $f5
        wide    round_l_d, round.l.d $f9, $f5
        wide    trunc_l_d, trunc.l.d $f9, $f5
        wide    ceil_l_d, ceil.l.d $f9, $f5
        wide    floor_l_d, floor.l.d $f9, $f5
        wide    round_l_s, round.l.s $f9, $f5
        wide    trunc_l_s, trunc.l.s $f9, $f5
        wide    ceil_l_s, ceil.l.s $f9, $f5
        wide    floor_l_s, floor.l.s $f9, $f5

# Fills all 32 registers with different doubles and sums up what is left of each: v0 = 0 when none touched another.
        .globl  fwide_all, fwide_all_at
fwide_all:
fwide_all_at:
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        li      $t0, 0x1000 + \n
        li      $t1, 0x2000 + \n
        mtc1    $t0, $f\n
        mthc1   $t1, $f\n
        .endr
        move    $v0, $zero
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        mfc1    $t0, $f\n
        mfhc1   $t1, $f\n
        xori    $t0, $t0, 0x1000 + \n
        xori    $t1, $t1, 0x2000 + \n
        or      $v0, $v0, $t0
        or      $v0, $v0, $t1
        .endr
        jr      $ra
        sw      $v0, GPR($a0)
        .set    pop
