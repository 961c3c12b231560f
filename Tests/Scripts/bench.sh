#!/usr/bin/env bash
# Scripts/bench --cpu: a row for bare metal is measured, tables and pictures are made of figures, the picture in the documentation is that of
# the table there. No time is judged.
set -euo pipefail

[[ $MODE == release ]] || { echo "measures the release build"; exit 0; }
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/Scripts/bench

fail() {
    echo "FAILED: $*"
    exit 1
}

# A row that both really run, whose output agrees.
timeout 300 "$bench" --cpu --only '^algorithms/calls$' --pairs 1 --json --plot calls.svg >calls.json </dev/null 2>err ||
    fail "one row: $(tail -n 3 err)"
python3 - <<'END_OF_PROGRAM' || fail "the row: $(cat calls.json)"
import json
result = json.load(open("calls.json"))
(row,) = result["rows"]
assert row["name"] == "calls" and row["stasis_seconds"] > 0 and row["qemu_seconds"] > 0
assert abs(row["ratio"] - row["qemu_seconds"] / row["stasis_seconds"]) < 1e-9 and abs(result["geomean"] - row["ratio"]) < 1e-9
(code,) = result["code"]
assert code["stasis_instructions"] > 100 and code["stasis_bytes"] > code["stasis_instructions"]
assert code["qemu_instructions"] > 100 and code["qemu_bytes"] > code["qemu_instructions"]
END_OF_PROGRAM
echo "ok one row"

# Figures whose result is known: the mean of 2, 0.5 and 4 is 1.59, without what does not count.
cat >figures.json <<'END_OF_FIGURES'
{"engine": "translated", "pairs": 2, "code": [], "rows": [
 {"group": "algorithms", "name": "one", "what": "a", "stasis_seconds": 1, "qemu_seconds": 2, "ratio": 2, "least": 1.5, "most": 2.5},
 {"group": "algorithms", "name": "two", "what": "b", "stasis_seconds": 2, "qemu_seconds": 1, "ratio": 0.5, "least": 0.4, "most": 0.6},
 {"group": "boot", "name": "b & c", "what": "<d>", "stasis_seconds": 1, "qemu_seconds": 4, "ratio": 4, "least": 4, "most": 4},
 {"group": "boot", "name": "as packed", "what": "e", "stasis_seconds": 1, "qemu_seconds": 9, "ratio": 9, "least": 9, "most": 9, "counts": false}
]}
END_OF_FIGURES
"$bench" --cpu --from figures.json --plot figures.svg >out
[[ $(tail -n 1 out) == "geomean 1.59" ]] || fail "the last line: $(tail -n 1 out)"
grep -qE '^two +b +2\.00 +1\.00 +0\.50 +0\.40-0\.60$' out || fail "a row: $(cat out)"
python3 - <<'END_OF_PROGRAM' || fail "the picture"
import xml.etree.ElementTree as tree
svg = "{http://www.w3.org/2000/svg}"
root = tree.parse("figures.svg").getroot()
bars = [b for b in root.iter(svg + "rect") if b.get("class") in ("faster", "slower")]
assert [b.get("class") for b in bars] == ["faster", "slower", "faster", "faster"]
one = next(p for p in root.iter(svg + "path") if p.get("class") == "one").get("d").split()[0][1:]
# By a logarithmic scale as far right of 1 as left, and what is right of 1 begins there.
assert bars[0].get("x") == one and abs(float(bars[0].get("width")) - float(bars[1].get("width"))) < 0.2
lines = {p.get("class"): float(p.get("d").split("V")[0].split()[0][1:]) for p in root.iter(svg + "path") if "V" in p.get("d")}
assert lines["least"] < lines["one"] < lines["grid"] == 870, lines
texts = [t.text for t in root.iter(svg + "text")]
assert "b & c" in texts and any("Geometric mean 1.59" in t for t in texts)
END_OF_PROGRAM
echo "ok table and picture"

"$bench" --cpu --check-record >out 2>&1 || fail "docs: $(cat out)"
echo "ok the picture in the documentation"

# What cannot be measured is said, and ends with an error.
refused() {
    local wanted=$1
    shift
    if "$bench" "$@" >out 2>&1 </dev/null; then fail "bench $*: accepted"; fi
    grep -q -- "$wanted" out || fail "bench $*: $(tail -n 2 out)"
}
echo '{}' >empty.json
refused 'no figures of --json' --cpu --from empty.json
refused 'no row is called that; there are algorithms/crc32' --cpu --only nothing-of-this-name
refused 'which one is for --mips-host' --cpu 34Kf
echo "ok refusals"
