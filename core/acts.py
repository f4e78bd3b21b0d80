"""What a shopper means and what the system does about it.

Intents and acts follow Lyu et al. 2021 ("A Workflow Analysis of Context-driven Conversational
Recommendation", tables 4.1 and 4.2) plus this product's own.
"""

from typing import Annotated, Literal

from pydantic import Field

from vitrine.core.dials import DialName, Method
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ShownRef, ThingRef

Intent = Literal[
    "initial_query",
    "continue",
    "provide_context",
    "provide_preference",
    "refine_preference",
    "answer",
    "acknowledgement",
    "been_to",
    "accept",
    "reject",
    "neutral_response",
    "inquire",
    "critique_feature",
    "critique_add",
    "critique_compare",
    "others",
    "create",
    "edit_design",
    "profile_edit",
    "profile_show",
    "undo",
    "reset",
    "why",
    "help",
]

SystemAct = Literal[
    "request_information",
    "clarify",
    "ask_opinion",
    "ensure_fulfillment",
    "inform_progress",
    "acknowledge",
    "answer",
    "recommend_show",
    "recommend_explore",
    "explain_preference",
    "explain_additional",
    "explain_context",
    "compare",
    "persuade",
    "create_designs",
    "show_profile",
    "confirm_change",
    "decline",
    "greet",
    "close",
]

Strength = Literal["hard", "soft"]
Source = Literal["said", "picked", "profile", "image", "ui"]


class Evidence(Frozen):
    """Where a belief comes from: the user's own words (a substring) or act, and the turn."""

    turn: int = Field(ge=0)
    text: str = Field(max_length=400)
    source: Source = "said"


# --- state operations -------------------------------------------------------------------------


class SetFacet(Frozen):
    """The facet's wants become exactly this value."""

    op: Literal["set"] = "set"
    facet: str
    value: str
    strength: Strength = "hard"
    known: bool = Field(default=True, description="the catalogue carries this value")
    evidence: Evidence


class AddFacet(Frozen):
    """One more wanted value of the facet (any of the wanted values will do)."""

    op: Literal["add"] = "add"
    facet: str
    value: str
    strength: Strength = "hard"
    known: bool = True
    evidence: Evidence


class AvoidFacet(Frozen):
    """The value is not wanted."""

    op: Literal["avoid"] = "avoid"
    facet: str
    value: str
    strength: Strength = "hard"
    known: bool = True
    evidence: Evidence


class RelaxFacet(Frozen):
    """Beliefs about the facet become soft (value None: all of its values)."""

    op: Literal["relax"] = "relax"
    facet: str
    value: str | None = None
    evidence: Evidence


class RemoveFacet(Frozen):
    """Beliefs about the facet are dropped (value None: all, wants and avoids and bounds)."""

    op: Literal["remove"] = "remove"
    facet: str
    value: str | None = None
    evidence: Evidence


class SetRange(Frozen):
    """Bounds of a numeric facet, replacing the facet's bounds that are given here."""

    op: Literal["range"] = "range"
    facet: str
    min: float | None = None
    max: float | None = None
    about: float | None = None
    strength: Strength = "hard"
    evidence: Evidence


class AddWish(Frozen):
    """A free-text wish that no facet covers; it counts in ranking."""

    op: Literal["wish"] = "wish"
    text: str = Field(min_length=1, max_length=200)
    polarity: Literal["want", "avoid"] = "want"
    evidence: Evidence


class AddContext(Frozen):
    """A fact about the situation: recipient, event, deadline."""

    op: Literal["context"] = "context"
    key: Literal["occasion", "recipient", "deadline", "place", "other"]
    value: str = Field(min_length=1, max_length=120)
    evidence: Evidence


class Judge(Frozen):
    """The user accepts, rejects or already owns things."""

    op: Literal["judge"] = "judge"
    verdict: Literal["accept", "reject", "been_to"]
    things: tuple[ThingRef, ...]
    reason: str | None = Field(default=None, max_length=200)
    evidence: Evidence


class Focus(Frozen):
    """The thing under discussion."""

    op: Literal["focus"] = "focus"
    ref: ShownRef
    evidence: Evidence


class Remember(Frozen):
    """A sentence for the long-term profile."""

    op: Literal["remember"] = "remember"
    section: Literal["I like", "I avoid", "Practicalities", "Aspirations", "For now"]
    sentence: str = Field(min_length=1, max_length=300)
    evidence: Evidence


class Forget(Frozen):
    """Drop the profile's sentences that speak of `text` (empty: nothing is dropped, ask)."""

    op: Literal["forget"] = "forget"
    text: str = Field(max_length=200)
    evidence: Evidence


class TurnDial(Frozen):
    """Turn a dial of the designs: to `value`, or by `steps` (+ more, - less)."""

    op: Literal["dial"] = "dial"
    dial: DialName
    value: float | Method | None = None
    steps: int = Field(default=0, ge=-20, le=20)
    evidence: Evidence


class Undo(Frozen):
    """Take back the last turn that changed what is believed."""

    op: Literal["undo"] = "undo"
    evidence: Evidence


class Reset(Frozen):
    """Start over: drop what is believed in this conversation (the profile stays)."""

    op: Literal["reset"] = "reset"
    evidence: Evidence


StateOp = Annotated[
    SetFacet
    | AddFacet
    | AvoidFacet
    | RelaxFacet
    | RemoveFacet
    | SetRange
    | AddWish
    | AddContext
    | Judge
    | Focus
    | Remember
    | Forget
    | TurnDial
    | Undo
    | Reset,
    Field(discriminator="op"),
]


class Question(Frozen):
    """Something the user asked.

    kind: `field` (a facet, number or stock of the things), `compare` (the things with each other),
    `extreme` (the cheapest / best rated of what is wanted; `direction`), `count` (how many / do you
    have), `why` (the reason for what was shown or believed), `without` (what else there would be
    without a wish; `facet` names the wish, None: each of them), `more` (tell me more of the
    things), `worth` (are the things worth it), `profile` (what is known about me), `open` (anything
    else about the things; answered from description and reviews, or not at all).
    `also` are further (facet, value) conditions of what is asked about: "how many red dresses".
    `rank` counts from the extreme: 2 is the second cheapest.
    `min` and `max` bound the number facet `bounded`: "any of them below 100?", "how many under 60?".
    """

    kind: Literal[
        "field", "compare", "extreme", "count", "why", "without", "more", "worth", "profile", "open"
    ]
    text: str = Field(max_length=400)
    facet: str | None = None
    value: str | None = None
    direction: Literal["min", "max"] | None = None
    things: tuple[ThingRef, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    rank: int = Field(default=1, ge=1, le=20)
    bounded: str | None = None
    min: float | None = None
    max: float | None = None


class DesignWish(Frozen):
    """A request for new pictures; `base` is the thing they should resemble."""

    base: ThingRef | None = None
    count: int | None = Field(default=None, ge=1, le=8)


class ModelUse(Frozen):
    """How a language model was used for one result; it becomes a step of the turn's trace.

    `dropped` counts parts of its answers that were set aside since nothing stands behind them.
    `fallback` says why the built-in path took over (None: the model's answer was used).
    """

    model: str
    calls: int = Field(ge=0)
    ms: float = Field(ge=0)
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    dropped: int = Field(default=0, ge=0)
    fallback: str | None = Field(default=None, max_length=200)


class Understanding(Frozen):
    """What one message means. Made by the built-in understanding or by an LLM."""

    intents: tuple[Intent, ...]
    ops: tuple[StateOp, ...] = ()
    references: tuple[ThingRef, ...] = ()
    unresolved: tuple[str, ...] = Field(
        default=(), description="references that point at nothing or at several"
    )
    questions: tuple[Question, ...] = ()
    design: DesignWish | None = None
    out_of_scope: str | None = Field(default=None, description="why the request is declined")
    social: Literal["greeting", "farewell"] | None = Field(
        default=None, description="the message says hello or goodbye and asks for nothing"
    )
    source: Literal["builtin", "llm"] = "builtin"
    llm: ModelUse | None = Field(default=None, description="set when a model was to understand it")


# --- system acts ------------------------------------------------------------------------------


class Show(Frozen):
    """Recommend items for what is believed. `explore`: beyond the stated wishes.

    `things`: exactly these items, which were asked for by name.
    """

    kind: Literal["recommend_show", "recommend_explore"] = "recommend_show"
    count: int = Field(default=4, ge=1, le=12)
    like: ThingRef | None = Field(default=None, description="rank by likeness to this thing too")
    fresh: bool = Field(default=False, description="leave out what this conversation showed before")
    things: tuple[ThingRef, ...] = ()


class Create(Frozen):
    """Make new designs."""

    kind: Literal["create_designs"] = "create_designs"
    count: int = Field(default=4, ge=1, le=8)
    base: ThingRef | None = None


class Answer(Frozen):
    """Answer one question."""

    kind: Literal["answer"] = "answer"
    question: Question


class Compare(Frozen):
    """Lay things side by side."""

    kind: Literal["compare"] = "compare"
    things: tuple[ThingRef, ...]


class Ask(Frozen):
    """Ask the user something (at most one a turn)."""

    kind: Literal["request_information", "clarify", "ask_opinion", "ensure_fulfillment"]
    text: str = Field(max_length=300)
    facet: str | None = None
    suggestions: tuple[str, ...] = ()


class Explain(Frozen):
    """Say why: a preference, or the context; say more of things, or what speaks for them."""

    kind: Literal["explain_preference", "explain_additional", "explain_context", "persuade"] = (
        "explain_preference"
    )
    things: tuple[ThingRef, ...] = ()
    facet: str | None = None


class Confirm(Frozen):
    """Say what was changed (profile, undo, reset, relaxed wish): nothing changes silently."""

    kind: Literal["confirm_change"] = "confirm_change"
    text: str = Field(max_length=400)


class Decline(Frozen):
    """Say what cannot be done or is not carried."""

    kind: Literal["decline"] = "decline"
    text: str = Field(max_length=400)


class Say(Frozen):
    """Short social acts and progress.

    `acknowledge` may name a verdict in `text` (accept, reject, been_to) on `count` things, with the
    user's `reason`.
    """

    kind: Literal["greet", "close", "acknowledge", "inform_progress"]
    text: str = Field(default="", max_length=400)
    count: int = Field(default=1, ge=0)
    reason: str | None = Field(default=None, max_length=200)


class ShowProfile(Frozen):
    """Show the profile and what is believed."""

    kind: Literal["show_profile"] = "show_profile"


Act = Annotated[
    Show | Create | Answer | Compare | Ask | Explain | Confirm | Decline | Say | ShowProfile,
    Field(discriminator="kind"),
]
