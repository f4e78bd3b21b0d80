"""Small line plots as SVG text: no library, a few kilobytes each, readable in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 62, 190, 34, 48
INKS = ("#1f6fb4", "#d1602f", "#3a8f4d", "#8a58b0", "#b8860b", "#5a6570")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#3b4650}.t{font-size:14px;font-weight:600}"
    ".g{stroke:#d5dade}.a{stroke:#8a949c}"
    "@media(prefers-color-scheme:dark){text{fill:#c8d0d6}.g{stroke:#3a434a}}"
)


@dataclass(frozen=True)
class Point:
    """One point with the ends of its interval along y; `label` is written beside it."""

    x: float
    y: float
    low: float
    high: float
    label: str = ""


@dataclass(frozen=True)
class Line:
    """Points that are joined in the order given."""

    name: str
    points: Sequence[Point]


def line_plot(
    title: str,
    x_label: str,
    y_label: str,
    lines: Sequence[Line],
    *,
    ticks: Sequence[tuple[float, str]] = (),
    level: tuple[float, str] | None = None,
) -> str:
    """The plot as an SVG document.

    Args:
        title: what it shows.
        x_label: what goes to the right, with unit.
        y_label: what goes up, with unit.
        lines: at most six.
        ticks: places and names on the x axis; default: round numbers.
        level: a horizontal line to compare with, and its name.
    """
    points = [point for line in lines for point in line.points]
    xs = [point.x for point in points] + [place for place, _ in ticks]
    ys = [end for p in points for end in (p.low, p.high, p.y)] + ([level[0]] if level else [])
    frame = _Frame(_range(xs, 0.02), _range(ys, 0.06))
    body = [
        f'<text class="t" x="{LEFT}" y="20">{escape(title)}</text>',
        *_axes(frame, x_label, y_label, ticks),
    ]
    if level is not None:
        y = frame.y(level[0])
        body.append(
            f'<path class="a" stroke-dasharray="5 4" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4}">{escape(level[1])}</text>'
        )
    for number, line in enumerate(lines):
        body += _line(frame, line, INKS[number % len(INKS)])
        y = TOP + 12 + 18 * number
        body.append(
            f'<path stroke="{INKS[number % len(INKS)]}" stroke-width="3"'
            f' d="M{WIDTH - RIGHT + 8} {y - 4}h16"/>'
            f'<text x="{WIDTH - RIGHT + 30}" y="{y}">{escape(line.name)}</text>'
        )
    return document(body)


def bar_plot(
    title: str, x_label: str, low: float, high: float, counts: Sequence[int], mark: float, said: str
) -> str:
    """A histogram between `low` and `high`, and a mark far from it, as an SVG document."""
    frame = _Frame(_range([low, high, mark], 0.03), (0.0, max(counts) * 1.08))
    step = (high - low) / len(counts)
    body = [
        f'<text class="t" x="{LEFT}" y="20">{escape(title)}</text>',
        *_axes(frame, x_label, "permutations", ()),
    ]
    for place, count in enumerate(counts):
        x, y = frame.x(low + place * step), frame.y(count)
        width = max(frame.x(low + (place + 1) * step) - x, 1)
        body.append(
            f'<rect fill="{INKS[0]}" x="{x}" y="{y}" width="{width:.1f}"'
            f' height="{round(frame.y(0) - y, 1)}"/>'
        )
    x = frame.x(mark)
    body.append(
        f'<path stroke="{INKS[1]}" stroke-width="2.5" d="M{x} {TOP + 20}V{HEIGHT - BOTTOM}"/>'
        f'<text x="{x - 4}" y="{TOP + 14}" text-anchor="end">{escape(said)}</text>'
    )
    return document(body)


def document(body: Sequence[str]) -> str:
    """The elements as an SVG document."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none"'
        f' role="img"><style>{_STYLE}</style>\n' + "\n".join(body) + "\n</svg>\n"
    )


@dataclass(frozen=True)
class _Frame:
    """Where numbers stand on the paper."""

    along: tuple[float, float]
    up: tuple[float, float]

    def x(self, value: float) -> float:
        share = (value - self.along[0]) / (self.along[1] - self.along[0])
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.up[0]) / (self.up[1] - self.up[0])
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    wide = (high - low) or 1.0
    return low - margin * wide, high + margin * wide


def _round_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """About five round numbers between two."""
    rough = (high - low) / 7
    unit = 10.0 ** (len(f"{rough:.0f}") - 1) if rough >= 1 else 1.0
    while unit > rough:
        unit /= 10
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    first = int(low / step) - 1
    places = [step * number for number in range(first, first + 20)]
    return [(place, f"{place:.4g}") for place in places if low <= place <= high]


def _axes(
    frame: _Frame, x_label: str, y_label: str, ticks: Sequence[tuple[float, str]]
) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    body: list[str] = []
    for value, name in _round_ticks(*frame.up):
        y = frame.y(value)
        body.append(f'<path class="g" d="M{LEFT} {y}H{right}"/>')
        body.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{name}</text>')
    for value, name in ticks or _round_ticks(*frame.along):
        x = frame.x(value)
        body.append(f'<path class="a" d="M{x} {bottom}v5"/>')
        body.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{escape(name)}</text>')
    middle = (TOP + bottom) / 2
    body += [
        f'<path class="a" d="M{LEFT} {TOP}V{bottom}H{right}"/>',
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_label)}</text>',
        f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>',
    ]
    return body


def _line(frame: _Frame, line: Line, ink: str) -> list[str]:
    places = [(frame.x(point.x), frame.y(point.y)) for point in line.points]
    body = [
        f'<path stroke="{ink}" stroke-width="2" d="M'
        + "L".join(f"{x} {y}" for x, y in places) + '"/>'
    ]  # fmt: skip
    for (x, y), point in zip(places, line.points, strict=True):
        low, high = frame.y(point.low), frame.y(point.high)
        body.append(
            f'<path stroke="{ink}" d="M{x} {low}V{high}"/><circle fill="{ink}" cx="{x}" cy="{y}" r="3"/>'
        )
        if point.label:
            body.append(
                f'<text x="{x + 5}" y="{y - 6}" style="font-size:10px">{escape(point.label)}</text>'
            )
    return body
