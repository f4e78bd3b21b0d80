"""Answers, comparisons and explanations in words. Every sentence repeats a fact with its source."""

from collections.abc import Mapping, Sequence

from vitrine.agent import comparing
from vitrine.agent.outcome import Comparison, Own, Told
from vitrine.agent.wording import NOT_SAID_AT_ALL, NOT_SAID_BY_ANY, listed
from vitrine.core.domain import DomainPack
from vitrine.core.turn import AnswerView, Fact, Reason

_MOST_SILENT = 3
"""Up to so many things are named when their listings do not say what was asked."""
_BUYER, _BUYERS = "a buyer says ", "buyers say "


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text as a sentence."""
    clean = text.strip()
    ends = (".", "!", "?", "…", ".”", "!”", "?”", "…”")
    return capital(clean) if clean.endswith(ends) else f"{capital(clean)}."


# --- answers -------------------------------------------------------------------------------------


def tell_answer(view: AnswerView, asked: Sequence[str], titles: Mapping[str, str]) -> str:
    """The facts of an answer, each with the thing it is of; who of the asked says nothing is told.

    Args:
        view: the answer.
        asked: titles of the things that the question is about (empty: of the shop).
        titles: titles of the items that facts name, by id.
    """
    if (one_by_one := _each(view.facts, asked, titles)) is not None:
        return one_by_one
    groups = _grouped(view.facts, titles)
    parts: list[str] = []
    before: Sequence[str] = ()
    for said, names in groups:
        parts.append(sentence(said if names == before or not names else _of(names, said)))
        before = names
    spoken = {name for _, names in groups for name in names}
    silent = [title for title in asked if title not in spoken]
    if not parts:
        return _silence(asked)
    if spoken and silent and not spoken.isdisjoint(asked):
        parts.append(_silence(silent))
    return " ".join(parts)


def _each(facts: Sequence[Fact], asked: Sequence[str], titles: Mapping[str, str]) -> str | None:
    """One yes or no of each of several things, those that share it in one sentence; else None.

    "Yes, size M is in stock: A (3 left) and B (1 left). Size M is sold out: C."
    """
    verdicts: dict[tuple[str, str], list[str]] = {}
    told: list[str] = []
    for fact in facts:
        title = titles.get(fact.item or "", "")
        word, comma, clause = fact.text.removeprefix(f"{title}: ").partition(", ")
        if not title or not comma or word not in ("yes", "no"):
            return None
        clause, opens, detail = clause.partition(" (")
        named = f"{title} ({detail}" if opens else title
        verdicts.setdefault((word, clause), []).append(named)
        told.append(title)
    if len(told) < 2:
        return None
    words = {word for word, _ in verdicts}
    parts: list[str] = []
    for (word, clause), named in sorted(verdicts.items(), key=lambda v: v[0][0] == "no"):
        lead = f"{word}, " if len(words) == 1 and not parts else ""
        parts.append(sentence(f"{lead}{clause}: {listed(named)}"))
    silent = [title for title in asked if title not in told]
    return " ".join([*parts, *([_silence(silent)] if silent else [])])


def _silence(titles: Sequence[str]) -> str:
    """That the listings do not say what was asked."""
    if not titles:
        return NOT_SAID_AT_ALL
    if len(titles) > _MOST_SILENT:
        return NOT_SAID_BY_ANY
    plural = len(titles) > 1
    of = f"The listing{'s' if plural else ''} of {listed(titles)}"
    return f"{of} {'do' if plural else 'does'} not say."


def _of(names: Sequence[str], said: str) -> str:
    """What is said of things, a yes or no first."""
    verdict, comma, rest = said.partition(", ")
    if comma and verdict in ("yes", "no"):
        return f"{verdict}, {listed(names)}: {rest}"
    return f"{listed(names)}: {said}"


def _grouped(facts: Sequence[Fact], titles: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """(words, the things they hold of), in order; what holds of several things stands once."""
    groups: dict[str, list[str]] = {}
    for fact in facts:
        title = titles.get(fact.item or "", "")
        if fact.source == "catalogue" and not fact.text.startswith(f"{title}: "):
            title = ""  # said of the shop, or of a thing that the sentence names itself
        said = _sourced(fact, fact.text.removeprefix(f"{title}: ") if title else fact.text)
        names = groups.setdefault(said, [])
        if title and title not in names:
            names.append(title)
    return _quotes_joined(_side_by_side([(s, tuple(names)) for s, names in groups.items()]))


def _side_by_side(
    groups: Sequence[tuple[str, tuple[str, ...]]],
) -> list[tuple[str, tuple[str, ...]]]:
    """What is said of one thing stands together, in the order in which things come up."""
    order = {names: at for at, (_, names) in reversed(list(enumerate(groups)))}
    return sorted(groups, key=lambda group: order[group[1]])


def _quotes_joined(
    groups: Sequence[tuple[str, tuple[str, ...]]],
) -> list[tuple[str, tuple[str, ...]]]:
    """Quotations of the same thing by several buyers become one sentence."""
    joined: list[tuple[str, tuple[str, ...]]] = []
    for said, names in groups:
        if joined and names == joined[-1][1] and said.startswith(_BUYER):
            last = joined[-1][0]
            more = said.removeprefix(_BUYER)
            if last.startswith(_BUYER):
                joined[-1] = (f"{_BUYERS}{last.removeprefix(_BUYER)}; {more}", names)
                continue
            if last.startswith(_BUYERS):
                joined[-1] = (f"{last}; {more}", names)
                continue
        joined.append((said, names))
    return joined


def _sourced(fact: Fact, text: str) -> str:
    """A quotation with who is quoted."""
    if not text.startswith("“"):
        return text
    return f"{_BUYER}{text}" if fact.source == "review" else f"the listing says {text}"


# --- comparisons ---------------------------------------------------------------------------------


def tell_comparison(comparison: Comparison | None, pack: DomainPack) -> str:
    """A table of what differs, the rows that matter to this person first, and what it comes to."""
    if comparison is None:
        return "I need two things to compare: which ones?"
    told = tell_said(comparison)
    if comparison.repeated or comparison.said:
        tail = [sentence(fact.text) for fact in comparison.verdicts]
        return "\n\n".join([*told, " ".join(tail) or "They differ in nothing more."])
    lines = ["| | " + " | ".join(comparison.titles) + " |"]
    lines.append("|---" * (len(comparison.titles) + 1) + "|")
    for name in comparison.rows:
        label, cells = comparing.cells(comparison.table, name, pack)
        lines.append("| " + " | ".join([label, *(cell.replace("|", "/") for cell in cells)]) + " |")
    parts = ["\n".join(lines) if comparison.rows else "They differ in nothing that is listed."]
    shared = [
        f"{row.label} {', '.join(row.cells[0])}"
        for row in comparison.table.rows
        if not row.differs and row.cells[0] and row.kind != "stock"
    ]
    tail = [sentence(fact.text) for fact in comparison.verdicts]
    if shared:
        tail.append(f"The same in all: {'; '.join(shared)}.")
    tail += [sentence(note) for note in comparison.notes]
    return "\n\n".join([*told, *parts, " ".join(tail)]).strip()


def tell_said(comparison: Comparison) -> list[str]:
    """What listings and reviews say of what the things are to be compared in."""
    if not comparison.about:
        return []
    if not comparison.said:
        return [f"No listing and no review speaks of {comparison.about!r}."]
    titles = dict(zip(comparison.table.items, comparison.titles, strict=True))
    view = AnswerView(question=comparison.about, facts=comparison.said)
    return [tell_answer(view, comparison.titles, titles)]


# --- explanations --------------------------------------------------------------------------------


def tell(told: Told, pack: DomainPack) -> str:
    """What an act of explaining says."""
    match told.kind:
        case "explain_preference":
            return _why(told)
        case "explain_context":
            return _situation(told)
        case "explain_additional":
            return "\n\n".join(_more(own) for own in told.own)
        case "persuade":
            return "\n\n".join(_worth(own) for own in told.own)


def _why(told: Told) -> str:
    if told.facet is not None and not told.shared:
        return "You told me nothing about that, and I assume nothing."
    lines = [f"- {_because(reason)}" for reason in told.shared]
    several = len(told.own) > 1
    for own in told.own:
        reasons = [_because(r) for r in own.reasons if r.source != "score" or not told.shared]
        reasons += [f"though {fact.text}" for fact in own.against]
        if reasons and several:
            lines.append(f"- {own.title}: {'; '.join(reasons)}")
        else:
            lines += [f"- {reason}" for reason in reasons]
    if not lines:
        return "Nothing you said stands behind it; I went by looks and words alone."
    head = "All of them, because:" if told.shared and several else "Because:"
    if len(told.own) == 1:
        head = f"{capital(told.own[0].title)} is here because:"
    tail = [sentence(text) for text in told.without]
    return "\n".join([head, *lines]) + ("\n\n" + " ".join(tail) if tail else "")


def _because(reason: Reason) -> str:
    """A reason with what it rests on."""
    match reason.source:
        case "belief" | "wish" if reason.evidence:
            return f"{reason.text} (you said {reason.evidence!r})"
        case "profile":
            return f"{reason.text} (your profile says {reason.evidence!r})"
        case _:
            return reason.text


def _situation(told: Told) -> str:
    if not told.shared:
        return ""
    return f"The situation counts too: {listed([_because(r) for r in told.shared])}."


def _more(own: Own) -> str:
    parts = [_sourced(f, f.text) for f in own.facts]
    return " ".join([f"{own.title}.", *(sentence(part) for part in parts)])


def _worth(own: Own) -> str:
    """What speaks for a thing, then what speaks against it; the choice is the user's."""
    bad = [_sourced(f, f.text) for f in own.against]
    if any(f.source == "description" and not f.text.startswith("“") for f in own.facts):
        text = _more(own)  # nothing speaks for it but its own words
        return f"{text} What speaks against it: {'; '.join(bad)}." if bad else text
    good = [_sourced(f, f.text) for f in own.facts]
    text = f"What speaks for {own.title}: {'; '.join(good)}." if good else own.title + "."
    return f"{text} What does not: {'; '.join(bad)}." if bad else text
