"""What the stages of one turn hand to each other: frozen, small, serialisable.

Heavy things appear by name (ItemId, EmbeddingRef, ImageRef).
"""

from typing import Literal

from pydantic import Field

from vitrine.core.acts import Act, Answer, Compare, Create, Remember, Show
from vitrine.core.frozen import Frozen
from vitrine.core.refs import BlobKey, EmbeddingRef, ImageRef, ItemId
from vitrine.core.turn import AnswerView, Notice
from vitrine.tools.compare_items import CompareResult
from vitrine.tools.conditions import NotCarried, SetAside
from vitrine.tools.references import FacetPreference
from vitrine.tools.retrieve_items import RankedItem


class ProfileLean(Frozen):
    """One facet preference read from a profile sentence."""

    preference: FacetPreference
    sentence: str


class ProfileBound(Frozen):
    """Bounds of a numeric facet read from a profile sentence."""

    facet: str
    min: float | None = None
    max: float | None = None
    about: float | None = None
    sentence: str


class Leaning(Frozen):
    """What the profile in force means in facets, and the sentences that speak of none."""

    facets: tuple[ProfileLean, ...] = ()
    bounds: tuple[ProfileBound, ...] = ()
    likes: tuple[str, ...] = Field(default=(), description="like sentences without a known facet")
    avoids: tuple[str, ...] = Field(default=(), description="avoid sentences without a known facet")


class Proposal(Frozen):
    """A sentence for the profile that waits for a yes. `key` names the value (`value_key`)."""

    key: str
    remember: Remember


class Updated(Frozen):
    """What the update stage found worth telling."""

    notices: tuple[Notice, ...] = ()
    remembered: tuple[str, ...] = Field(default=(), description="sentences added to the profile")
    forgotten: tuple[str, ...] = Field(default=(), description="sentences dropped from the profile")
    replaced: tuple[str, ...] = Field(
        default=(), description="sentences that went since a new one says the opposite"
    )
    leaning: Leaning = Leaning()
    changes: tuple[str, ...] = Field(
        default=(), description="what was replaced, dropped or loosened, in words"
    )
    restored: tuple[str, ...] = Field(
        default=(), description="labels of facets whose wishes count again"
    )
    proposal: Proposal | None = Field(default=None, description="what is worth remembering")
    replied: Literal["yes", "no"] | None = Field(
        default=None, description="answer to the last proposal"
    )
    undone: int | None = Field(default=None, description="turn that was taken back")
    nothing_to_undo: bool = False


class Plan(Frozen):
    """The acts of the turn, in the order in which the reply speaks."""

    acts: tuple[Act, ...]

    @property
    def show(self) -> Show | None:
        """The recommendation, if one is planned."""
        return next((act for act in self.acts if isinstance(act, Show)), None)

    @property
    def create(self) -> Create | None:
        """The designs, if some are planned."""
        return next((act for act in self.acts if isinstance(act, Create)), None)

    @property
    def asks_tools(self) -> bool:
        """True when questions or comparisons are to be answered from the catalogue."""
        return any(isinstance(act, Answer | Compare) for act in self.acts)


class Found(Frozen):
    """What retrieval returned. `failed` says in words why there is nothing."""

    items: tuple[RankedItem, ...] = ()
    matching: int = 0
    relaxed: tuple[SetAside, ...] = ()
    not_carried: tuple[NotCarried, ...] = ()
    named: tuple[ItemId, ...] = Field(default=(), description="items that an answer named, first")
    scores: tuple[float, ...] = Field(
        default=(), description="reward, 0..1, of the named items, then of the others"
    )
    failed: str | None = None


class Sketch(Frozen):
    """One design that was chosen in embedding space and waits to be drawn."""

    prompt: str
    negative: str = ""
    embedding: EmbeddingRef
    seed: int
    facets: dict[str, tuple[str, ...]] = Field(description="what its words ask for")
    filled: tuple[str, ...] = Field(
        default=(), description="facets that taste filled, not the user"
    )
    expected: float = Field(description="reward of the sampled embedding, 0..1")


class Imagined(Frozen):
    """The winners of the sampling, and from how many they were chosen."""

    sketches: tuple[Sketch, ...] = ()
    words: str = Field(default="", description="the request, as pictures are scored against it")
    sampled: int = 0
    refused: int = Field(default=0, description="samples set aside for something avoided")
    base: str | None = Field(default=None, description="id of the thing they should resemble")
    base_vector: EmbeddingRef | ItemId | None = Field(default=None, description="its embedding")
    interests: tuple[str, ...] = Field(default=(), description="tags of the history that were used")
    stored: tuple[BlobKey, ...] = Field(default=(), description="artifacts with all the samples")
    notices: tuple[Notice, ...] = ()
    failed: str | None = None


class Drawing(Frozen):
    """One finished picture."""

    image: ImageRef
    embedding: EmbeddingRef
    prompt: str
    seed: int
    facets: dict[str, tuple[str, ...]]
    filled: tuple[str, ...] = ()
    score: float
    fit: float | None = None
    nearest: ItemId | None = None
    similarity: float | None = None
    base_likeness: float | None = None


class Drawn(Frozen):
    """The finished pictures, best first."""

    drawings: tuple[Drawing, ...] = ()
    stopped: bool = False
    failed: str | None = None


class Answers(Frozen):
    """Answers to the questions of the message, in the order of the acts."""

    views: tuple[AnswerView, ...] = ()
    items: tuple[ItemId, ...] = Field(
        default=(), description="items that answers name (the cheapest)"
    )
    comparisons: tuple[CompareResult, ...] = ()
    relaxed: tuple[SetAside, ...] = ()
