// session COMMAND [ARGUMENT]...: the command in a session of its own, with every signal as it is at the start of a system.
//
// A shell starts what it does not wait for with the interrupt key ignored, and its own commands cannot undo that.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count < 2) {
        fprintf(stderr, "usage: session COMMAND [ARGUMENT]...\n");
        return 2;
    }
    // Those that cannot be changed are as they should be.
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    setsid();
    execvp(words[1], words + 1);
    fprintf(stderr, "session: %s: %s\n", words[1], strerror(errno));
    return 127;
}
