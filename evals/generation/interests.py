"""What the parts of I-AM-G are worth: how the interest is made, and what of the item is shown.

Every way gives one interest embedding; it is handed to the third branch as the interest of a single
thing, of which any attention makes that thing. So one renderer draws all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vitrine.core.errors import SetupError
from vitrine.core.ports import Encoder, Floats, Interest, RenderJob
from vitrine.evals.generation.conditions import TOP, Ask, Condition, Studio
from vitrine.evals.generation.grids import keep_grid
from vitrine.evals.generation.people import Crowd
from vitrine.evals.generation.report import Section
from vitrine.models.dataset import Drawings
from vitrine.models.interest.attention import InterestAttention
from vitrine.models.interest.foreground import ForegroundEncoder, GrabCutMask

SCALE = 0.3
"""lambda2: the upper end of what I-AM-G reports, so that differences can be seen."""
SHOWN = 4
Fold = Callable[[Ask, Interest], Interest]


@dataclass(frozen=True)
class InterestWays:
    """Conditions that differ in how the interest comes about.

    `trained`: the attention of the weights. `cut`: an encoder of foregrounds, None: no OpenCV.
    """

    studio: Studio
    drawings: Drawings
    trained: InterestAttention
    cut: Encoder | None

    @staticmethod
    def build(studio: Studio, drawings: Drawings, trained: InterestAttention) -> InterestWays:
        """With a mask by GrabCut where OpenCV is installed."""
        try:
            cut = ForegroundEncoder(studio.encoder, GrabCutMask())
        except SetupError:
            cut = None
        return InterestWays(studio, drawings, trained, cut)

    def conditions(self, people: Sequence[int]) -> list[Condition]:
        """From no interest to the trained attention; another person's; on a design; the item cut out."""
        config = self.trained.config
        mean = InterestAttention(config).eval()
        following = dict(zip(people, [*people[1:], people[0]], strict=True))

        def another(ask: Ask, interest: Interest) -> Interest:
            stranger = replace(ask, user=following[ask.user])
            other = self.studio.interest(stranger, count=config.retrieved)
            return _folded(self.trained, other if other is not None else interest)

        none = "no interest"
        found = [
            self._item("words as said", "the item and the words, not rewritten (lambda2 = 0)", None,
                       (), rewrite=False),
            self._item(none, "the item and the rewritten words (lambda2 = 0)", None,
                       ("words as said",)),
            self._item("mean", "plain mean of the retrieved", _by(mean), (none,)),
            self._item("trained", "the trained attention", _by(self.trained),
                       (none, "mean")),
            self._item("trained, as said", "the trained attention, words not rewritten",
                       _by(self.trained), ("words as said", "trained"), rewrite=False),
            self._item("of another", "the trained attention on the next person's history", another,
                       (none, "trained")),
        ]  # fmt: skip
        if self.cut is not None:
            found.append(self._item("cut out", "trained, and the item without its background",
                                    _by(self.trained), ("trained",), cut=True))  # fmt: skip
        found += [
            self._design("design", None, ()),
            self._design("design, trained", _by(self.trained), ("design",)),
        ]
        return found

    def _item(
        self,
        name: str,
        about: str,
        fold: Fold | None,
        against: tuple[str, ...],
        *,
        cut: bool = False,
        rewrite: bool = True,
    ) -> Condition:
        def job(ask: Ask) -> RenderJob:
            embedding = None
            if ask.item >= 0:
                embedding = (
                    self._cut(ask.item) if cut else self.studio.bench.world.data.images[ask.item]
                )
            text = self.studio.rewritten(ask) if rewrite else ask.text
            interest = self._interest(ask, fold, rewrite=rewrite)
            return RenderJob(text, embedding, ask.seed, interest=interest)

        dials = self.studio.with_dials(interest_scale=SCALE if fold is not None else 0.0)
        return Condition(name, about, job, dials, against, after_item=True)

    def _design(self, name: str, fold: Fold | None, against: tuple[str, ...]) -> Condition:
        def job(ask: Ask) -> RenderJob:
            return RenderJob(
                ask.text, self.studio.design(ask), ask.seed, interest=self._interest(ask, fold)
            )

        about = "the prior's embedding for the person and the words, as the product draws"
        dials = self.studio.with_dials(interest_scale=SCALE if fold is not None else 0.0)
        return Condition(name, about, job, dials, against)

    def _interest(self, ask: Ask, fold: Fold | None, *, rewrite: bool = True) -> Interest | None:
        if fold is None:
            return None
        count, top = self.trained.config.retrieved, TOP if rewrite else 0
        interest = self.studio.interest(ask, count=count, top=top)
        return None if interest is None else fold(ask, interest)

    def _cut(self, item: int) -> Floats:
        assert self.cut is not None
        return self.cut.encode_images([np.asarray(self.drawings.pictures[item])])[0]


def _by(attention: InterestAttention) -> Fold:
    return lambda _, interest: _folded(attention, interest)


def _folded(attention: InterestAttention, interest: Interest) -> Interest:
    """The interest embedding as the interest of one thing."""
    rows, _ = attention.rows([interest])
    return Interest(interest.query, interest.texts[:1], rows.numpy())


def interest_section(crowd: Crowd, ways: InterestWays, folder: Path) -> Section:
    """One table, and a grid of people who say the same words."""
    conditions = ways.conditions(crowd.people)
    rows, shown = crowd.measure(conditions)
    asks = crowd.asks()
    each = len(crowd.requests) * crowd.seeds
    lines = [
        (f"person {place + 1}", [
            np.asarray(crowd.drawings.pictures[asks[place * each].item]),
            *(shown[condition.name][place * each] for condition in conditions),
        ])
        for place in range(min(SHOWN, len(crowd.people)))
    ]  # fmt: skip
    grid = keep_grid(
        folder,
        "interests",
        "What is attended to",
        f"{crowd.requests[0].text!r} with one seed; left: the liked thing nearest to the words.",
        lines,
        ["item", *(condition.name for condition in conditions)],
    )
    return Section(
        title="What is attended to (I-AM-G)",
        about=(
            f"How the interest is made of the {ways.trained.config.retrieved} things of the history"
            f" nearest to the rewritten words, at lambda2 = {SCALE:g}: after the liked item nearest to"
            " the words, and on top of"
            f" the embeddings that the product samples. {len(crowd.people)} people,"
            f" {len(crowd.requests)} sentences, {crowd.seeds} seeds. *Of another* tells what is"
            " personal about it."
        ),
        measures=("lift", "gauc", "percentile", "judged", "asked", "c2st", "diversity", "novelty",
                  "history", "ssim", "lpips"),
        plots=("percentile", "lift", "asked", "c2st"),
        rows=tuple(rows),
        grids=(grid,),
        notes=tuple(f"*{condition.name}*: {condition.about}" for condition in conditions),
    )  # fmt: skip
