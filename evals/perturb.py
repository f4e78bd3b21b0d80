"""The same dialogue said otherwise: what a script expects must keep holding.

A `Change` alters one turn in a way that leaves its meaning as it is, or adds a turn that means
nothing; `changed` applies a list of them and moves what points at turns.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from vitrine.core.domain import DomainPack
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef
from vitrine.evals.moves import AFTER, BEFORE, slip, small_talk
from vitrine.evals.scripts import Expectation, Script, ScriptTurn

Kind = Literal["before", "after", "lower", "bare", "curly", "phrase", "slip", "chat", "swap"]

CHAT = (
    "lovely weather today", "haha", "my train is late", "one moment, the phone rings",
    "hmm, let me think",
    "how are you?", "my cat just jumped on the keyboard",
)  # fmt: skip
PHRASES: tuple[tuple[str, str], ...] = (
    ("I'm looking for", "I am searching for"), ("I am looking for", "I'm in search of"), ("I need",
    "I could use"),
    ("Show me", "Can I see"), ("show me", "let me see"), ("I want", "I would like"), ("I'd like",
    "I want"),
    ("Do you have", "Have you got"), ("do you have", "have you got"), ("don't", "do not"),
    ("can't", "cannot"),
    ("I'm", "I am"), ("it's", "it is"), ("What's", "What is"), ("What is", "What's"), ("at most",
    "no more than"),
    ("under $", "below $"), ("please", "pls"), ("want to", "wanna"), ("thanks", "thx"), ("you",
    "u"),
)  # fmt: skip
_DEPENDENT = re.compile(
    r"\b(instead|also|too|that|this|those|these|it|one|ones|other|others|more|less|cheaper|another|same|back|rather"
    r"|either|but|undo|over|yes|no|actually|else)\b",
    re.IGNORECASE,
)
_PLAIN_KEYS = frozenset(
    {"intents", "intents_not", "acts", "acts_any", "acts_not", "wants", "avoids", "ranges", "hard",
    "soft", "absent",
     "soft_text", "products"}
)  # fmt: skip


class Change(Frozen):
    """One alteration. `turn` is an index into the turns of the script it was drawn for."""

    kind: Kind
    turn: int
    text: str = ""
    other: str = ""


def draw_changes(script: Script, pack: DomainPack, rng: random.Random, count: int) -> list[Change]:
    """Up to `count` changes that leave the meaning as it is."""
    options = [change for make in _MAKERS for change in make(script, pack, rng)]
    chosen = rng.sample(options, k=min(count, len(options)))
    kept: list[Change] = []
    for change in chosen:
        alone = change.kind in ("swap", "chat")
        clash = any(
            (c.turn == change.turn and c.kind == change.kind)
            or (alone and c.kind in ("swap", "chat"))
            for c in kept
        )
        if not clash:
            kept.append(change)
    return kept


def changed(script: Script, changes: Sequence[Change], name: str) -> Script:
    """The script with the changes: words first, then the order of turns."""
    turns = list(script.turns)
    for change in changes:
        if change.kind not in ("swap", "chat"):
            turn = turns[change.turn]
            turns[change.turn] = turn.model_copy(update={"say": _reworded(turn.say, change)})
    for change in changes:
        if change.kind == "swap":
            turns = _swapped(turns, change.turn)
        elif change.kind == "chat":
            shifted = [_shifted(turn, change.turn + 1) for turn in turns]
            turns = [*shifted[: change.turn], ScriptTurn(say=change.text), *shifted[change.turn :]]
    return script.model_copy(update={"dialogue": name, "turns": tuple(turns)})


def without_turn(script: Script, index: int) -> Script | None:
    """The script without one turn; None if a later turn points at it, or nothing is left."""
    rest = [turn for place, turn in enumerate(script.turns) if place != index]
    if not rest or any(index + 1 in _pointed(turn) for turn in rest):
        return None
    moved = tuple(_shifted(turn, index + 2, -1) for turn in rest)
    return script.model_copy(update={"turns": moved})


def _reworded(say: str, change: Change) -> str:
    match change.kind:
        case "before":
            return f"{change.text} {say}"
        case "after":
            return f"{say.rstrip(' .!')} {change.text}"
        case "lower":
            return say.lower()
        case "bare":
            return say.rstrip(" .!?")
        case "curly":
            return say.replace("'", "\u2019")
        case "phrase" | "slip":
            return say.replace(change.text, change.other, 1)
        case "chat" | "swap":
            return say


# --- which changes a script allows ----------------------------------------------------------------


def _manners(script: Script, pack: DomainPack, rng: random.Random) -> Iterator[Change]:
    for place, turn in enumerate(script.turns):
        if turn.say:
            yield Change(kind="before", turn=place, text=rng.choice(BEFORE))
            if not turn.say.endswith("?"):
                yield Change(kind="after", turn=place, text=rng.choice(AFTER))


def _spelling(script: Script, pack: DomainPack, rng: random.Random) -> Iterator[Change]:
    brands = {v.name for facet in pack.facets for v in facet.values if v.name[:1].isupper()}
    words = {
        word
        for facet in pack.facets
        for value in facet.values
        for word in (value.name, *value.words)
        if value.name not in brands
    }
    for place, turn in enumerate(script.turns):
        if turn.say != turn.say.lower():
            yield Change(kind="lower", turn=place)
        if turn.say.rstrip(" .!?") not in (turn.say, ""):
            yield Change(kind="bare", turn=place)
        if "'" in turn.say:
            yield Change(kind="curly", turn=place)
        if turn.expect is not None and turn.expect.profile is not None:
            continue  # a profile keeps the user's own words, slips included
        for token in re.findall(r"(?<![\w-])[a-z]+(?![\w-])", turn.say):
            if token in words and (wrong := slip(token, token, rng)) and wrong not in words:
                yield Change(kind="slip", turn=place, text=token, other=wrong)


def _phrases(script: Script, pack: DomainPack, rng: random.Random) -> Iterator[Change]:
    for place, turn in enumerate(script.turns):
        for text, other in PHRASES:
            if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", turn.say) or (
                text.endswith("$") and text in turn.say
            ):
                yield Change(kind="phrase", turn=place, text=text, other=other)


def _small_talk(script: Script, pack: DomainPack, rng: random.Random) -> Iterator[Change]:
    texts = small_talk(pack, CHAT)
    for place in range(1, len(script.turns)):
        yield Change(kind="chat", turn=place, text=rng.choice(texts))


def _orders(script: Script, pack: DomainPack, rng: random.Random) -> Iterator[Change]:
    for place in range(1, len(script.turns) - 1):
        if _independent(script.turns[place], script.turns[place + 1]) and not any(
            {place + 1, place + 2} & _pointed(turn) for turn in script.turns
        ):
            yield Change(kind="swap", turn=place)


_MAKERS: tuple[Callable[[Script, DomainPack, random.Random], Iterator[Change]], ...] = (
    _manners, _spelling, _phrases, _small_talk, _orders,
)  # fmt: skip


# --- the order of turns ---------------------------------------------------------------------------


def _independent(first: ScriptTurn, second: ScriptTurn) -> bool:
    """Both add to the state and neither speaks of what went before."""
    if first.expect is None or second.expect is None:
        return False
    for turn in (first, second):
        assert turn.expect is not None
        plain = turn.expect.model_fields_set <= _PLAIN_KEYS
        if not plain or turn.image or turn.pick or _DEPENDENT.search(turn.say):
            return False
        if turn.expect.products is not None and turn.expect.products.not_from_turns:
            return False
        if set(turn.expect.intents or ()) & {
            "undo",
            "reset",
            "continue",
            "inquire",
            "why",
            "create",
        }:
            return False
    before, after = first.expect, second.expect
    return (
        _within(before.wants, after.wants)
        and _within(before.avoids, after.avoids)
        and _within(before.ranges, after.ranges)
        and not before.absent
    )


def _within(before: object, after: object) -> bool:
    """Everything asserted before is asserted after, unchanged."""
    if not before:
        return True
    assert isinstance(before, dict)
    return isinstance(after, dict) and all(after.get(k) == v for k, v in before.items())


def _swapped(turns: list[ScriptTurn], place: int) -> list[ScriptTurn]:
    first, second = turns[place], turns[place + 1]
    assert second.expect is not None
    state = {
        key: getattr(second.expect, key)
        for key in ("wants", "avoids", "ranges", "hard", "soft", "absent", "soft_text")
    }
    moved = first.model_copy(update={"expect": Expectation(**state)})
    return [
        *turns[:place],
        second.model_copy(update={"expect": None}),
        moved,
        *turns[place + 2 :],
    ]


def _pointed(turn: ScriptTurn) -> set[int]:
    """Numbers of the turns that a turn names."""
    found: set[int] = {turn.pick.turn} if turn.pick is not None else set()
    expect = turn.expect
    if expect is not None:
        refs = [*(expect.accepted or ()), *(expect.rejected or ())]
        refs += [expect.focus] if expect.focus is not None else []
        found |= {ref.turn for ref in refs}
        found |= set(expect.products.not_from_turns) if expect.products is not None else set()
    return found


def _shifted(turn: ScriptTurn, start: int, by: int = 1) -> ScriptTurn:
    """The turn with every number of a turn from `start` on moved."""

    def number(n: int) -> int:
        return n + by if n >= start else n

    def ref(old: ShownRef) -> ShownRef:
        return ShownRef(turn=number(old.turn), position=old.position)

    update: dict[str, object] = {}
    if turn.pick is not None:
        update["pick"] = turn.pick.model_copy(update={"turn": number(turn.pick.turn)})
    if turn.expect is not None:
        expect: dict[str, object] = {}
        if turn.expect.focus is not None:
            expect["focus"] = ref(turn.expect.focus)
        for key in ("accepted", "rejected"):
            refs: tuple[ShownRef, ...] | None = getattr(turn.expect, key)
            if refs is not None:
                expect[key] = tuple(map(ref, refs))
        if turn.expect.products is not None:
            old = turn.expect.products
            expect["products"] = old.model_copy(
                update={"not_from_turns": tuple(map(number, old.not_from_turns))}
            )
        update["expect"] = turn.expect.model_copy(update=expect)
    return turn.model_copy(update=update)
