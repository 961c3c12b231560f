// What the writer writes, to the byte, and that another reader understands it.

import Foundation
import JSON
import Testing

@Suite struct Writer {
    func document(indented: Bool) -> JSONWriter {
        var json = JSONWriter(indented: indented)
        json.beginObject()
        json.member("name", "a \"b\" \\ \n\t\r\u{1}\u{1F} ü 🕰 /")
        json.member("largest", UInt64.max)
        json.member("least", Int64.min)
        json.member("truth", true)
        json.key("nothing")
        json.null()
        json.key("empty")
        json.beginArray()
        json.endArray()
        json.key("list")
        json.beginArray()
        json.value(1)
        json.beginObject()
        json.endObject()
        json.value("two")
        json.endArray()
        json.endObject()
        return json
    }

    @Test func theExactText() {
        let text = document(indented: false).text
        #expect(
            text == #"{"name":"a \"b\" \\ \n\t\r\u0001\u001f ü 🕰 /","largest":18446744073709551615,"#
                + #""least":-9223372036854775808,"truth":true,"nothing":null,"empty":[],"list":[1,{},"two"]}"# + "\n")
    }

    @Test func indentation() {
        var json = JSONWriter()
        json.beginArray()
        json.value(1)
        json.beginObject()
        json.member("a", false)
        json.endObject()
        json.endArray()
        #expect(json.text == "[\n  1,\n  {\n    \"a\": false\n  }\n]\n")
    }

    @Test(arguments: [true, false])
    func foundationReadsIt(_ indented: Bool) throws {
        let parsed = try JSONSerialization.jsonObject(with: Data(document(indented: indented).bytes))
        let object = try #require(parsed as? [String: Any])
        #expect(object["name"] as? String == "a \"b\" \\ \n\t\r\u{1}\u{1F} ü 🕰 /")
        #expect((object["largest"] as? NSNumber)?.uint64Value == UInt64.max)
        #expect((object["list"] as? [Any])?.count == 3)
    }

    @Test func aLoneValueIsADocument() {
        var json = JSONWriter()
        json.value("x")
        #expect(json.text == "\"x\"\n")
    }
}
