# Exception vectors and the way in and out of exception_dispatch().
#
# k0 and k1 belong to this file alone. The frame is static, at the top of the exception stack: exceptions do not nest
# (EXL is set all the way), and exception_dispatch() says so if one does.

        .set noreorder
        .set noat

# struct frame of machine.h
#define HI 128
#define LO 132
#define STATUS 136
#define CAUSE 140
#define EPC 144
#define BADVADDR 148
#define VECTOR 152
#define ENTRYHI 156
#define CONTEXT 160
#define FRAME_SIZE 168

        .macro vector offset
        la      $k0, exception_common
        jr      $k0
        li      $k1, \offset
        .endm

        .section .vectors, "ax", @progbits
        .globl vectors
        .balign 4096
vectors:
        vector  0x000
        .org    0x180
        vector  0x180
        .org    0x200
        vector  0x200
        .org    0x1000
        .globl second_vectors
second_vectors:
        vector  0x1000
        .org    0x1180
        vector  0x1180
        .org    0x1200
        vector  0x1200
        .org    0x2000

        .text
        .globl exception_common
exception_common:
        la      $k0, exception_frame
        sw      $k1, VECTOR($k0)
        sw      $zero, 0($k0)
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sw      $\n, (\n * 4)($k0)
        .endr
        mfhi    $t0
        sw      $t0, HI($k0)
        mflo    $t0
        sw      $t0, LO($k0)
        mfc0    $t0, $12, 0
        sw      $t0, STATUS($k0)
        mfc0    $t0, $13, 0
        sw      $t0, CAUSE($k0)
        mfc0    $t0, $14, 0
        sw      $t0, EPC($k0)
        mfc0    $t0, $8, 0
        sw      $t0, BADVADDR($k0)
        mfc0    $t0, $10, 0
        sw      $t0, ENTRYHI($k0)
        mfc0    $t0, $4, 0
        sw      $t0, CONTEXT($k0)
        move    $a0, $k0
        jal     exception_dispatch
        addiu   $sp, $k0, -32

        la      $k0, exception_frame
        lw      $t0, HI($k0)
        mthi    $t0
        lw      $t0, LO($k0)
        mtlo    $t0
        lw      $t0, STATUS($k0)
        mtc0    $t0, $12, 0
        lw      $t0, EPC($k0)
        mtc0    $t0, $14, 0
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
        lw      $\n, (\n * 4)($k0)
        .endr
        ehb
        eret

        .section .noinit, "aw", @nobits
        .balign 16
        .space  4096
exception_frame:
        .space  FRAME_SIZE
        .balign 16
        .space  16384
        .globl stack_top
stack_top:
