"""What the figures are called, on which scale they stand, and which way is better.

A figure that depends on an encoder carries its name at the end: `kid_judge` is a KID of the judge's
features. Formulas and sources stand in `models/quality` and `models/metrics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["up", "down", ""]


@dataclass(frozen=True)
class Measure:
    """One kind of figure. `better`: which way, or "" where neither is."""

    title: str
    scale: str
    better: Better
    about: str
    digits: int = 3


MEASURES: dict[str, Measure] = {
    "asked": Measure("shows what was asked", "0 to 1", "up",
                     "share of asked facets that the judge reads off the picture"),
    "kind": Measure("shows the kind", "0 to 1", "up",
                    "share of pictures off which the judge reads the kind of thing that was asked for"),
    "pixels": Measure("colour on pixels", "0 to 1", "up",
                      "share of pictures whose dominant colour, measured on pixels, is the asked one"),
    "kept": Measure("colour kept", "0 to 1", "up",
                    "share of pictures that, embedded again, are nearest to the text of the asked colour"),
    "again": Measure("cosine to what was asked", "-1 to 1", "up",
                     "the picture, embedded again, beside the embedding it was drawn from"),
    "kid": Measure("KID", "x1000, 0: one kind", "down",
                   "unbiased kernel distance to held-out drawings; a little below 0 is possible; features"
                   " of other encoders than Inception are at length sqrt(d)"),
    "fid": Measure("FID", "0: one kind", "down",
                   "Frechet distance to held-out drawings; biased upwards with few pictures, so"
                   " compare it only with the row of real drawings", 2),
    "cmmd": Measure("CMMD", "x1000, 0: equal", "down",
                    "kernel distance of unit CLIP embeddings, sigma 10", 3),
    "c2st": Measure("told from real", "0.5: cannot be told, 1: always", "down",
                    "AUC of a linear classifier of real against drawn, on pictures left out"),
    "clip_score": Measure("CLIPScore", "2.5 max(cos, 0)", "up",
                          "fit of picture and words; the shipped CLIP's text tower also feeds the"
                          " generator, so it is no independent referee"),
    "aesthetic": Measure("aesthetic", "about 1 to 10", "up", "LAION's linear head on ViT-L/14", 2),
    "ssim": Measure("SSIM to the item", "0 to 1, 1: the same", "",
                    "likeness to the item that was shown, by structure of pixels; not taste"),
    "lpips": Measure("LPIPS to the item", "0: the same", "",
                     "distance to the item that was shown, in the layers of a network; not taste"),
    "percentile": Measure("standing", "0 to 1, chance .5", "up",
                          "true utility of the picture as the judge reads it, as a share of the"
                          " shelf that pleases the person less"),
    "precision": Measure("liked", "0 to 1, chance .4", "up",
                         "share of pictures that stand among the best-liked 40 % of the shelf"),
    "judged": Measure("P(like), judge", "0 to 1", "up",
                      "probability that a verifier on the judge's readings gives; fitted to ratings"
                      " of its own"),
    "reward": Measure("P(like), reward model", "0 to 1", "up",
                      "probability that PerFusionRM gives for the person, the words and the picture; the"
                      " personal networks begin with its reader of people and have not seen its scores"),
    "lift": Measure("personal lift", "chance 0", "up",
                    "standing of one's own pictures less that of the others' for the same words"),
    "gauc": Measure("GAUC, own first", "0 to 1, chance .5", "up",
                    "chance that a picture drawn for the person pleases them more than one drawn for"
                    " somebody else for the same words and seed, by the judge's verifier; ties half"),
    "map": Measure("MAP, own first", "0 to 1", "up",
                   "mean of 1 / rank of one's own picture among everybody's for the same words and seed"),
    "history": Measure("like the history", "-1 to 1", "",
                       "mean cosine to what the person has liked, in the judge's encoder; copying the"
                       " history is not taste"),
    "diversity": Measure("diversity of a list", "0 to 1 and more", "up",
                         "mean cosine distance of one person's pictures for one request over the seeds"),
    "between": Measure("difference between people", "0 to 1 and more", "",
                       "mean cosine distance of different people's pictures for the same words and seed"),
    "novelty": Measure("novelty", "0: an item, 1: as a new item", "",
                       "distance to the nearest item of the catalogue in the judge's encoder; far above"
                       " 1 lies what looks like nothing"),
}  # fmt: skip
EYES = {"judge": "judge", "clip": "shipped CLIP", "inception": "Inception", "alex": "AlexNet"}


def split_name(name: str) -> tuple[str, str]:
    """`kid_judge` to (`kid`, `judge`); the longest known name counts, so `clip_score_clip` works."""
    best = max((key for key in MEASURES if name == key or name.startswith(key + "_")), key=len)
    return best, name[len(best) + 1 :]


def measure_of(name: str) -> Measure:
    """The measure of a figure."""
    return MEASURES[split_name(name)[0]]


def title_of(name: str) -> str:
    """What a figure is called in tables and plots, with its encoder."""
    kind, eye = split_name(name)
    title = MEASURES[kind].title
    return f"{title} ({EYES.get(eye, eye)})" if eye else title
