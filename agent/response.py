"""The realiser: acts and tool results become a short message. Deterministic, free of any domain.

It reads only what the turn's tools returned and what is believed. Every product and design that is
shown is named; the first card is the one the message names first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vitrine.agent.because import because, named
from vitrine.agent.disclosure import NOTHING_AT, SET_ASIDE, merged
from vitrine.agent.outcome import Comparison, Rival, Told
from vitrine.agent.reasons import believed
from vitrine.agent.telling import capital, sentence, tell, tell_answer, tell_comparison
from vitrine.agent.wording import (
    ACCEPTED,
    ALL_ACCEPTED,
    ALL_REJECTED,
    ALSO,
    BROAD,
    CLOSING,
    CLOSING_TAKEN,
    DRAWN,
    DRAWN_ONE,
    HELP,
    KNOWN,
    NEXT,
    NOTED,
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
from vitrine.core.money import amount
from vitrine.core.turn import AnswerView, DesignView, Notice, Product
from vitrine.memory.state import DialogueState
from vitrine.tools.shop_answers import NONE_IS, NOT_CARRIED


@dataclass(frozen=True)
class Material:
    """Everything a message may speak of.

    `titles`: of the things that were asked about and that facts name, by id. `verdicts`: titles by
    accept, reject, been_to, `judged` those of this message.
    `named` products were named by an answer of this turn already. `without`: what dropping a wish
    would bring, in words. `thanked`: the message gave thanks.
    `sampled` embeddings were weighed and `refused` of them set aside;
    `rival` is the real item that scores as well as the best of them, if there is one.
    """

    acts: tuple[Act, ...]
    state: DialogueState
    pack: DomainPack
    products: tuple[Product, ...] = ()
    designs: tuple[DesignView, ...] = ()
    answers: tuple[AnswerView, ...] = ()
    comparisons: tuple[Comparison | None, ...] = ()
    told: tuple[Told, ...] = ()
    notices: tuple[Notice, ...] = ()
    profile: str = ""
    titles: Mapping[str, str] = field(default_factory=lambda: {})
    verdicts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    judged: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    named: int = 0
    matching: int = 0
    without: tuple[str, ...] = ()
    thanked: bool = False
    sampled: int = 0
    refused: int = 0
    rival: Rival | None = None
    interests: tuple[str, ...] = ()
    find_failed: str | None = None
    draw_failed: str | None = None
    draw_stopped: bool = False


_MOST_NAMED = 3
"""Up to so many things are named when they are taken or turned down."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that a reply may get from the words it quotes, and that steer a terminal."""


def write_reply(material: Material) -> str:
    """The message, one paragraph an act."""
    voice = Voice(material.state.thread, material.state.turn + 1)
    answers, comparisons = iter(material.answers), iter(material.comparisons)
    explained = iter(material.told)
    told = bool(material.named)  # an answer that names what is shown comes after what it misses
    news = _news(material)
    parts: list[str] = [merged(news)] if told else []
    for act in material.acts:
        match act:
            case Decline() | Confirm() | Ask():
                parts.append(act.text)
            case Say():
                parts.append(_social(act, material, voice))
            case Answer():
                view = next(answers, None)
                parts.append(_answer(act, view, material) if view is not None else "")
            case Compare():
                next(answers, None)
                parts.append(tell_comparison(next(comparisons, None), material.pack))
            case Explain():
                why = next(explained, None)
                parts.append(tell(why, material.pack) if why is not None else "")
            case ShowProfile():
                parts.append(_profile(material))
            case Show():
                parts += [_untold(material, told), _products(act, material, voice)]
                told = True
            case Create():
                parts += [_untold(material, told), _designs(material, voice)]
                told = True
    if not told:
        parts.insert(0, merged(news))
    return _CONTROL.sub(" ", "\n\n".join(part for part in parts if part))


def _untold(material: Material, told: bool) -> str:
    return "" if told else merged(_news(material))


def _news(material: Material) -> tuple[Notice, ...]:
    """The notices without what an earlier message or an answer of this one has told.

    That the shop lacks a value is told when it is asked for, and again beside designs only.
    """
    now = material.state.turn + 1
    since = {(b.facet, b.value): b.evidence.turn for b in material.state.beliefs.facets}
    answered = [f.text for v in material.answers for f in v.facts if f.source == "catalogue"]
    kept: list[Notice] = []
    for notice in material.notices:
        if notice.kind == "not_carried" and notice.value is not None:
            old = since.get((notice.facet or "", notice.value), now) < now
            told = any(t.startswith(NOT_CARRIED) and notice.value in t for t in answered)
            if told or (old and not material.designs):
                continue
        kept.append(notice)
    return tuple(kept)


def _answer(act: Answer, view: AnswerView, material: Material) -> str:
    """The answer, with the names of what it is about; empty where a notice says the same."""
    none = [f for f in view.facts if f.source == "catalogue" and f.text.startswith(NONE_IS)]
    if none and len(none) == len(view.facts):
        if any(n.text.startswith((SET_ASIDE, NOTHING_AT)) for n in material.notices):
            return ""
    titles = material.titles
    told = act.question.things if act.question.kind in ("field", "open") else ()
    asked = [titles[thing.id] for thing in told if thing.id in titles]
    return tell_answer(view, asked, titles)


def _social(act: Say, material: Material, voice: Voice) -> str:
    match (act.kind, act.text):
        case ("greet", "help"):
            return HELP
        case ("greet", _):
            return material.pack.greeting or f"Welcome to {material.pack.title}."
        case ("close", _):
            closing = CLOSING_TAKEN if material.verdicts.get("accept") else CLOSING
            first = voice.choose("thanks", THANKS if material.thanked else NOTED)
            return f"{first} {voice.choose('close', closing)}"
        case ("inform_progress", ""):
            return _progress(material)
        case ("acknowledge", "accept"):
            phrases = ACCEPTED if act.count == 1 else ALL_ACCEPTED
            return voice.choose("accept", phrases).format(what=_judged("accept", act, material))
        case ("acknowledge", "reject"):
            phrases = REJECTED if act.count == 1 else ALL_REJECTED
            what = _judged("reject", act, material)
            said = voice.choose("reject", phrases).format(what=what)
            return f"{said} I keep in mind: {act.reason}." if act.reason else said
        case ("acknowledge", "been_to"):
            return voice.choose("known", KNOWN)
        case ("acknowledge", "thanks" | ""):
            return voice.choose("thanks", THANKS if material.thanked else NOTED)
        case _:
            return act.text


def _judged(verdict: str, act: Say, material: Material) -> str:
    """What was taken or turned down in this message, by name where it is not long."""
    titles = material.judged.get(verdict, ())
    if len(titles) != act.count or len(titles) > _MOST_NAMED:
        return "that one" if act.count == 1 else "them all"
    return listed(titles)


def _progress(material: Material) -> str:
    """How the designs came about."""
    if not material.sampled or not material.designs:
        return ""
    text = f"I weighed {material.sampled} ideas before I drew"
    if material.refused:
        text += f"; {material.refused} that showed something you avoid are out"
    rival = material.rival
    if rival is None or not rival.wins or rival.item not in material.titles:
        return f"{text}."
    return (
        f"{text}. The shop's own {material.titles[rival.item]} suits you as well as the best of them"
        f" ({rival.score:.2f} against {rival.sampled:.2f})."
    )


def _products(act: Show, material: Material, voice: Voice) -> str:
    pack, products = material.pack, material.products
    if not products:
        if material.find_failed is not None:
            return f"I could not search just now ({material.find_failed}). Please try again."
        return "Shall I loosen something, or draw one?"  # a notice says that nothing fits
    sentences = _kept_in_mind(material)
    if act.kind == "recommend_explore":
        sentences.append(voice.choose("broad", BROAD).format(nouns=pack.nouns))
    rest = products[max(1, material.named) :]
    if not material.named:  # what an answer named was told there
        first = products[0]
        top = named(first.title, first.price, first.currency)
        sentences.append(voice.choose("opener", OPENERS).format(top=top))
        why = because(first.reasons, pack)
        sentences += [f"It is {why}."] if why else []
        sentences += [sentence(r.text) for r in first.reasons if "“" in r.text][:2]
        told = _told_by_notice(products)
        if first.misses and not told:
            sentences.append(f"It is a near miss: {listed([m.text for m in first.misses])}.")
    if rest:
        telling = not _told_by_notice(products)
        names = [_near(p) if telling else named(p.title, p.price, p.currency) for p in rest]
        phrases = NEXT if material.named else ALSO
        sentences.append(voice.choose("also", phrases).format(rest=listed(names)))
    if (
        act.fresh
        and not material.without
        and material.matching > len(products)
        and not products[0].misses
    ):
        sentences.append(f"{material.matching:,} {pack.nouns} fit in all.")
    if act.fresh and material.without:
        seen = f"With these you have seen all {material.matching} that fit."
        sentences.append(f"{seen} {sentence(material.without[0])}")
    elif material.without:
        few = len(products)
        verb = "fits" if few == 1 else "fit"
        noun = pack.noun if few == 1 else pack.nouns
        sentences.append(f"Only {few} {noun} {verb} all of that. {sentence(material.without[0])}")
    return " ".join(sentences)


def _kept_in_mind(material: Material) -> list[str]:
    """What this message told of the situation."""
    now = material.state.turn + 1
    facts = [f for f in material.state.beliefs.context if f.evidence.turn == now]
    if not facts:
        return []
    return [f"I keep in mind: {listed([_turned(f.value) for f in facts])}."]


def _turned(words: str) -> str:
    """The user's words as said back to them."""
    swaps = {
        "my": "your",
        "me": "you",
        "mine": "yours",
        "our": "your",
        "i": "you",
        "myself": "yourself",
    }
    return " ".join(swaps.get(word.casefold(), word) for word in words.split())


def _told_by_notice(products: Sequence[Product]) -> bool:
    """Whether all miss one and the same number, which the notice and the prices tell."""
    missed = {m.facet for p in products for m in p.misses}
    return len(missed) == 1 and all(len(p.misses) == 1 and p.misses[0].value for p in products)


def _near(product: Product) -> str:
    """The product by name; a near miss with what it misses."""
    if not product.misses:
        return named(product.title, product.price, product.currency)
    missed = listed([m.text for m in product.misses])
    price = f"{amount(product.price, product.currency)}, " if product.price is not None else ""
    return f"{product.title} ({price}{missed})"


def _designs(material: Material, voice: Voice) -> str:
    pack, designs = material.pack, material.designs
    if not designs:
        if material.draw_stopped:
            return "I stopped drawing. Nothing else has changed."
        return f"I could not draw just now ({material.draw_failed or 'nothing came out'})."
    first = designs[0]
    top = f"design {first.position} (match {first.score:.2f})"
    phrases = DRAWN_ONE if len(designs) == 1 else DRAWN
    sentences = [capital(voice.choose("drawn", phrases).format(count=len(designs), top=top))]
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
        sentences.append(capital("; ".join(own)) + ".")
    near = {d.nearest.id: d.nearest for d in designs if d.nearest is not None}
    if near:
        names = [named(n.title, n.price, pack.currency) for n in near.values()]
        verb = "is" if len(names) == 1 else "are"
        sentences.append(f"Closest in the shop {verb} {listed(names)}.")
    return " ".join(sentences)


def _profile(material: Material) -> str:
    """All that is kept and believed, each with its words."""
    here = believed(material.state.beliefs, material.pack)
    parts = [
        f"What I keep of you:\n\n{material.profile.strip()}"
        if material.profile.strip()
        else "I keep nothing about you yet."
    ]
    if here:
        lines = [f"- {r.text} (you said {r.evidence!r})" for r in here]
        parts.append("In this conversation you asked for:\n" + "\n".join(lines))
    shelf = believed(material.state.set_aside, material.pack)
    if shelf:
        parts.append(f"Set aside for now: {listed([r.text for r in shelf])}.")
    verbs = {"accept": "You liked", "reject": "You turned down", "been_to": "You have"}
    judged = [
        f"{verbs[kind]} {listed(titles)}." for kind, titles in material.verdicts.items() if titles
    ]
    if judged:
        parts.append(" ".join(judged))
    return "\n\n".join(parts)
