// A file system under stress: writes, syncs, renames, reads back, removes, and believes nothing.
//
//   fsstress FOLDER [ROUNDS [SEED]]      without ROUNDS, or with 0, it goes on for ever
//
// A round takes a handful of files. What a file holds follows from the seed, its number and its generation, so every byte that
// comes back is checked. In a round some files are written anew (in pieces of random size), synced and renamed into place, some
// grow, some are cut short, some are removed; then the page cache is dropped, if the kernel lets us (root, /proc mounted), and
// all of them are read back. A round that is sound prints `round N ok: F files, B bytes`. The first difference, and the first error
// of a call, prints one line that begins with `fsstress: ERROR` and ends the program with 1. The folder is made if it is not there;
// files of an earlier run in it are removed first, and the files are left there at the end.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { files = 12, largest = 384 * 1024 };

/// What there has to be on the disk.
struct file {
    uint32_t generation; // 0: the file is not there
    uint32_t size;
};

static struct file expected[files];
static uint32_t seed = 1;
static uint64_t state;
static unsigned char buffer[64 * 1024], wanted[64 * 1024];

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...) {
    va_list arguments;
    printf("fsstress: ERROR: ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    exit(1);
}

/// The next number of a sequence that the seed determines (xorshift64*).
static uint32_t random_number(uint32_t limit) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545F4914F6CDD1DULL) >> 32) % limit;
}

/// What a generation of a file holds from an offset on. Each word tells its file, generation and place, scrambled, so that a block of
/// another file, of an earlier time or of another place is noticed.
static void pattern(unsigned char *bytes, uint32_t length, uint32_t number, uint32_t generation, uint32_t offset) {
    uint32_t key = (seed * 31 + number) * 0x9E3779B1u + generation * 0x85EBCA6Bu;
    for (uint32_t i = 0; i < length; i++, offset++) {
        uint32_t word = (key ^ (offset >> 2)) * 0xC2B2AE35u;
        word ^= word >> 15;
        bytes[i] = (unsigned char)(word >> (offset % 4 * 8));
    }
}

static const char *name(uint32_t number) {
    static char text[16];
    snprintf(text, sizeof text, "file%02u", (unsigned)number);
    return text;
}

/// Writes a range of a file in pieces, and makes sure that it is on the disk.
static void store(const char *path, int flags, uint32_t number, uint32_t from, uint32_t to) {
    int file = open(path, O_WRONLY | O_CREAT | flags, 0644);
    if (file < 0) fail("%s: open: %s", path, strerror(errno));
    while (from < to) {
        uint32_t length = 1 + random_number(sizeof buffer);
        if (length > to - from) length = to - from;
        pattern(buffer, length, number, expected[number].generation, from);
        ssize_t done = pwrite(file, buffer, length, from);
        if (done <= 0) fail("%s: write of %u bytes at %u: %s", path, length, from, done ? strerror(errno) : "nothing written");
        from += done;
    }
    if (fsync(file)) fail("%s: fsync: %s", path, strerror(errno));
    if (close(file)) fail("%s: close: %s", path, strerror(errno));
}

/// A new generation under another name, renamed into place.
static void replace(uint32_t number, uint32_t generation) {
    expected[number] = (struct file){generation, random_number(largest)};
    store("new", O_TRUNC, number, 0, expected[number].size);
    if (rename("new", name(number))) fail("%s: rename: %s", name(number), strerror(errno));
}

static void change(uint32_t number, uint32_t round) {
    struct file *file = &expected[number];
    uint32_t choice = random_number(8), size;
    if (file->generation == 0 || choice < 3) {
        replace(number, round);
    } else if (choice < 5) { // grow
        size = file->size + random_number(largest / 4);
        store(name(number), 0, number, file->size, size);
        file->size = size;
    } else if (choice < 6) { // cut short
        size = random_number(file->size + 1);
        if (truncate(name(number), size)) fail("%s: truncate to %u: %s", name(number), size, strerror(errno));
        file->size = size;
    } else if (choice < 7) { // remove
        if (unlink(name(number))) fail("%s: unlink: %s", name(number), strerror(errno));
        *file = (struct file){0, 0};
    }
}

static void synchronize_folder(void) {
    int folder = open(".", O_RDONLY | O_DIRECTORY);
    if (folder < 0 || fsync(folder)) fail("the folder: fsync: %s", strerror(errno));
    close(folder);
}

/// So that reading reads the disk. Not every caller may do that, and the checks hold without it.
static void drop_caches(const char *what) {
    int file = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (file < 0) return;
    (void)!write(file, what, strlen(what));
    close(file);
}

/// Reads a file and compares it with what has to be there. Answers with its size.
static uint32_t verify(uint32_t number, uint32_t round) {
    const struct file *file = &expected[number];
    const char *path = name(number);
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0) {
        if (errno == ENOENT && file->generation == 0) return 0;
        fail("round %u, %s: open: %s", (unsigned)round, path, strerror(errno));
    }
    if (file->generation == 0) fail("round %u, %s: is there, and was removed", (unsigned)round, path);
    struct stat facts;
    if (fstat(descriptor, &facts)) fail("round %u, %s: fstat: %s", (unsigned)round, path, strerror(errno));
    if (facts.st_size != file->size)
        fail("round %u, %s: has %lld bytes, not %u", (unsigned)round, path, (long long)facts.st_size, (unsigned)file->size);
    uint32_t offset = 0;
    for (;;) {
        ssize_t length = read(descriptor, buffer, sizeof buffer);
        if (length < 0) fail("round %u, %s: read at %u: %s", (unsigned)round, path, (unsigned)offset, strerror(errno));
        if (length == 0) break;
        pattern(wanted, (uint32_t)length, number, file->generation, offset);
        for (ssize_t i = 0; i < length; i++)
            if (buffer[i] != wanted[i])
                fail("round %u, %s: byte %u of generation %u is 0x%02x, not 0x%02x", (unsigned)round, path,
                     (unsigned)(offset + i), (unsigned)file->generation, buffer[i], wanted[i]);
        offset += length;
    }
    if (offset != file->size) fail("round %u, %s: ends at byte %u, not %u", (unsigned)round, path, (unsigned)offset, (unsigned)file->size);
    close(descriptor);
    return offset;
}

int main(int count, char **words) {
    if (count < 2 || count > 4) {
        fprintf(stderr, "usage: fsstress FOLDER [ROUNDS [SEED]]\n");
        return 2;
    }
    uint32_t rounds = count > 2 ? strtoul(words[2], NULL, 0) : 0;
    if (count > 3) seed = strtoul(words[3], NULL, 0);
    state = 0x9E3779B97F4A7C15ULL ^ seed;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mkdir(words[1], 0755) && errno != EEXIST) fail("%s: mkdir: %s", words[1], strerror(errno));
    if (chdir(words[1])) fail("%s: %s", words[1], strerror(errno));
    for (uint32_t i = 0; i < files; i++)
        if (unlink(name(i)) && errno != ENOENT) fail("%s: unlink: %s", name(i), strerror(errno));
    drop_caches("4"); // from now on the kernel does so without a word
    for (uint32_t round = 1; rounds == 0 || round <= rounds; round++) {
        uint32_t there = 0, bytes = 0;
        for (uint32_t i = 0; i < files; i++) change(i, round);
        synchronize_folder();
        drop_caches("1");
        for (uint32_t i = 0; i < files; i++) {
            bytes += verify(i, round);
            there += expected[i].generation != 0;
        }
        printf("round %u ok: %u files, %u bytes\n", (unsigned)round, (unsigned)there, (unsigned)bytes);
    }
    return 0;
}
