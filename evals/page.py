"""A report as one HTML file that needs nothing else: totals on top, dialogues as chat."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from vitrine.core.turn import DesignView, Product, StateView
from vitrine.evals.checks import Failure
from vitrine.evals.compare import Comparison, lines
from vitrine.evals.pictures import PictureSheet
from vitrine.evals.report import WHOLE_TURN, Figures, PlayedDialogue, PlayedTurn, Report

_RATIOS = (
    ("joint_goal_accuracy", "joint goal accuracy"),
    ("slot_f1", "slot F1"),
    ("intent_micro_f1", "intents, micro F1"),
    ("intent_macro_f1", "intents, macro F1"),
    ("act_accuracy", "act accuracy"),
    ("task_success", "task success"),
)
_MOST_FACTS = 6


def page(report: Report, comparison: Comparison | None = None) -> str:
    """The document."""
    pictures = PictureSheet()
    dialogues = "\n".join(_dialogue(dialogue, pictures) for dialogue in report.dialogues)
    totals = report.totals
    held = totals.dialogues_passed / totals.dialogues if totals.dialogues else 1.0
    stopped = " &middot; stopped before the end" if totals.stopped else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Replay: {totals.dialogues_passed} of {totals.dialogues} dialogues hold</title>
<style>
{_asset("report.css")}
{pictures.css}
</style>
</head>
<body>
<header><div>
<div class="top"><h1>Replay<small>{totals.dialogues_passed} of {totals.dialogues} dialogues,
{totals.turns_passed} of {totals.turns} turns hold{stopped}</small></h1>
<button type="button" data-light>Light / dark</button></div>
<div class="bar" role="img" aria-label="{held:.0%} hold"><i style="width:{held:.2%}"></i></div>
<div class="tiles">{"".join(_tiles(totals))}</div>
{_splits(report)}{_latency(totals)}{_changes(comparison)}
</div></header>
<main>
<nav aria-label="Filter">
<button type="button" data-show="all" aria-pressed="true">All</button>
<button type="button" data-show="broke" aria-pressed="false">Failed</button>
<button type="button" data-show="held" aria-pressed="false">Passed</button>
{_choice("domain", "every domain", [d.domain for d in report.dialogues])}
{_choice("split", "every split", [d.split for d in report.dialogues])}
<input type="search" placeholder="Search" aria-label="Search">
<button type="button" data-fold>Open / close</button>
<output></output>
</nav>
{dialogues}
<p class="none" hidden>No dialogue fits the filter.</p>
<footer></footer>
</main>
<script>
{_asset("report.js")}
</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return (resources.files("vitrine.evals") / "assets" / name).read_text(encoding="utf-8")


# --- totals ---------------------------------------------------------------------------------------


def _tiles(totals: Figures) -> Iterator[str]:
    for field, title in _RATIOS:
        value: float | None = getattr(totals, field)
        if value is not None:
            yield _tile(f"{value:.3f}", title)
    if totals.turns_to_success is not None:
        yield _tile(f"{totals.turns_to_success:.2f}", "turns to success")
    if WHOLE_TURN in totals.latency_p50_ms:
        p50, p95 = totals.latency_p50_ms[WHOLE_TURN], totals.latency_p95_ms[WHOLE_TURN]
        yield _tile(f"{_ms(p50)}", f"a turn, p50 (p95 {_ms(p95)})")


def _tile(value: str, title: str) -> str:
    return f'<div class="tile"><b>{value}</b><span>{title}</span></div>'


def _ms(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"


def _splits(report: Report) -> str:
    splits = report.totals.splits
    if len(splits) < 2:
        return ""
    head = "".join(f"<th>{title}</th>" for _, title in _RATIOS)
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{part.dialogues_passed}/{part.dialogues}</td>"
        + "".join(f"<td>{_ratio(getattr(part, field))}</td>" for field, _ in _RATIOS)
        + "</tr>"
        for name, part in splits.items()
    )
    return (
        f'<div class="panel scroll"><table><tr><th>split</th><th>dialogues</th>{head}</tr>'
        f"{rows}</table></div>"
    )


def _ratio(value: float | None) -> str:
    return "&ndash;" if value is None else f"{value:.3f}"


def _latency(totals: Figures) -> str:
    rows = "".join(
        f"<tr><td>{escape(stage)}</td><td>{p50:.1f}</td>"
        f"<td>{totals.latency_p95_ms.get(stage, 0.0):.1f}</td></tr>"
        for stage, p50 in totals.latency_p50_ms.items()
    )
    table = f"<table><tr><th>stage</th><th>p50 ms</th><th>p95 ms</th></tr>{rows}</table>"
    return f'<details class="panel"><summary>Latency by stage</summary>{table}</details>'


def _changes(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    items = "".join(f"<div>{escape(line)}</div>" for line in lines(comparison))
    return f'<div class="panel"><h2>Against the earlier report</h2>{items}</div>'


def _choice(name: str, title: str, values: Sequence[str]) -> str:
    options = "".join(
        f'<option value="{escape(v)}">{escape(v)}</option>' for v in sorted(set(values))
    )
    return (
        f'<select name="{name}" aria-label="{name}"><option value="">{title}</option>'
        f"{options}</select>"
    )


# --- dialogues ------------------------------------------------------------------------------------


def _dialogue(dialogue: PlayedDialogue, pictures: PictureSheet) -> str:
    kind, mark, opened = ("held", "&check;", "") if dialogue.passed else ("broke", "!", " open")
    broken = sum(not turn.passed for turn in dialogue.turns)
    told = f"{broken} of {len(dialogue.turns)} turns fail" if broken else _turns(dialogue)
    turns = "\n".join(_turn(turn, pictures) for turn in dialogue.turns)
    error = (
        f'<div class="failure"><b>stopped</b> {escape(dialogue.error)}</div>'
        if dialogue.error
        else ""
    )
    return f"""<details class="dialogue {kind}" data-domain="{escape(dialogue.domain)}"
 data-split="{escape(dialogue.split)}"{opened}>
<summary><span class="mark" aria-label="{"passed" if dialogue.passed else "failed"}">{mark}</span>
<b>{escape(dialogue.dialogue)}</b>
<span class="quiet">{escape(dialogue.domain)} &middot; {dialogue.split} &middot; {told}</span></summary>
<div class="talk">{turns}{error}</div></details>"""


def _turns(dialogue: PlayedDialogue) -> str:
    count = len(dialogue.turns)
    return f"{count} turn{'s' if count != 1 else ''}"


def _turn(turn: PlayedTurn, pictures: PictureSheet) -> str:
    picked = ", ".join(f"{ref.position} of turn {ref.turn}" for ref in turn.picked)
    said = escape(turn.said) or (f"<i>picks {picked}</i>" if picked else "<i>sends a picture</i>")
    sent = _pic(turn.sent, pictures) if turn.sent is not None else ""
    goods = "".join(
        (
            *(_product(product, pictures) for product in turn.products),
            *(_design(design, pictures) for design in turn.images),
        )
    )
    return f"""<section class="turn">
<div class="said"><span class="number">{turn.turn}</span>{sent}<div class="bubble">{said}</div></div>
<div class="reply"><div class="bubble">{escape(turn.reply)}</div>
{f'<div class="goods">{goods}</div>' if goods else ""}
{_chips(turn)}
{"".join(map(_failure, turn.failures))}
{_state(turn.state, turn.timings_ms.get(WHOLE_TURN))}</div></section>"""


def _product(product: Product, pictures: PictureSheet) -> str:
    price = "" if product.price is None else f"{product.price:,.2f} {escape(product.currency)}"
    title = escape(product.title)
    why = escape("; ".join(reason.text for reason in product.reasons))
    return (
        f'<div class="good" title="{escape(product.id)}: {why}">{_pic(product.picture, pictures)}'
        f"<b>{product.position}. {title}</b><em>{price}</em></div>"
    )


def _design(design: DesignView, pictures: PictureSheet) -> str:
    why = escape("; ".join(reason.text for reason in design.reasons))
    near = f"near {escape(design.nearest.title)}" if design.nearest is not None else ""
    return (
        f'<div class="good design" title="{escape(design.prompt)}: {why}">'
        f"{_pic(design.path, pictures)}<b>{design.position}. design, {design.score:.2f}</b>"
        f"<em>{near}</em></div>"
    )


def _pic(path: str | None, pictures: PictureSheet) -> str:
    return f'<span class="pic {pictures.add(path)}"></span>'


def _chips(turn: PlayedTurn) -> str:
    failed = {failure.asserted for failure in turn.failures}
    chips = [f'<span class="chip">{escape(intent)}</span>' for intent in turn.intents]
    chips += [f'<span class="chip act">{escape(act)}</span>' for act in turn.acts]
    chips += [
        f'<span class="chip {"no" if key in failed else "ok"}">'
        f"{'&#10007;' if key in failed else '&check;'} {escape(key)}</span>"
        for key in turn.checked
    ]
    return f'<div class="chips">{"".join(chips)}</div>'


def _failure(failure: Failure) -> str:
    return (
        f'<div class="failure"><b>{escape(failure.key)}</b><dl><dt>expected</dt>'
        f"<dd><code>{_value(failure.expected)}</code></dd><dt>found</dt>"
        f"<dd><code>{_value(failure.found)}</code></dd></dl></div>"
    )


def _value(value: object) -> str:
    return escape(json.dumps(value, ensure_ascii=False, default=str))


def _state(state: StateView, ms: float | None) -> str:
    """The beliefs in one line, folded away."""
    plain = state.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    facts = ", ".join(f"{name}" for name in list(plain)[:_MOST_FACTS]) or "nothing believed"
    took = "" if ms is None else f" &middot; {_ms(ms)}"
    return (
        f'<details class="state"><summary>state: {escape(facts)}{took}</summary>'
        f"<code>{escape(json.dumps(plain, indent=2, ensure_ascii=False))}</code></details>"
    )
