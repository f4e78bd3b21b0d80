"""The message that comes in, the turn that goes out, and the events between them."""

from typing import Annotated, Literal

from pydantic import Field

from vitrine.core.dials import DesignDials
from vitrine.core.frozen import Frozen
from vitrine.core.refs import DesignId, EmbeddingRef, ImageRef, ItemId, ShownRef

MAX_TEXT_CHARS = 8_000
"""Longest message text that is read; longer ones are refused at the door with a clear line."""


class Message(Frozen):
    """What the user sends. At least one of text, image and picks is present.

    `image` is a checked picture already in the artifact store (the door puts it there). `dials` are
    the dials of the page or the caller as they stand now; None: as the conversation left them.
    """

    text: str = Field(default="", max_length=MAX_TEXT_CHARS)
    image: ImageRef | None = None
    picks: tuple[ShownRef, ...] = ()
    dials: DesignDials | None = None


class Reason(Frozen):
    """One "because", with its source.

    source: `belief` (facet + the user's words in `evidence`), `wish`, `profile` (the sentence),
    `tag` (an interest tag of the history), `field` (a catalogue field), `review` (its id), `score`
    (a measured number), `likeness` (measured closeness to a shown thing or picture).
    """

    text: str = Field(max_length=300)
    source: Literal["belief", "wish", "profile", "tag", "field", "review", "score", "likeness"]
    facet: str | None = None
    evidence: str | None = Field(default=None, max_length=400)
    value: float | None = None


class Product(Frozen):
    """A recommended item as shown."""

    id: ItemId
    title: str
    price: float | None
    currency: str
    facets: dict[str, tuple[str, ...]]
    numbers: dict[str, float]
    position: int = Field(ge=1)
    score: float
    reasons: tuple[Reason, ...] = ()
    misses: tuple[Reason, ...] = Field(
        default=(), description="wishes that it does not meet, openly: it is a near miss"
    )
    picture: str | None = Field(default=None, description="absolute path of the picture file")


class Nearest(Frozen):
    """The real item closest to a design."""

    id: ItemId
    title: str
    price: float | None
    similarity: float = Field(description="cosine of image embeddings, -1..1")


class DesignView(Frozen):
    """A design as shown."""

    id: DesignId
    position: int = Field(ge=1)
    kind: Literal["design"] = "design"
    path: str = Field(description="absolute path of the PNG")
    image: ImageRef
    embedding: EmbeddingRef
    seed: int = Field(ge=0)
    prompt: str
    score: float = Field(description="reward, 0..1, same scale as Product.score")
    nearest: Nearest | None
    reasons: tuple[Reason, ...] = ()


class Notice(Frozen):
    """Something the reply must disclose.

    kind: `not_carried` (the shop has no such value), `not_met` (shown things miss this wish),
    `clash` (contradicts an earlier wish or the profile), `relaxed`, `ambiguous`.
    """

    kind: Literal["not_carried", "not_met", "clash", "relaxed", "ambiguous"]
    text: str = Field(max_length=300)
    facet: str | None = None
    value: str | None = None


class Fact(Frozen):
    """One fact of an answer and where it stands."""

    text: str = Field(max_length=600)
    source: Literal["field", "description", "review", "stock", "catalogue", "belief", "profile"]
    item: ItemId | None = None
    ref: str | None = Field(default=None, description="field name or review id")


class AnswerView(Frozen):
    """The structured answer to one question. `unknown`: the listing does not say."""

    question: str
    facts: tuple[Fact, ...] = ()
    unknown: bool = False


class RangeView(Frozen):
    """Bounds of one numeric facet."""

    min: float | None = None
    max: float | None = None
    about: float | None = None


class StateView(Frozen):
    """The dialogue state as outside programs see it (DESIGN sec. 6)."""

    wants: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    avoids: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    ranges: dict[str, RangeView] = Field(default_factory=dict)
    hard: tuple[str, ...] = Field(default=(), description="facets with a hard belief")
    soft: tuple[str, ...] = Field(default=(), description="facets whose beliefs are all soft")
    soft_text: tuple[str, ...] = ()
    context: dict[str, str] = Field(default_factory=dict)
    focus: ShownRef | None = None
    accepted: tuple[ShownRef, ...] = ()
    rejected: tuple[ShownRef, ...] = ()
    open_question: str | None = None
    dials: DesignDials = DesignDials()


class TraceStep(Frozen):
    """One step of the turn: stage or tool, what it got and gave, in words and counts."""

    name: str
    ms: float
    note: str = Field(default="", max_length=400)


class Turn(Frozen):
    """Everything about one finished turn: the object that `--json` prints."""

    thread: str
    turn: int
    user: str
    domain: str
    said: str
    intents: tuple[str, ...]
    acts: tuple[str, ...]
    reply: str
    state: StateView
    products: tuple[Product, ...] = ()
    images: tuple[DesignView, ...] = ()
    answers: tuple[AnswerView, ...] = ()
    reasons: tuple[Reason, ...] = Field(default=(), description="answers to `why`")
    notices: tuple[Notice, ...] = ()
    suggestions: tuple[str, ...] = ()
    profile: str = ""
    timings_ms: dict[str, float] = Field(default_factory=dict)
    trace: tuple[TraceStep, ...] = ()


# --- events of a running turn -------------------------------------------------------------------


class StageEvent(Frozen):
    """A stage of the turn begins."""

    event: Literal["stage"] = "stage"
    stage: str


class ProgressEvent(Frozen):
    """Long work moves on: `done` of `total` steps of `what`."""

    event: Literal["progress"] = "progress"
    what: str
    done: int
    total: int


class TurnEvent(Frozen):
    """The turn is finished. Always the last event."""

    event: Literal["turn"] = "turn"
    turn: Turn


Event = Annotated[StageEvent | ProgressEvent | TurnEvent, Field(discriminator="event")]
