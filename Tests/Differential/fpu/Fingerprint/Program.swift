// Prints the FPU's fingerprint: the number that must not depend on the host.

@main
struct Program {
    static func main() {
        print(FPUFingerprint.compute(rounds: 200_000))
    }
}
