// `stasis timeline`: the story of a guest's clock as a picture, from a trace or from a snapshot's ledger.

import CommandLine
import Control
import Host
import Monitor
import Snapshot
import Timeline

#if HOST_MIPS

    extension Program {
        /// `stasis timeline` on a MIPS host. Drawing would be a twentieth of a program that has to be small, and a picture can be drawn
        /// anywhere: a trace or a snapshot means the same on every machine.
        static func timeline(_ options: TimelineOptions) -> ExitStatus {
            log(
                "stasis: " + options.file + ": this program is the one for MIPS hosts, which does not draw; "
                    + "copy the file and run stasis timeline on another machine")
            return .failure
        }
    }

#else

    extension Program {
        /// `stasis timeline`.
        static func timeline(_ options: TimelineOptions) -> ExitStatus {
            reporting { () throws(Failure) in
                let trace = try read(options.file)
                let svg: [UInt8]
                do throws(NothingToDraw) {
                    svg = try Picture(trace, name: baseName(options.file)).svg
                } catch {
                    throw Failure("\(options.file): \(error)")
                }
                guard let output = options.output else { return show(String(decoding: svg, as: UTF8.self)) }
                do throws(Errno) {
                    var file = try FileDescriptor.open(path: output, [.write, .create, .truncate], mode: 0o644)
                    try file.writeAll(svg)
                    try file.close()
                } catch {
                    throw Failure("\(output): cannot be written: \(error)")
                }
                return .success
            }
        }

        /// A trace, or what a snapshot or a running machine says: told apart by the file's kind, and by what it begins with.
        private static func read(_ path: String) throws(Failure) -> Trace {
            if (try? Files.status(path))?.kind == .socket { return try ask(path) }
            var bytes: [UInt8]?
            do throws(Errno) {
                bytes = try traceBytes(path)
            } catch {
                throw Failure(
                    error == .fbig
                        ? "\(path): longer than the \(Trace.largest >> 20) MiB a trace may have"
                        : "\(path): cannot be read: \(error)")
            }
            if let bytes {
                do throws(TraceError) {
                    return try Trace(bytes: bytes)
                } catch {
                    throw Failure("\(path): \(error)")
                }
            }
            let contents: SnapshotContents
            do throws(MonitorError) {
                contents = try SnapshotContents(path: path, verifyingMemory: false)
            } catch {
                if case .snapshot(let error) = error, error.reason == .notASnapshot {
                    throw Failure("\(path): neither a trace (--trace) nor a snapshot (--save): it begins as neither")
                }
                throw Failure(error.description)
            }
            guard let story = LedgerStory(contents) else { throw Failure("\(path): has no timer to tell of") }
            guard !story.freezes.isEmpty else {
                throw Failure(
                    "\(path): nothing to draw: its ledger is empty, for the guest was never frozen and thawed before it was saved"
                )
            }
            return Trace(ledger: story)
        }

        /// The ledger of the machine that is controlled at a path.
        private static func ask(_ path: String) throws(Failure) -> Trace {
            let ledger: ControlLedger?
            let clock: ControlClock?
            do throws(ControlClientError) {
                let client = try ControlClient(path: path)
                ledger = ControlLedger(try client.execute(.ledger))
                clock = ControlClock(try client.execute(.clock))
            } catch {
                throw Failure(error.description)
            }
            guard let ledger, let clock else { throw Failure("\(path): the machine's answer lacks something") }
            guard let last = ledger.entries.last else {
                throw Failure("\(path): nothing to draw: the guest was never frozen and thawed")
            }
            var freezes: [LedgerFreeze] = []
            for entry in ledger.entries {
                freezes.append(
                    LedgerFreeze(
                        frozenAt: entry.frozenMonotonic, frozenRealtime: entry.frozenRealtime,
                        changesClock: entry.cause.utf8.elementsEqual("migration".utf8),
                        Thaw(cause: entry.cause, policy: entry.policy, gap: entry.gap, hidden: entry.hidden)))
            }
            // The look has no instant of the monotonic clock: it is as long after the last freeze as the calendar says.
            let since = UInt64(max(0, clock.hostRealtime &- last.frozenRealtime))
            return Trace(
                ledger: LedgerStory(
                    hz: clock.hz, isVirtual: false, freezes: freezes, frozenAt: last.frozenMonotonic &+ since,
                    frozenRealtime: clock.hostRealtime,
                    timer: TimerView(
                        count: clock.count, compare: clock.compare, flags: clock.isFrozen ? .frozen : []),
                    stands: clock.isFrozen))
        }

        /// All of a trace; nil if the file is something else.
        private static func traceBytes(_ path: String) throws(Errno) -> [UInt8]? {
            let file = try FileDescriptor.open(path: path, [.read, .nonblocking])
            // A snapshot's reader says best what is wrong with what is no file.
            guard try file.status().kind == .regular else { return nil }
            var head = [UInt8](repeating: 0, count: 13)
            let length = try file.pread(into: &head, at: 0)
            guard Trace.isTrace(Array(head[..<length])) else { return nil }
            return try file.readAll(limit: Trace.largest)
        }

        /// The last part of a path.
        private static func baseName(_ path: String) -> String {
            guard let last = Array(path.utf8).split(separator: UInt8(ascii: "/")).last else { return path }
            return String(decoding: last, as: UTF8.self)
        }
    }

#endif
