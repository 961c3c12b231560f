// Which rows a selection means, and which texts are none.

import Conformance
import Testing

@Suite struct SelectionTests {
    private func names(_ text: String) -> [String]? {
        guard let selection = Selection(text) else { return nil }
        return RowID.allCases.filter { selection.contains($0) }.map { $0.name }
    }

    @Test func single() {
        #expect(names("T8") == ["T8"])
        #expect(names("t8") == ["T8"])
        #expect(names("C19") == ["C19"])
    }

    @Test func ranges() {
        #expect(names("T1-T3") == ["T1", "T2", "T3"])
        #expect(names("T1-3") == ["T1", "T2", "T3"])
        #expect(names("A18-A18") == ["A18"])
    }

    @Test func sections() {
        #expect(names("M") == (1...9).map { "M\($0)" })
        #expect(names("T")?.count == 36)
        #expect(names("S") == (1...8).map { "S\($0)" })
    }

    @Test func lists() {
        #expect(names("R28,A1,T8-T9") == ["A1", "T8", "T9", "R28"])
        // Named twice, selected once.
        #expect(names("M1,M") == (1...9).map { "M\($0)" })
    }

    @Test(arguments: [
        "", ",", "T8,", ",T8", "X", "X1", "8", "T0", "T37", "S9", "A19", "M1-M10", "T9-T8", "T1-R2", "T1-", "T-", "T 8",
        "T8 ",
        "T1--3", "T99999999999", "T1-T3-T5", "T1T2", "é", "T\u{0}", "-", "T-3",
    ])
    func refused(text: String) {
        #expect(Selection(text) == nil)
    }

    @Test func everything() {
        for row in RowID.allCases { #expect(Selection.all.contains(row)) }
    }

    /// Names are unique, parse back to their row alone, and the list is the reference's.
    @Test func rows() {
        #expect(RowID.allCases.count == 152)
        #expect(Set(RowID.allCases.map { $0.name }).count == 152)
        for row in RowID.allCases {
            #expect(names(row.name) == [row.name])
            #expect(!"\(row.title)".isEmpty)
        }
        #expect(Set(RowID.allCases.map { "\($0.title)" }).count == 152)
        #expect(RowID.t8.name == "T8")
        #expect(RowID.c19.name == "C19")
    }
}
