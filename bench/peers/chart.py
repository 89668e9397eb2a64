"""Charts as SVG files that need nothing else and are readable on a light and on a dark page.

Pure functions from figures to text. Colors are classes, changed by the reader's color scheme.
"""
from xml.sax.saxutils import escape

WIDTH, LABEL, ROW, TOP = 860, 300, 26, 58
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 } .small { font-size: 12px; fill: #57606a }
.ours { fill: #0969da } .theirs { fill: #afb8c1 } .line { fill: #d4a72c } .wait { fill: #cf222e }
.busy { fill: #afb8c1 } .empty { fill: #eaeef2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .ours { fill: #4493f8 } .theirs, .busy { fill: #545d68 } .line { fill: #bb8009 }
  .wait { fill: #f85149 } .empty { fill: #21262d }
}"""


def bars(title, subtitle, rows):
    """Horizontal bars; rows are (label, value, words behind the bar, class)."""
    most = max(value for _, value, _, _ in rows)
    scale = (WIDTH - LABEL - 230) / most
    parts = [text(16, 26, title, "title"), text(16, 45, subtitle, "small")]
    for number, (label, value, words, kind) in enumerate(rows):
        y = TOP + number * ROW
        parts += [text(LABEL - 10, y + 16, label, anchor="end"),
                  box(LABEL, y + 3, value * scale, ROW - 8, kind),
                  text(LABEL + value * scale + 8, y + 16, words, "small")]
    return svg(TOP + len(rows) * ROW + 12, parts, title)


def strips(title, subtitle, rows, shown_s):
    """Time lines of steps and waits; rows are (label, words under it, [(wait_s, step_s)])."""
    scale, left = (WIDTH - 32) / shown_s, 16
    parts = [text(left, 26, title, "title"), text(left, 45, subtitle, "small")]
    for number, (label, words, steps) in enumerate(rows):
        y = TOP + 12 + number * 84
        parts += [text(left, y + 10, label), text(left, y + 62, words, "small"),
                  box(left, y + 20, WIDTH - 32, 24, "empty")]
        at_s = 0.0
        for wait_s, step_s in steps:
            for duration_s, kind in ((wait_s, "wait"), (step_s, "busy")):
                end_s = min(at_s + duration_s, shown_s)
                if end_s > at_s:
                    gap = 1 if kind == "busy" else 0  # steps are told apart by a thin gap
                    parts.append(box(left + at_s * scale, y + 20,
                                     max(0.2, (end_s - at_s) * scale - gap), 24, kind))
                at_s = end_s
    legend = TOP + 12 + len(rows) * 84
    parts += [box(left, legend, 12, 12, "busy"), text(left + 18, legend + 11, "computes", "small"),
              box(left + 92, legend, 12, 12, "wait"),
              text(left + 110, legend + 11, "waits for data", "small")]
    return svg(legend + 26, parts, title)


def svg(height, parts, title):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">\n'
            f"<style>{STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n")


def box(x, y, width, height, kind):
    return (f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}"/>')


def text(x, y, words, kind="", anchor="start"):
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
