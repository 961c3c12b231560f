"""Runs one floating-point instruction over many operands on somebody else's 24Kf, and gives back what it did.

The guest is a loop of a dozen instructions, encoded here so that no assembler is needed. It reads records of 32 bytes
(three operands of 64 bits, FCSR, a pad word) and writes records of 16 (result of 64 bits, FCSR after, a pad word).

Two oracles run the same loop:
  qemu      qemu-mipsel (Debian's qemu-user), -cpu 24Kf: a static ELF built here reads records from standard input
  unicorn   the Python package unicorn, UC_CPU_MIPS32_24KF, the loop in kernel mode
"""

import pathlib
import struct
import subprocess
import tempfile

RECORD = 32
ANSWER = 16

SINGLE, DOUBLE, WORD, LONG = 16, 17, 20, 21

# General registers of the loop.
ZERO, V0, V1, A0, A1, A2, A3 = 0, 2, 3, 4, 5, 6, 7
T0, T1, S0, S1, S2, S3, S4, S5 = 8, 9, 16, 17, 18, 19, 20, 21


def imm(op, rs, rt, value):
    return op << 26 | rs << 21 | rt << 16 | value & 0xFFFF


def addiu(rt, rs, value):
    return imm(9, rs, rt, value)


def lui(rt, value):
    return imm(15, 0, rt, value)


def ori(rt, rs, value):
    return imm(13, rs, rt, value)


def lw(rt, offset, base):
    return imm(35, base, rt, offset)


def sw(rt, offset, base):
    return imm(43, base, rt, offset)


def ldc1(ft, offset, base):
    return imm(53, base, ft, offset)


def sdc1(ft, offset, base):
    return imm(61, base, ft, offset)


def addu(rd, rs, rt):
    return rs << 21 | rt << 16 | rd << 11 | 33


def subu(rd, rs, rt):
    return rs << 21 | rt << 16 | rd << 11 | 35


def srl(rd, rt, amount):
    return rt << 16 | rd << 11 | amount << 6 | 2


def bne(rs, rt, words):
    return imm(5, rs, rt, words)


def blez(rs, words):
    return imm(6, rs, 0, words)


def syscall(number):
    return [addiu(V0, ZERO, number), 12]


def cop1(fmt, ft, fs, fd, function):
    return 17 << 26 | fmt << 21 | ft << 16 | fs << 11 | fd << 6 | function


def cop1x(fr, ft, fs, fd, function):
    return 19 << 26 | fr << 21 | ft << 16 | fs << 11 | fd << 6 | function


def instructions():
    """Name in the manual -> encoding with the operands in f2, f4, f6 and the result in f0 (or condition bit 0)."""
    table = {}
    for letter, fmt in (("s", SINGLE), ("d", DOUBLE)):
        for code, name in enumerate(("add", "sub", "mul", "div")):
            table[f"{name}.{letter}"] = cop1(fmt, 4, 2, 0, code)
        for code, name in ((4, "sqrt"), (5, "abs"), (7, "neg"), (21, "recip"), (22, "rsqrt")):
            table[f"{name}.{letter}"] = cop1(fmt, 0, 2, 0, code)
        # fd = fs * ft + fr with fr = the first operand, fs and ft the next two.
        for code, name in ((0x20, "madd"), (0x28, "msub"), (0x30, "nmadd"), (0x38, "nmsub")):
            table[f"{name}.{letter}"] = cop1x(2, 6, 4, 0, code + fmt - SINGLE)
        for code, name in enumerate(("round", "trunc", "ceil", "floor")):
            table[f"{name}.l.{letter}"] = cop1(fmt, 0, 2, 0, 8 + code)
            table[f"{name}.w.{letter}"] = cop1(fmt, 0, 2, 0, 12 + code)
        table[f"cvt.w.{letter}"] = cop1(fmt, 0, 2, 0, 36)
        table[f"cvt.l.{letter}"] = cop1(fmt, 0, 2, 0, 37)
        for condition in range(16):
            table[f"c.{condition}.{letter}"] = cop1(fmt, 4, 2, 0, 48 + condition)
    table["cvt.s.d"] = cop1(DOUBLE, 0, 2, 0, 32)
    table["cvt.d.s"] = cop1(SINGLE, 0, 2, 0, 33)
    table["cvt.s.w"] = cop1(WORD, 0, 2, 0, 32)
    table["cvt.d.w"] = cop1(WORD, 0, 2, 0, 33)
    table["cvt.s.l"] = cop1(LONG, 0, 2, 0, 32)
    table["cvt.d.l"] = cop1(LONG, 0, 2, 0, 33)
    return table


INSTRUCTIONS = instructions()


def loop(instruction):
    """S0 = records, S1 = answers, S2 = how many (not zero)."""
    body = [
        lw(T0, 24, S0),
        17 << 26 | 6 << 21 | T0 << 16 | 31 << 11,  # ctc1 T0, FCSR
        ldc1(2, 0, S0),
        ldc1(4, 8, S0),
        ldc1(6, 16, S0),
        instruction,
        17 << 26 | 2 << 21 | T1 << 16 | 31 << 11,  # cfc1 T1, FCSR
        sdc1(0, 0, S1),
        sw(T1, 8, S1),
        addiu(S0, S0, RECORD),
        addiu(S2, S2, -1),
    ]
    return body + [bne(S2, ZERO, -len(body) - 1), addiu(S1, S1, ANSWER)]


class Unicorn:
    """The loop in unicorn's 24Kf; FR = 1, so that the long format exists."""

    CODE, RECORDS, ANSWERS = 0x10000, 0x100000, 0x4000000
    CHUNK = 1 << 20

    def __init__(self):
        import unicorn
        from unicorn import mips_const

        self.uc = unicorn.Uc(unicorn.UC_ARCH_MIPS, unicorn.UC_MODE_MIPS32 | unicorn.UC_MODE_LITTLE_ENDIAN)
        self.uc.ctl_set_cpu_model(mips_const.UC_CPU_MIPS32_24KF)
        self.uc.mem_map(self.CODE, 0x10000)
        self.uc.mem_map(self.RECORDS, self.CHUNK * RECORD)
        self.uc.mem_map(self.ANSWERS, self.CHUNK * ANSWER)
        self.s0, self.s1, self.s2 = (
            getattr(mips_const, f"UC_MIPS_REG_{n}") for n in (S0, S1, S2)
        )

    def run(self, name, records):
        # Status: CU1, FR, and the reset state's BEV and ERL, which leave low addresses unmapped.
        start = [lui(T0, 0x2440), ori(T0, T0, 4), 16 << 26 | 4 << 21 | T0 << 16 | 12 << 11, 0, 0]
        code = b"".join(struct.pack("<I", word) for word in start + loop(INSTRUCTIONS[name]))
        self.uc.ctl_remove_cache(self.CODE, self.CODE + 0x1000)
        self.uc.mem_write(self.CODE, code)
        answers = []
        for begin in range(0, len(records), self.CHUNK * RECORD):
            part = records[begin : begin + self.CHUNK * RECORD]
            count = len(part) // RECORD
            self.uc.mem_write(self.RECORDS, bytes(part))
            self.uc.reg_write(self.s0, self.RECORDS)
            self.uc.reg_write(self.s1, self.ANSWERS)
            self.uc.reg_write(self.s2, count)
            self.uc.emu_start(self.CODE, self.CODE + len(code))
            answers.append(bytes(self.uc.mem_read(self.ANSWERS, count * ANSWER)))
        return b"".join(answers)


class Qemu:
    """The loop as a static program under qemu-mipsel; FR = 1 by prctl."""

    BASE = 0x400000
    CHUNK = 4096

    def run(self, name, records):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "loop.elf")
            program.write_bytes(self.program(INSTRUCTIONS[name]))
            program.chmod(0o755)
            done = subprocess.run(
                ["qemu-mipsel", "-cpu", "24Kf", program], input=records, stdout=subprocess.PIPE, check=True
            )
        return done.stdout

    def program(self, instruction):
        size = self.CHUNK * RECORD
        buffer = self.BASE + 0x10000
        answers = buffer + size
        start = [
            addiu(A0, ZERO, 45), addiu(A1, ZERO, 1), addiu(A2, ZERO, 0), addiu(A3, ZERO, 0),
            *syscall(4192),  # prctl(PR_SET_FP_MODE, PR_FP_MODE_FR)
        ]
        body = [
            # Fill the buffer: a pipe gives what it has. S3 = bytes so far, S4 = size.
            addiu(S3, ZERO, 0), lui(S4, size >> 16), ori(S4, S4, size),
            # read(0, buffer + S3, size - S3)
            addiu(A0, ZERO, 0), lui(A1, buffer >> 16), ori(A1, A1, buffer), addu(A1, A1, S3), subu(A2, S4, S3),
            *syscall(4003),
            blez(V0, 4), 0, addu(S3, S3, V0), bne(S3, S4, -11), 0,
            # End of input and nothing read: exit(0).
            bne(S3, ZERO, 4), addiu(A0, ZERO, 0), *syscall(4001), 0,
            lui(S0, buffer >> 16), ori(S0, S0, buffer), lui(S1, answers >> 16), ori(S1, S1, answers), srl(S2, S3, 5),
        ] + loop(instruction) + [
            # write(1, answers, S3 / 2): regular files and pipes opened for blocking take it all.
            addiu(A0, ZERO, 1), lui(A1, answers >> 16), ori(A1, A1, answers), srl(A2, S3, 1), *syscall(4004),
        ]
        code = start + body
        code += [imm(4, ZERO, ZERO, -len(body) - 1), 0]  # beq: again
        text = b"".join(struct.pack("<I", word) for word in code)
        header = b"\x7fELF\x01\x01\x01" + bytes(9)
        # MIPS, version 1, entry, program headers, no sections, o32 mips32r2.
        header += struct.pack("<HHIIIIIHHHHHH", 2, 8, 1, self.BASE + 0x1000, 52, 0, 0x70001000, 52, 32, 1, 0, 0, 0)
        file_size = 0x1000 + len(text)
        memory = 0x10000 + size + self.CHUNK * ANSWER
        header += struct.pack("<IIIIIIII", 1, 0, self.BASE, self.BASE, file_size, memory, 7, 0x1000)
        return header.ljust(0x1000, b"\0") + text


def oracle(name):
    return {"unicorn": Unicorn, "qemu": Qemu}[name]()
