"""Proposes a mapping: what each column of a table is, judged by its name and by what it holds."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vitrine.memory.importing import lexicon, mentions
from vitrine.memory.importing.columns import (
    SEPARATORS,
    Column,
    Profile,
    coloured,
    split_cell,
)
from vitrine.memory.importing.kinds import one_of
from vitrine.memory.importing.mapping import (
    FacetColumn,
    HeadColumn,
    LeftOut,
    NumberColumn,
    ShopMap,
)
from vitrine.memory.importing.names import bare_name, facet_name, labels
from vitrine.memory.importing.numbers import writes_comma

MAX_FACETS = 40
MIN_COVERAGE = 0.03
"""Of the rows that a facet must tell something about."""
MAX_CHOICES = 300
MIN_REPEATS = 3.0
"""How often the average value of a list of choices must occur."""
HEAD_COVERAGE = 0.6
MINED = "title"

_WORD = re.compile(r"[^\W_]+")


@dataclass
class Proposal:
    """A mapping, and what its reader should look at first."""

    mapping: ShopMap
    notes: list[str] = field(default_factory=lambda: [])


def propose(found: Profile, *, name: str, source: Path) -> Proposal:
    """A mapping for the table, to be reviewed."""
    return _Proposer(found, name).propose()


class _Proposer:
    def __init__(self, found: Profile, name: str) -> None:
        self.found = found
        self.rows = max(1, found.rows)
        self.shop = name
        self.notes: list[str] = []
        self.used: set[str] = set()
        self.left: list[LeftOut] = []
        self.labels = labels(list(found.columns))
        self.comma = writes_comma(
            value for row in found.sample[:500] for value in row.fields.values()
        )

    def propose(self) -> Proposal:
        identity = self._id()
        image = self._image()
        title = self._named("title", self._is_title)
        prose = self._prose(title)
        reviews = self._named("reviews", lambda c: c.lists > 0.9 * c.filled)
        price, currency = self._price()
        rating = self._rating()
        stock = self._named("stock", lambda c: c.counted > 0.9 * c.filled)
        head = self._head(title)
        facets, details = self._facets({"price", "rating", "size", head.name})
        colours = self._mined_colours(title, prose, facets)
        if title is None:
            self.notes.append("no column of titles: things are called by their kind and line")
        mapping = ShopMap(
            title=self.shop.replace("-", " ").replace("_", " ").title(),
            currency=currency,
            decimal_comma=self.comma,
            id=identity,
            titles=() if title is None else (title,),
            descriptions=tuple(prose),
            details=tuple(details),
            image=image,
            price=price,
            rating=rating,
            reviews=reviews,
            stock=stock,
            head=head,
            facets=tuple(facets),
            mined_colours=colours,
            left_out=tuple(self.left[:200]),
        )
        return Proposal(mapping, self.notes)

    # --- the columns with a role --------------------------------------------------------------

    def _named(
        self, role: lexicon.Role, fits: Callable[[Column], bool], least: float = 0.0
    ) -> str | None:
        """The likeliest column of that role that is free and holds what it should."""
        names = lexicon.NAMES[role]
        candidates = [
            (names.index(label), column)
            for column in self.found.columns.values()
            if (label := bare_name(self._last(column.name))) in names
            and column.name not in self.used
            and column.filled >= least * self.rows
            and fits(column)
        ]
        if not candidates:
            return None
        best = min(candidates, key=lambda pair: (pair[1].filled < 0.5 * self.rows, pair[0]))[1]
        self.used.add(best.name)
        return best.name

    def _last(self, name: str) -> str:
        """Of a nested name `outer.inner` the inner one."""
        return name.rsplit(".", 1)[-1]

    def _id(self) -> str | None:
        def unique(column: Column) -> bool:
            return column.crowded or len(column.distinct) >= 0.97 * column.filled

        return self._named("id", lambda c: unique(c) and not c.lists, least=0.95)

    def _is_title(self, column: Column) -> bool:
        return (
            column.texts > 0.9 * column.filled
            and column.links == 0
            and column.numbers < column.filled / 2
        )

    def _image(self) -> str | None:
        named = self._named("image", lambda c: c.links + c.pictures + c.lists > 0.5 * c.filled)
        if named is not None:
            return named
        for column in self.found.columns.values():
            if column.name not in self.used and column.pictures > 0.9 * column.filled:
                self.used.add(column.name)
                return column.name
        # A column that is the identity may be the picture's name as well.
        return None

    def _prose(self, title: str | None) -> list[str]:
        named = self._named("description", lambda c: c.texts + c.lists > 0.9 * c.filled)
        found = [named] if named is not None else []
        if named is None:
            texts = [
                c
                for c in self.found.columns.values()
                if c.name not in self.used
                and c.long > 0.5 * c.filled
                and c.filled > 0.3 * self.rows
                and not c.links
                and not c.lists
            ]
            if texts:
                best = max(texts, key=lambda c: c.chars)
                self.used.add(best.name)
                found.append(best.name)
        return found

    def _price(self) -> tuple[NumberColumn | None, str]:
        name = self._named("price", lambda c: c.numbers > 0.7 * c.filled and c.low >= 0)
        if name is None:
            self.notes.append("no column of prices: nobody can ask for something cheap")
            return None, "USD"
        column = self.found.columns[name]
        known = [code for code, _ in column.currencies.most_common(1)]
        known += [
            w.upper() for w in bare_name(name).split() if len(w) == 3 and w in ("usd", "eur", "gbp")
        ]
        divide = 1.0
        if "cent" in name.casefold() or _like_cents(column):
            divide = 100.0
            self.notes.append(
                f"{name}: whole numbers that end like cents, read as hundredths (divide: 100)"
            )
        if not known:
            self.notes.append(f"{name}: no currency is named, taken as USD")
        return NumberColumn(column=name, divide=divide), known[0] if known else "USD"

    def _rating(self) -> NumberColumn | None:
        name = self._named(
            "rating", lambda c: c.numbers > 0.7 * c.filled and 0 <= c.low <= c.high <= 100
        )
        if name is None:
            return None
        high = self.found.columns[name].high
        divide = 1.0 if high <= 5 else 2.0 if high <= 10 else 20.0
        if divide != 1.0:
            self.notes.append(f"{name}: up to {high:g}, brought to five stars (divide: {divide:g})")
        return NumberColumn(column=name, divide=divide)

    # --- what things are ----------------------------------------------------------------------

    def _head(self, title: str | None) -> HeadColumn:
        best: tuple[float, Column, str | None] | None = None
        for column in self.found.columns.values():
            split = self._split(column)
            if column.name in self.used or column.filled < HEAD_COVERAGE * self.rows:
                continue
            if not self._is_choice(column, split, most=MAX_CHOICES) or self._colours(column):
                continue
            label = bare_name(self._last(column.name))
            if label in lexicon.NAMES["maker"] or _hidden(label):
                continue
            named = 0.3 if label in lexicon.NAMES["head"] else 0.0
            score = named + self._names_things(column, title, split)
            if best is None or score > best[0]:
                best = (score, column, split)
        if best is None or best[0] < 0.25:
            self.notes.append("no column says what things are: kinds are read out of the titles")
            return HeadColumn(mined=True)
        _, column, split = best
        self.used.add(column.name)
        label = self.labels[column.name]
        name = facet_name(label, {"price", "rating", "size"})
        return HeadColumn(column=column.name, name=name, label=label, split=split)

    def _names_things(self, column: Column, title: str | None, split: str | None) -> float:
        """Share of sampled rows whose title says the value in its latter half, as kinds stand."""
        hits = seen = 0
        for row in self.found.sample[:1500]:
            cell = row.fields.get(column.name)
            said = row.fields.get(title) if title is not None else None
            if cell is None or not isinstance(said, str):
                continue
            seen += 1
            words = [one_of(w) for w in _WORD.findall(said.casefold())]
            tail = set(words[len(words) // 3 :])
            for value in split_cell(cell, split):
                last = [one_of(w) for w in _WORD.findall(value.casefold())]
                if last and last[-1] in tail:
                    hits += 1
                    break
        return hits / seen if seen else 0.0

    def _mined_colours(
        self, title: str | None, prose: list[str], facets: list[FacetColumn]
    ) -> bool:
        """No column tells colours, but titles and descriptions do."""
        taken = mentions.FACET in {facet.name for facet in facets}
        if taken or any(self._colours(self.found.columns[f.column]) for f in facets):
            return False
        told = mentions.tells_colours(
            (
                str(row.fields.get(title or "", "")),
                " ".join(str(row.fields.get(c, "")) for c in prose)[:2000],
            )
            for row in self.found.sample
        )
        if told:
            self.notes.append("no column of colours: they are read out of titles and descriptions")
        return told

    # --- the other facets ---------------------------------------------------------------------

    def _facets(self, taken: set[str]) -> tuple[list[FacetColumn], list[str]]:
        found: list[FacetColumn] = []
        details: list[str] = []
        open_ = [c for c in self.found.columns.values() if c.name not in self.used]
        for column in sorted(open_, key=lambda c: (-self._worth(c), c.name)):
            facet, why = self._facet(column, facet_name(self.labels[column.name], taken))
            if facet is not None and len(found) < MAX_FACETS:
                taken.add(facet.name)
                found.append(facet)
                continue
            why = why or "more facets than fit"
            self.left.append(LeftOut(column=column.name, because=why))
            if why == "prose" and len(details) < 8 and column.filled >= MIN_COVERAGE * self.rows:
                details.append(column.name)
        return found, details

    def _worth(self, column: Column) -> float:
        """Rows it tells something about; measured numbers count more, yes-or-no less."""
        if column.flags > 0.9 * column.filled:
            return 0.5 * column.filled
        return (3.0 if self._unit(column) is not None else 1.0) * column.filled

    def _facet(self, column: Column, name: str) -> tuple[FacetColumn | None, str]:
        """The column as a facet, or why it is none."""
        bare = bare_name(self._last(column.name))
        label = self.labels[column.name]
        if _hidden(bare):
            return None, "not what shoppers speak of"
        if column.links > 0.5 * column.filled or column.dates > 0.5 * column.filled:
            return None, "links or dates"
        if column.filled < max(3, MIN_COVERAGE * self.rows):
            return None, "too few rows have it"
        if column.long > 0.3 * column.filled:
            return None, "prose"
        if column.flags > 0.9 * column.filled:
            return FacetColumn(column=column.name, name=name, label=label, kind="flag"), ""
        if column.numbers > 0.9 * column.filled and not column.lists:
            return self._number(column, name, bare, label)
        split = self._split(column)
        if not self._is_choice(column, split, most=MAX_CHOICES):
            return None, "too many different values" if column.texts else "no list of choices"
        values = len(self._values(column, split))
        words = lexicon.MAKER_WORDS if bare in lexicon.NAMES["maker"] else ()
        ask = column.filled >= 0.3 * self.rows and values <= 40
        return (
            FacetColumn(
                column=column.name, name=name, label=label, kind="choice", split=split,
                words=(*words, *self._short(label)), ask=ask,
            ),
            "",
        )  # fmt: skip

    def _number(
        self, column: Column, name: str, bare: str, label: str
    ) -> tuple[FacetColumn | None, str]:
        unit = self._unit(column)
        if unit is not None and not column.units:
            self.notes.append(f"{column.name}: taken to be in {unit}, as the prose says")
        words: tuple[str, ...] = self._short(label)
        if bare in lexicon.PIECES_NAMES:
            words, unit = lexicon.PIECES_WORDS, None
        elif bare in lexicon.COUNT_NAMES:
            words = ("reviews", "number of reviews")
        elif unit is None and not set(bare.split()) & set(lexicon.PLAIN_NUMBERS):
            return None, "a number without a unit"
        elif unit is None and column.low == column.high:
            return None, "always the same"
        return (
            FacetColumn(
                column=column.name, name=name, label=label, kind="number", unit=unit, words=words
            ),
            "",
        )

    def _unit(self, column: Column) -> str | None:
        """The unit of a number: its cells', else the one that prose gives to the same numbers."""
        if column.numbers < 0.9 * column.filled:
            return None
        if column.units:
            return column.units.most_common(1)[0][0]
        if not column.text_units or self.labels[column.name].split()[-1] in lexicon.PLAIN_NUMBERS:
            return None
        sampled = sum(column.name in row.fields for row in self.found.sample)
        likely, count = column.text_units.most_common(1)[0]
        return likely if count >= max(3, 0.15 * sampled) else None

    def _short(self, label: str) -> tuple[str, ...]:
        """The last word of a label, where no other column's label ends in it."""
        last = label.split()[-1]
        same = [
            other
            for name, other in self.labels.items()
            if other.split()[-1] == last
            and self.found.columns[name].filled >= MIN_COVERAGE * self.rows
        ]
        return (last,) if last != label and len(same) == 1 and len(last) > 3 else ()

    # --- what columns hold --------------------------------------------------------------------

    def _values(self, column: Column, split: str | None) -> Counter[str]:
        if split is None:
            return column.distinct
        parts: Counter[str] = Counter()
        for value, count in column.distinct.items():
            for part in split_cell(value, split):
                parts[part] += count
        return parts

    def _split(self, column: Column) -> str | None:
        """The sign that divides cells into several values: then far fewer values remain."""
        whole = len(column.distinct)
        for sign in SEPARATORS:
            if column.crowded or column.separators[sign] < 0.03 * column.filled:
                continue
            parts = self._values(column, sign)
            short = sum(len(p) * n for p, n in parts.items()) <= 24 * sum(parts.values())
            fewer = whole >= 8 and len(parts) <= 0.75 * whole
            # Of two signs that hardly stand in names, a part that recurs is enough.
            recurs = sign in "|;" and any(p in column.distinct for p in parts)
            if short and (fewer or recurs):
                return sign
        return None

    def _is_choice(self, column: Column, split: str | None, *, most: int) -> bool:
        if (
            column.crowded
            or column.numbers > 0.9 * column.filled
            or column.flags > 0.9 * column.filled
        ):
            return False
        values = self._values(column, split)
        repeated = [n for n in values.values() if n > 1]
        total = sum(values.values())
        if len(values) < 2 or not repeated or column.long > 0.1 * column.filled:
            return False
        if max(len(v) for v in values) <= 1 and not self._coded(column):
            return False
        common = sorted(values.values(), reverse=True)[:most]
        covers = sum(n for n in common if n > 1) >= 0.6 * total
        repeats = total / len(values) >= (MIN_REPEATS if total > 60 else 1.5)
        return covers and repeats

    def _coded(self, column: Column) -> bool:
        words = set(bare_name(column.name).split())
        return any(
            word in words and set(column.distinct) <= cells
            for word, (cells, _) in lexicon.CODES.items()
        )

    def _colours(self, column: Column) -> bool:
        return not column.crowded and coloured(column.distinct)


def _hidden(bare: str) -> bool:
    return bool(set(bare.split()) & lexicon.HIDDEN)


def _like_cents(column: Column) -> bool:
    """Whole numbers, hardly any below 100, whose last two digits are those of price tags."""
    if column.whole < column.numbers or column.low < 50:
        return False
    tags = sum(n for end, n in column.endings.items() if end in (99, 95, 94, 98, 97, 90, 49, 45))
    return tags >= 0.6 * column.numbers and column.endings[0] < 0.3 * column.numbers
