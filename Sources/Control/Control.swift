// Control: a running machine takes requests over a local socket, and tells what happens to it.
//
// Purpose. Whoever runs a machine wants to pause, save and end it from outside, and programs want to hear when it does something
// by itself. The protocol is lines of JSON in QMP's manner; docs/control.md is its description, and a test compares the two.
//
// Glossary.
//   request   a line from a client that asks for one thing: `ControlRequest`
//   reply     the line that answers it, with the request's id: `ControlReply`
//   failure   a reply that says why not, of a class that programs can tell apart: `ControlFailure`
//   event     a line to every client about something that happened: `ControlEvent`
//   pending   a request that was taken and has to be answered: `ControlPending`
//   kick      what the server calls when there is a request, so that the machine comes and takes it
//
// Life cycle. `ControlServer.init` makes the socket and a thread that serves it. The thread reads lines, answers what is wrong with
// them, and puts requests into a mailbox. The machine's thread takes them when it stands still (`take`), does what they ask and
// replies; while paused it sleeps in `waitForRequest`. `publish` tells events. `close` refuses what is still open, writes what is
// left to be written, and removes the socket. `ControlClient` is the other side.
//
// This module knows no machine: what it carries is numbers and text. A clock policy is text here; the program, which has the
// parser of the command line, gives it its meaning.

/// What both sides agree on.
public enum Control {
    /// The protocol's number, in the greeting. It grows when an old client would misunderstand a new server.
    public static let version: Int64 = 1
    /// Bytes of the longest request, its line end not counted.
    public static let longestLine = 65_536
    /// Clients at one time.
    public static let mostClients = 16
    /// Bytes that wait for one client at most.
    public static let mostOutput = 1 << 20
}
