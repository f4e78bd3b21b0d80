"""The dialogue state: what this conversation believes, shows and has decided.

Frozen and JSON-serialisable. It holds names of heavy things (ImageRef, EmbeddingRef, ItemId), never
pixels or tensors. Only `memory/reducer.py` makes new states out of old ones.
"""

from typing import Literal

from pydantic import Field

from vitrine.core.acts import Evidence, Question, Remember, Strength
from vitrine.core.dials import DesignDials
from vitrine.core.frozen import Frozen
from vitrine.core.refs import DesignId, EmbeddingRef, ImageRef, ItemId, ShownRef, ThingRef


def value_key(facet: str, value: str, polarity: Literal["want", "avoid"]) -> str:
    """Names a value and which way it was meant: `want facet=value`."""
    return f"{polarity} {facet}={value}"


class Belief(Frozen):
    """One value of a categorical facet (or a size) that the user wants or avoids."""

    facet: str
    value: str
    polarity: Literal["want", "avoid"]
    strength: Strength
    known: bool = Field(default=True, description="the catalogue carries this value")
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: Evidence


class RangeBelief(Frozen):
    """Bounds of a numeric facet. `about` is a soft centre."""

    facet: str
    min: float | None = None
    max: float | None = None
    about: float | None = None
    strength: Strength = "hard"
    evidence: Evidence


class Wish(Frozen):
    """A free-text wish."""

    text: str
    polarity: Literal["want", "avoid"] = "want"
    evidence: Evidence


class ContextFact(Frozen):
    """A fact about the situation."""

    key: Literal["occasion", "recipient", "deadline", "place", "other"]
    value: str
    evidence: Evidence


class Beliefs(Frozen):
    """All that is believed now; the unit that undo restores."""

    facets: tuple[Belief, ...] = ()
    ranges: tuple[RangeBelief, ...] = ()
    wishes: tuple[Wish, ...] = ()
    context: tuple[ContextFact, ...] = ()


class ShownSet(Frozen):
    """What one turn showed, by position (1-based: entry i is position i + 1)."""

    turn: int = Field(ge=1)
    things: tuple[ThingRef, ...]


class Design(Frozen):
    """A picture made in this conversation."""

    id: DesignId
    turn: int
    image: ImageRef
    embedding: EmbeddingRef
    prompt: str
    seed: int
    score: float
    facets: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="what was asked of it"
    )
    nearest: ItemId | None = None


class Verdict(Frozen):
    """Accepted, rejected or already known, with the user's reason and words."""

    thing: ThingRef
    verdict: Literal["accept", "reject", "been_to"]
    reason: str | None = None
    evidence: Evidence


class OpenQuestion(Frozen):
    """The question the system asked last and waits for.

    `kind` is the act that asked. `proposal`: what a yes would remember; `proposal_key`: the value
    that a no rules out for good. `verdict` and `pending`: what was said and asked of a thing that
    could not be told from others, until it is plain which one is meant.
    """

    turn: int
    text: str
    facet: str | None = None
    suggestions: tuple[str, ...] = ()
    kind: str = "request_information"
    proposal: Remember | None = None
    proposal_key: str | None = None
    verdict: Literal["accept", "reject", "been_to"] | None = None
    pending: tuple[Question, ...] = ()


class BeliefPoint(Frozen):
    """What was believed at a point of the conversation."""

    beliefs: Beliefs
    verdicts: tuple[Verdict, ...] = ()
    set_aside: Beliefs = Beliefs()
    dials: DesignDials = DesignDials()


class UndoPoint(Frozen):
    """What was believed before a turn changed it.

    Written out as JSON: every checkpoint of a turn holds all points, and a text costs it nothing.
    """

    turn: int
    body: str = Field(description="a BeliefPoint as JSON")

    @classmethod
    def of(cls, turn: int, point: BeliefPoint) -> "UndoPoint":
        """The point before `turn`."""
        return cls(turn=turn, body=point.model_dump_json())

    def point(self) -> BeliefPoint:
        """What was believed then."""
        return BeliefPoint.model_validate_json(self.body)


class DialogueState(Frozen):
    """The state of one conversation (one thread)."""

    thread: str
    user: str
    domain: str
    turn: int = 0
    beliefs: Beliefs = Beliefs()
    set_aside: Beliefs = Field(
        default=Beliefs(), description="beliefs that the wanted kind of thing has no facet for"
    )
    shown: tuple[ShownSet, ...] = ()
    designs: tuple[Design, ...] = ()
    focus: ThingRef | None = None
    spoken: tuple[ThingRef, ...] = Field(
        default=(), description="things that the user pointed at last, for 'those two' and 'they'"
    )
    spoken_turn: int = Field(default=0, ge=0, description="the turn in which that was")
    verdicts: tuple[Verdict, ...] = ()
    query_image: ImageRef | None = Field(
        default=None, description="picture the user sent, still in force"
    )
    questions: tuple[Question, ...] = Field(
        default=(), description="what the user asked in the last turn, for 'and the second?'"
    )
    open_question: OpenQuestion | None = None
    asked: tuple[str, ...] = Field(
        default=(), description="questions already asked, never asked again"
    )
    named: dict[str, int] = Field(
        default_factory=dict, description="in how many messages a value was named, by `value_key`"
    )
    offered: tuple[str, ...] = Field(
        default=(), description="values that were proposed for the profile, by `value_key`"
    )
    clashes_told: tuple[str, ...] = Field(
        default=(), description="contradictions already mentioned"
    )
    undo: tuple[UndoPoint, ...] = Field(default=(), description="newest last, 20 at most")
    dials: DesignDials = Field(default=DesignDials(), description="how designs are drawn")
    summary: str = ""

    def thing(self, ref: ShownRef) -> ThingRef | None:
        """The thing shown at that place, or None."""
        for shown in self.shown:
            if shown.turn == ref.turn and ref.position <= len(shown.things):
                return shown.things[ref.position - 1]
        return None

    def place(self, thing: ThingRef) -> ShownRef | None:
        """Where the thing was shown last, or None."""
        for shown in reversed(self.shown):
            if thing in shown.things:
                return ShownRef(turn=shown.turn, position=shown.things.index(thing) + 1)
        return None

    def design(self, design_id: str) -> Design | None:
        """The design of that id, or None."""
        return next((design for design in self.designs if design.id == design_id), None)
