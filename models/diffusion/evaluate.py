"""Figures of the renderer on held-out attribute combinations, read by the judge and by pixels.

Prompts are the domain pack's template filled with the facets of held-out drawings. The judge shares
nothing with the generator; the dominant colour is measured on pixels against the pack's rgb values.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.ports import (
    Encoder,
    Floats,
    Pixels,
    Prior,
    PriorRequest,
    RenderDials,
    Renderer,
    RenderJob,
    TasteEvidence,
)
from vitrine.core.prompts import write_prompt
from vitrine.models.dataset import Drawings, read_drawings
from vitrine.models.judge.model import Judge, load_judge
from vitrine.models.training import write_atomically

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """Figures by condition, and pictures to look at (rows of equal size)."""

    figures: Mapping[str, Mapping[str, float]]
    sheet: Pixels


def evaluate_renderer(
    renderer: Renderer,
    encoder: Encoder,
    judge: Judge,
    data: Drawings,
    pack: DomainPack,
    *,
    count: int = 96,
    dials: RenderDials | None = None,
    prior: Prior | None = None,
    batch: int = 8,
    seed: int = 0,
) -> Report:
    """Draw held-out combinations in several ways and read what came out.

    `drawings`: the judge on the real held-out drawings (ceiling). `text`: from the prompt alone.
    `embedding`: from the real drawing's image embedding, no words. `both`: prompt and embedding.
    `recolour`: the embedding of a drawing with the words for another colour; `color` is the share
    that shows the asked colour, the other facets should stay. `again` (of embedding): cosine of the
    picture's embedding to the one asked for.

    With a prior, short requests (head and colour of a held-out drawing, no person) are sampled once
    each: `sampled` draws the embedding without words, `designed` with the words of the request, as
    designs are made. `kept_<colour facet>`: the picture, embedded again, is nearest to the text of
    the asked colour.
    """
    dials = dials or RenderDials()
    rng = np.random.default_rng(seed)
    rows = rng.choice(data.heldout, size=min(count, len(data.heldout)), replace=False)
    values = [data.values(int(row)) for row in rows]
    prompts = [write_prompt(pack, value) for value in values]
    pictures = [np.asarray(data.pictures[row]) for row in rows]
    embeddings = encoder.encode_images(pictures)
    tint = colour_facet(pack)
    recoloured = [_recolour(value, tint, pack, rng) for value in values]
    conditions: dict[str, list[RenderJob]] = {
        "text": [RenderJob(prompt, None, seed + i) for i, prompt in enumerate(prompts)],
        "embedding": [RenderJob("", row, seed + i) for i, row in enumerate(embeddings)],
        "both": [
            RenderJob(prompt, row, seed + i)
            for i, (prompt, row) in enumerate(zip(prompts, embeddings, strict=True))
        ],
        "recolour": [
            RenderJob(write_prompt(pack, value), row, seed + i)
            for i, (value, row) in enumerate(zip(recoloured, embeddings, strict=True))
        ],
    }
    goals = dict.fromkeys(conditions, values) | {"recolour": recoloured}
    if prior is not None and tint is not None:
        asked = [
            {f: v for f, v in value.items() if f in (pack.head.name, tint)} for value in values
        ]
        words = [write_prompt(pack, value) for value in asked]
        samples = _samples(prior, encoder.encode_text(words), seed)
        for name, said in (("sampled", [""] * len(words)), ("designed", words)):
            goals[name] = asked
            conditions[name] = [
                RenderJob(text, row, seed + i)
                for i, (text, row) in enumerate(zip(said, samples, strict=True))
            ]
    figures = {"drawings": read_figures(pictures, values, judge, pack)}
    shown: list[Sequence[Pixels]] = [pictures]
    for name, jobs in conditions.items():
        made: list[Pixels] = []
        for start in range(0, len(jobs), batch):
            made += renderer.render(jobs[start : start + batch], dials, _no_progress, lambda: False)
        figures[name] = read_figures(made, goals[name], judge, pack)
        wanted = [job.embedding for job in jobs if job.embedding is not None]
        again = encoder.encode_images(made)
        if wanted:
            figures[name]["again"] = _cosine(again, np.stack(wanted))
        if tint is not None:
            kept = _nearest_colour(again, encoder, pack, tint)
            pairs = [(k, g[tint]) for k, g in zip(kept, goals[name], strict=True) if tint in g]
            figures[name][f"kept_{tint}"] = round(
                sum(k == g for k, g in pairs) / max(len(pairs), 1), 4
            )
        log.info("%s: %s", name, figures[name])
        shown.append(made)
    return Report(figures, contact_sheet(shown))


def _samples(prior: Prior, queries: Floats, seed: int) -> Floats:
    """One sample a request for nobody in particular, (n, d)."""
    nobody = TasteEvidence(liked=queries[:0], disliked=queries[:0])
    return np.concatenate(
        [
            prior.sample(PriorRequest(taste=nobody, query=query, n=1, seed=seed + i))
            for i, query in enumerate(queries)
        ]
    )


def _nearest_colour(rows: Floats, encoder: Encoder, pack: DomainPack, tint: str) -> list[str]:
    """The colour whose text is nearest to each picture's embedding."""
    facet = pack.facet(tint)
    assert facet is not None
    texts = encoder.encode_text([write_prompt(pack, {tint: v.name}) for v in facet.values])
    cosines = _unit(rows) @ _unit(texts).T
    return [facet.values[i].name for i in cosines.argmax(1)]


def _unit(rows: Floats) -> Floats:
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def _no_progress(done: int, total: int) -> None:
    """The evaluation logs conditions, not steps."""


def read_figures(
    pictures: Sequence[Pixels],
    values: Sequence[Mapping[str, str]],
    judge: Judge,
    pack: DomainPack,
) -> dict[str, float]:
    """Share of pictures on which the judge reads the wanted value, by facet.

    `pixels_<facet>`: colours measured on pixels.
    """
    guesses = judge.read(np.stack(pictures))
    figures: dict[str, float] = {"n": float(len(pictures))}
    for facet in judge.vocabulary:
        pairs = [
            (guess[facet], value[facet])
            for guess, value in zip(guesses, values, strict=True)
            if facet in value
        ]
        if pairs:
            figures[facet] = round(sum(a == b for a, b in pairs) / len(pairs), 4)
    tint = colour_facet(pack)
    if tint is not None:
        hits = [
            value[tint] in dominant_colours(picture, pack, tint, _second(pack, tint, value))
            for picture, value in zip(pictures, values, strict=True)
            if tint in value
        ]
        figures[f"pixels_{tint}"] = round(sum(hits) / max(len(hits), 1), 4)
    return figures


def colour_facet(pack: DomainPack) -> str | None:
    """The facet whose values have rgb."""
    return next((f.name for f in pack.facets if any(v.rgb for v in f.values)), None)


def _second(pack: DomainPack, tint: str, values: Mapping[str, str]) -> int:
    """How many colours the thing has: 2 where a facet with colours of its own is present."""
    return 1 + any(f.values_from == tint and f.name in values for f in pack.facets)


def dominant_colours(picture: Pixels, pack: DomainPack, facet: str, count: int) -> list[str]:
    """The `count` colour names that most pixels of the thing are nearest to.

    The thing is what differs from the border of the picture. Nearness is in CIELAB, lightness
    counted half, since folds and light change it.
    """
    named = [(v.name, v.rgb) for f in pack.facets if f.name == facet for v in f.values if v.rgb]
    lab = _lab(picture.reshape(-1, 3))
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    background = np.median(_lab(edge), axis=0)
    away = np.linalg.norm(lab - background, axis=1)
    inner = lab[away > 8.0] if (away > 8.0).sum() > 100 else _middle(picture)
    goals = _lab(np.array([rgb for _, rgb in named], np.uint8))
    weights = np.array([0.5, 1.0, 1.0])
    gaps = np.linalg.norm((inner[:, None] - goals[None]) * weights, axis=2)
    votes = np.bincount(gaps.argmin(1), minlength=len(named))
    return [named[i][0] for i in np.argsort(-votes)[:count]]


def _middle(picture: Pixels) -> NDArray[np.float64]:
    side = picture.shape[0]
    return _lab(picture[side // 3 : -side // 3, side // 3 : -side // 3].reshape(-1, 3))


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIELAB (D65) of sRGB rows (n, 3)."""
    linear = rgb / 255.0
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


def _recolour(
    values: Mapping[str, str], tint: str | None, pack: DomainPack, rng: np.random.Generator
) -> dict[str, str]:
    """The same thing in another colour."""
    if tint is None or tint not in values:
        return dict(values)
    facet = pack.facet(tint)
    assert facet is not None
    taken = {values[tint], *(values[f.name] for f in pack.facets
                             if f.values_from == tint and f.name in values)}  # fmt: skip
    others = [value.name for value in facet.values if value.name not in taken]
    return {**values, tint: str(rng.choice(others))}


def _cosine(a: Floats, b: Floats) -> float:
    return round(float((_unit(a) * _unit(b)).sum(1).mean()), 4)


def contact_sheet(rows: Sequence[Sequence[Pixels]], limit: int = 16) -> Pixels:
    """Pictures of equal size side by side, one condition a row."""
    return np.concatenate([np.concatenate(list(row[:limit]), axis=1) for row in rows], axis=0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the evaluation command."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--weights", type=Path, required=True, help="folder with clip, sd, judge")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the domain pack")
    parser.add_argument(
        "--out", type=Path, required=True, help="figures.json and sheet.png go here"
    )
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--adapter-scale", type=float, default=0.6)
    parser.add_argument("--card", action="store_true", help="add the figures to the model's card")


def run(args: argparse.Namespace) -> None:
    """Evaluate the weights of a folder; writes figures and a sheet of pictures."""
    from vitrine.models.encoder import ClipEncoder
    from vitrine.models.prior.prior import load_prior
    from vitrine.models.renderer import DiffusionRenderer

    encoder = ClipEncoder(args.weights / "clip")
    report = evaluate_renderer(
        DiffusionRenderer(args.weights / "sd", encoder.space),
        encoder,
        load_judge(args.weights / "judge"),
        read_drawings(args.data),
        load_pack(args.pack),
        count=args.count,
        dials=RenderDials(args.steps, args.guidance, args.adapter_scale),
        prior=load_prior(args.weights / "prior") if (args.weights / "prior").is_dir() else None,
    )
    sys.stdout.write(json.dumps(report.figures, indent=1) + "\n")
    args.out.mkdir(parents=True, exist_ok=True)
    write_atomically(args.out / "figures.json", json.dumps(report.figures, indent=1) + "\n")
    Image.fromarray(report.sheet).save(args.out / "sheet.png")
    if args.card:
        path = args.weights / "sd" / "card.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card["figures"] |= report.figures
        write_atomically(path, json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    _parser = argparse.ArgumentParser(prog="python -m vitrine.models.diffusion.evaluate")
    add_arguments(_parser)
    run(_parser.parse_args())
