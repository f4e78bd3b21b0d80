"""`vitrine eval histories`: does the prior find what real people like next?

It measures a prior that was trained on a folder of `vitrine train read ... --split time`, beside plain
recommenders in the same run. Each has to find what a person liked after the cutoff among all items
that the person had not rated before it. How a prior's samples become an order is fixed: an item
scores the mean cosine with the four samples nearest to it. What guessers have of dials is turned for
people of the validation split, who are judged on nothing.

Three tables: everyone; people whom the prior never trained on; and the new items alone, which nobody
had met before the cutoff, so that counting likes says nothing of them.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.evals.guessers import (
    FASHION,
    MIDDLE,
    NEIGHBOURS,
    PRIOR,
    WORST,
    blends,
    both_ends,
    families,
)
from vitrine.evals.next_items import (
    TOP,
    Guesser,
    Mix,
    Person,
    best_of,
    candidates,
    hits,
    judged_people,
    lockstep,
    ranks,
)
from vitrine.evals.personal.markdown import shown, signed, table
from vitrine.evals.personal.report import DRAWS, Figure, interval
from vitrine.models.experience import Experience, read_experience
from vitrine.models.metrics import bootstrap_means
from vitrine.models.prior.prior import load_prior
from vitrine.models.training import choose_device

log = logging.getLogger(__name__)

REPORT, PAGE = "report.json", "page.md"
MEASURES = ("hr_next", "ndcg_next", "hr_later", "ndcg_later", "above")


class GuesserFigures(Frozen):
    """Means over people.

    hr, ndcg: at ten. next: of the first thing liked after the cutoff; later: of everything liked
    after it. above: share of the candidates below what was liked later, .5 is chance.
    less_prior, less_popular: `ndcg_later` less that of the prior, and less that of what was popular
    lately, person by person.
    """

    name: str
    setting: str = Field(description="chosen for people who are not judged; empty: there is none")
    hr_next: Figure
    ndcg_next: Figure
    hr_later: Figure
    ndcg_later: Figure
    above: Figure
    less_prior: Figure
    less_popular: Figure


class Standing(Frozen):
    """All guessers on the same people and candidates."""

    title: str
    people: int
    candidates: float = Field(description="mean number a person")
    wanted: float = Field(description="mean number a person")
    guessers: tuple[GuesserFigures, ...]


class HistoriesReport(Frozen):
    """The whole measurement. `source`, `split`, `notes`: what the folder says of itself."""

    source: str
    split: dict[str, object]
    notes: tuple[str, ...]
    space: str
    prior_steps: int
    tuned_on: int = Field(description="people for whom the dials were turned")
    least: int = Field(description="ratings before the cutoff that a judged person has, at least")
    samples: int
    seed: int
    standings: tuple[Standing, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine eval histories`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of `train read`")
    parser.add_argument(
        "--weights", type=Path, required=True, help="folder with the `prior` that was trained on it"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the report")
    parser.add_argument("--results", type=Path, default=None, help="write this page, too")
    parser.add_argument(
        "--least", type=int, default=5, help="ratings that are known of a person (%(default)s)"
    )
    parser.add_argument("--samples", type=int, default=64, help="a person (%(default)s)")
    parser.add_argument("--people", type=int, default=None, help="judge at most so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="torch threads on the CPU")


def run(args: argparse.Namespace) -> None:
    """Measure, write report and page, and print the page.

    Raises:
        RequestError: an option is out of range, the folder is not split by time, the prior was
            trained on other data, or nobody can be judged.
        SetupError: the weights are missing or damaged.
    """
    for name in ("least", "samples", "people"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise RequestError(f"--{name} {value!r}: expected at least 1")
    choose_device("cpu", args.threads)
    data = read_experience(args.data)
    split = data.origin.get("split")
    if not isinstance(split, dict) or split.get("kind") != "time":
        raise RequestError(
            f"{str(args.data)!r} is not split by time: make it with `train read ... --split time`"
        )
    steps = trained_on(args.weights / "prior", data)
    people = judged_people(data, args.least)
    if args.people is not None and args.people < len(people):
        chosen = np.random.default_rng(args.seed).permutation(len(people))[: args.people]
        people = [people[place] for place in np.sort(chosen)]
    if not people:
        raise RequestError(
            f"nobody has {args.least} ratings before the cutoff and liked something new after it"
        )
    others = judged_people(data, args.least, ("validation",))
    prior = load_prior(args.weights / "prior")
    ways = families(data, args.data, prior, samples=args.samples, seed=args.seed)
    chosen = choose(ways, others, args.seed)
    report = HistoriesReport(
        source=str(data.origin.get("source", "")),
        split=dict(split),
        notes=data.notes,
        space=data.space,
        prior_steps=steps,
        tuned_on=len(others),
        least=args.least,
        samples=args.samples,
        seed=args.seed,
        standings=tuple(measure(data, people, chosen, seed=args.seed)),
    )
    text = page(report)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / REPORT).write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
        for path in (args.out / PAGE, args.results):
            if path is not None:
                path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"cannot write {str(error.filename)!r}: {error.strerror}") from error
    sys.stdout.write(text)


def trained_on(folder: Path, data: Experience) -> int:
    """Steps of a prior that was trained on these data, and on this split of them.

    Raises:
        RequestError: it was trained on something else, perhaps on what it would be judged on.
    """
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError(f"{str(folder)!r} has no readable card.json of a prior") from error
    if card.get("data_sha256") != data.sha256:
        raise RequestError(
            f"{str(folder)!r} was trained on other data than --data: it may know what it is judged on"
        )
    return int(card["steps"])


@dataclass(frozen=True)
class Chosen:
    """Guessers and mixes of them at the settings that were chosen; `settings` by their names."""

    ways: Mapping[str, Guesser]
    mixes: Mapping[str, Mix]
    settings: Mapping[str, str]


def choose(
    ways: Mapping[str, Mapping[str, Guesser]], people: Sequence[Person], seed: int
) -> Chosen:
    """Turn the dials: first those of each guesser, then how much it counts beside popularity."""
    settings: dict[str, str] = {}
    for name, family in ways.items():
        # Samples of rating 1 find what is not liked: they take the guidance of the others.
        settings[name] = settings[PRIOR] if name == WORST else best_of(family, {}, people, seed)
        log.info("%s %s", name, settings[name])
    base = {name: family[settings[name]] for name, family in ways.items()}
    mixes: dict[str, Mix] = {"prior, 5 less 1": both_ends}
    for name in (NEIGHBOURS, MIDDLE, PRIOR):
        mixed = f"{FASHION} + {name}"
        choices = blends(name)
        parts = {part: base[part] for part in (FASHION, name)}
        settings[mixed] = best_of(parts, choices, people, seed)
        mixes[mixed] = choices[settings[mixed]]
        log.info("%s %s", mixed, settings[mixed])
    return Chosen(base, mixes, settings)


def measure(
    data: Experience, people: Sequence[Person], chosen: Chosen, *, seed: int
) -> Iterator[Standing]:
    """Everyone, those that were never trained on, and new items alone; tables without people are left out."""
    fresh = [person.later[data.heldout[person.later]] for person in people]
    names = [*chosen.ways, *chosen.mixes]
    found = np.zeros((2, len(people), len(names), len(MEASURES)))
    for place, (person, scores) in enumerate(lockstep(chosen.ways, chosen.mixes, people)):
        tie = seed + person.row
        for way, name in enumerate(names):
            row = scores[name]
            takes_part = candidates(person, len(row))
            found[0, place, way] = _judged(row, takes_part, person.later, tie)
            if len(fresh[place]):
                found[1, place, way] = _judged(row, data.heldout, fresh[place], tie)
        if place % 200 == 0:
            log.info("%d of %d people", place, len(people))
    met = np.array([len(data.images) - len(person.before) for person in people])
    wanted = np.array([len(person.later) for person in people])
    new = np.array([len(rows) for rows in fresh])
    unseen = np.array([person.unseen for person in people], np.bool_)
    everyone = np.ones(len(people), np.bool_)
    many = np.full(len(people), int(data.heldout.sum()))
    for title, who, kind, choice, aims in (
        ("Everyone", everyone, 0, met, wanted),
        ("People whom the prior never trained on", unseen, 0, met, wanted),
        ("New items alone", new > 0, 1, many, new),
    ):
        if who.any():
            yield Standing(
                title=title,
                people=int(who.sum()),
                candidates=round(float(choice[who].mean()), 1),
                wanted=round(float(aims[who].mean()), 2),
                guessers=_figures(found[kind][who], names, chosen.settings, seed),
            )


def _judged(
    scores: NDArray[np.float32],
    takes_part: NDArray[np.bool_],
    wanted: NDArray[np.int64],
    seed: int,
) -> tuple[float, ...]:
    """The five measures of one person; wanted oldest first."""
    places = ranks(scores, takes_part, wanted, seed)
    others = max(int(takes_part.sum()) - 1, 1)
    return (*hits(places[:1]), *hits(places), float(1 - places.mean() / others))


def _figures(
    values: NDArray[np.float64], names: Sequence[str], settings: Mapping[str, str], seed: int
) -> tuple[GuesserFigures, ...]:
    """Means with intervals of values (people, guessers, measures)."""
    draws = bootstrap_means(values, seed=seed, draws=DRAWS)
    means = values.mean(axis=0)
    last = MEASURES.index("ndcg_later")

    def less(way: int, other: str) -> Figure:
        base = names.index(other)
        gaps = draws[:, way, last] - draws[:, base, last]
        return interval(float(means[way, last] - means[base, last]), gaps)

    found: list[GuesserFigures] = []
    for way, name in enumerate(names):
        figures = {
            measure: interval(float(means[way, m]), draws[:, way, m])
            for m, measure in enumerate(MEASURES)
        }
        found.append(
            GuesserFigures(
                name=name,
                setting=settings.get(name, ""),
                less_prior=less(way, PRIOR),
                less_popular=less(way, FASHION),
                **figures,
            )
        )
    return tuple(found)


def page(report: HistoriesReport) -> str:
    """The Markdown."""
    return "\n".join(_lines(report))


def _lines(report: HistoriesReport) -> Iterator[str]:
    yield "# Real histories"
    yield ""
    yield (
        f"`vitrine eval histories` on {report.source}: what people liked after"
        f" {report.split.get('cutoff')}, guessed from what they rated before. Judged are people with at"
        f" least {report.least} ratings before and a like after it. Candidates are all items that the"
        f" person had not rated before, for every guesser the same. The prior trained {report.prior_steps}"
        f" steps on {report.space.partition(':')[0]} embeddings; an item's score is its mean cosine with the"
        f" nearest 4 of {report.samples} samples. Popularity and neighbours count the likes of the same people"
        f" that the prior trained on. Settings were chosen for {report.tuned_on} people of the validation"
        " split, who are not judged. Means over people, 95 % intervals of a bootstrap over people."
    )
    yield ""
    for note in report.notes:
        yield f"- {note}"
    if report.space.startswith("titles:"):
        yield (
            "- items are seen by the words of their titles alone (years and genres are among them where the"
            " format tells them), as counts reduced to a few dimensions: no picture stands behind such an"
            " embedding, and what makes a thing good is not in it"
        )
    yield ""
    said = [f"{f.name}: {f.setting}" for f in report.standings[0].guessers if f.setting]
    if said:
        yield f"Chosen: {'; '.join(said)}."
        yield ""
    for standing in report.standings:
        yield f"## {standing.title}"
        yield ""
        yield (
            f"{standing.people} people, {standing.candidates:.0f} candidates and"
            f" {standing.wanted:.1f} things liked later in the mean."
        )
        yield ""
        yield from _said(standing)
        yield from table(
            ["", f"HR@{TOP} next", f"NDCG@{TOP} next", f"HR@{TOP} later", f"NDCG@{TOP} later",
             "less the prior's", "less popularity's", "ranked above"],
            [[f.name, shown(f.hr_next, 3), shown(f.ndcg_next, 3), shown(f.hr_later, 3),
              shown(f.ndcg_later, 4), "" if f.name == PRIOR else signed(f.less_prior, 4),
              "" if f.name == FASHION else signed(f.less_popular, 4), shown(f.above, 3)]
             for f in standing.guessers],
        )  # fmt: skip


def _said(standing: Standing) -> Iterator[str]:
    """Who is best, and what the prior adds to popularity."""
    by_name = {f.name: f for f in standing.guessers}
    best = max(standing.guessers, key=lambda f: f.ndcg_later.mean)
    ours, mixed = by_name[PRIOR], by_name[f"{FASHION} + {PRIOR}"]
    if best.name == PRIOR:
        yield f"Best at NDCG@{TOP} is the prior ({shown(ours.ndcg_later, 4)})."
    else:
        yield (
            f"Best at NDCG@{TOP} is {best.name}, {shown(best.ndcg_later, 4)}; the prior has"
            f" {shown(ours.ndcg_later, 4)}, the difference is {signed(best.less_prior, 4)}."
        )
    yield f"The prior beside popularity changes it by {signed(mixed.less_popular, 4)}."
    yield ""
