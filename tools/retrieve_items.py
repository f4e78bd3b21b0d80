"""Find the catalogue's items for what is believed, exactly filtered and ranked by all signals."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, Catalogue, Encoder, Filters, Floats
from vitrine.core.refs import ImageRef, ItemId
from vitrine.tools.conditions import (
    Avoid,
    Bound,
    Condition,
    Conditions,
    InStock,
    NotCarried,
    SetAside,
    Want,
)
from vitrine.tools.references import Reference, Vectors, unit
from vitrine.tools.relaxing import Screen, gap_of, screen
from vitrine.tools.signals import (
    Judgement,
    Rows,
    Scores,
    judge_about,
    judge_condition,
    judge_wish,
    likeness,
    mean_of,
    rank_share,
    wish_words,
)
from vitrine.tools.trust import text_trust

Signal = Literal[
    "text", "image", "words", "wants", "avoids", "about", "wishes", "profile", "likeness"
]


class WishText(Frozen):
    """A free-text wish that no facet covers."""

    text: str = Field(min_length=1, max_length=300)
    polarity: Literal["want", "avoid"] = "want"


class RetrieveRequest(Frozen):
    """What to look for.

    `query`: words for text-to-image and word search (a prompt made from beliefs, or the user's).
    `image`: a picture the user sent; `like` / `unlike`: things to be near to / far from.
    `conditions`: hard ones filter exactly, soft ones rank; a wanted value that the catalogue lacks
    only ranks (by its words) and comes back in `not_carried`.
    `wishes`: free text of this conversation. `profile_likes` / `profile_avoids`: sentences.
    `exclude`: never returned. `diversity` 0 ranks by score alone, 1 spreads as far as it can.
    """

    query: str = Field(default="", max_length=2000)
    image: ImageRef | None = None
    like: tuple[Reference, ...] = ()
    unlike: tuple[Reference, ...] = ()
    conditions: Conditions = Conditions()
    wishes: tuple[WishText, ...] = ()
    profile_likes: tuple[str, ...] = ()
    profile_avoids: tuple[str, ...] = ()
    exclude: tuple[ItemId, ...] = ()
    count: int = Field(default=4, ge=1, le=50)
    diversity: float = Field(default=0.3, ge=0, le=1)


class Cited(Frozen):
    """One soft belief that an item meets or misses.

    kind: `want`, `avoid`, `bound`, `about`, `stock` (facet conditions), `wish` (free text),
    `like` / `dislike` (profile sentence in `text`). For `want`, `value` is the one that was met.
    """

    kind: Literal["want", "avoid", "bound", "about", "stock", "wish", "like", "dislike"]
    facet: str | None = None
    value: str | None = None
    text: str | None = None


class RankedItem(Frozen):
    """One item. `score` is the blended rank score in 0..1 (comparable within one result)."""

    id: ItemId
    score: float = Field(ge=0, le=1)
    signals: dict[Signal, float] = Field(description="each in 0..1 (avoids: 1 is free of them)")
    meets: tuple[Cited, ...] = ()
    misses: tuple[Cited, ...] = ()


class RetrieveResult(Frozen):
    """Best first.

    `matching` counts the items that pass all hard conditions, `exclude` not subtracted, or the near
    misses. `relaxed` is empty unless nothing passed; then each item misses some of these.
    `exhausted`: nothing passed because all that does was excluded.
    """

    items: tuple[RankedItem, ...]
    matching: int = Field(ge=0)
    relaxed: tuple[SetAside, ...] = ()
    exhausted: bool = False
    not_carried: tuple[NotCarried, ...] = ()


# --- the tool -------------------------------------------------------------------------------------

_WEIGHTS: dict[Signal, float] = {
    "text": 0.6,
    "words": 0.4,
    "image": 1.5,
    "likeness": 1.5,
    "wants": 1.4,
    "avoids": 1.4,
    "about": 0.8,
    "wishes": 1.0,
    "profile": 0.6,
}
_PROFILE_SHARE = 0.5  # of a soft want that comes from the profile
_UNLIKE_SHARE = 0.4  # how much closeness to an unliked thing takes from avoids
_POOL = 600  # per ranking, where the candidates are too many to judge one by one
_MANY = 20_000
TWIN = 0.985  # cosine of pictures from which equal-looking items are near-duplicates


@dataclass
class _Board:
    """What is known of the n candidate rows while they are judged."""

    rows: Rows
    units: Floats  # (n, d) unit image vectors, zeros without a picture
    pictured: NDArray[np.bool_]  # (n,)
    signals: dict[Signal, Scores]
    cited: list[tuple[Cited, Judgement]]


class RetrieveItems:
    """Exact filters, then fusion of rankings with soft preferences, then diversity.

    1. Hard conditions filter exactly; where nothing passes, the least important are set aside and
       reported. Wanted values that nobody carries never filter.
    2. Every candidate is ranked by words-to-picture (CLIP), word search (BM25), the sent picture
       and liked things; ranks fuse by reciprocal rank. Words-to-picture counts as far as the
       encoder's words find this shop's pictures (`tools.trust`); an item without a picture is
       neither favoured nor put back by what only pictures tell.
    3. Soft conditions, free-text wishes, profile sentences and closeness to `about` are judged.
    4. The page is chosen by maximal marginal relevance on image vectors, without near-duplicates
       as long as there is anything else, and stands best first.

    Args:
        catalogue: what is searched.
        encoder: encodes the query and the sent picture.
        artifacts: where sent pictures and design embeddings lie.
    """

    def __init__(self, catalogue: Catalogue, encoder: Encoder, artifacts: Artifacts) -> None:
        self._catalogue = catalogue
        self._vectors = Vectors(catalogue, encoder, artifacts)

    @cached_property
    def trust(self) -> float:
        """How far words are trusted to find this shop's pictures, 0..1; measured once."""
        return text_trust(self._catalogue, self._vectors)

    def __call__(self, request: RetrieveRequest) -> RetrieveResult:
        """The items for the request. The same request always gets the same result.

        Raises:
            ToolError: the picture or a referenced embedding is gone or of another space.
        """
        catalogue = self._catalogue
        among = catalogue.mask(Filters(exclude=frozenset(request.exclude)))
        screened = screen(catalogue, request.conditions, among=among, enough=request.count)
        mask = screened.passing
        rows = np.flatnonzero(mask)
        if len(rows) > _MANY:
            rows = self._pool(request, mask)
        items: tuple[RankedItem, ...] = ()
        if len(rows):
            units = unit(catalogue.vectors(rows.tolist()))
            board = _Board(rows, units, np.any(units != 0, axis=1), {}, [])
            self._rank(request, board)
            self._judge(request, (*screened.soft, *screened.aside), screened.held, board)
            items = self._page(request, board, screened)
        return RetrieveResult(
            items=items,
            matching=int(screened.passing.sum()) if screened.aside else screened.fitting,
            relaxed=screened.relaxed,
            exhausted=screened.exhausted,
            not_carried=screened.not_carried,
        )

    def _pool(self, request: RetrieveRequest, mask: NDArray[np.bool_]) -> Rows:
        """The union of the best of each ranking, for large catalogues."""
        targets = [self._vectors.of(request.like)]
        if request.query.strip():
            targets.append(self._vectors.texts([request.query]))
        if request.image is not None:
            targets.append(self._vectors.pictures([request.image]))
        found = {
            r
            for near in self._catalogue.nearest(np.concatenate(targets), mask, _POOL)
            for r, _ in near
        }
        texts = [request.query, *(wish.text for wish in request.wishes)]
        for text in texts:
            words = wish_words(self._catalogue.pack, text)
            found |= {row for row, _ in self._catalogue.words(words, mask, _POOL)}
        for want in request.conditions.wants:
            for value in want.values:
                carriers = np.flatnonzero(mask & self._catalogue.carries(want.facet, value))
                found |= set(carriers[:_POOL].tolist())
        if len(found) < _POOL:
            found |= set(np.flatnonzero(mask)[:_POOL].tolist())
        return np.asarray(sorted(found), dtype=np.int64)

    def _rank(self, request: RetrieveRequest, board: _Board) -> None:
        """Signals that are rankings: text, words, image, likeness."""
        if request.query.strip():
            if board.pictured.any() and self.trust > 0:
                target = unit(self._vectors.texts([request.query]))[0]
                shares = rank_share((board.units @ target).astype(np.float64))
                board.signals["text"] = _seen(shares, board)
            found = np.zeros(len(self._catalogue))
            mask = np.zeros(len(self._catalogue), dtype=np.bool_)
            mask[board.rows] = True
            for row, score in self._catalogue.words(request.query, mask, len(board.rows)):
                found[row] = score
            if found.any():
                board.signals["words"] = np.where(
                    found[board.rows] > 0, rank_share(found[board.rows]), 0.0
                )
        if request.image is not None and board.pictured.any():
            picture = self._vectors.pictures([request.image])
            board.signals["image"] = _seen(_blend(likeness(picture, board.units)), board)
        liked = self._vectors.of(request.like)
        if len(liked) and board.pictured.any():
            board.signals["likeness"] = _seen(_blend(likeness(liked, board.units)), board)

    def _judge(
        self,
        request: RetrieveRequest,
        soft: tuple[Condition, ...],
        held: tuple[Condition, ...],
        board: _Board,
    ) -> None:
        """Signals that are judgements: wants, avoids, about, wishes, profile."""
        parts: dict[Signal, list[tuple[float, Scores]]] = {}
        for condition in soft:
            if isinstance(condition, Bound) and condition.min is None and condition.max is None:
                continue
            judged = judge_condition(
                self._catalogue, self._vectors, condition, board.rows, board.units, self.trust
            )
            signal: Signal = "avoids" if isinstance(condition, Avoid) else "wants"
            weight = _PROFILE_SHARE if condition.origin == "profile" else 1.0
            parts.setdefault(signal, []).append((weight, judged.scores))
            board.cited.append((_cite(condition, self._catalogue), judged))
        for bound in (*soft, *held):
            if isinstance(bound, Bound) and bound.about is not None:
                judged = judge_about(self._catalogue, bound, board.rows)
                parts.setdefault("about", []).append((1.0, judged.scores))
                board.cited.append((Cited(kind="about", facet=bound.facet), judged))
        wishes = [(wish.text, wish.polarity == "want", False) for wish in request.wishes]
        wishes += [(text, True, True) for text in request.profile_likes]
        wishes += [(text, False, True) for text in request.profile_avoids]
        for text, wanted, from_profile in wishes:
            judged = judge_wish(
                self._catalogue, self._vectors, text, board.rows, board.units, self.trust
            )
            if not wanted:
                judged = Judgement(scores=1.0 - judged.scores, met=~judged.met, missed=judged.met)
            parts.setdefault("profile" if from_profile else "wishes", []).append(
                (1.0, judged.scores)
            )
            kind = ("like" if wanted else "dislike") if from_profile else "wish"
            board.cited.append((Cited(kind=kind, text=text), judged))
        unliked = self._vectors.of(request.unlike)
        if len(unliked):
            closeness = (board.units @ unit(unliked).T).max(axis=1).astype(np.float64)
            away = 1.0 - np.clip(_blend(closeness), 0.0, 1.0) ** 4  # only real likeness counts
            parts.setdefault("avoids", []).append((_UNLIKE_SHARE, away))
        for signal, judged_parts in parts.items():
            board.signals[signal] = mean_of(
                [scores for _, scores in judged_parts],
                [weight for weight, _ in judged_parts],
                len(board.rows),
            )

    def _page(
        self, request: RetrieveRequest, board: _Board, screened: Screen
    ) -> tuple[RankedItem, ...]:
        names = list(board.signals)
        blended = mean_of(
            [board.signals[name] for name in names],
            [_WEIGHTS[name] * (self.trust if name == "text" else 1.0) for name in names],
            len(board.rows),
        )
        tiers = screened.tiers[board.rows]
        gaps = np.zeros(len(board.rows))
        for bound in (c for c in screened.aside if isinstance(c, Bound)):
            gaps += gap_of(self._catalogue, bound)[board.rows]
        order = np.lexsort((board.rows, -blended, gaps, tiers))
        worded = {"words", "wishes"} & set(names) and set(names) <= {"words", "wishes", "wants"}
        if worded and blended.any() and not gaps.any() and not tiers.any():
            order = order[blended[order] > 0]  # searched by words: nothing speaks for the others
        spread = 0.0 if gaps.any() or tiers.any() else request.diversity  # nearest misses first
        chosen = self._choose(request.count, spread, board, blended, order)
        return tuple(
            RankedItem(
                id=self._catalogue.at(int(board.rows[index])).id,
                score=round(float(np.clip(blended[index], 0.0, 1.0)), 6),
                signals={name: round(float(board.signals[name][index]), 4) for name in names},
                meets=tuple(_named(c, j, index) for c, j in board.cited if j.met[index]),
                misses=tuple(c for c, j in board.cited if j.missed[index]),
            )
            for index in chosen
        )

    def _choose(
        self, count: int, spread: float, board: _Board, blended: Scores, order: Rows
    ) -> list[int]:
        """Indices of the page: maximal marginal relevance over the best, then best first."""
        width = max(12, int(count * (2 + 10 * spread)))
        pool = [int(index) for index in order]
        chosen: list[int] = []
        spare: list[int] = []  # near-duplicates of what was chosen
        while pool and len(chosen) < count:
            window = pool[:width]
            best = window[0]
            if chosen and spread > 0:
                # Scores and likeness are spread over 0..1 within the window, then weighed.
                gain = _stretched(blended[window])
                close = (board.units[window] @ board.units[chosen].T).max(axis=1).astype(np.float64)
                merit = (1 - spread) * gain - spread * _stretched(close)
                best = window[int(np.argmax(merit))]
            pool.remove(best)
            if any(self._twins(board, best, other) for other in chosen):
                spare.append(best)
            else:
                chosen.append(best)
        chosen += spare[: count - len(chosen)]
        position = {int(index): place for place, index in enumerate(order)}
        return sorted(chosen, key=position.__getitem__)

    def _twins(self, board: _Board, a: int, b: int) -> bool:
        """Whether two candidates would look the same side by side."""
        first = self._catalogue.at(int(board.rows[a]))
        second = self._catalogue.at(int(board.rows[b]))
        if first.title.casefold() == second.title.casefold():
            return True
        if float(board.units[a] @ board.units[b]) < TWIN:
            return False
        return all(
            first.values(facet.name) == second.values(facet.name)
            for facet in self._catalogue.pack.facets
            if facet.visible and facet.kind == "categorical"
        )


def _seen(scores: Scores, board: _Board) -> Scores:
    """Scores that only pictures give; items without one get the mean of those that have one."""
    if board.pictured.all():
        return scores
    return np.where(board.pictured, scores, float(scores[board.pictured].mean()))


def _blend(scores: Scores) -> Scores:
    """Half the measured closeness, half its rank: outliers neither rule nor vanish."""
    return 0.5 * scores + 0.5 * rank_share(scores)


def _stretched(scores: Scores) -> Scores:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high - low > 1e-9 else np.zeros(len(scores))


def _cite(condition: Condition, catalogue: Catalogue) -> Cited:
    match condition:
        case Want():
            return Cited(kind="want", facet=condition.facet, value=", ".join(condition.values))
        case Avoid():
            return Cited(kind="avoid", facet=condition.facet, value=", ".join(condition.values))
        case Bound():
            return Cited(kind="bound", facet=condition.facet)
        case InStock():
            size = catalogue.pack.role("size")
            name = size.name if size is not None else None
            return Cited(kind="stock", facet=name, value=", ".join(condition.sizes))


def _named(cited: Cited, judged: Judgement, index: int) -> Cited:
    """For a met want: the value that this item carries."""
    if judged.values is None or judged.values[index] is None:
        return cited
    return cited.model_copy(update={"value": judged.values[index]})
