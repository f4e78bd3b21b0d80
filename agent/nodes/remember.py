"""Remember: interaction log, turn store, and the state in which the next turn begins."""

from typing import Literal

from vitrine.agent import asking, proposals
from vitrine.agent.context import Bench
from vitrine.agent.nodes.stage import stage
from vitrine.agent.state import TurnState, finished_turn
from vitrine.core.acts import Ask, Focus, Judge, Question
from vitrine.core.refs import ThingRef
from vitrine.core.turn import Turn, TurnEvent
from vitrine.memory.log import Judged, LoggedThing, LoggedVerdict
from vitrine.memory.state import Design, DialogueState, OpenQuestion, ShownSet

Verdicts = Literal["accept", "reject", "been_to"]


@stage("remember")
async def remember(state: TurnState, bench: Bench) -> tuple[TurnState, str]:
    """Write what happened; every write replaces its own earlier copy, so twice is harmless.

    The turn goes out as an event; the state keeps only what the next turn needs, since every
    checkpoint is read and written whole.
    """
    shop, turn = bench.shop, state["turn"]
    assert turn is not None, "respond precedes remember"
    before = state["dialogue"]
    after = _next(before, turn, state)
    steps = state.get("steps", [])
    timings = {step.name: 0.0 for step in steps}
    for step in steps:
        timings[step.name] = round(timings[step.name] + step.ms, 2)
    finished = turn.model_copy(update={"timings_ms": timings, "trace": tuple(steps)})
    shown = [_logged(thing, after, turn) for thing in _things(turn)]
    verdicts = _verdicts(state, after, turn)
    used = _used(state)

    def write() -> None:
        if shown:
            shop.log.show(
                before.user, before.thread, turn.turn,
                domain=before.domain, request=turn.said[:500], things=shown,
            )  # fmt: skip
        if verdicts:
            shop.log.judge(
                before.user, before.thread, turn.turn, domain=before.domain, verdicts=verdicts
            )
        if used:
            shop.log.use(before.user, used)
        shop.turns.put(finished)

    await shop.workers.light(write)
    bench.emit(TurnEvent(turn=finished))
    return {**finished_turn(), "dialogue": after}, f"{len(shown)} shown, {len(verdicts)} judged"


def _used(state: TurnState) -> list[str]:
    """Artifacts of the turn that are the user's, so that forgetting the user removes them."""
    image, imagined = state["message"].image, state.get("imagined")
    return [
        *([image.key] if image is not None else []),
        *(imagined.stored if imagined is not None else ()),
    ]


def _things(turn: Turn) -> tuple[ThingRef, ...]:
    """What the turn showed, by position: items, then designs."""
    return (
        *(ThingRef(kind="item", id=product.id) for product in turn.products),
        *(ThingRef(kind="design", id=design.id) for design in turn.images),
    )


def _named(before: DialogueState, state: TurnState) -> ThingRef | None:
    """The thing that answers "which is the cheapest?": what "it" means from then on."""
    meaning, answers = state["understanding"], state.get("answers")
    if answers is None or any(isinstance(op, Focus) for op in meaning.ops):
        return None
    if not meaning.questions or meaning.questions[-1].kind != "extreme":
        return None
    named = next((f.item for v in answers.views for f in v.facts if f.item is not None), None)
    return ThingRef(kind="item", id=named) if named is not None else None


def _next(before: DialogueState, turn: Turn, state: TurnState) -> DialogueState:
    things = _things(turn)
    asked = next((act for act in state["plan"].acts if isinstance(act, Ask)), None)
    drawn = state.get("drawn")
    facets = {d.seed: d.facets for d in (drawn.drawings if drawn is not None else ())}
    designs = tuple(
        Design(
            id=view.id,
            turn=turn.turn,
            image=view.image,
            embedding=view.embedding,
            prompt=view.prompt,
            seed=view.seed,
            score=view.score,
            facets=facets.get(view.seed, {}),
            nearest=view.nearest.id if view.nearest is not None else None,
        )
        for view in turn.images
    )
    question = before.open_question
    proposal = state["updated"].proposal
    offered = asked is not None and proposal is not None and asked == proposals.question(proposal)
    if asked is not None:
        question = OpenQuestion(
            turn=turn.turn,
            text=asked.text,
            facet=asked.facet,
            suggestions=asked.suggestions,
            kind=asked.kind,
            verdict=_verdict(state) if asked.kind == "clarify" else None,
            pending=_pending(state) if asked.kind == "clarify" else (),
            proposal=proposal.remember if offered and proposal is not None else None,
            proposal_key=proposal.key if offered and proposal is not None else None,
        )
    named = _named(before, state)
    if named not in things and (named is None or before.place(named) is None):
        named = None  # an answer may name what no page has shown: it cannot be pointed at
    return before.model_copy(
        update={
            "turn": turn.turn,
            "questions": () if state["understanding"].unresolved else _asked(state),
            "focus": named or before.focus,
            "shown": (*before.shown, ShownSet(turn=turn.turn, things=things))
            if things
            else before.shown,
            "designs": (*before.designs, *designs),
            "open_question": question,
            "offered": (*before.offered, proposal.key)
            if offered and proposal is not None
            else before.offered,
            "asked": (*before.asked, asked.text)
            if asked is not None and asked.kind == "request_information"
            else before.asked,
        }
    )


def _verdict(state: TurnState) -> Verdicts | None:
    """The verdict on a thing that could not be told from others."""
    meaning = state["understanding"]
    if not meaning.unresolved or any(isinstance(op, Judge) for op in meaning.ops):
        return None
    kinds: tuple[Verdicts, ...] = ("accept", "reject", "been_to")
    return next((kind for kind in kinds if kind in meaning.intents), None)


def _asked(state: TurnState) -> tuple[Question, ...]:
    """The questions of this message, each with the things that it is about."""
    meaning = state["understanding"]
    return tuple(
        q if q.things else q.model_copy(update={"things": meaning.references})
        for q in meaning.questions
    )


def _pending(state: TurnState) -> tuple[Question, ...]:
    """The questions about it."""
    meaning = state["understanding"]
    if not meaning.unresolved:
        return ()
    return tuple(
        q.model_copy(update={"things": meaning.references}) if q.kind == "compare" else q
        for q in meaning.questions
        if asking.waits(q)
    )


def _logged(thing: ThingRef, state: DialogueState, turn: Turn) -> LoggedThing:
    if thing.kind == "design":
        design = state.design(thing.id)
        if design is not None:
            return LoggedThing(
                thing=thing,
                embedding=design.embedding,
                image=design.image,
                facets=design.facets,
                score=design.score,
            )
    score = next((p.score for p in turn.products if p.id == thing.id), None)
    return LoggedThing(thing=thing, score=score)


def _verdicts(state: TurnState, after: DialogueState, turn: Turn) -> list[Judged]:
    """Verdicts of this message; things picked in the page count as picked."""
    picked = {thing for ref in state["message"].picks if (thing := after.thing(ref)) is not None}
    judged: dict[ThingRef, Judged] = {}
    for op in state["understanding"].ops:
        if isinstance(op, Judge):
            for thing in op.things:
                verdict: LoggedVerdict = op.verdict
                if thing in picked and op.verdict == "accept":
                    verdict = "picked"
                judged[thing] = Judged(
                    what=_logged(thing, after, turn), verdict=verdict, reason=op.reason
                )
    for thing in picked:
        judged.setdefault(thing, Judged(what=_logged(thing, after, turn), verdict="picked"))
    return list(judged.values())
