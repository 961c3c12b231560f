// The words after `live cycles`.

import Host
import Hypervisor

/// How one cycle is spoiled. Each has to be found by another check.
enum CycleMutation: UInt8, CaseIterable {
    /// Count is set a millisecond ahead between restore and thaw: the kernel's registers are not what was saved.
    case frozen = 0
    /// Count is set a millisecond ahead after the thaw: less time remains than did.
    case count = 1
    /// Compare is set to where Count has been: the interrupt does not come.
    case lost = 2
    /// Compare is set to just ahead: the interrupt comes early.
    case early = 3

    var name: String {
        switch self {
        case .frozen: "frozen"
        case .count: "count"
        case .lost: "lost"
        case .early: "early"
        }
    }
}

/// Words that mean nothing.
struct CycleUsage: Error, CustomStringConvertible {
    let description: String
}

/// The files a parent and its children share.
struct CycleFiles {
    var snapshot: String
    /// Everything the guest said.
    var console: String
    /// What children say.
    var records: String

    init(_ stem: String) {
        snapshot = stem
        console = stem + ".console"
        records = stem + ".records"
    }
}

struct CycleOptions {
    enum Backend: UInt8 {
        case kvm = 0
        case simulator = 1
    }

    var count = 1000
    var seed: UInt64 = 1
    /// nil: KVM where there is one.
    var backend: Backend?
    /// Of the simulator.
    var profile = Profile.teFixed
    var guests: String?
    var mutation: CycleMutation?
    /// For a child: where the guest is.
    var files: CycleFiles?
    /// For a child: the number of its first cycle.
    var first = 0
    /// The cycle from which on the mutation is made as soon as it can be.
    var mutated = 0

    init(_ words: [String]) throws(CycleUsage) {
        var index = 0
        while index < words.count {
            let word = words[index]
            guard index + 1 < words.count else { throw CycleUsage(description: word + " has no value") }
            try take(word, words[index + 1])
            index += 2
        }
    }

    private mutating func take(_ word: String, _ value: String) throws(CycleUsage) {
        let wrong = CycleUsage(description: word + " " + value + ": see the head of Tests/Live/Cycles/Cycles.swift")
        switch word {
        case "--count":
            guard let number = Int(value), number >= 2, number <= 1_000_000 else { throw wrong }
            count = number
        case "--seed":
            guard let number = UInt64(value) else { throw wrong }
            seed = number
        case "--backend":
            guard value == "kvm" || value == "simulator" else { throw wrong }
            backend = value == "kvm" ? .kvm : .simulator
        case "--profile":
            guard let profile = Profile(named: value) else { throw wrong }
            self.profile = profile
        case "--guests": guests = value
        case "--mutate":
            for mutation in CycleMutation.allCases where mutation.name == value { self.mutation = mutation }
            guard mutation != nil else { throw wrong }
        case "--resume": files = CycleFiles(value)
        case "--first":
            guard let number = Int(value) else { throw wrong }
            first = number
        case "--mutated":
            guard let number = Int(value) else { throw wrong }
            mutated = number
        default: throw wrong
        }
    }

    /// The built guest for a profile.
    func ticker(_ profile: Profile) throws(CycleError) -> String {
        let name = profile.isTE ? "/ticker.te.elf" : "/ticker.elf"
        for folder in [guests, Process.environment("STASIS_GUESTS"), "/guests", ".build/guests"] {
            guard let folder else { continue }
            if Files.isReadable(folder + name) { return folder + name }
        }
        throw CycleError("the guest ticker is not built; run Scripts/build-guests, or name its folder with --guests")
    }
}
