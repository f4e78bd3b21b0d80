"""The plain nouns that tools and agent are built on; models/ and memory/ supply them.

Arrays are numpy, float32 unless said. Letters: n rows, d embedding dimension. Embeddings are *raw*
(not normalised) as the IP-Adapter wants them; whoever compares directions normalises.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vitrine.core.domain import DomainPack
from vitrine.core.interests import TextBudget
from vitrine.core.items import Item
from vitrine.core.refs import EmbeddingRef, ImageRef

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]  # (height, width, 3) RGB

OnStep = Callable[[int, int], None]
"""Called with (done, total) after each step of long work."""
Stopped = Callable[[], bool]
"""Asked between steps; True stops the work with `Cancelled`."""


class Encoder(Protocol):
    """A joint text and image encoder (CLIP)."""

    @property
    def space(self) -> str:
        """Identity of the embedding space (architecture + weights hash)."""
        ...

    @property
    def dim(self) -> int:
        """Embedding dimension d."""
        ...

    @property
    def budget(self) -> TextBudget:
        """How long a text may be before its end is cut off."""
        ...

    def encode_text(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        ...

    def encode_images(self, images: Sequence[Pixels]) -> Floats:
        """Raw image embeddings, (n, d). Pictures may have any size."""
        ...


@dataclass(frozen=True)
class TasteEvidence:
    """What is known of a person's taste in embedding space.

    `liked` (n, d) and `disliked` (m, d) are raw image embeddings, newest last; either may be empty.
    `user_id` names a user the prior was trained with, if any.
    """

    liked: Floats
    disliked: Floats
    user_id: str | None = None


@dataclass(frozen=True)
class PriorRequest:
    """A request for user-conditioned image embeddings.

    `query` is the raw text embedding (d,) of the request, or None. Guidance weights are the `w` of
    `e0 + w_u (e_u - e0) + w_q (e_uq - e_u)`; `rating` is the rating token (5 best).
    """

    taste: TasteEvidence
    query: Floats | None
    n: int
    seed: int
    rating: int = 5
    guidance_user: float = 8.0
    guidance_query: float = 8.0


class Prior(Protocol):
    """REBECA: samples image embeddings for a person."""

    @property
    def space(self) -> str: ...

    def sample(self, request: PriorRequest) -> Floats:
        """Raw image embeddings, (n, d). Same seed, same rows."""
        ...


@dataclass(frozen=True)
class UserFeatures:
    """What the reward model knows of a person besides the words of the request.

    `facets` maps (facet, value) to a signed preference in -1..1 (wants and likes positive).
    """

    taste: TasteEvidence
    facets: Mapping[tuple[str, str], float] = field(default_factory=lambda: {})


class Scorer(Protocol):
    """Scores image embeddings for a person (reward model, verifier)."""

    @property
    def space(self) -> str: ...

    def score(self, user: UserFeatures, text: str, images: Floats) -> Floats:
        """Calibrated probability of liking, (n,) in 0..1, for raw image embeddings (n, d)."""
        ...


@dataclass(frozen=True)
class Contribution:
    """What one thing raised a score by (negative: lowered), in log-odds.

    `words`: the request. `facet`: the preference for `value` of `facet`. `liked`, `disliked`: the judged
    thing in row `place` of `TasteEvidence`. `id`: what was learned of this very person. `known`: how much
    is known in all.
    """

    source: Literal["words", "facet", "liked", "disliked", "id", "known"]
    amount: float
    facet: str = ""
    value: str = ""
    place: int | None = None


@dataclass(frozen=True)
class Attribution:
    """Why a score is what it is: `base` and all contributions add up to its log-odds.

    `base` is the log-odds for somebody of whom nothing is known and who has said nothing.
    """

    base: float
    contributions: tuple[Contribution, ...]


@runtime_checkable
class Explainer(Protocol):
    """A scorer that can tell what its scores come from."""

    def attribute(self, user: UserFeatures, text: str, images: Floats) -> list[Attribution]:
        """One attribution for each raw image embedding of (n, d), in order."""
        ...


@dataclass(frozen=True)
class Interest:
    """What a person's history holds for one request (I-AM-G sec. 4.2): the third branch attends to it.

    `query` is the raw text embedding (d,) of the rewritten request; `texts` and `images` (K, d) are the
    raw embeddings of the K things of the history that are nearest to it, the wanted thing left out.
    """

    query: Floats
    texts: Floats
    images: Floats


@dataclass(frozen=True)
class RenderJob:
    """One picture to make. Fields hold for this row alone, whatever batch it is rendered in.

    `interest` None: the interest branch has nothing to attend to. `user` None: nobody is known, and
    the personal network stays out of the row.
    """

    prompt: str
    embedding: Floats | None  # (d,) raw image embedding, None: text only
    seed: int
    negative: str = ""
    interest: Interest | None = None
    user: UserFeatures | None = None


PersonalRun = Literal["off", "exact", "conditional", "key_steps"]
"""How often PerFusion's network runs: never, on every step and both guidance branches, on the
conditional branch alone, or on key steps of it with its features kept in between."""


@dataclass(frozen=True)
class RenderDials:
    """Dials of one batch.

    `adapter_scale` weighs the image branch: 0 is text only, 1 the published default. `text_scale` and
    `interest_scale` are I-AM-G's lambda1 and lambda2; with 1 and 0 the picture is the IP-Adapter's, bit
    for bit. `personal` chooses PerFusion's network and `personal_guidance` its w_u in
    `e0 + w_t (e_c - e0) + w_u (e_cu - e_c)` with w_t = `guidance` (None: w_u = w_t, plain guidance).
    """

    steps: int = 12
    guidance: float = 4.0
    adapter_scale: float = 0.6
    size: int | None = None
    text_scale: float = 1.0
    interest_scale: float = 0.0
    personal: PersonalRun = "off"
    personal_guidance: float | None = None


class Renderer(Protocol):
    """Makes pictures from embeddings and words."""

    @property
    def space(self) -> str:
        """Embedding space that `RenderJob.embedding` must come from."""
        ...

    def render(
        self, jobs: Sequence[RenderJob], dials: RenderDials, on_step: OnStep, stopped: Stopped
    ) -> list[Pixels]:
        """One picture a job, in order. Batch equals one by one.

        Raises:
            Cancelled: `stopped()` became true.
        """
        ...


@dataclass(frozen=True)
class Filters:
    """Exact conditions on items.

    `any_of`: facet -> values, the item has one of them; `none_of`: the item has none of them;
    `bounds`: numeric facet -> (min, max), None is open, an item without the number fails;
    `in_stock`: size -> at least one piece; `exclude`: item ids.
    """

    any_of: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    none_of: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {})
    bounds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=lambda: {})
    in_stock: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()


class Catalogue(Protocol):
    """The items of one domain, with exact filters, words and vectors.

    Rows are positions 0..len-1 in a fixed order; masks are bool (len,).
    """

    @property
    def pack(self) -> DomainPack: ...
    def __len__(self) -> int: ...
    def item(self, item_id: str) -> Item:
        """The item.

        Raises:
            RequestError: no such item.
        """
        ...

    def row(self, item_id: str) -> int: ...
    def at(self, row: int) -> Item: ...
    def has(self, item_id: str) -> bool: ...
    def mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Rows that pass, (len,)."""
        ...

    def values(self, facet: str) -> Mapping[str, int]:
        """How many items carry each value of the facet."""
        ...

    def numbers(self, facet: str) -> Floats:
        """The numeric facet of every row, NaN where absent, (len,)."""
        ...

    def carries(self, facet: str, value: str) -> NDArray[np.bool_]:
        """Rows that carry the value, (len,)."""
        ...

    def words(self, query: str, mask: NDArray[np.bool_], limit: int) -> list[tuple[int, float]]:
        """BM25 over an item's words: (row, score) best first, within the mask."""
        ...

    def nearest(
        self, vectors: Floats, mask: NDArray[np.bool_], limit: int
    ) -> list[list[tuple[int, float]]]:
        """For each of (n, d) vectors: (row, cosine) best first, within the mask."""
        ...

    def vectors(self, rows: Sequence[int]) -> Floats:
        """Raw image embeddings of rows, (len(rows), d)."""
        ...

    def picture(self, item_id: str) -> str | None:
        """Absolute path of the item's picture file."""
        ...

    def tags(self, item_id: str) -> tuple[str, ...]:
        """Words that were extracted from the item's picture and prose, beside its facets."""
        ...


class Artifacts(Protocol):
    """Content-addressed store of pictures and embeddings made or received."""

    def put_image(self, pixels: Pixels) -> ImageRef: ...
    def get_image(self, ref: ImageRef) -> Pixels: ...
    def image_path(self, ref: ImageRef) -> str:
        """Absolute path of the PNG."""
        ...

    def put_embeddings(self, rows: Floats, space: str) -> tuple[EmbeddingRef, ...]: ...
    def get_embedding(self, ref: EmbeddingRef) -> Floats: ...


@dataclass(frozen=True)
class ChatRequest:
    """What a language model is asked, once.

    `instructions` stay the same from turn to turn, byte by byte, so that their prefix can be kept;
    `message` is what changes. `schema` is the JSON schema that the answer has to fit, None for
    plain text. The answer counts only if it is there within `timeout_s`. `pictures` go with the
    message; a model that cannot see them refuses (`rejected`).
    """

    instructions: str
    message: str
    schema: Mapping[str, Any] | None
    timeout_s: float
    pictures: tuple[Pixels, ...] = ()


@dataclass(frozen=True)
class ChatAnswer:
    """What a language model wrote: untrusted text, and what it cost (None: not told)."""

    text: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


class ChatModel(Protocol):
    """A language model. It is given text and gives text; it has no tools.

    Asynchronous, unlike the other ports: a remote model is waiting, not work, and only a cancelled
    wait closes its connection in time.
    """

    @property
    def name(self) -> str:
        """`provider:model`, for traces."""
        ...

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """One call, never repeated from inside.

        Raises:
            ChatError: no answer, too late, or refused.
        """
        ...

    async def close(self) -> None:
        """Give back what the model holds."""
        ...


EncoderKind = Literal["embedded", "open_clip"]
