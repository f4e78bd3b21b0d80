"""A question that leaves out what was asked a moment ago: "and the second?", "what about L?".

Pure functions: the meaning of such a message is the last question, asked of the other things or of
the other value. What was asked last is in the dialogue state.
"""

import re
from collections.abc import Sequence

from vitrine.agent.saying import spoken_words
from vitrine.core.acts import AddFacet, AddWish, Focus, Question, SetFacet, Understanding
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ThingRef
from vitrine.memory.state import DialogueState
from vitrine.tools.quotes import content_stems

_MOST_WORDS = 8
"""A longer message says itself what it asks."""
_LEADS = re.compile(r"^\W*(and|or|but|ok|okay|so|then|what about|how about)\b", re.I)
_EXCLAIMED = re.compile(
    r"^\W*((ouch|oh|ah|hmm+|wow|right|ok|okay|nice|great|cool|thanks|thank you|i see|got it|steep"
    r"|yikes|phew)[\s.!,…]+)+",
    re.I,
)
"""What is called out before the question: "Ouch. How about the dotted one?"."""
_STATES = re.compile(r"\b(only|please|for me|i want|i need|i take|i wear)\b", re.I)
"""Words of a wish: "then only XL for me, please" asks nothing."""
_TOPIC = re.compile(r"^\W*((and|ok|okay|so)\W+)*(what|how) about\b", re.I)
_TOLD = re.compile(r"\b(reviews?|reviewers?|buyers?|customers?|people|say|says|said)\b", re.I)
"""Words that ask of themselves: what others say."""
_CARRIED = frozenset({"field", "open", "more", "worth", "why"})
"""Kinds of questions that are asked of things one after the other."""
_POINTS = re.compile(r"^\W*(the|number|no\.?|#|that|this|those|these|both)\W", re.I)
"""A question that begins by naming a thing, and says no more, asks what was asked before."""
_COUNTING = frozenset(
    "first second third fourth fifth sixth seventh eighth number one two three four five six".split()
)


def carried(
    meaning: Understanding, before: DialogueState, said: str, catalogue: Catalogue
) -> Understanding:
    """The meaning with the last question in place of what the message leaves out.

    Args:
        meaning: what the words mean alone.
        before: the dialogue before the message; `questions` is what was asked last.
        said: the message.
        catalogue: titles and values by which a thing may be called.
    """
    if len(said.split()) > _MOST_WORDS or meaning.unresolved or meaning.design is not None:
        return meaning
    said = _EXCLAIMED.sub("", said)
    if compared := _same_comparison(meaning, before):
        return meaning.model_copy(update={"questions": compared})
    asked = (
        _other_things(meaning, before, said, catalogue)
        or _other_value(meaning, before, said, catalogue)
        or _other_topic(meaning, before, said)
    )
    if asked:
        kept = tuple(op for op in meaning.ops if isinstance(op, Focus))
        update = {
            "ops": kept,
            "questions": asked,
            "intents": ("inquire",),
            "out_of_scope": None,
            "social": None,
        }
        return meaning.model_copy(update=update)
    return meaning


def _other_things(
    meaning: Understanding, before: DialogueState, said: str, catalogue: Catalogue
) -> tuple[Question, ...]:
    """The last question, asked of the things that this message points at and asks nothing of."""
    things = meaning.references
    if not things or any(not isinstance(op, Focus) for op in meaning.ops):
        return ()
    if any(q.kind != "open" or q.facet is not None for q in meaning.questions):
        return ()
    leads = _LEADS.match(said) is not None and bool(before.questions or meaning.questions)
    points = "?" in said and _POINTS.match(said) is not None
    if (
        not (leads or points)
        or _TOLD.search(said) is not None
        or _says_more(said, things, before, catalogue)
    ):
        return ()
    last = tuple(q for q in before.questions if q.kind in _CARRIED)
    if last:
        return tuple(q.model_copy(update={"things": things}) for q in last)
    if meaning.questions:  # nothing was asked before: tell what there is to tell
        return tuple(q.model_copy(update={"kind": "more"}) for q in meaning.questions)
    return ()


def _says_more(
    said: str, things: Sequence[ThingRef], before: DialogueState, catalogue: Catalogue
) -> bool:
    """Whether the words say more than which things are meant."""
    calling: set[str] = set(_COUNTING)
    for thing in things:
        if thing.kind == "item" and catalogue.has(thing.id):
            item = catalogue.item(thing.id)
            calling |= set(content_stems(item.title))
            values = item.facets
        else:
            design = before.design(thing.id)
            values = design.facets if design is not None else {}
            calling |= set(content_stems("design drawing picture"))
        for facet, named in values.items():
            for value in named:
                calling |= set(content_stems(" ".join(spoken_words(catalogue.pack, facet, value))))
    calling |= set(content_stems(f"{catalogue.pack.noun} {catalogue.pack.nouns}"))
    return any(stem not in calling for stem in content_stems(said))


def _other_value(
    meaning: Understanding, before: DialogueState, said: str, catalogue: Catalogue
) -> tuple[Question, ...]:
    """The last question about a facet, asked with another of its values: "and in L?", "42?"."""
    last = before.questions
    if len(last) != 1 or last[0].kind != "field" or not last[0].things:
        return ()
    if meaning.references and meaning.references != last[0].things:
        return ()
    facet = catalogue.pack.facet(last[0].facet or "")
    if facet is None:
        return ()
    named = {value.casefold(): value for value in catalogue.values(facet.name)}
    bare = said.strip(" ?!.").casefold()
    if bare in named and ("?" in said or not meaning.ops):
        return (last[0].model_copy(update={"value": named[bare], "text": said[:400]}),)
    if meaning.questions or ("?" not in said and _STATES.search(said) is not None):
        return ()
    if _LEADS.match(said) is None or (facet.kind != "stock" and "?" not in said):
        return ()
    values = [op.value for op in meaning.ops if isinstance(op, SetFacet | AddFacet)]
    same = all(
        isinstance(op, SetFacet | AddFacet | AddWish)
        and (isinstance(op, AddWish) or op.facet == facet.name)
        for op in meaning.ops
    )
    if len(values) != 1 or not same:
        return ()
    return (last[0].model_copy(update={"value": values[0], "text": said[:400]}),)


def _other_topic(meaning: Understanding, before: DialogueState, said: str) -> tuple[Question, ...]:
    """Something else about the things asked about last: "what about shrinking?"."""
    last = before.questions
    if not last or last[-1].kind not in ("field", "open") or not last[-1].things:
        return ()
    if "?" not in said or _TOPIC.match(said) is None or meaning.references or meaning.questions:
        return ()
    if not meaning.ops or any(not isinstance(op, AddWish) for op in meaning.ops):
        return ()
    return (Question(kind="open", text=said[:400], things=last[-1].things),)


def _same_comparison(meaning: Understanding, before: DialogueState) -> tuple[Question, ...]:
    """A comparison that names no things is of those compared a moment ago: "which is better?"."""
    if meaning.references or not any(q.kind == "compare" for q in meaning.questions):
        return ()
    last = next((q.things for q in reversed(before.questions) if q.kind == "compare"), ())
    if len(last) < 2:
        return ()
    return tuple(
        q.model_copy(update={"things": last}) if q.kind == "compare" else q
        for q in meaning.questions
    )
