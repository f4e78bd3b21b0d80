"""Fakes of the model ports: numpy only, deterministic, small, and meaningful.

They let everything above models/ be tested without weights. The picture half of an embedding is
what the picture shows (mean tone, tone bins, unevenness); the words of a text that name a tone land
on the same place, other words on hashed directions of their own. So "teal" is near a teal picture,
a design made from a teal embedding is teal, and who liked teal things is offered teal things.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from vitrine.core.domain import DomainPack
from vitrine.core.errors import Cancelled
from vitrine.core.interests import TextBudget, WordBudget
from vitrine.core.ports import (
    Encoder,
    Floats,
    OnStep,
    Pixels,
    PriorRequest,
    RenderDials,
    RenderJob,
    Stopped,
    TasteEvidence,
    UserFeatures,
)

TONE_DIM = 30  # 3 centred RGB + 27 bins of a 3 x 3 x 3 grid
WORD_DIM = 33
DIM = TONE_DIM + 1 + WORD_DIM  # one more: unevenness of the picture
WORD_SCALE = 0.5
SPACE = "fake-tones-64"

Rgb = tuple[int, int, int]


def named_tones() -> dict[str, Rgb]:
    """The tone names that every drawing program knows, by lower-case name."""
    table: dict[str, Rgb] = {}
    for name in ImageColor.colormap:
        rgb = ImageColor.getrgb(name)
        table[name] = (rgb[0], rgb[1], rgb[2])
    return table


def _grid() -> Floats:
    steps = np.linspace(0.0, 1.0, 3, dtype=np.float32)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(27, 3)


_BINS = _grid()


def tone_features(rgb: Floats) -> Floats:
    """Features of RGB rows in 0..1: (n, 3) -> (n, TONE_DIM)."""
    gaps: Floats = ((rgb[:, None, :] - _BINS[None]) ** 2).sum(-1)  # (n, 27)
    bins = np.exp(-gaps / (2 * 0.22**2))
    return np.concatenate([2.0 * (rgb - 0.5), bins], axis=1).astype(np.float32)


def _foreground(picture: Pixels) -> tuple[Floats, float]:
    """Mean tone (3,) of what stands out from the border, in 0..1, and its unevenness."""
    step = max(1, max(picture.shape[:2]) // 48)
    small = picture[::step, ::step].astype(np.float32) / 255.0  # (h, w, 3)
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    distance = np.linalg.norm(small - np.median(border, axis=0), axis=-1)
    weights = (distance > 0.12).astype(np.float32)
    if weights.mean() < 0.02:
        weights = np.ones_like(distance)
    total = weights.sum()
    mean = (small * weights[..., None]).sum((0, 1)) / total
    spread = float(np.sqrt((((small - mean) ** 2).sum(-1) * weights).sum() / total))
    return mean.astype(np.float32), spread


def _hashed(word: str) -> Floats:
    """A fixed direction for a word, (WORD_DIM,), unit length."""
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    row = np.random.default_rng(seed).standard_normal(WORD_DIM).astype(np.float32)
    return (row / np.linalg.norm(row)).astype(np.float32)


class FakeEncoder:
    """A joint encoder of tones and words. Embeddings are raw: lengths vary."""

    def __init__(self, tones: Mapping[str, Rgb] | None = None) -> None:
        self._tones = {
            k.casefold(): v for k, v in (named_tones() if tones is None else tones).items()
        }

    @classmethod
    def for_pack(cls, pack: DomainPack) -> "FakeEncoder":
        """A fake that knows the tones a pack defines, besides the usual names."""
        tones = named_tones()
        for facet in pack.facets:
            for value in facet.values:
                if value.rgb is not None:
                    for word in (value.name, *value.words):
                        tones[word.casefold()] = value.rgb
        return cls(tones)

    @property
    def space(self) -> str:
        return SPACE

    @property
    def dim(self) -> int:
        return DIM

    @property
    def budget(self) -> TextBudget:
        """Texts are read whole; a round number keeps them short."""
        return WordBudget(60)

    def encode_text(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        rows = np.zeros((len(texts), DIM), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
            tones = [self._tones[word] for word in words if word in self._tones]
            others = [word for word in words if word not in self._tones]
            if tones:
                rgb = np.asarray(tones, dtype=np.float32) / 255.0
                row[:TONE_DIM] = tone_features(rgb).mean(0)
            if others:
                hashed = np.stack([_hashed(word) for word in others]).sum(0)
                row[TONE_DIM + 1 :] = WORD_SCALE * hashed / np.sqrt(len(others))
            if not words:
                row[TONE_DIM + 1] = 1e-3
        return rows

    def encode_images(self, images: Sequence[Pixels]) -> Floats:
        """Raw image embeddings, (n, d)."""
        rows = np.zeros((len(images), DIM), dtype=np.float32)
        for row, picture in zip(rows, images, strict=True):
            mean, spread = _foreground(picture)
            row[:TONE_DIM] = tone_features(mean[None])[0]
            row[TONE_DIM] = spread
        return rows


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.maximum(lengths, 1e-8)).astype(np.float32)


def _direction(taste: TasteEvidence) -> NDArray[np.float32] | None:
    """Unit mean of the liked less half the unit mean of the disliked, (d,), or None."""
    parts: list[Floats] = []
    if len(taste.liked):
        parts.append(_unit(taste.liked).mean(0))
    if len(taste.disliked):
        parts.append(-0.5 * _unit(taste.disliked).mean(0))
    return _unit(np.sum(parts, axis=0)[None])[0] if parts else None


class FakePrior:
    """Samples around the request and the taste, weighted as the guidance says."""

    def __init__(self, space: str = SPACE, dim: int = DIM, noise: float = 0.15) -> None:
        self._space, self._dim, self._noise = space, dim, noise

    @property
    def space(self) -> str:
        return self._space

    def sample(self, request: PriorRequest) -> Floats:
        """Raw image embeddings, (n, d). Row i depends on seed + i alone."""
        centre = np.zeros(self._dim, dtype=np.float32)
        taste = _direction(request.taste)
        if taste is not None:
            centre += request.guidance_user * (request.rating - 3) / 2 * taste
        if request.query is not None:
            centre += request.guidance_query * _unit(request.query[None])[0]
        if not np.any(centre):
            centre[:TONE_DIM] = tone_features(np.full((1, 3), 0.5, dtype=np.float32))[0]
        centre = 2.0 * _unit(centre[None])[0]
        rows = [
            centre
            + self._noise
            * np.random.default_rng(request.seed + i).standard_normal(self._dim).astype(np.float32)
            for i in range(request.n)
        ]
        return np.stack(rows).astype(np.float32)


class FakeScorer:
    """Likes what is near the liked things, the wanted facet words and the words of the request."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def space(self) -> str:
        return self._encoder.space

    def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        """Probability of liking, (n,) in 0..1."""
        if not len(images):
            return np.zeros(0, dtype=np.float32)
        unit = _unit(images)
        logits = np.zeros(len(images), dtype=np.float32)
        taste = _direction(user.taste)
        if taste is not None:
            logits += 3.0 * (unit @ taste)
        if text.strip():
            logits += 2.0 * (unit @ _unit(self._encoder.encode_text([text]))[0])
        if user.facets:
            values = _unit(self._encoder.encode_text([value for _, value in user.facets]))
            weights = np.asarray(list(user.facets.values()), dtype=np.float32)
            logits += 2.0 * (unit @ values.T) @ weights / np.sqrt(len(weights))
        return (1.0 / (1.0 + np.exp(-(logits - 1.0)))).astype(np.float32)


class FakeRenderer:
    """Draws one blot a job: tone from embedding (else words) and interest, outline from the seed.

    `step_s` makes every step take that long, for tests that stop or kill the work.
    """

    def __init__(
        self, encoder: Encoder | None = None, *, size: int = 64, step_s: float = 0.0
    ) -> None:
        self._encoder = encoder if encoder is not None else FakeEncoder()
        self._size, self._step_s = size, step_s

    @property
    def space(self) -> str:
        return self._encoder.space

    def render(
        self, jobs: Sequence[RenderJob], dials: RenderDials, on_step: OnStep, stopped: Stopped
    ) -> list[Pixels]:
        """One picture a job, in order.

        Raises:
            Cancelled: `stopped()` became true.
        """
        for step in range(dials.steps):
            if stopped():
                raise Cancelled(f"drawing was stopped after {step} of {dials.steps} steps")
            if self._step_s:
                time.sleep(self._step_s)
            on_step(step + 1, dials.steps)
        return [self._draw(job, dials) for job in jobs]

    def _draw(self, job: RenderJob, dials: RenderDials) -> Pixels:
        text = self._encoder.encode_text([job.prompt])[0]
        mixed = _unit(text[None])[0]
        if job.embedding is not None and dials.adapter_scale > 0:
            share = dials.adapter_scale
            mixed = (1 - share) * mixed + share * _unit(job.embedding[None])[0]
        if job.interest is not None and dials.interest_scale > 0:
            mean = job.interest.images.mean(axis=0, keepdims=True)
            mixed = mixed + dials.interest_scale * _unit(mean)[0]
        rgb = _tone_of(mixed)
        rng = np.random.default_rng(job.seed)
        size = dials.size or self._size
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) / (size - 1) - 0.5
        angle = np.arctan2(y, x)
        lobes = sum(
            0.05 * rng.uniform() * np.cos(k * angle + rng.uniform(0, 6.28)) for k in (2, 3, 5)
        )
        inside = np.hypot(x, y) < 0.33 + lobes
        picture = np.full((size, size, 3), 244, dtype=np.uint8)
        shade = 1.0 - 0.15 * rng.uniform()
        picture[inside] = np.clip(rgb * 255 * shade, 0, 255).astype(np.uint8)
        return picture


def _tone_of(embedding: Floats) -> Floats:
    """The RGB in 0..1 whose features point most the embedding's way, (3,)."""
    steps = np.linspace(0.0, 1.0, 9, dtype=np.float32)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    scores = _unit(tone_features(lattice)) @ embedding[:TONE_DIM]
    return lattice[int(np.argmax(scores))]
