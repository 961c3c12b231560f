// cpu-differential: makes random programs for the processor, runs them on the simulator, compares with what another
// implementation made of them. Tests/Differential/cpu/run drives it. `engines` needs no other implementation: it compares the simulator's
// two engines.
//
//   cpu-differential generate --seed S --count N --out VECTORS
//   cpu-differential simulate --harness ELF --vectors VECTORS --out RESULTS [--engine interpreted|translated|eager]
//   cpu-differential engines --seed S [--instructions N] [--first VECTOR] [--count N] [--mutation KIND]
//   cpu-differential bounds --rewrites N
//   cpu-differential compare --vectors VECTORS --ours RESULTS --reference RESULTS [--show N]
//
// `compare` ends with "N vectors passed, N failed; N instructions executed and compared" and status 1 if one failed.
// Before, for failures, a line "failed:" with their numbers; the first N are shown with program and registers.

import Foundation
import Simulator

struct UsageError: Error, CustomStringConvertible {
    var description: String
}

var arguments = Array(CommandLine.arguments.dropFirst())

@MainActor func option(_ name: String) throws -> String {
    guard let value = try options(name).last else { throw UsageError(description: "\(name) is missing") }
    return value
}

@MainActor func options(_ name: String) throws -> [String] {
    var values: [String] = []
    while let at = arguments.firstIndex(of: name) {
        guard at + 1 < arguments.count else { throw UsageError(description: "\(name) needs a value") }
        values.append(arguments[at + 1])
        arguments.removeSubrange(at...at + 1)
    }
    return values
}

@MainActor func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
    let text = try option(name)
    guard let value = Int(text), range.contains(value) else {
        throw UsageError(
            description: "\(name): \(text) is not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
}

func readBytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

func words(_ bytes: [UInt8]) -> [UInt32] {
    stride(from: 0, to: bytes.count & ~3, by: 4).map {
        UInt32(bytes[$0]) | UInt32(bytes[$0 + 1]) << 8 | UInt32(bytes[$0 + 2]) << 16 | UInt32(bytes[$0 + 3]) << 24
    }
}

func bytes(_ words: some Sequence<UInt32>) -> [UInt8] {
    words.flatMap { w in (0..<4).map { UInt8(truncatingIfNeeded: w >> UInt32($0 * 8)) } }
}

func readVectors(_ path: String) throws -> [UInt32] {
    let all = words(try readBytes(path))
    guard !all.isEmpty, all.count % Layout.vectorWords == 0, all.count / Layout.vectorWords <= Layout.maximumVectors
    else {
        throw UsageError(description: "\(path) is not a file of vectors")
    }
    return all
}

@MainActor func generate() throws {
    let seed = try number("--seed", 0...Int.max)
    let count = try number("--count", 1...Layout.maximumVectors)
    var all: [UInt32] = []
    all.reserveCapacity(count * Layout.vectorWords)
    for index in 0..<count {
        // Each vector has a seed of its own, so that more of them do not change the first ones.
        var random = Random(seed: UInt64(seed) &* 1_000_003 &+ UInt64(index))
        var state = MachineState(&random)
        var writer = ProgramWriter(&random, state)
        let (program, length) = writer.write()
        precondition(program.count <= VectorWord.maximumCode, "the program does not fit its vector")
        state.words[VectorWord.length] = UInt32(length)
        state.words[VectorWord.words] = UInt32(program.count)
        state.words.replaceSubrange(VectorWord.word..<VectorWord.word + program.count, with: program)
        all += state.words
    }
    try write(bytes(all), to: option("--out"))
}

@MainActor func runSimulator() throws {
    let vectors = try readVectors(option("--vectors"))
    let count = vectors.count / Layout.vectorWords
    let engines: [String: Engine] = ["interpreted": .interpreted, "translated": .translated, "eager": .eager]
    let name = try options("--engine").last ?? "interpreted"
    guard let engine = engines[name] else { throw UsageError(description: "there is no engine \(name)") }
    let results = try simulate(
        harness: readBytes(option("--harness")), vectors: bytes(vectors), count: count, engine: engine)
    try write(results, to: option("--out"))
}

@MainActor func compare() throws -> Bool {
    let vectors = try readVectors(option("--vectors"))
    let ours = words(try readBytes(option("--ours")))
    let theirs = words(try readBytes(option("--reference")))
    let show = try options("--show").last.flatMap { Int($0) } ?? 3
    let count = vectors.count / Layout.vectorWords
    guard ours.count == count * Layout.resultWords, theirs.count == ours.count else {
        throw UsageError(description: "the files of results do not belong to the vectors")
    }
    var executed = 0
    var failures: [Int] = []
    for index in 0..<count {
        let a = VectorResult(ours, index)
        let b = VectorResult(theirs, index)
        // Stasis' Count ticks once an instruction here; the harness's own between program and Count are 8 each time.
        executed += max(0, Int(a[ResultWord.executed]) - 8 * Int(a[ResultWord.exceptions]))
        let differences = Comparison.differences(a, b)
        guard !differences.isEmpty else { continue }
        failures.append(index)
        guard failures.count <= show else {
            if failures.count <= 20 * show { print("vector \(index) differs: \(differences[0])") }
            continue
        }
        print("vector \(index) differs:")
        for line in differences.prefix(12) { print("  \(line)") }
        if differences.count > 12 { print("  and \(differences.count - 12) more") }
        let range = index * Layout.vectorWords..<(index + 1) * Layout.vectorWords
        print(Comparison.listing(vectors[range], a, b))
    }
    let failed = failures.count
    if failed > 0 { print("failed: " + failures.map { "\($0)" }.joined(separator: " ")) }
    print("\(count - failed) vectors passed, \(failed) failed; \(executed) instructions executed and compared")
    return failed == 0
}

/// Without a number of vectors, ten million instructions.
@MainActor func compareEngines() throws -> Bool {
    func optional(_ name: String) throws -> Int? { arguments.contains(name) ? try number(name, 0...Int.max) : nil }
    var mutation: EngineMutation?
    if let kind = try options("--mutation").last {
        mutation = EngineMutation(rawValue: kind)
        guard mutation != nil else { throw UsageError(description: "there is no mutation \(kind)") }
    }
    guard Engine.obstacle == nil else { throw UsageError(description: "no machine code can be made here") }
    var differential = EngineDifferential(seed: try number("--seed", 0...Int.max), mutation: mutation)
    return try differential.run(
        first: optional("--first") ?? 0, count: optional("--count"),
        least: UInt64(optional("--instructions") ?? 10_000_000))
}

do {
    let command = arguments.isEmpty ? "" : arguments.removeFirst()
    switch command {
    case "generate": try generate()
    case "simulate": try runSimulator()
    case "engines": if try !compareEngines() { exit(1) }
    case "bounds":
        if try !CodeBounds.check(rewrites: number("--rewrites", 1...1 << 24)) {
            print("memory grows with code that is gone")
            exit(1)
        }
    case "compare": if try !compare() { exit(1) }
    default: throw UsageError(description: "usage: cpu-differential generate|simulate|compare|engines|bounds OPTIONS")
    }
} catch {
    FileHandle.standardError.write(Data("cpu-differential: \(error)\n".utf8))
    exit(2)
}
