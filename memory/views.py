"""The dialogue state as outside programs see it."""

from vitrine.core.acts import Strength
from vitrine.core.turn import RangeView, StateView
from vitrine.memory.state import DialogueState, Wish


def view(state: DialogueState) -> StateView:
    """The part of the state that `--json` prints and replay scripts check."""
    wants: dict[str, list[str]] = {}
    avoids: dict[str, list[str]] = {}
    strengths: dict[str, set[Strength]] = {}
    for belief in state.beliefs.facets:
        side = wants if belief.polarity == "want" else avoids
        side.setdefault(belief.facet, []).append(belief.value)
        strengths.setdefault(belief.facet, set()).add(belief.strength)
    ranges: dict[str, RangeView] = {}
    for bounds in state.beliefs.ranges:
        ranges[bounds.facet] = RangeView(min=bounds.min, max=bounds.max, about=bounds.about)
        strengths.setdefault(bounds.facet, set()).add(bounds.strength)
    places = [(verdict.verdict, state.place(verdict.thing)) for verdict in state.verdicts]
    return StateView(
        wants={facet: tuple(values) for facet, values in wants.items()},
        avoids={facet: tuple(values) for facet, values in avoids.items()},
        ranges=ranges,
        hard=tuple(facet for facet, kinds in strengths.items() if "hard" in kinds),
        soft=tuple(facet for facet, kinds in strengths.items() if "hard" not in kinds),
        soft_text=tuple(wish_text(wish) for wish in state.beliefs.wishes),
        context={fact.key: fact.value for fact in state.beliefs.context},
        focus=state.place(state.focus) if state.focus is not None else None,
        accepted=tuple(place for kind, place in places if kind == "accept" and place is not None),
        rejected=tuple(place for kind, place in places if kind == "reject" and place is not None),
        open_question=state.open_question.text if state.open_question is not None else None,
        dials=state.dials,
    )


def wish_text(wish: Wish) -> str:
    """A wish as its user would say it: what is to be avoided keeps the words that say so."""
    if wish.polarity == "want":
        return wish.text
    said = wish.evidence.text
    return said if said and said != wish.text and wish.text in said else f"not {wish.text}"
