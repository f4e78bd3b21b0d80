"""Gold of another group's shop dialogues: intents, state updates, references, questions.

Their taxonomy is smaller than ours; each reader below says in its docstring how theirs maps to ours.
Files (CSV, from the llm-convrec project) lie in a folder that the caller names. Every row becomes a
`GoldResult`, right or wrong, so that each miss can be read and judged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.text import phrase, read
from vitrine.agent.understanding.vocabulary import Vocabulary
from vitrine.agent.understanding.wordforms import stems
from vitrine.core.acts import Judge, Understanding
from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Message
from vitrine.evals.understanding_critiques import shorthand
from vitrine.evals.understanding_shop import GoldShop
from vitrine.memory.profile import Profile
from vitrine.memory.state import Beliefs, DialogueState, OpenQuestion, ShownSet

Section = Literal["intents", "state", "accepted", "rejected", "current", "separation", "categories"]

FILES: dict[Section, str] = {
    "intents": "Clothing_User_Intent_Test.csv",
    "state": "clothing_constraints_updater_test.csv",
    "accepted": "accepted_clothing_extractor_test.csv",
    "rejected": "rejected_clothing_extractor_test.csv",
    "current": "current_clothing_extractor_test.csv",
    "separation": "qa_separate_question_clothing_test.csv",
    "categories": "qa_category_extraction_clothing_test.csv",
}
_SIMPLE_INTENTS = {
    "Inquire": "inquire",
    "AcceptRecommendation": "accept",
    "RejectRecommendation": "reject",
}


class GoldResult(Frozen):
    """One row: what the gold says and what was read. `hits`, `misses` and `extras` count parts."""

    section: Section
    row: int
    said: str
    expected: str
    found: str
    read: tuple[str, ...]
    right: bool
    hits: int = 0
    misses: int = 0
    extras: int = 0


def rows_of(folder: Path, section: Section) -> list[dict[str, str]]:
    """The rows of a section's file, by column.

    Raises:
        RequestError: the file cannot be read.
    """
    path = folder / FILES[section]
    try:
        text = path.read_bytes()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    reader = csv.DictReader(decoded.splitlines())
    return [{str(k).strip(): (v or "").strip() for k, v in row.items() if k} for row in reader]


def named_items(folder: Path) -> Iterator[str]:
    """Names of all items that the gold shows, so that the shop has them."""
    for section in ("accepted", "rejected"):
        for row in rows_of(folder, section):
            yield from _names(row["all mentioned items"])
    for row in rows_of(folder, "current"):
        if (name := _one_name(row["current_item_names"])) is not None:
            yield name
    for row in rows_of(folder, "state"):
        yield from recommended_items(row["utterance 2"])


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(", ") if name.strip()]


def _one_name(cell: str) -> str | None:
    name = cell.rstrip(".").strip()
    return None if name.lower() in ("none", "") else name


def recommended_items(said: str) -> list[str]:
    """Item names of a recommendation: "How about A and B?", "I recommend A!"."""
    match = re.match(r"(?:how about|i recommend)\s+(.*?)[?!.]*$", said.strip(), re.IGNORECASE)
    return [name.strip() for name in match.group(1).split(" and ")] if match else []


class GoldReader:
    """Reads the gold rows in the shop made of its items."""

    def __init__(self, shop: GoldShop, reader: BuiltinUnderstanding) -> None:
        self.shop = shop
        self.catalogue = shop.catalogue
        self.pack = shop.catalogue.pack
        self.reader = reader
        self.vocabulary = Vocabulary(shop.catalogue)

    def read(self, folder: Path, section: Section) -> list[GoldResult]:
        """All rows of a section."""
        one = {
            "intents": self._intent,
            "accepted": self._accepted,
            "rejected": self._rejected,
            "current": self._current,
            "separation": self._separation,
            "categories": self._category,
        }
        if section == "state":
            raise RequestError("state updates are read by StateReader")
        rows = rows_of(folder, section)
        self._shown_names = [
            name
            for row in (rows if section == "current" else [])
            if (name := _one_name(row["current_item_names"])) is not None
        ]
        return [one[section](number, row) for number, row in enumerate(rows, start=1)]

    # --- scenes -------------------------------------------------------------------------------

    def thing(self, name: str) -> ThingRef:
        """The item of that name."""
        return ThingRef(kind="item", id=self.shop.by_name[name.strip()].id)

    def heard(
        self,
        said: str,
        shown: Sequence[Sequence[ThingRef]] = (),
        *,
        beliefs: Beliefs | None = None,
        question: OpenQuestion | None = None,
    ) -> Heard:
        """The message after these things were shown, one set a turn."""
        turns = max(1, len(shown))
        last = shown[-1] if shown else ()
        state = DialogueState(
            thread="gold",
            user="gold",
            domain=self.pack.name,
            turn=turns,
            beliefs=beliefs or Beliefs(),
            shown=tuple(
                ShownSet(turn=turn, things=tuple(things))
                for turn, things in enumerate(shown, start=1)
                if things
            ),
            focus=last[0] if len(last) == 1 else None,
            open_question=question,
        )
        return Heard(Message(text=said), state, Profile(user="gold"), self.catalogue)

    def _two_shown(self, said: str) -> list[ThingRef]:
        """Two items of the kind that the message names, else the first two of the shop."""
        head = self.pack.head.name
        named = {
            m.value
            for mention in self.vocabulary.mentions(read(said))
            for m in mention.of("value")
            if m.facet == head
        }
        pool = [i for i in self.catalogue.items if named & set(i.values(head))]
        pool = pool if len(pool) >= 2 else list(self.catalogue.items)
        return [ThingRef(kind="item", id=item.id) for item in pool[:2]]

    # --- intents ------------------------------------------------------------------------------

    def _intent(self, number: int, row: dict[str, str]) -> GoldResult:
        """Inquire, AcceptRecommendation and RejectRecommendation are our inquire, accept, reject.

        A row without label only states a preference: ours must name one and none of the three. Two
        items stand beside every message, as in a running talk.
        """
        said = row["Input"].replace("\ufffd", "'").replace("ï¿½", "'")
        understood = self.reader.understand(self.heard(said, [self._two_shown(said)]))
        gold = {_SIMPLE_INTENTS[row[c]] for c in ("Output1", "Output2") if row[c]}
        own = {i for i in understood.intents if i in _SIMPLE_INTENTS.values()}
        stated = bool({"initial_query", "provide_preference"} & set(understood.intents))
        return GoldResult(
            section="intents",
            row=number,
            said=said,
            expected=", ".join(sorted(gold)) or "preference only",
            found=", ".join(understood.intents),
            read=tuple(shorthand(understood)),
            right=own == gold and (bool(gold) or stated),
            hits=len(own & gold),
            misses=len(gold - own),
            extras=len(own - gold),
        )

    # --- references ---------------------------------------------------------------------------

    def _accepted(self, number: int, row: dict[str, str]) -> GoldResult:
        """The things of our `accept` verdicts. Items mentioned before, then recently, were shown."""
        return self._verdict(number, row, "accepted", "accept", row["accepted items"])

    def _rejected(self, number: int, row: dict[str, str]) -> GoldResult:
        """The things of our `reject` verdicts."""
        return self._verdict(number, row, "rejected", "reject", row["rejected items"])

    def _verdict(
        self,
        number: int,
        row: dict[str, str],
        section: Section,
        verdict: Literal["accept", "reject"],
        gold_cell: str,
    ) -> GoldResult:
        recent = _names(row["recently mentioned items"])
        earlier = [n for n in _names(row["all mentioned items"]) if n not in recent]
        shown = [[self.thing(n) for n in names] for names in (earlier, recent) if names]
        understood = self.reader.understand(self.heard(row["utterance"], shown))
        judged = {
            thing.id
            for op in understood.ops
            if isinstance(op, Judge) and op.verdict == verdict
            for thing in op.things
        }
        gold = {self.thing(n).id for n in _names(gold_cell)}
        return self._things(section, number, row["utterance"], understood, gold, judged)

    def _things(
        self,
        section: Section,
        number: int,
        said: str,
        understood: Understanding,
        gold: set[str],
        found: set[str],
    ) -> GoldResult:
        return GoldResult(
            section=section,
            row=number,
            said=said,
            expected="; ".join(sorted(self._titles(gold))) or "none",
            found="; ".join(sorted(self._titles(found)))
            or (
                "unresolved: " + "; ".join(understood.unresolved)
                if understood.unresolved
                else "none"
            ),
            read=tuple(shorthand(understood)),
            right=gold == found,
            hits=len(gold & found),
            misses=len(gold - found),
            extras=len(found - gold),
        )

    def _titles(self, ids: set[str]) -> list[str]:
        return [self.catalogue.item(i).title for i in ids]

    def _current(self, number: int, row: dict[str, str]) -> GoldResult:
        """The item that the message speaks of; all named items of the file were shown together."""
        name = _one_name(row["current_item_names"])
        shown = [self.thing(n) for n in dict.fromkeys(self._shown_names)]
        understood = self.reader.understand(self.heard(row["user_input"], [shown]))
        gold = {self.thing(name).id} if name is not None else set[str]()
        judged = [t for op in understood.ops if isinstance(op, Judge) for t in op.things]
        asked = [t for q in understood.questions for t in q.things]
        found = {t.id for t in (*understood.references, *judged)}
        if not found and 0 < len(asked) < len(shown):
            found = {t.id for t in asked}
        return self._things("current", number, row["user_input"], understood, gold, found)

    # --- questions ----------------------------------------------------------------------------

    def _separation(self, number: int, row: dict[str, str]) -> GoldResult:
        """As many questions as the gold separates, each holding its own words.

        One item is under discussion.
        """
        gold = [q.strip() for q in row["individual_questions"].split("\\n") if q.strip()]
        thing = self._two_shown(row["question"])[0]
        understood = self.reader.understand(self.heard(row["question"], [[thing]]))
        texts = [q.text for q in understood.questions]
        met = sum(any(_apart(g, gold) <= _roots(t) for t in texts) for g in gold)
        return GoldResult(
            section="separation",
            row=number,
            said=row["question"],
            expected=" | ".join(gold),
            found=" | ".join(
                f"{q.kind} {q.facet or ''} {q.value or ''}: {q.text}" for q in understood.questions
            )
            or "no question",
            read=tuple(shorthand(understood)),
            right=len(texts) == len(gold) and met == len(gold),
            hits=met if len(texts) == len(gold) else 0,
            misses=max(0, len(gold) - len(texts)),
            extras=max(0, len(texts) - len(gold)),
        )

    def _category(self, number: int, row: dict[str, str]) -> GoldResult:
        """The field that answers. `rating`, `price`, `color`, `material` are the facets of that name.

        Their `category` (a list that holds whatever the listing says), `details`, `rank` and
        `num_reviews` have no facet of ours: any question about the item that names none of the four
        facets above will do.
        """
        thing = self._two_shown(row["utterance"])[0]
        understood = self.reader.understand(self.heard(row["utterance"], [[thing]]))
        field = row["expected category"]
        facets = {q.facet for q in understood.questions}
        plain = {"rating", "price", "color", "material"}
        right = field in facets if field in plain else bool(facets) and not facets & plain
        return GoldResult(
            section="categories",
            row=number,
            said=row["utterance"],
            expected=field,
            found=", ".join(f"{q.kind} {q.facet or '(none)'}" for q in understood.questions)
            or "no question",
            read=tuple(shorthand(understood)),
            right=right,
            hits=int(right),
            misses=int(not right),
        )


def _roots(text: str) -> set[str]:
    return {
        min(stems(word), key=lambda s: (len(s), s)) for word in phrase(text) if word[:1].isalnum()
    }


def _apart(question: str, all_of_them: Sequence[str]) -> set[str]:
    """Words of the question that not all of its siblings have."""
    shared = (
        set.intersection(*(_roots(q) for q in all_of_them)) if len(all_of_them) > 1 else set[str]()
    )
    return _roots(question) - shared if len(all_of_them) > 1 else set()
