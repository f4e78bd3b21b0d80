"""The realiser: acts and tool results become a short message. Deterministic, free of any domain.

It reads only what the turn's tools returned and what is believed. Every product and design that is
shown is named; the first card is the one the message names first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vitrine.agent.disclosure import SET_ASIDE
from vitrine.agent.reasons import believed
from vitrine.agent.wording import (
    ACCEPTED,
    ALSO,
    BROAD,
    CLOSING,
    DRAWN,
    DRAWN_ONE,
    HELP,
    KNOWN,
    OPENERS,
    REJECTED,
    THANKS,
    Voice,
    listed,
)
from vitrine.core.acts import (
    Act,
    Answer,
    Ask,
    Compare,
    Confirm,
    Create,
    Decline,
    Explain,
    Say,
    Show,
    ShowProfile,
)
from vitrine.core.domain import DomainPack
from vitrine.core.items import Item
from vitrine.core.money import amount
from vitrine.core.turn import AnswerView, DesignView, Notice, Product, Reason
from vitrine.memory.state import DialogueState
from vitrine.tools.compare_items import CompareResult


@dataclass(frozen=True)
class Material:
    """Everything a message may speak of."""

    acts: tuple[Act, ...]
    state: DialogueState
    pack: DomainPack
    products: tuple[Product, ...] = ()
    designs: tuple[DesignView, ...] = ()
    answers: tuple[AnswerView, ...] = ()
    comparisons: tuple[tuple[CompareResult, tuple[Item, ...]], ...] = ()
    reasons: tuple[Reason, ...] = ()
    notices: tuple[Notice, ...] = ()
    profile: str = ""
    named: int = 0
    """Products that an answer of this turn has named already."""
    matching: int = 0
    find_failed: str | None = None
    draw_failed: str | None = None
    draw_stopped: bool = False


def write_reply(material: Material) -> str:
    """The message, one paragraph an act."""
    voice = Voice(material.state.thread, material.state.turn + 1)
    answers = iter(material.answers)
    comparisons = iter(material.comparisons)
    parts: list[str] = []
    told = False
    for act in material.acts:
        match act:
            case Decline() | Confirm() | Ask():
                parts.append(act.text)
            case Say():
                parts.append(_social(act, material, voice))
            case Answer():
                view = next(answers, None)
                parts.append(_answer(view) if view is not None else "")
            case Compare():
                table = next(comparisons, None)
                parts.append(
                    _table(*table)
                    if table is not None
                    else "I need two things to compare: which ones?"
                )
            case Explain():
                parts.append(_why(material.reasons))
            case ShowProfile():
                parts.append(_profile(material))
            case Show():
                parts += [_notices(material.notices), _products(act, material, voice)]
                told = True
            case Create():
                parts += [_notices(material.notices), _designs(material, voice)]
                told = True
    if not told:
        parts.insert(0, _notices(material.notices))
    return "\n\n".join(part for part in parts if part)


def _notices(notices: Sequence[Notice]) -> str:
    """All notices; those that say the same of several wishes are told in one sentence."""
    lacking = [n.value for n in notices if n.kind == "not_carried" and n.value]
    aside = [n.text for n in notices if n.text.startswith(SET_ASIDE)]
    told = [n.text for n in notices if n.kind != "not_carried" and n.text not in aside]
    if aside:
        what = [text.removeprefix(SET_ASIDE).strip(" .") for text in aside]
        told.insert(0, f"{SET_ASIDE} {listed(what)}.")
    if len(lacking) > 1:
        told.insert(0, f"We do not carry {listed(lacking, 'or')}; these come closest.")
    elif lacking:
        told.insert(0, next(n.text for n in notices if n.kind == "not_carried"))
    return " ".join(told)


def _social(act: Say, material: Material, voice: Voice) -> str:
    match (act.kind, act.text):
        case ("greet", "help"):
            return HELP
        case ("greet", _):
            return material.pack.greeting or f"Welcome to {material.pack.title}."
        case ("close", _):
            return voice.choose("close", CLOSING)
        case ("acknowledge", "accept"):
            return voice.choose("accept", ACCEPTED)
        case ("acknowledge", "reject"):
            return voice.choose("reject", REJECTED)
        case ("acknowledge", "been_to"):
            return voice.choose("known", KNOWN)
        case ("acknowledge", "thanks" | ""):
            return voice.choose("thanks", THANKS)
        case _:
            return act.text


def named(title: str, price: float | None, currency: str) -> str:
    """`Title ($79)`."""
    return f"{title} ({amount(price, currency)})" if price is not None else title


def because(reasons: Sequence[Reason], pack: DomainPack, most: int = 3) -> str:
    """The first reasons that say more about the thing than its title does.

    What was asked for is said as such, once: "teal and dotted in white, as you asked".
    """
    telling = [r for r in reasons if r.source != "score" and r.facet != pack.head.name]
    asked = [r for r in telling if r.source == "belief" and r.value is None]
    wanted = [r for r in asked if not r.text.startswith("not ")][:most]
    others = [r.text for r in telling if r not in asked][: max(1, most - len(wanted))]
    parts = [f"{listed(_joined(wanted, pack))}, as you asked"] if wanted else []
    return "; ".join([*parts, *others])


def _joined(reasons: Sequence[Reason], pack: DomainPack) -> list[str]:
    """Texts of reasons, where a facet that describes another joins it: "dotted in white"."""
    texts = {reason.facet: reason.text for reason in reasons}
    for reason in reasons:
        facet = pack.facet(reason.facet or "")
        if facet is not None and facet.of in texts:
            value = reason.text.removeprefix(facet.label or facet.name).strip()
            texts[facet.of] = f"{texts[facet.of]} in {value}"
            del texts[reason.facet]
    return list(texts.values())


def _products(act: Show, material: Material, voice: Voice) -> str:
    pack, products = material.pack, material.products
    if not products:
        if material.find_failed is not None:
            return f"I could not search just now ({material.find_failed}). Please try again."
        again = " more" if act.fresh else ""
        return (
            f"I have no{again} {pack.nouns} that fit this. Shall I loosen something, or draw one?"
        )
    sentences: list[str] = []
    if act.kind == "recommend_explore":
        sentences.append(voice.choose("broad", BROAD).format(nouns=pack.nouns))
    rest = products[max(1, material.named) :]
    if not material.named:  # what an answer named was told there
        first = products[0]
        top = named(first.title, first.price, first.currency)
        sentences.append(voice.choose("opener", OPENERS).format(top=top))
        why = because(first.reasons, pack)
        sentences += [f"It is {why}."] if why else []
    if rest:
        names = [named(p.title, p.price, p.currency) for p in rest]
        sentences.append(voice.choose("also", ALSO).format(rest=listed(names)))
    return " ".join(sentences)


def _designs(material: Material, voice: Voice) -> str:
    pack, designs = material.pack, material.designs
    if not designs:
        if material.draw_stopped:
            return "I stopped drawing. Nothing else has changed."
        return f"I could not draw just now ({material.draw_failed or 'nothing came out'})."
    first = designs[0]
    top = f"design {first.position} (match {first.score:.2f})"
    phrases = DRAWN_ONE if len(designs) == 1 else DRAWN
    sentences = [_capital(voice.choose("drawn", phrases).format(count=len(designs), top=top))]
    common_texts = {(r.text, r.facet) for r in first.reasons}
    for other in designs[1:]:
        common_texts &= {(r.text, r.facet) for r in other.reasons}
    shared = [r for r in first.reasons if (r.text, r.facet) in common_texts]
    common = because(shared, pack, 4)
    if common:
        whose = "It is" if len(designs) == 1 else "All of them are"
        sentences.append(f"{whose} {common}.")
    own = [
        f"design {d.position} is {why}"
        for d in designs
        if (why := because([r for r in d.reasons if (r.text, r.facet) not in common_texts], pack))
    ]
    if own:
        sentences.append(_capital("; ".join(own)) + ".")
    near = {d.nearest.id: d.nearest for d in designs if d.nearest is not None}
    if near:
        names = [named(n.title, n.price, pack.currency) for n in near.values()]
        verb = "is" if len(names) == 1 else "are"
        sentences.append(f"Closest in the shop {verb} {listed(names)}.")
    return " ".join(sentences)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _answer(view: AnswerView) -> str:
    text = "; ".join(fact.text.rstrip(".") for fact in view.facts)
    if view.unknown:
        return f"The listing does not say; {text}." if text else "The listing does not say."
    return _capital(text) + "."


def _table(table: CompareResult, items: tuple[Item, ...]) -> str:
    """What differs, row by row in the order of the items, then what they share."""
    lines = [f"{listed([item.title for item in items])}, side by side:"]
    for row in table.rows:
        if row.differs:
            cells = [", ".join(cell) if cell else "not stated" for cell in row.cells]
            lines.append(f"- {row.label}: {' / '.join(cells)}")
    shared = [
        f"{row.label} {', '.join(row.cells[0])}"
        for row in table.rows
        if not row.differs and row.cells[0]
    ]
    if shared:
        lines.append(f"The same in all: {'; '.join(shared)}.")
    return "\n".join(lines)


def _why(reasons: Sequence[Reason]) -> str:
    if not reasons:
        return "Nothing you said stands behind it; I went by looks and words alone."
    lines: list[str] = []
    for reason in reasons:
        match reason.source:
            case "belief" | "wish" if reason.evidence:
                lines.append(f"- {reason.text}: you said {reason.evidence!r}")
            case "profile":
                lines.append(f"- {reason.text}: your profile says {reason.evidence!r}")
            case _:
                lines.append(f"- {reason.text}")
    return "\n".join(["Because:", *lines])


def _profile(material: Material) -> str:
    here = believed(material.state.beliefs, material.pack)
    parts = [
        f"What I keep of you:\n\n{material.profile.strip()}"
        if material.profile.strip()
        else "I keep nothing about you yet."
    ]
    if here:
        lines = [f"- {r.text} (you said {r.evidence!r})" for r in here]
        parts.append("In this conversation you asked for:\n" + "\n".join(lines))
    return "\n\n".join(parts)
