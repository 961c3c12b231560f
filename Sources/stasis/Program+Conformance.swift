// `stasis conformance`: the rows of the contract, checked on a backend and reported as TAP.

import CommandLine
import Conformance
import Host
import Hypervisor
import Simulator

extension Program {
    /// Success when no row failed and at least one passed.
    static func conformance(_ options: ConformanceOptions) -> ExitStatus {
        reporting { () throws(Failure) in
            let rows: [RowID]
            do throws(NoSuchRow) {
                rows = try options.rows.rows()
            } catch {
                log("stasis: conformance: --rows: " + error.description)
                return .usage
            }
            if options.list { return show(options.json ? ConformanceReport.json(rows) : ConformanceReport.list(rows)) }
            let backend = try Backend.choose(options.backend, profile: options.profile, quiet: true)
            // On the simulator every profile is checked unless one is named; a kernel has one.
            let all: [Profile] = [.te510, .teFixed, .vz]
            let profiles = backend.kvm != nil || options.profile != nil ? [backend.profile] : all
            var report = ConformanceReport(options, backend, rows: rows.count, profiles: profiles.count)
            for profile in profiles {
                report.begin(profile)
                let checker = RowChecker(profile: profile)
                for row in rows {
                    report.announce(row, profile)
                    report.add(
                        backend.kvm.map { Conformance.check(row, on: $0) } ?? checker.check(row))
                }
            }
            let shown = report.finish()
            return report.isSuccess ? shown : .failure
        }
    }
}

/// The two simulated systems of a profile that rows are checked on.
struct RowChecker {
    private let system: AnySystem
    private let exact: AnySystem

    init(profile: Profile) {
        system = .erasing(SimulatedSystem(profile: profile, clock: .host))
        // An hour after an imagined boot, so that rows about the past have one.
        exact = .erasing(
            SimulatedSystem(
                profile: profile,
                clock: .virtual(
                    start: 3_600_000_000_000, nanosecondsPerInstruction: 10, realtime: 1_000_000_000_000_000_000)))
    }

    /// Checks a row on the host's clock, as it would be on a kernel. What that clock cannot decide (exact vectors, a host
    /// booted a moment ago) is decided on a virtual one.
    func check(_ row: RowID) -> RowResult {
        let result = Conformance.check(row, on: system)
        guard case .skipped = result.outcome else { return result }
        let second = Conformance.check(row, on: exact)
        guard case .skipped = second.outcome else { return second }
        return result
    }
}

/// A selection that names rows there are none of: to pass by checking nothing would be a lie.
struct NoSuchRow: Error {
    var span: RowSelection.Span

    var description: String {
        let section = String(Unicode.Scalar(span.section))
        let numbers = span.numbers
        let sections = Conformance.sectionNames
        if numbers.lowerBound == 0 && numbers.upperBound == .max {
            return "there is no section \(section); the sections are " + sections
        }
        let name =
            numbers.count == 1
            ? "\(section)\(numbers.lowerBound)" : "\(section)\(numbers.lowerBound)-\(numbers.upperBound)"
        return "there is no row \(name); the rows are " + sections
    }
}

extension RowSelection {
    /// The rows selected, in the order of the list. Every part of the selection has to name at least one.
    func rows() throws(NoSuchRow) -> [RowID] {
        for span in spans {
            var isMatched = false
            for row in RowID.allCases
            where row.position.section == span.section && span.numbers.contains(row.position.number) {
                isMatched = true
            }
            if !isMatched { throw NoSuchRow(span: span) }
        }
        var rows: [RowID] = []
        for row in RowID.allCases where contains(section: row.position.section, number: row.position.number) {
            rows.append(row)
        }
        return rows
    }
}

extension Conformance {
    /// "A1-A18, M1-M9, ...".
    static var sectionNames: String {
        var text = ""
        var first: RowID?
        var last: RowID?
        for row in RowID.allCases {
            if let section = first?.position.section, section != row.position.section {
                text += (first?.name ?? "") + "-" + (last?.name ?? "") + ", "
                first = row
            }
            first = first ?? row
            last = row
        }
        return text + (first?.name ?? "") + "-" + (last?.name ?? "")
    }
}
