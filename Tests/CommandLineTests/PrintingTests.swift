// Tables and progress.

import CommandLine
import Testing

@Suite struct TextTableTests {
    @Test func columnsLineUp() {
        var table = TextTable([TextTable.Column("what"), TextTable.Column("ticks", .right), TextTable.Column("note")])
        table.row(["freeze", "7", "nothing lost"])
        table.row(["catch-up ü", "12345", ""])
        table.row(["", "1", "x"])
        #expect(
            table.text == """
                what        ticks  note
                freeze          7  nothing lost
                catch-up ü  12345
                                1  x

                """)
    }

    @Test func withoutHeadings() {
        var table = TextTable([TextTable.Column(""), TextTable.Column("")])
        table.row(["a", "b"])
        #expect(table.text == "a  b\n")
    }
}

@Suite struct ProgressLineTests {
    @Test func nothingInAPipe() {
        var progress = ProgressLine(isShown: false)
        #expect(progress.update("x", at: 0) == "")
        #expect(progress.finish() == "")
    }

    @Test func itIsWrittenOverAndVanishes() {
        var progress = ProgressLine(isShown: true, columns: 10, interval: 100)
        #expect(progress.update("one", at: 1000) == "\rone\u{1B}[K")
        #expect(progress.update("two", at: 1099) == "")
        #expect(progress.update("longer than a line", at: 1100) == "\rlonger th\u{1B}[K")
        #expect(progress.finish() == "\r\u{1B}[K")
        #expect(progress.finish() == "")
        #expect(progress.update("again", at: 1101) == "\ragain\u{1B}[K")
    }
}
