"""Draws the moves of a shopper, worded with the domain's own words."""

import random
import re
from collections.abc import Iterator, Sequence

from vitrine.core.domain import DomainPack, Facet, FacetValue
from vitrine.core.ports import Catalogue
from vitrine.evals.oracle import Held, Move, MoveKind, apply, matching, unfold
from vitrine.evals.scripts import Script

LEAST_MATCHING = 1
ORDINALS = ("first", "second", "third")

_OPEN = (
    "I'm looking for a {thing}", "I need a {thing}", "show me a {thing}", "do you have a {thing}?",
    "a {thing}", "I'd like a {thing}", "I want a {thing}", "can you find me a {thing}?",
    "got any {thing}?",
    "we are after a {thing}",
)  # fmt: skip
_SET = (
    "make it {v}", "actually, {v}", "I'd rather have {v}", "{v} instead", "rather {v}", "no, {v}",
    "I changed my mind: {v}", "it should be {v}", "only {v}"
)  # fmt: skip
_ADD = ("{v} is fine too", "or {v}", "{v} would also work", "{v} is also okay", "{v} as well")
_AVOID = (
    "no {v}", "not {v}", "nothing {v}", "anything but {v}", "I don't want {v}", "I can't stand {v}",
    "please leave out {v}", "just not {v}", "I hate {v}", "avoid {v}",
)  # fmt: skip
_FORGET = (
    "any {label} is fine", "the {label} doesn't matter", "I don't care about the {label}",
    "forget the {label}", "never mind the {label}",
)  # fmt: skip
_MAX = (
    "under {n}", "at most {n}", "no more than {n}", "up to {n}", "below {n}", "max {n}",
    "I can spend {n} at most",
)  # fmt: skip
_MIN = ("at least {n}", "more than {n}", "over {n}", "{n} or more", "from {n} up")
_BETWEEN = ("between {a} and {n}", "from {a} to {n}", "{a} to {n}")
_UNDO = ("undo that", "undo", "take that back", "go back one step")
_RESET = ("start over", "let's start over", "start from scratch", "let's begin again")
_OTHERS = ("show me others", "what else do you have?", "show me more", "any others?", "more please")
_REJECT = (
    "not the {nth} one",
    "I don't like the {nth} one",
    "the {nth} one is not for me",
    "remove the {nth} one",
)
_ACCEPT = ("I like the {nth} one", "I'll take the {nth} one", "the {nth} one is perfect")
_PRICE = (
    "how much is the {nth} one?",
    "what does the {nth} one cost?",
    "what's the price of the {nth} one?",
)
_COMPARE = (
    "compare the first two", "compare the first and the second one",
    "what's the difference between the first two?",
)  # fmt: skip
_WHY = (
    "why the {nth} one?",
    "why did you pick the {nth} one?",
    "why are you showing me the {nth} one?",
)
CHAT = (
    "thanks", "lovely weather today", "haha", "how are you?", "you are very helpful", "okay",
    "hmm, let me think",
    "nice", "my train is late", "I see", "good to know", "wow",
)  # fmt: skip
BEFORE = (
    "hi,",
    "okay,",
    "hmm,",
    "so,",
    "well,",
    "right,",
    "hello!",
    "oh,",
    "um,",
    "alright,",
    "hey there,",
)
AFTER = ("please", "thanks", "thank you", "if you don't mind", "please :)", "!", "...")

_PLAIN: dict[MoveKind, Sequence[str]] = {
    "undo": _UNDO, "reset": _RESET, "others": _OTHERS, "compare": _COMPARE, "chat": CHAT,
    "reject": _REJECT, "accept": _ACCEPT, "price": _PRICE, "why": _WHY,
}  # fmt: skip
_SHARES: dict[MoveKind, int] = {
    "set": 5, "add": 3, "avoid": 4, "forget": 2, "max": 3, "min": 1, "between": 1, "undo": 2, "reset": 1,
    "others": 2, "reject": 2, "accept": 1, "price": 2, "compare": 1, "why": 1, "chat": 3,
}  # fmt: skip


class Shopper:
    """Draws dialogues about one catalogue. The same seed draws the same dialogues."""

    def __init__(self, catalogue: Catalogue, seed: int, *, manners: float = 0.4) -> None:
        """`manners`: share of messages with polite words or a slip of the finger around them."""
        self._catalogue = catalogue
        self._rng = random.Random(seed)
        self._manners = manners
        self._chat = small_talk(catalogue.pack)
        self._facets = tuple(spoken_facets(catalogue.pack, catalogue))
        self._said = {
            (facet.name, value.name): tuple(forms(catalogue.pack, facet, value))
            for facet in (catalogue.pack.head, *self._facets)
            for value in facet.values
        }

    def dialogue(self, name: str, domain: str, length: int) -> tuple[list[Move], Script]:
        """A dialogue of about `length` moves, and its script."""
        moves: list[Move] = []
        while True:
            moves = [self._open()]
            script = unfold(name, moves, self._catalogue, domain)
            if script is not None:
                break
        for _ in range(length * 6):
            if len(moves) >= length:
                break
            kind = self._rng.choices(list(_SHARES), list(_SHARES.values()))[0]
            held = self._held(moves)
            move = self._move(kind, held) if held.wants or kind == "chat" else self._open()
            if move is None:
                continue
            longer = unfold(name, [*moves, move], self._catalogue, domain)
            if longer is not None:
                moves.append(move)
                script = longer
        return moves, script

    def _held(self, moves: Sequence[Move]) -> Held:
        """What is believed after the moves (undo included)."""
        held, past = Held(), list[Held]()
        for move in moves:
            if move.kind == "undo":
                held = past.pop() if past else held
                continue
            after = apply(held, move, self._catalogue.pack.head.name)
            if after != held or move.kind in ("reject", "accept"):
                past.append(held)
            held = after
        return held

    def _open(self) -> Move:
        rng, pack = self._rng, self._catalogue.pack
        head = rng.choice(
            [v for v in pack.head.values if self._catalogue.values(pack.head.name).get(v.name)]
        )
        chosen: list[tuple[str, str]] = []
        parts: list[str] = []
        fitting = [f for f in self._facets if not f.applies_to or head.name in f.applies_to]
        for facet in rng.sample(fitting, k=min(len(fitting), rng.randint(0, 2))):
            value = self._value(facet)
            held = apply(
                Held(),
                Move(
                    kind="open",
                    core="",
                    others=(*chosen, (facet.name, value.name), (pack.head.name, head.name)),
                ),
                "",
            )
            if matching(held, self._catalogue):
                chosen.append((facet.name, value.name))
                parts.append(self._word(facet, value))
        thing = " ".join((*parts, self._word(pack.head, head)))
        text = rng.choice(_OPEN).replace("{thing}", thing)
        if " any " in text and thing.endswith("s"):
            text = f"I need {thing}"
        return self._mannered(
            Move(kind="open", core=text, others=(*chosen, (pack.head.name, head.name))), thing
        )

    def _move(self, kind: MoveKind, held: Held) -> Move | None:
        rng = self._rng
        if kind in _PLAIN:
            position = rng.randint(1, 2)
            texts = self._chat if kind == "chat" else _PLAIN[kind]
            text = rng.choice(texts).replace("{nth}", ORDINALS[position - 1])
            return Move(kind=kind, core=text, position=position)
        if kind in ("max", "min", "between"):
            return self._bound(kind, held)
        heads = held.wants.get(self._catalogue.pack.head.name, ())
        facets = [f for f in self._facets if not f.applies_to or set(heads) <= set(f.applies_to)]
        if not facets:
            return None
        facet = rng.choice(facets)
        if kind == "forget":
            if facet.name not in held.wants or facet.name in held.avoids or not facet.label:
                return None
            core = rng.choice(_FORGET).replace("{label}", facet.label)
            return self._mannered(Move(kind=kind, core=core, facet=facet.name), "")
        value = self._value(facet)
        if kind == "add" and (facet.name not in held.wants or value.name in held.wants[facet.name]):
            return None
        if kind == "avoid" and len(held.wants.get(facet.name, ())) == 1:
            return None  # "not red" while only red is wanted: what is meant is open
        if kind == "set" and value.name in held.avoids.get(facet.name, ()):
            return None
        template = rng.choice({"set": _SET, "add": _ADD, "avoid": _AVOID}[kind])
        word = self._word(facet, value)
        move = Move(
            kind=kind, core=template.replace("{v}", word), facet=facet.name, values=(value.name,)
        )
        return self._mannered(move, word)

    def _bound(self, kind: MoveKind, held: Held) -> Move | None:
        price = self._catalogue.pack.role("price")
        if price is None:
            return None
        rng = self._rng
        numbers = self._catalogue.numbers(price.name)
        rows = self._catalogue.mask(held.forget(price.name).filters())
        inside = sorted(float(n) for n in numbers[rows] if n == n)
        if len(inside) < 4:
            return None
        low = float(int(inside[len(inside) // 4])) if kind != "max" else None
        high = float(int(inside[-(len(inside) // 4)]) + 1) if kind != "min" else None
        if low is not None and (low < 1 or (high is not None and low >= high)):
            return None
        texts = {"max": _MAX, "min": _MIN, "between": _BETWEEN}[kind]
        core = rng.choice(texts)
        core = core.replace("{n}", self._amount(price, high if high is not None else low or 0.0))
        core = core.replace("{a}", f"{low:g}" if low is not None else "")
        return self._mannered(Move(kind=kind, core=core, facet=price.name, low=low, high=high), "")

    def _amount(self, price: Facet, number: float) -> str:
        words = [w for w in price.unit_words if w.isalpha() and len(w) > 3]
        signs = [w for w in price.unit_words if len(w) == 1]
        if signs and (not words or self._rng.random() < 0.4):
            return f"{self._rng.choice(signs)}{number:g}"
        return f"{number:g} {self._rng.choice(words or [price.unit or ''])}".strip()

    def _value(self, facet: Facet) -> FacetValue:
        sold = self._catalogue.values(facet.name)
        return self._rng.choice([value for value in facet.values if sold.get(value.name)])

    def _word(self, facet: Facet, value: FacetValue) -> str:
        words = self._said[facet.name, value.name]
        return words[0] if self._rng.random() < 0.6 else self._rng.choice(words)

    def _mannered(self, move: Move, word: str) -> Move:
        rng = self._rng
        if rng.random() >= self._manners:
            return move
        what = rng.random()
        if what < 0.4:
            return move.model_copy(update={"before": rng.choice(BEFORE)})
        if what < 0.7 and not move.core.endswith("?"):
            return move.model_copy(update={"after": rng.choice(AFTER)})
        slipped = slip(move.core, word, rng)
        return move.model_copy(update={"misspelt": slipped}) if slipped else move


def small_talk(pack: DomainPack, texts: Sequence[str] = CHAT) -> tuple[str, ...]:
    """The texts that have no word of the shop in them, not even in another form."""
    stems = {
        word.casefold()
        for facet in pack.facets
        for value in facet.values
        for word in (value.name, *value.words)
    }
    return tuple(
        text
        for text in texts
        if not any(
            word.startswith(stem) and len(word) - len(stem) <= 3
            for word in re.findall(r"\w+", text.casefold())
            for stem in stems
        )
    )


def slip(text: str, word: str, rng: random.Random) -> str | None:
    """The text with two inner letters of one long word of `word` exchanged, or None."""
    long = [w for w in word.split() if len(w) >= 6 and w.isalpha()]
    if not long:
        return None
    chosen = rng.choice(long)
    places = [i for i in range(1, len(chosen) - 2) if chosen[i] != chosen[i + 1]]
    if not places:
        return None
    at = rng.choice(places)
    wrong = chosen[:at] + chosen[at + 1] + chosen[at] + chosen[at + 2 :]
    return text.replace(chosen, wrong, 1)


def spoken_facets(pack: DomainPack, catalogue: Catalogue) -> Iterator[Facet]:
    """Facets whose values can be said before the noun: categorical, of their own words, sold."""
    for facet in pack.facets:
        plain = facet.kind == "categorical" and facet.role == "attribute" and facet.of is None
        if plain and facet.values and catalogue.values(facet.name):
            yield facet


def forms(pack: DomainPack, facet: Facet, value: FacetValue) -> Iterator[str]:
    """Ways to say the value that nothing else in the pack is called; its name comes first.

    Attributes are said as adjectives: one word, or joined by a hyphen.
    """
    first = value.prompt or value.name
    yield first
    if len(_owners(pack, value.name)) > 1 and value.prompt is None:
        return
    for word in (value.name, *value.words):
        one = " " not in word.strip()
        if word != first and one and word.isascii() and len(_owners(pack, word)) == 1:
            if facet.role == "head" or not word.endswith(("s", "er")):
                yield word  # "lighter" is said of something else, and by degree


def is_free(pack: DomainPack, word: str) -> bool:
    """Whether no facet has a use for the word."""
    return not _owners(pack, word)


def _owners(pack: DomainPack, word: str) -> set[tuple[str, str]]:
    """What a word may mean: (facet, value) pairs; facet words count as the facet itself."""
    owners: set[tuple[str, str]] = set()
    for facet in pack.facets:
        if word in facet.words or word in facet.low_words or word in facet.high_words:
            owners.add((facet.name, ""))
        for value in facet.values:
            if word == value.name or word in value.words:
                owners.add((facet.name, value.name))
    return owners
