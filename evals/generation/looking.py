"""Everything that looks at pictures: encoders, and the figures that they give.

Letters: n pictures, d features of an encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vitrine.core.errors import RequestError
from vitrine.core.ports import Encoder, Floats, Pixels
from vitrine.models.encoder import fit_square
from vitrine.models.judge.model import Judge
from vitrine.models.quality.distances import (
    clip_discrepancy,
    clip_scores,
    frechet_distance,
    kernel_distance,
    two_sample_auc,
    unit,
)
from vitrine.models.quality.likeness import (
    ALEXNET,
    Lpips,
    judge_layers,
    perceptual_distance,
    structural_similarity,
)
from vitrine.models.quality.published import (
    INCEPTION,
    AestheticPredictor,
    Inception,
    PublishedClip,
)

KID_SCALE = 1000.0
LEAST = 5
"""Pictures of each side that a set distance needs."""
PairDistance = Callable[[Sequence[Pixels], Sequence[Pixels]], Floats]


@dataclass(frozen=True)
class Eye:
    """An encoder: pictures to features (n, d), and texts too if it is a CLIP.

    published: KID and FID take the features as they are, as published figures do. Features of other
    encoders have no scale that anybody agrees on: they are brought to length sqrt(d).
    """

    name: str
    look: Callable[[Sequence[Pixels]], Floats]
    read: Callable[[Sequence[str]], Floats] | None = None
    published: bool = False

    def for_sets(self, features: Floats) -> Floats:
        """What distances of sets are made of, (n, d)."""
        if self.published:
            return features
        return np.asarray(unit(features) * np.sqrt(features.shape[1]), np.float32)


@dataclass(frozen=True)
class Looked:
    """Pictures and what every eye sees in them."""

    pictures: Sequence[Pixels]
    features: Mapping[str, Floats]

    def rows(self, places: Sequence[int]) -> Looked:
        """Some of the pictures."""
        kept = list(places)
        features = {name: rows[kept] for name, rows in self.features.items()}
        return Looked([self.pictures[place] for place in kept], features)


@dataclass(frozen=True)
class Looker:
    """All eyes, and the distances between pairs of pictures. The judge is always among them."""

    judge: Judge
    eyes: Sequence[Eye]
    pairs: Mapping[str, PairDistance]
    aesthetic: Callable[[Sequence[Pixels]], Floats] | None = None
    left_out: Sequence[str] = field(default_factory=lambda: [])

    def look(self, pictures: Sequence[Pixels]) -> Looked:
        """Look at pictures with every eye, once."""
        return Looked(pictures, {eye.name: eye.look(pictures) for eye in self.eyes})

    def against(self, made: Looked, real: Looked) -> dict[str, float]:
        """Distances of one seed's pictures to the real ones: KID, CMMD, two-sample AUC."""
        figures: dict[str, float] = {}
        if min(len(made.pictures), len(real.pictures)) < LEAST:
            return figures
        for eye in self.eyes:
            a, b = made.features[eye.name], real.features[eye.name]
            distance = kernel_distance(eye.for_sets(a), eye.for_sets(b))
            figures[f"kid_{eye.name}"] = KID_SCALE * distance
            if eye.read is not None:
                figures[f"cmmd_{eye.name}"] = clip_discrepancy(a, b)
        a, b = made.features["judge"], real.features["judge"]
        figures["c2st_judge"] = two_sample_auc(b[: 4 * len(a)], a)
        return figures

    def frechet(self, made: Looked, real: Looked) -> dict[str, float]:
        """FID of all seeds together, by the eyes that have fewer dimensions than pictures."""
        return {
            f"fid_{eye.name}": frechet_distance(
                eye.for_sets(made.features[eye.name]), eye.for_sets(real.features[eye.name])
            )
            for eye in self.eyes
            if min(len(made.pictures), len(real.pictures)) > made.features[eye.name].shape[1]
        }

    def fits(self, made: Looked, texts: Sequence[str]) -> dict[str, Floats]:
        """CLIPScore of each picture with its words (n,), by every eye that reads."""
        return {
            f"clip_score_{eye.name}": np.asarray(
                clip_scores(made.features[eye.name], eye.read(texts)), np.float32
            )
            for eye in self.eyes
            if eye.read is not None
        }

    def likeness(self, made: Sequence[Pixels], items: Sequence[Pixels]) -> dict[str, Floats]:
        """Likeness of each picture to the item it was drawn after (n,), at the picture's size."""
        fitted = [fit_square(item, len(one)) for item, one in zip(items, made, strict=True)]
        return {name: distance(made, fitted) for name, distance in self.pairs.items()}

    def pleasing(self, made: Sequence[Pixels]) -> dict[str, Floats]:
        """The aesthetic score of each picture (n,), where there is a predictor."""
        return {} if self.aesthetic is None else {"aesthetic": self.aesthetic(made)}


def build_looker(
    judge: Judge,
    encoder: Encoder,
    *,
    backbones: Path | None = None,
    clips: Mapping[str, Path] | None = None,
    aesthetic: Path | None = None,
) -> Looker:
    """What is there looks; what is not is told in `left_out`.

    Args:
        judge: the shipped judge.
        encoder: the shipped CLIP.
        backbones: folder with `inception.safetensors` and `alexnet.safetensors`, or one of them.
        clips: folders of other CLIPs in open_clip's layout, by name.
        aesthetic: folder of the published aesthetic predictor.

    Raises:
        RequestError: `backbones` holds neither of its files.
    """

    def looks(pictures: Sequence[Pixels]) -> Floats:
        return judge.inspect(np.stack(pictures))[1]

    eyes = [
        Eye("judge", looks),
        Eye("clip", encoder.encode_images, encoder.encode_text),
    ]
    layers = judge_layers(judge)
    pairs: dict[str, PairDistance] = {
        "ssim": structural_similarity,
        "lpips_judge": lambda a, b: perceptual_distance(a, b, layers),
    }
    left_out: list[str] = []
    found = 0
    if backbones is not None and (backbones / INCEPTION).is_file():
        inception = Inception(backbones)
        eyes.append(Eye("inception", inception.features, published=True))
        found += 1
    else:
        left_out.append(
            "FID and KID of the Inception network: no weights (`--backbones`). Those of the judge and"
            " of the shipped CLIP are no published FID: compare them with each other only"
        )
    if backbones is not None and (backbones / ALEXNET).is_file():
        pairs["lpips_alex"] = Lpips(backbones)
        found += 1
    else:
        left_out.append(
            "LPIPS of AlexNet: no weights (`--backbones`). `LPIPS (judge)` is the same distance in"
            " the judge's layers, without trained heads"
        )
    if backbones is not None and not found:
        raise RequestError(
            f"{str(backbones)!r} holds neither {INCEPTION} nor {ALEXNET}: see docs/evaluation.md"
        )
    for name, folder in (clips or {}).items():
        clip = PublishedClip(folder, name)
        eyes.append(Eye(name, clip.encode_images, clip.encode_text))
    if not clips:
        left_out.append(
            "CMMD and CLIPScore of a public CLIP: none was given (`--encoder NAME=FOLDER`). Those of"
            " the shipped CLIP are not comparable with published figures"
        )
    if aesthetic is None:
        left_out.append(
            "aesthetic score: the public head needs ViT-L/14 (`--aesthetic`); nobody has rated the"
            " beauty of these drawings, so there is no embedded stand-in. `told from real` is about"
            " realism, not beauty"
        )
    predictor = None if aesthetic is None else AestheticPredictor(aesthetic)
    return Looker(judge, eyes, pairs, predictor, left_out)
