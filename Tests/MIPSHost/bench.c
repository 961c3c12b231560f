// What a small VMM in C takes for the same KVM calls as Stasis, one program beside the other on one MIPS host.
//
//   bench ROUNDS PROGRAM [ARGUMENT]...
//
// PROGRAM is `live bench`: it measures what it is told to on its standard input. In each round each measurement is made by
// both, in turns, and for each a line is printed: its name, nanoseconds an operation here, nanoseconds an operation there.
// Scripts/bench makes ratios of them.
//
// This is the plainest C that does the work: no error handling beyond giving up, nothing between the calls. Measurements
// and their numbers are those of Tests/Live/Bench/Measurement.swift, which tells what each does.
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define REGISTER(width, set, number) (0x7000000000000000ull | (width) << 52 | (set) << 16 | (number))
enum { cp0 = 1, kvm = 2 };
#define T0 REGISTER(3ull, 0, 8)
#define T4 REGISTER(3ull, 0, 12)
#define PC REGISTER(3ull, 0, 34)
#define COUNT_CTL REGISTER(3ull, kvm, 0)
#define COUNT_RESUME REGISTER(3ull, kvm, 1)
#define COUNT_HZ REGISTER(3ull, kvm, 2)
#define COUNT REGISTER(2ull, cp0, 9 << 3)
#define COMPARE REGISTER(2ull, cp0, 11 << 3)
#define CAUSE REGISTER(2ull, cp0, 13 << 3)

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// MARK: The machine

struct device {
    uint8_t registers[8];
};

struct window {
    uint64_t base, size;
    uint32_t (*read)(struct device *, uint32_t offset, uint32_t size);
    void (*write)(struct device *, uint32_t offset, uint32_t size, uint32_t value);
    struct device device;
};

static uint32_t device_read(struct device *device, uint32_t offset, uint32_t size) {
    (void)size;
    return offset < 8 ? device->registers[offset] : 0;
}

static void device_write(struct device *device, uint32_t offset, uint32_t size, uint32_t value) {
    (void)size;
    if (offset < 8) { device->registers[offset] = (uint8_t)value; }
}

struct machine {
    int vm, vcpu;
    struct kvm_run *run;
    struct window windows[2];
};

static volatile sig_atomic_t stop;

static void on_alarm(int signal) {
    (void)signal;
    stop = 1;
}

static uint64_t get(struct machine *machine, uint64_t id) {
    uint64_t value = 0;
    struct kvm_one_reg reg = {id, (uintptr_t)&value};
    if (ioctl(machine->vcpu, KVM_GET_ONE_REG, &reg) < 0) { fail("KVM_GET_ONE_REG"); }
    return value;
}

static void set(struct machine *machine, uint64_t id, uint64_t value) {
    struct kvm_one_reg reg = {id, (uintptr_t)&value};
    if (ioctl(machine->vcpu, KVM_SET_ONE_REG, &reg) < 0) { fail("KVM_SET_ONE_REG"); }
}

// A machine with the program at physical 0x1000 of 1 MiB. When `masked`, no signal is blocked inside KVM_RUN.
static struct machine make(const uint32_t *program, size_t size, bool masked) {
    struct machine machine = {0};
    int device = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (device < 0) { fail("/dev/kvm"); }
    machine.vm = ioctl(device, KVM_CREATE_VM, 0);
    if (machine.vm < 0) { fail("KVM_CREATE_VM"); }
    size_t bytes = 1 << 20;
    uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) { fail("mmap"); }
    memcpy(memory + 0x1000, program, size);
    struct kvm_userspace_memory_region region = {0, 0, 0, bytes, (uintptr_t)memory};
    if (ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region) < 0) { fail("KVM_SET_USER_MEMORY_REGION"); }
    machine.vcpu = ioctl(machine.vm, KVM_CREATE_VCPU, 0);
    if (machine.vcpu < 0) { fail("KVM_CREATE_VCPU"); }
    long area = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
    machine.run = mmap(NULL, (size_t)area, PROT_READ | PROT_WRITE, MAP_SHARED, machine.vcpu, 0);
    if (machine.run == MAP_FAILED) { fail("mmap of the vCPU"); }
    machine.windows[0] = (struct window){0x10000000, 0x100, device_read, device_write, {{0}}};
    machine.windows[1] = (struct window){0x10002000, 0x100, device_read, device_write, {{0}}};
    set(&machine, PC, 0x40001000);
    struct {
        uint32_t length;
        uint8_t set[16];
    } mask = {16, {0}};
    if (masked && ioctl(machine.vcpu, KVM_SET_SIGNAL_MASK, &mask) < 0) { fail("KVM_SET_SIGNAL_MASK"); }
    close(device);
    return machine;
}

static void serve(struct machine *machine) {
    struct kvm_run *run = machine->run;
    for (int index = 0; index < 2; index++) {
        struct window *window = &machine->windows[index];
        uint64_t offset = run->mmio.phys_addr - window->base;
        if (offset >= window->size) { continue; }
        if (run->mmio.is_write) {
            uint32_t value = 0;
            memcpy(&value, run->mmio.data, run->mmio.len & 7);
            window->write(&window->device, (uint32_t)offset, run->mmio.len, value);
        } else {
            uint32_t value = window->read(&window->device, (uint32_t)offset, run->mmio.len);
            memcpy(run->mmio.data, &value, sizeof value);
        }
        return;
    }
    fail("an access to nothing");
}

// The run loop of a VMM that can be stopped by a signal, which is blocked except inside KVM_RUN, so that it cannot come between a
// look and an entry.
static void loop(struct machine *machine) {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    while (!stop) {
        if (ioctl(machine->vcpu, KVM_RUN, 0) < 0) {
            sigprocmask(SIG_UNBLOCK, &alarm, NULL);
            sigprocmask(SIG_BLOCK, &alarm, NULL);
            continue;
        }
        switch (machine->run->exit_reason) {
        case KVM_EXIT_MMIO: serve(machine); break;
        case KVM_EXIT_IRQ_WINDOW_OPEN: break;
        default: fail("an exit that nobody wanted");
        }
    }
}

// MARK: What is measured

struct result {
    uint64_t nanoseconds, operations;
};

// The guest measures as well: the fewest ticks of Count 100 accesses took, in t4. GuestLoop.swift tells the program; `access` is
// sb t0, 7(t1) or lbu t0, 7(t1).
#define PROGRAM(access)                                                                                           \
    {0x3c09b000, 0x240cffff, 0x400a4800, 0x240b0064, access,     0x256bffff, 0x1560fffd, 0,                       \
     0x400d4800, 0x01aa6823, 0x01ac702b, 0x01ae600b, 0x1000fff5, 0}
static const uint32_t stores[] = PROGRAM(0xa1280007);
static const uint32_t loads[] = PROGRAM(0x91280007);

enum { batches = 20, calls = 500, cycles = 100, exits = 100, loop_microseconds = 150000 };

static struct result measure_get(struct machine *machine) {
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < calls; i++) { get(machine, COUNT_CTL); }
    return (struct result){now(CLOCK_MONOTONIC) - start, calls};
}

static struct result measure_set(struct machine *machine) {
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < calls; i++) { set(machine, T0, (uint64_t)i); }
    return (struct result){now(CLOCK_MONOTONIC) - start, calls};
}

struct frozen {
    uint64_t resume, hz, cause, count, compare, monotonic, realtime, width;
};

static void read_timer(struct machine *machine, struct frozen *frozen) {
    frozen->resume = get(machine, COUNT_RESUME);
    frozen->hz = get(machine, COUNT_HZ);
    frozen->cause = get(machine, CAUSE);
    frozen->count = get(machine, COUNT);
    frozen->compare = get(machine, COMPARE);
}

static struct result measure_calls(struct machine *machine) {
    struct frozen frozen;
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < cycles; i++) {
        set(machine, COUNT_CTL, 1);
        read_timer(machine, &frozen);
        set(machine, COUNT_CTL, 0);
    }
    return (struct result){now(CLOCK_MONOTONIC) - start, cycles};
}

static struct result measure_cycle(struct machine *machine) {
    struct frozen frozen;
    uint64_t stood = 0;
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < cycles; i++) {
        if (get(machine, COUNT_CTL) & 1) { fail("somebody else stopped the timer"); }
        set(machine, COUNT_CTL, 1);
        uint64_t before = now(CLOCK_MONOTONIC);
        frozen.realtime = now(CLOCK_REALTIME);
        uint64_t after = now(CLOCK_MONOTONIC);
        frozen.monotonic = before + (after - before) / 2;
        frozen.width = after - before;
        read_timer(machine, &frozen);
        stood += now(CLOCK_MONOTONIC) - frozen.resume;
        set(machine, COUNT_CTL, 0);
    }
    struct result result = {now(CLOCK_MONOTONIC) - start, cycles};
    return stood ? result : (struct result){0};
}

static struct result measure_exits(struct machine *machine) {
    uint64_t start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < exits; i++) {
        if (ioctl(machine->vcpu, KVM_RUN, 0) < 0) { fail("KVM_RUN"); }
        if (machine->run->exit_reason != KVM_EXIT_MMIO) { fail("another exit"); }
        serve(machine);
    }
    return (struct result){now(CLOCK_MONOTONIC) - start, exits};
}

static struct result measure_loop(struct machine *machine) {
    stop = 0;
    set(machine, T4, UINT32_MAX);
    struct itimerval after = {{0, 0}, {0, loop_microseconds}};
    setitimer(ITIMER_REAL, &after, NULL);
    loop(machine);
    return (struct result){(uint32_t)get(machine, T4) * 1000000000ull / get(machine, COUNT_HZ), 100};
}

static const char *const names[] = {"get", "set", "calls", "cycle", "store-exit", "load-exit", "store-loop", "load-loop"};
enum { measurements = sizeof names / sizeof names[0] };

static struct machine bare_store, bare_load, loop_store, loop_load;

static struct result batch(int which) {
    switch (which) {
    case 0: return measure_get(&bare_store);
    case 1: return measure_set(&bare_store);
    case 2: return measure_calls(&bare_store);
    case 3: return measure_cycle(&bare_store);
    case 4: return measure_exits(&bare_store);
    case 5: return measure_exits(&bare_load);
    case 6: return measure_loop(&loop_store);
    default: return measure_loop(&loop_load);
    }
}

// The fastest of some batches: each is short enough that many see neither an interrupt nor the emulator's own host busy elsewhere.
static struct result measure(int which) {
    struct result best = {0};
    // In the loops the guest looks for the fastest.
    for (int i = 0; i < (which < 6 ? batches : 1); i++) {
        struct result result = batch(which);
        if (!result.operations) { return result; }
        if (!best.operations || result.nanoseconds * best.operations < best.nanoseconds * result.operations) {
            best = result;
        }
    }
    return best;
}

// MARK: The other program

static FILE *to, *from;

static void start(char **command) {
    int input[2], output[2];
    if (pipe(input) < 0 || pipe(output) < 0) { fail("pipe"); }
    pid_t child = fork();
    if (child < 0) { fail("fork"); }
    if (child == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        close(input[1]);
        close(output[0]);
        execv(command[0], command);
        fail(command[0]);
    }
    close(input[0]);
    close(output[1]);
    to = fdopen(input[1], "w");
    from = fdopen(output[0], "r");
}

static struct result ask(int which) {
    struct result result = {0};
    fprintf(to, "%d\n", which);
    fflush(to);
    unsigned long long nanoseconds, operations;
    if (fscanf(from, "%llu %llu", &nanoseconds, &operations) != 2) {
        fprintf(stderr, "bench: the other program did not answer\n");
        exit(1);
    }
    result.nanoseconds = nanoseconds;
    result.operations = operations;
    return result;
}

int main(int count, char **words) {
    if (count < 3) {
        fprintf(stderr, "bench: ROUNDS PROGRAM [ARGUMENT]...\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    // Before there is a VM, whose memory a fork would have to protect.
    start(words + 2);
    bare_store = make(stores, sizeof stores, false);
    bare_load = make(loads, sizeof loads, false);
    loop_store = make(stores, sizeof stores, true);
    loop_load = make(loads, sizeof loads, true);
    int rounds = atoi(words[1]);
    for (int round = -1; round < rounds; round++) {
        for (int which = 0; which < measurements; which++) {
            struct result here, there;
            // Each goes first as often as the other.
            if (round & 1) {
                here = measure(which);
                there = ask(which);
            } else {
                there = ask(which);
                here = measure(which);
            }
            if (!here.operations || !there.operations) {
                fprintf(stderr, "bench: %s measured nothing\n", names[which]);
                return 1;
            }
            // The first round only warms up.
            if (round < 0) { continue; }
            printf("%s %.1f %.1f\n", names[which], (double)here.nanoseconds / (double)here.operations,
                   (double)there.nanoseconds / (double)there.operations);
            fflush(stdout);
        }
    }
    return 0;
}
