// Timeline: the story of a guest's clock, as a file of events and as a picture.
//
// Purpose. "What did the guest's clock do, and why?" is answered by a picture: host time to the right, guest time upward,
// and between them the line of Count, flat where the guest stood, with a step where a policy showed it a gap at once. This
// module writes down what happened (TraceWriter), reads it again (Trace), makes the same out of a snapshot's ledger
// (`Trace(ledger:)`), and draws either (Picture). It knows numbers and words only: no machine, no contract, no policy's
// meaning. Whoever has those puts them into an event.
//
// Glossary.
//   event       something at an instant of the host's clock: a look at the timer, a freeze, a thaw, a note. TimelineEvent.
//   trace       events in the order of their instants, and the rate of Count. The file is text, a line each; its format is
//               docs/timeline.md.
//   story       a trace made whole: Count unwrapped beyond its 32 bits, windows, steps, hits. In nanoseconds. Story.
//   window      the time between a freeze and its thaw.
//   step        guest time that a policy showed at once, at a thaw.
//   hit         Count reached Compare.
//   axis        from nanoseconds to the picture; stretches where nothing happens and that are far longer than the rest are cut
//               short and marked. Axis.
//   picture     one SVG document: no script, no font from elsewhere, colours for light and dark, bounded in size.
//
// Life cycle. run loop → TraceWriter → file → Trace → Story → Picture → text. All but the writer are values: the same bytes in
// give the same bytes out, on every machine.
//
// A trace is untrusted: it is bounded in length, events and line length, and what is wrong with it is an error with a line number.
// A picture is bounded too: at most a few thousand marks, whatever the trace holds.
