// An interpreted machine and one that translates, vector for vector.

import Hypervisor
import Simulator

/// What is done to the second machine so that the comparison has something to find.
enum EngineMutation: String, CaseIterable {
    /// Its instructions take a nanosecond longer.
    case clock
    /// A register changes at the end of every tenth vector.
    case register
    /// An instruction of every tenth program is another one.
    case instruction
}

struct EnginePair {
    static let step: UInt32 = 10
    let interpreted: EngineMachine
    let other: EngineMachine
    private let mutation: EngineMutation?

    init(_ profile: Profile, _ engine: Engine, _ mutation: EngineMutation?) throws {
        self.mutation = mutation
        interpreted = try EngineMachine(profile: profile, engine: .interpreted, nanoseconds: Self.step)
        other = try EngineMachine(
            profile: profile, engine: engine, nanoseconds: mutation == .clock ? Self.step + 1 : Self.step)
    }

    /// Runs a vector on both; the first thing that differs, or nil.
    func compare(_ vector: EngineVector, number: Int) throws -> String? {
        let isSpoilt = number % 10 == 7
        try interpreted.load(vector)
        try other.load(mutation == .instruction && isSpoilt ? changed(vector) : vector)
        for (n, stop) in vector.stops.enumerated() {
            let ours = try interpreted.run(stop.instructions, step: UInt64(Self.step))
            let theirs = try other.run(stop.instructions, step: UInt64(Self.step + (mutation == .clock ? 1 : 0)))
            if mutation == .register, isSpoilt, n == vector.stops.count - 1 { try other.spoil() }
            if let text = try difference(ours, theirs) { return "stop \(n): \(text)" }
            try interpreted.apply(stop.event)
            try other.apply(stop.event)
        }
        return nil
    }

    private func difference(_ ours: [String], _ theirs: [String]) throws -> String? {
        for (n, pair) in zip(ours, theirs).enumerated() where pair.0 != pair.1 {
            return "exit \(n): interpreted \(pair.0), translated \(pair.1)"
        }
        let (a, b) = (try interpreted.state(), try other.state())
        if let n = a.indices.first(where: { a[$0] != b[$0] }) {
            let values = [a[n], b[n]].map { String($0, radix: n < 2 ? 10 : 16) }
            return "\(try interpreted.name(n)): interpreted \(values[0]), translated \(values[1])"
        }
        if ours.count != theirs.count { return "exits: interpreted \(ours.count), translated \(theirs.count)" }
        guard let at = interpreted.difference(from: other) else { return nil }
        let words = [interpreted, other].map { Comparison.hex($0.word(at: at)) }
        return "memory at \(Comparison.hex(UInt32(at))): interpreted \(words[0]), translated \(words[1])"
    }

    /// The vector with the last bit of its first instruction with an immediate turned over.
    private func changed(_ vector: EngineVector) -> EngineVector {
        var vector = vector
        if let at = vector.program.first(where: { (8..<16).contains(vector.ram[$0] >> 26) }) { vector.ram[at] ^= 1 }
        return vector
    }
}
