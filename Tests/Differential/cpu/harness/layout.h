/* Where the parts of a differential run lie in guest memory, and how vectors and results are laid out.
 * Sources/Layout.swift says the same to the generator and the comparison. Physical addresses; sizes in bytes. */
#ifndef LAYOUT_H
#define LAYOUT_H

#define HEADER 0x00200000  /* word 0: number of vectors; word 1: 1 when all are done */
#define STATE 0x00300000   /* the harness's variables */
#define VECTORS 0x01000000 /* one after another, VECTOR_SIZE each */
#define RESULTS 0x04000000 /* one after another, RESULT_SIZE each */
#define VECTOR_SIZE 2048
#define RESULT_SIZE 2048

/* The windows: 128 bytes each, the memory a vector loads from and stores to. */
#define WINDOW_0 0x00110F80
#define WINDOW_1 0x00123000
#define WINDOW_2 0x00134100
#define WINDOW_3 0x00145F00
#define WINDOW_SIZE 128

/* Offsets in a vector. */
#define V_STATUS 0
#define V_CAUSE 4
#define V_PC 8
#define V_BASE 12   /* exceptions at V_BASE ... V_BASE + V_LENGTH - 1 are stepped over, others end the vector */
#define V_LENGTH 16
#define V_CODE 20   /* KSEG0 address the code is copied to */
#define V_WORDS 24  /* words of code */
#define V_LIMIT 28  /* exceptions after which the vector ends */
#define V_ENTRYHI 32
#define V_ENTRYLO0 36
#define V_ENTRYLO1 40
#define V_PAGEMASK 44
#define V_CONTEXT 48
#define V_INDEX 52
#define V_WIRED 56
#define V_HWRENA 60
#define V_USERLOCAL 64
#define V_FCSR 68
#define V_HI 72
#define V_LO 76
#define V_ERROREPC 80
#define V_ROUNDS 84 /* how often the program runs */
#define V_GPR 128
#define V_FPR 256
#define V_TLB 512
#define V_WINDOWS 768
#define V_WORD 1280

/* Offsets in a result. The GPRs, FPRs, the TLB and the windows lie as in a vector. */
#define R_EXCEPTIONS 0
#define R_EXECUTED 4
#define R_STATUS 8
#define R_CAUSE 12
#define R_EPC 16
#define R_BADVADDR 20
#define R_ENTRYHI 24
#define R_ENTRYLO0 28
#define R_ENTRYLO1 32
#define R_PAGEMASK 36
#define R_CONTEXT 40
#define R_INDEX 44
#define R_WIRED 48
#define R_HWRENA 52
#define R_USERLOCAL 56
#define R_FCSR 60
#define R_HI 64
#define R_LO 68
#define R_ERROREPC 72
#define R_LOG 1280 /* 24 entries of 32 bytes, for the latest exceptions: a ring */
#define LOG_ENTRIES 24
#define LOG_SIZE 32

/* The harness's variables, offsets from STATE. */
#define S_VECTOR 0
#define S_RESULT 4
#define S_LEFT 8
#define S_LOG 12
#define S_EXCEPTIONS 16
#define S_START 20
#define S_EXECUTED 24
#define S_NOW 28
#define S_OFFSET 32
#define S_AT 36
#define S_V0 40
#define S_V1 44
#define S_ROUNDS 48

#define KSEG0(a) (0x80000000 + (a))

#endif
