"""What the stages of one turn hand to each other: frozen, small, serialisable.

Heavy things appear by name (ItemId, EmbeddingRef, ImageRef).
"""

from typing import Literal

from pydantic import Field

from vitrine.core.acts import Act, Answer, Compare, Create, Explain, Remember, Show
from vitrine.core.frozen import Frozen
from vitrine.core.refs import BlobKey, EmbeddingRef, ImageRef, ItemId, ThingRef
from vitrine.core.turn import AnswerView, Fact, Notice, Reason
from vitrine.tools.compare_items import CompareResult
from vitrine.tools.conditions import NotCarried, SetAside
from vitrine.tools.references import FacetPreference
from vitrine.tools.retrieve_interest import InterestRefs
from vitrine.tools.retrieve_items import RankedItem
from vitrine.tools.score_candidates import Cause
from vitrine.tools.what_if import Without


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
    until: str = Field(default="", description="how long what was remembered for now counts")
    changes: tuple[str, ...] = Field(
        default=(), description="what was replaced, dropped or loosened, in words"
    )
    dialled: tuple[str, ...] = Field(
        default=(), description="what was turned of the dials of designs, in words"
    )
    restored: tuple[str, ...] = Field(
        default=(), description="labels of facets whose wishes count again"
    )
    proposal: Proposal | None = Field(default=None, description="what is worth remembering")
    replied: Literal["yes", "no"] | None = Field(
        default=None, description="answer to the last proposal"
    )
    asked_before: str | None = Field(
        default=None, description="act whose question waited when the message came"
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
        """True when questions, comparisons or explanations need the catalogue."""
        return any(isinstance(act, Answer | Compare | Explain) for act in self.acts)


class Quote(Frozen):
    """A sentence of a listing or a review that meets a free wish."""

    wish: str
    fact: Fact


class Found(Frozen):
    """What retrieval returned. `failed` says in words why there is nothing."""

    items: tuple[RankedItem, ...] = ()
    matching: int = 0
    relaxed: tuple[SetAside, ...] = ()
    exhausted: bool = Field(default=False, description="all that fits was shown or turned down")
    without: tuple[Without, ...] = Field(
        default=(), description="what dropping a wish would bring, where little was found"
    )
    quotes: dict[ItemId, tuple[Quote, ...]] = Field(
        default_factory=dict, description="sentences of the listing that meet free wishes"
    )
    standing: dict[ItemId, tuple[Fact, ...]] = Field(
        default_factory=dict, description="where items stand among their kind"
    )
    not_carried: tuple[NotCarried, ...] = ()
    named: tuple[ItemId, ...] = Field(
        default=(), description="items that stand first: those an answer named, the next best"
    )
    told: int = Field(default=0, ge=0, description="how many of these the answer has named")
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


class Rival(Frozen):
    """The best real item that could stand for a design, and the best sample, on one scale (0..1)."""

    item: ItemId
    score: float
    sampled: float = Field(description="score of the best sampled embedding")

    @property
    def wins(self) -> bool:
        """Whether the shop has at least as good a thing as can be made."""
        return self.score >= self.sampled


class Imagined(Frozen):
    """The winners of the sampling, and from how many they were chosen."""

    sketches: tuple[Sketch, ...] = ()
    words: str = Field(default="", description="the request, as pictures are scored against it")
    sampled: int = 0
    refused: int = Field(default=0, description="samples set aside for something avoided")
    rival: Rival | None = Field(default=None, description="the best the shop itself has")
    base: str | None = Field(default=None, description="id of the thing they should resemble")
    base_vector: EmbeddingRef | ItemId | None = Field(default=None, description="its embedding")
    interests: tuple[str, ...] = Field(default=(), description="tags of the history that were used")
    attended: InterestRefs | None = Field(
        default=None, description="what of the history the third branch attends to"
    )
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
    cause: Cause | None = None
    nearest: ItemId | None = None
    similarity: float | None = None
    base_likeness: float | None = None


class Drawn(Frozen):
    """The finished pictures, best first."""

    drawings: tuple[Drawing, ...] = ()
    stopped: bool = False
    failed: str | None = None


class Own(Frozen):
    """What is told of one thing: why it was shown, or what the listing says of it."""

    thing: ThingRef
    title: str
    reasons: tuple[Reason, ...] = ()
    facts: tuple[Fact, ...] = ()
    against: tuple[Fact, ...] = Field(default=(), description="facts that speak against it")


class Told(Frozen):
    """What an act of explaining says. `shared` reasons hold for all of the things."""

    kind: Literal["explain_preference", "explain_additional", "explain_context", "persuade"]
    facet: str | None = None
    shared: tuple[Reason, ...] = ()
    own: tuple[Own, ...] = ()
    without: tuple[str, ...] = Field(
        default=(), description="what dropping a wish would bring, in words"
    )

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons, each once."""
        every = (*self.shared, *(r for own in self.own for r in own.reasons))
        return tuple({(r.text, r.facet, r.evidence): r for r in every}.values())


class Comparison(Frozen):
    """A table, and what it comes down to for this person. `notes` disclose stand-ins.

    `about` is what the things were to be compared in, beyond their fields, and `said` what listings
    and reviews say of it. `repeated`: the table was shown a message ago.
    """

    table: CompareResult
    titles: tuple[str, ...]
    rows: tuple[str, ...] = Field(default=(), description="facets that differ, those asked first")
    verdicts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    about: str = ""
    said: tuple[Fact, ...] = ()
    repeated: bool = False


class Answers(Frozen):
    """What was found out for the acts that ask tools, each in the order of its acts.

    `views` has one entry for each answer and each comparison, `comparisons` one for each comparison
    (None: fewer than two things), `told` one for each act of explaining.
    """

    views: tuple[AnswerView, ...] = ()
    items: tuple[ItemId, ...] = Field(
        default=(), description="items that answers name (the cheapest)"
    )
    runners: tuple[ItemId, ...] = Field(default=(), description="the next best after those")
    comparisons: tuple[Comparison | None, ...] = ()
    told: tuple[Told, ...] = ()
    relaxed: tuple[SetAside, ...] = ()
