"""A picture of ratios: bars from 1 on a logarithmic scale, as SVG."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 960, 200, 90, 78, 24, 13
STYLE = """\
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;fill:#1f2328}
.big{font-size:16px;font-weight:600}.soft{fill:#59636e}.name{font-weight:600}.mid{text-anchor:middle}.end{text-anchor:end}
.paper{fill:#fff;stroke:#d0d7de}.grid{stroke:#eaedf0}.one{stroke:#1f2328;stroke-width:1.5}.least{stroke:#b34e00;stroke-dasharray:5 4}
.faster{fill:#0072b2}.slower{fill:#d55e00}.range{stroke:#1f2328;stroke-opacity:.6}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.soft{fill:#9198a1}.paper{fill:#0d1117;stroke:#30363d}.grid{stroke:#21262d}.one{stroke:#e6edf3}.least{stroke:#f0883e}
.faster{fill:#56b4e9}.slower{fill:#f0883e}.range{stroke:#e6edf3}
}"""
# Lines of the scale; those that the data needs are drawn.
MARKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)
LEAST = 0.7


def rounded(row):
    """What the table shows of a row is what is drawn."""
    return {**row, **{key: max(round(row[key], 2), 0.01) for key in ("ratio", "least", "most")}}


def svg(rows, mean):
    rows = [rounded(row) for row in rows]
    low = max([m for m in MARKS if m <= min([0.5] + [row["least"] for row in rows])], default=MARKS[0])
    high = min([m for m in MARKS if m >= max([2] + [row["most"] for row in rows])], default=MARKS[-1])

    def x(ratio):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(min(max(ratio, low), high) / low) / math.log(high / low)

    body, y, group = [], TOP, None
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            y += 8
            body.append(f'<text x="24" y="{y + 11}" class="name">{escape(group)}</text>')
        a, b = sorted((x(1), x(row["ratio"])))
        kind = "faster" if row["ratio"] >= 1 else "slower"
        body.append(
            f'<text x="{LEFT - 10}" y="{y + 11}" class="end">{escape(row["name"])}</text>'
            f'<rect x="{a:.1f}" y="{y}" width="{max(b - a, 1):.1f}" height="{BAR}" rx="2" class="{kind}"/>'
            f'<path d="M{x(row["least"]):.1f} {y + BAR / 2}H{x(row["most"]):.1f}" class="range"/>'
            f'<text x="{WIDTH - 24}" y="{y + 11}" class="end">{row["ratio"]:.2f}</text>')
        y += STEP
    bottom, height = y, y + 44
    figures = "; ".join(f"{row['name']} {row['ratio']:.2f}" for row in rows)
    scale = []
    for mark in MARKS:
        if low <= mark <= high:
            kind = {1: "one", LEAST: "least"}.get(mark, "grid")
            scale.append(
                f'<path d="M{x(mark):.1f} {TOP}V{bottom}" class="{kind}"/>'
                f'<text x="{x(mark):.1f}" y="{bottom + 18}" class="mid soft">{mark:g}</text>')
    # The line of 1 is over the bars that begin there.
    under = [part for part in scale if 'class="one"' not in part]
    over = [part for part in scale if 'class="one"' in part]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        'aria-labelledby="t d">',
        '<title id="t">Speed of the simulator beside QEMU</title>',
        f'<desc id="d">{escape(figures)}; geometric mean {mean:.2f}</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" class="paper"/>',
        '<text x="24" y="32" class="big">Speed of the simulator beside QEMU</text>',
        f'<text x="24" y="54" class="soft">QEMU\'s processor time over Stasis\'s: right of 1 Stasis is faster. Lines: the range of all pairs. '
        f'Geometric mean {mean:.2f}</text>',
        *under, *body, *over, "</svg>", ""])


def write(path, rows, mean):
    with open(path, "w", encoding="utf-8") as file:
        file.write(svg(rows, mean))
