// Pictures: well formed whatever is drawn, bounded however long the story, and saying what the trace said.

import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@testable import Timeline

/// What an SVG holds: elements by name, and all text. Fails where XML is not well formed.
final class Elements: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]
    var classes: [String: Int] = [:]
    var text = ""
    var points = 0

    init(_ svg: [UInt8]) throws {
        super.init()
        let parser = XMLParser(data: Data(svg))
        parser.delegate = self
        guard parser.parse() else { throw parser.parserError ?? CocoaError(.coderReadCorrupt) }
    }

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        counts[element, default: 0] += 1
        for name in (attributes["class"] ?? "").split(separator: " ") { classes[String(name), default: 0] += 1 }
        points += attributes["d"]?.filter { $0 == "L" }.count ?? 0
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

@Suite struct PictureTests {
    func picture(_ lines: String, name: String = "a.trace") throws -> Elements {
        let trace = try Trace(bytes: Array("stasis-trace 1 hz=100000000 clock=host\n\(lines)\n".utf8))
        return try Elements(Picture(trace, name: name).svg)
    }

    static let story = """
        sample 0 0 5000000 -
        sample 100000000 10000000 15000000 t
        note 150000000 something <happened> & more
        freeze 200000000 20000000 30000000 f
        thaw 600000000 50000000 30000000 t pause catch-up-max=300000000ns 400000000 100000000
        sample 700000000 60000000 70000000 -
        """

    @Test func everythingOfAStoryIsThere() throws {
        let elements = try picture(Self.story)
        // One each, two of TI, and one in the legend.
        for name in ["window", "step"] { #expect(elements.classes[name] == 2, "\(name)") }
        #expect(elements.classes["ti"] == 3)
        #expect(elements.classes["count"] == 2 && elements.classes["never"] == 2)
        // 5 M and 30 M; what Compare was at 15 M is not known to have been reached by the freeze at 20 M: it was.
        #expect(elements.classes["hit"] == 4)
        for text in [
            "catch-up-max=300 ms", "pause, 400 ms", "+300 ms", "something <happened> & more", "host time, ms",
            "guest time, ms", "stood 400 ms, hidden 100 ms, caught up 300 ms", "+40 M",
        ] {
            #expect(elements.text.contains(text), "\(text)")
        }
        #expect(!elements.text.contains("cut short"))
    }

    @Test func aLongGapIsCutWithAMark() throws {
        let hour: UInt64 = 3_600_000_000_000
        let count = (hour / 10) % (1 << 32)
        let elements = try picture(
            "sample 0 0 0 -\nfreeze 500000000 50000000 0 f\n"
                + "thaw \(hour + 500_000_000) \(count + 50_000_000) 0 - pause catch-up \(hour) 0\n"
                + "sample \(hour + 1_000_000_000) \(count + 100_000_000) 0 -")
        // Legend, host time, guest time.
        #expect(elements.classes["cut"] == 3)
        #expect(elements.text.contains("pause, 60 min") && elements.text.contains("3600.6"))
    }

    @Test func namesOfFilesCannotBreakOut() throws {
        let name = "</desc><script>&\"'\u{1}\u{7F}\u{FFFE}"
        let elements = try picture(Self.story, name: name)
        #expect(elements.counts["script"] == nil)
        #expect(elements.text.contains("</desc><script>&\"'"))
    }

    @Test func nothingComesFromElsewhere() throws {
        let svg = String(
            decoding: try Picture(Trace(bytes: Array((head + Self.story + "\n").utf8)), name: "x").svg, as: UTF8.self)
        for word in ["http:", "https:", "url(", "@import", "<script", "href", "<image", "foreignObject"] {
            #expect(!svg.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "").contains(word), "\(word)")
        }
        #expect(svg.contains("prefers-color-scheme:dark"))
    }

    @Test func aPictureIsBoundedHoweverLongTheStory() throws {
        // 20,000 freezes with steps, interrupts and notes in between.
        var events: [TimelineEvent] = []
        var numbers = Numbers(state: 42)
        var (at, count): (UInt64, UInt32) = (0, 0)
        for index in 0..<20_000 {
            at += UInt64.random(in: 0...2_000_000, using: &numbers)
            count &+= UInt32.random(in: 0...200_000, using: &numbers)
            let timer = TimerView(count: count, compare: count &+ 1, flags: index % 3 == 0 ? .pending : [])
            events.append(TimelineEvent(at: at, timer, .freeze))
            at += 1_000_000
            count &+= 50_000
            events.append(
                TimelineEvent(
                    at: at, TimerView(count: count, compare: count &+ 1),
                    .thaw(Thaw(cause: "pause", policy: "catch-up-max=500000ns", gap: 1_000_000, hidden: 500_000))))
            events.append(.note(at: at, "note \(index)"))
        }
        let svg = try Picture(Trace(hz: 100_000_000, isVirtual: false, events: events), name: "long").svg
        #expect(svg.count < 300_000, "\(svg.count) bytes")
        let elements = try Elements(svg)
        #expect(elements.text.contains("20000 freezes"))
    }

    @Test func theHighestAndTheLowestPointSurviveThinning() throws {
        // 50,000 looks within a second; in one of them the guest had set Count far ahead, and in one far back.
        var events: [TimelineEvent] = []
        for index in 0..<50_000 {
            var count = UInt32(1 << 30) + UInt32(index) * 2000
            if index == 20_011 { count += 500_000_000 }
            if index == 30_017 { count -= 500_000_000 }
            events.append(
                TimelineEvent(at: UInt64(index) * 20_000, TimerView(count: count, compare: 0), .sample))
        }
        let picture = try Picture(Trace(hz: 100_000_000, isVirtual: false, events: events), name: "x")
        let elements = try Elements(picture.svg)
        #expect(elements.points < 200)
        let text = String(decoding: picture.svg, as: UTF8.self)
        let path = text.split(separator: "\n").last { $0.hasPrefix("<path class=\"count\"") } ?? ""
        var drawing = Drawing()
        drawing.number(picture.vertical.position(picture.story.highest))
        #expect(path.contains(" " + String(decoding: drawing.bytes, as: UTF8.self) + "L"))
        drawing = Drawing()
        drawing.number(picture.vertical.position(picture.story.lowest))
        #expect(path.contains(" " + String(decoding: drawing.bytes, as: UTF8.self) + "L"))
    }

    @Test func labelsDoNotOverlap() throws {
        var lines = "sample 0 0 0 -\n"
        for index in 0..<40 {
            let at = index * 100_000_000
            lines += "freeze \(at + 50_000_000) \(index * 5_000_000) 0 f\n"
            lines += "thaw \(at + 90_000_000) \(index * 5_000_000) 0 - pause freeze 40000000 40000000\n"
        }
        let trace = try Trace(bytes: Array((head + lines).utf8))
        let labels = try Picture(trace, name: "x").labels.placed
        #expect(labels.count >= 8 && labels.count <= 24)
        for (index, a) in labels.enumerated() {
            for b in labels[(index + 1)...] where a.row == b.row {
                let width = (length(a.text) + length(b.text)) * 50 / 2
                #expect(abs(a.middle - b.middle) >= width)
            }
        }
    }

    @Test func theSameTraceIsTheSamePicture() throws {
        let trace = try Trace(bytes: Array((head + Self.story + "\n").utf8))
        #expect(try Picture(trace, name: "x").svg == Picture(trace, name: "x").svg)
    }

    @Test(arguments: 1...30)
    func randomStoriesAreWellFormed(_ seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        func instant() -> UInt64 {
            UInt64.random(in: 0..<1 << UInt64.random(in: 1...62, using: &numbers), using: &numbers)
        }
        var events: [TimelineEvent] = []
        for at in (0..<60).map({ _ in instant() }).sorted() {
            let timer = TimerView(
                count: UInt32.random(in: 0...(.max), using: &numbers),
                compare: UInt32.random(in: 0...(.max), using: &numbers),
                flags: TimerFlags(rawValue: UInt8.random(in: 0...7, using: &numbers)))
            let kind: TimelineEvent.Kind
            switch Int.random(in: 0...4, using: &numbers) {
            case 0: kind = .sample
            case 1: kind = .freeze
            case 2: kind = .interrupt
            case 3: kind = .note("<\(at)>")
            default:
                let sign: Int64 = Bool.random(using: &numbers) ? 1 : -1
                kind = .thaw(
                    Thaw(cause: "c", policy: "at=<&>", gap: Int64(instant()), hidden: sign * Int64(instant())))
            }
            events.append(TimelineEvent(at: at, timer, kind))
        }
        let hz = UInt32.random(in: 1...1_000_000_000, using: &numbers)
        _ = try Elements(Picture(Trace(hz: hz, isVirtual: false, events: events), name: "seed \(seed)").svg)
    }
}
