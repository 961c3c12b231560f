// The engine differential: vector after vector on pairs of machines, until enough instructions have run.

import Hypervisor
import MIPS
import Simulator

struct EngineDifferential {
    let seed: Int
    let mutation: EngineMutation?
    /// Vectors after which there are new machines. Blocks and code of earlier vectors are about until then, and fill their memory
    /// several times.
    private static let life = 2000
    private var vectors = 0
    private var instructions: UInt64 = 0
    private var translated = 0
    /// Exceptions the guests noted, by code, and those of delay slots.
    private var exceptions: [Int: Int] = [:]
    private var inSlots = 0
    private var pairs: [Int: EnginePair] = [:]

    init(seed: Int, mutation: EngineMutation?) {
        self.seed = seed
        self.mutation = mutation
    }

    /// Runs vectors from `first` until there were `count`, or `least` instructions; says what it found. True if all agreed and code was
    /// run.
    mutating func run(first: Int, count: Int?, least: UInt64) throws -> Bool {
        var failure: String?
        var number = first
        while failure == nil, count.map({ vectors < $0 }) ?? (instructions < least) {
            if vectors % Self.life == 0 { retire() }
            let vector = EngineVector(seed: seed, index: number)
            let kind = (number & 3) * 2 + (vector.engine == .eager ? 1 : 0)
            if pairs[kind] == nil { pairs[kind] = try EnginePair(vector.plan.profile, vector.engine, mutation) }
            let before = pairs[kind]!.interpreted.retired
            failure = try pairs[kind]!.compare(vector, number: number)
            instructions += pairs[kind]!.interpreted.retired - before
            vectors += 1
            for exception in pairs[kind]!.interpreted.exceptions() {
                exceptions[exception.code, default: 0] += 1
                if exception.isInSlot { inSlots += 1 }
            }
            if let failure { try explain(failure, vector, number, first) }
            number += 1
        }
        retire()
        // The log keeps the latest 128 of a vector.
        print(
            "exceptions by code, at least: "
                + exceptions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                + "; in delay slots \(inSlots)")
        print(
            "\(vectors) vectors, \(instructions) instructions, \(translated) blocks translated; "
                + (failure == nil ? "no difference" : "1 difference"))
        // Every program has some blocks that run often.
        guard translated >= vectors * 4 else {
            print("too few blocks were translated for a comparison")
            return false
        }
        return failure == nil
    }

    private mutating func retire() {
        translated += pairs.values.reduce(0) { $0 + $1.other.translated }
        pairs = [:]
    }

    // MARK: A difference

    private func fails(_ vector: EngineVector, _ number: Int) throws -> String? {
        try EnginePair(vector.plan.profile, vector.engine, mutation).compare(vector, number: number)
    }

    private func explain(_ failure: String, _ vector: EngineVector, _ number: Int, _ first: Int) throws {
        let engine = vector.engine == .eager ? "everything translated" : "translated"
        print("seed \(seed), vector \(number), profile \(vector.plan.profile.name), \(engine): \(failure)")
        guard try fails(vector, number) != nil else {
            let start = number - (number - first) % Self.life
            print(
                "only after others: cpu-differential engines --seed \(seed) --first \(start) --count \(number - start + 1)"
            )
            return
        }
        print("again: cpu-differential engines --seed \(seed) --first \(number) --count 1")
        let least = try minimized(vector, number)
        print("minimized: \(try fails(least, number) ?? "")")
        for (n, start) in least.starts.enumerated() {
            print("  start \(n): PC \(Comparison.hex(start.pc)) Status \(Comparison.hex(start.status))")
        }
        for n in stride(from: 0, to: 32, by: 8) {
            print("  " + (n..<n + 8).map { "$\($0)=\(Comparison.hex(least.gpr[$0]))" }.joined(separator: " "))
        }
        for at in least.program where least.ram[at] != 0 {
            // As KSEG0 shows it.
            let address = least.plan.kseg0 + UInt32(at) * 4
            let word = least.ram[at]
            print("  \(Comparison.hex(address)): \(Comparison.hex(word))  \(disassemble(word, at: address))")
        }
    }

    /// The vector with NOPs for what does not matter: ever smaller pieces of it.
    private func minimized(_ vector: EngineVector, _ number: Int) throws -> EngineVector {
        var least = vector
        var size = vector.program.count / 2
        while size > 0 {
            for start in stride(from: vector.program.lowerBound, to: vector.program.upperBound, by: size) {
                let piece = start..<min(start + size, vector.program.upperBound)
                var attempt = least
                for at in piece { attempt.ram[at] = 0 }
                if attempt.ram[piece] != least.ram[piece], try fails(attempt, number) != nil { least = attempt }
            }
            size /= 2
        }
        return least
    }
}
