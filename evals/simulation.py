"""Simulated shoppers against the agent, whole and with a part taken out; figures with intervals."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vitrine.agent.session import Shop, open_shop
from vitrine.agent.understanding.base import Heard, Understander
from vitrine.core.acts import AddWish, Understanding
from vitrine.core.frozen import Frozen
from vitrine.core.settings import Settings
from vitrine.evals.replay import ModelsOf
from vitrine.evals.simulator import MAX_TURNS, SimulatedShopper, Talked, draw_goal

Part = Literal["clarify", "soft"]
PARTS: tuple[Part, ...] = ("clarify", "soft")
"""Parts that can be taken out: questions of our own, and free-text wishes."""
RESAMPLES = 4000
LEVEL = 0.95

OnTalk = Callable[[int, int], None]


class Estimate(Frozen):
    """A mean with its 95 % interval (bootstrap over shoppers)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Arm(Frozen):
    """One way to run the agent. `turns` counts a failed talk as the longest one."""

    name: str
    success: Estimate
    turns: Estimate
    turns_to_success: Estimate | None
    questions: Estimate
    talks: tuple[Talked, ...]


class Difference(Frozen):
    """An arm less the whole agent, shopper by shopper."""

    name: str
    success: Estimate
    turns: Estimate
    turns_wishful: Estimate | None = None


class Simulation(Frozen):
    """Figures of simulated shoppers, not of people."""

    domain: str
    shoppers: int
    seed: int
    most_turns: int
    wishful: int
    arms: tuple[Arm, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Wishless:
    """Understanding without free-text wishes: what the rest of the agent makes of them is off."""

    inner: Understander

    async def __call__(self, heard: Heard) -> Understanding:
        meaning = await self.inner(heard)
        kept = tuple(op for op in meaning.ops if not isinstance(op, AddWish))
        return meaning.model_copy(update={"ops": kept})


async def simulate(
    settings: Settings,
    *,
    shoppers: int,
    seed: int,
    without: Sequence[Part] = (),
    models: ModelsOf | None = None,
    on_talk: OnTalk | None = None,
) -> Simulation:
    """The same shoppers talk to the whole agent and to the agent without each of the parts.

    Args:
        settings: domain and home; every talk is a user and a thread of its own.
        shoppers: how many people.
        seed: of their goals and of what they say.
        without: parts to take out, one arm each.
        models: loaders to use instead of the backend's own.
        on_talk: told of each finished talk.
    """
    fixed = settings.model_copy(update={"seed": settings.seed or seed})
    total, done = shoppers * (1 + len(without)), 0
    talks: dict[str, list[Talked]] = {}
    wishful: set[int] = set()
    loaders = models(fixed.domain) if models is not None else None
    async with open_shop(fixed, models=loaders) as whole:
        for part in (None, *without):
            name = f"without {part}" if part else "whole"
            shop = without_part(whole, part)
            for number in range(shoppers):
                rng = random.Random(f"{seed}/{number}")
                goal = draw_goal(shop.wired.catalogue, rng)
                if goal.wish is not None:
                    wishful.add(number)
                shopper = SimulatedShopper(number, goal, shop.wired.catalogue, rng)
                session = shop.session(
                    user=f"s{seed}-{number}-{name.replace(' ', '-')}", thread="simulated"
                )
                talks.setdefault(name, []).append(await shopper.talk(session))
                done += 1
                if on_talk is not None:
                    on_talk(done, total)
    arms = tuple(_arm(name, rows, seed) for name, rows in talks.items())
    return Simulation(
        domain=fixed.domain,
        shoppers=shoppers,
        seed=seed,
        most_turns=MAX_TURNS,
        wishful=len(wishful),
        arms=arms,
        differences=tuple(
            _difference(arm.name, talks["whole"], talks[arm.name], wishful, seed)
            for arm in arms
            if arm.name != "whole"
        ),
    )


def without_part(shop: Shop, part: Part | None) -> Shop:
    """The shop with one part taken out."""
    match part:
        case None:
            return shop
        case "clarify":
            chosen = shop.wired.settings.model_copy(update={"clarify": False})
            return Shop(replace(shop.wired, settings=chosen), shop.graph, shop.checkpoints)
        case "soft":
            reader = Wishless(shop.wired.understander)
            return Shop(replace(shop.wired, understander=reader), shop.graph, shop.checkpoints)


def _length(talk: Talked) -> float:
    return float(talk.turns if talk.success else MAX_TURNS + 1)


def _arm(name: str, talks: Sequence[Talked], seed: int) -> Arm:
    reached = [float(talk.turns) for talk in talks if talk.success]
    return Arm(
        name=name,
        success=estimate([float(talk.success) for talk in talks], seed),
        turns=estimate([_length(talk) for talk in talks], seed),
        turns_to_success=estimate(reached, seed) if reached else None,
        questions=estimate([float(talk.questions) for talk in talks], seed),
        talks=tuple(talks),
    )


def _difference(
    name: str, whole: Sequence[Talked], arm: Sequence[Talked], wishful: set[int], seed: int
) -> Difference:
    pairs = list(zip(arm, whole, strict=True))
    wished = [_length(a) - _length(b) for a, b in pairs if a.shopper in wishful]
    return Difference(
        name=name,
        success=estimate([float(a.success) - float(b.success) for a, b in pairs], seed),
        turns=estimate([_length(a) - _length(b) for a, b in pairs], seed),
        turns_wishful=estimate(wished, seed) if wished else None,
    )


def estimate(values: Sequence[float], seed: int) -> Estimate:
    """Mean and percentile bootstrap interval of (n,) values."""
    rows = np.asarray(values, np.float64)
    rng = np.random.default_rng(seed)
    means = rows[rng.integers(0, len(rows), (RESAMPLES, len(rows)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(
        mean=round(float(rows.mean()), 4), low=round(float(low), 4), high=round(float(high), 4)
    )


def markdown(result: Simulation) -> str:
    """The figures as Markdown tables."""
    failed = f"turns (failed counts as {result.most_turns + 1})"
    rows = [
        f"| arm | success | turns to success | {failed} | questions asked |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {a.name} | {a.success} | {a.turns_to_success or '-'} | {a.turns} | {a.questions} |"
        for a in result.arms
    ]
    what = (
        f"{result.shoppers} simulated shoppers (seed {result.seed}), {result.wishful} of them with"
        f" a soft wish, at most {result.most_turns} messages each. Means with 95 % bootstrap"
        " intervals over shoppers."
    )
    text = [
        f"# Simulated shoppers: {result.domain}",
        "",
        what,
        "",
        *rows,
    ]
    if result.differences:
        text += [
            "",
            "Less the whole agent, shopper by shopper:",
            "",
            "| arm | success | turns | turns of those with a soft wish |",
            "|---|---|---|---|",
        ]
        text += [
            f"| {d.name} | {d.success} | {d.turns} | {d.turns_wishful or '-'} |"
            for d in result.differences
        ]
    return "\n".join(text) + "\n"
