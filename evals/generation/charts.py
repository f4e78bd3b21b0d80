"""Plots of figures with intervals and seeds, as SVG text: side by side, along a dial, one against another."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from vitrine.evals.generation.report import Figure, Row
from vitrine.evals.personal.plots import INKS

WIDTH, LEFT, RIGHT, TOP, LINE, FOOT = 460, 146, 14, 40, 24, 34
TALL = 280
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#3b4650}.t{font-size:13.5px;font-weight:600}"
    ".s{font-size:11px;fill:#6f7881}.g{stroke:#d5dade}.d{fill:#8a949c;opacity:.55}"
    "@media(prefers-color-scheme:dark){text{fill:#c8d0d6}.s{fill:#98a2aa}.g{stroke:#3a434a}}"
)


def side_by_side(title: str, scale: str, rows: Sequence[tuple[str, Figure]], better: str) -> str:
    """A line a condition: the mean, its interval, and a small dot for every seed."""
    height = TOP + LINE * len(rows) + FOOT
    ends = [end for _, f in rows for end in (f.low, f.high, f.mean, *f.by_seed)]
    axis = _Axis(min(ends), max(ends), LEFT, WIDTH - RIGHT)
    bottom = TOP + LINE * len(rows)
    body = _heading(title, scale, better)
    for value in axis.ticks():
        x = axis(value)
        body.append(f'<path class="g" d="M{x} {TOP - 4}V{bottom}"/>')
        body.append(
            f'<text class="s" x="{x}" y="{bottom + 15}" text-anchor="middle">{value:.4g}</text>'
        )
    for place, (name, figure) in enumerate(rows):
        y = TOP + LINE * place + LINE / 2
        ink = INKS[place % len(INKS)]
        body.append(
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(_short(name))}</text>'
        )
        body += [f'<circle class="d" cx="{axis(v)}" cy="{y + 5}" r="1.8"/>' for v in figure.by_seed]
        body.append(
            f'<path stroke="{ink}" stroke-width="2" d="M{axis(figure.low)} {y}H{axis(figure.high)}"/>'
            f'<circle fill="{ink}" cx="{axis(figure.mean)}" cy="{y}" r="4">'
            f"<title>{escape(name)}: {figure.mean:.4g} ({figure.low:.4g} to {figure.high:.4g})</title>"
            "</circle>"
        )
    return _document(height, title, body)


def along(title: str, scale: str, dial: str, rows: Sequence[Row], name: str, better: str) -> str:
    """One figure along a dial, with its interval as a band and the seeds as dots."""
    points = [(row.dial, row.figures[name]) for row in rows if row.dial is not None]
    ends = [end for _, f in points for end in (f.low, f.high, *f.by_seed)]
    x = _Axis(min(d for d, _ in points), max(d for d, _ in points), 56, WIDTH - RIGHT)
    y = _Axis(min(ends), max(ends), TALL - FOOT - 14, TOP)
    body = _heading(title, scale, better)
    for value in y.ticks():
        body.append(f'<path class="g" d="M56 {y(value)}H{WIDTH - RIGHT}"/>')
        body.append(
            f'<text class="s" x="50" y="{y(value) + 4}" text-anchor="end">{value:.4g}</text>'
        )
    body += [
        f'<text class="s" x="{x(d)}" y="{TALL - FOOT + 4}" text-anchor="middle">{d:g}</text>'
        for d, _ in points
    ]
    band = [f"{x(d)} {y(f.high)}" for d, f in points]
    band += [f"{x(d)} {y(f.low)}" for d, f in reversed(points)]
    line = "L".join(f"{x(d)} {y(f.mean)}" for d, f in points)
    body.append(f'<path fill="{INKS[0]}" opacity=".16" d="M{"L".join(band)}Z"/>')
    body.append(f'<path stroke="{INKS[0]}" stroke-width="2" d="M{line}"/>')
    for d, figure in points:
        body += [f'<circle class="d" cx="{x(d)}" cy="{y(v)}" r="1.8"/>' for v in figure.by_seed]
        body.append(
            f'<circle fill="{INKS[0]}" cx="{x(d)}" cy="{y(figure.mean)}" r="4"><title>{d:g}:'
            f" {figure.mean:.4g} ({figure.low:.4g} to {figure.high:.4g})</title></circle>"
        )
    middle = (56 + WIDTH - RIGHT) / 2
    body.append(
        f'<text class="s" x="{middle}" y="{TALL - 8}" text-anchor="middle">{escape(dial)}</text>'
    )
    return _document(TALL, title, body)


def against(
    x_title: str, y_title: str, rows: Sequence[Row], across: str, up: str, dial: str | None
) -> str:
    """One figure against another, a point a condition, with both intervals; joined along a dial."""
    found = [row for row in rows if across in row.figures and up in row.figures]
    xs = [end for row in found for end in (row.figures[across].low, row.figures[across].high)]
    ys = [end for row in found for end in (row.figures[up].low, row.figures[up].high)]
    x, y = _Axis(min(xs), max(xs), 60, WIDTH - 60), _Axis(min(ys), max(ys), TALL - FOOT - 16, TOP)
    body = _heading(f"{y_title} against {x_title}", "", "")
    for value in y.ticks():
        body.append(f'<path class="g" d="M60 {y(value)}H{WIDTH - RIGHT}"/>')
        body.append(
            f'<text class="s" x="54" y="{y(value) + 4}" text-anchor="end">{value:.4g}</text>'
        )
    for value in x.ticks():
        body.append(
            f'<text class="s" x="{x(value)}" y="{TALL - FOOT + 4}" text-anchor="middle">{value:.4g}</text>'
        )
    if dial is not None:
        line = "L".join(f"{x(r.figures[across].mean)} {y(r.figures[up].mean)}" for r in found)
        body.append(f'<path stroke="{INKS[0]}" opacity=".5" d="M{line}"/>')
    for place, row in enumerate(found):
        a, b = row.figures[across], row.figures[up]
        ink = INKS[0] if dial is not None else INKS[place % len(INKS)]
        label = f"{row.dial:g}" if dial is not None and row.dial is not None else row.name
        body.append(
            f'<path stroke="{ink}" opacity=".6" d="M{x(a.low)} {y(b.mean)}H{x(a.high)}'
            f'M{x(a.mean)} {y(b.low)}V{y(b.high)}"/>'
            f'<circle fill="{ink}" cx="{x(a.mean)}" cy="{y(b.mean)}" r="4"/>'
            f'<text class="s" x="{x(a.mean) + 6}" y="{y(b.mean) - 6}">{escape(_short(label))}</text>'
        )
    named = x_title if dial is None else f"{x_title}; labels: {dial}"
    body.append(
        f'<text class="s" x="{WIDTH / 2}" y="{TALL - 8}" text-anchor="middle">{escape(named)}</text>'
    )
    return _document(TALL, f"{y_title} against {x_title}", body)


class _Axis:
    """Numbers to places on the paper."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        wide = (high - low) or abs(high) * 0.1 or 1.0
        self._low, self._high = low - 0.05 * wide, high + 0.05 * wide
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return round(self._start + share * (self._end - self._start), 1)

    def ticks(self) -> list[float]:
        """About five round numbers."""
        rough = (self._high - self._low) / 5
        power = 10.0 ** int(f"{rough:e}".split("e")[1])
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first = int(self._low // step) + 1
        places = [step * number for number in range(first, first + 12)]
        return [round(place, 10) for place in places if place <= self._high]


def _short(name: str, most: int = 19) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _heading(title: str, scale: str, better: str) -> list[str]:
    arrow = {"up": " ↑", "down": " ↓"}.get(better, "")
    return [
        f'<text class="t" x="8" y="17">{escape(title)}{arrow}</text>',
        f'<text class="s" x="{WIDTH - RIGHT}" y="17" text-anchor="end">{escape(scale)}</text>',
    ]


def _document(height: float, label: str, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" fill="none"'
        f' role="img" aria-label="{escape(label)}"><style>{STYLE}</style>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )
