"""What a message changed of what is believed, in words: nothing changes silently."""

from vitrine.agent.saying import bare_value, label_of, say_bounds, say_value
from vitrine.agent.wording import listed
from vitrine.core.domain import DomainPack
from vitrine.memory.state import Beliefs, RangeBelief, Wish

_NOTHING = Beliefs()
MOST_TOLD = 4
"""Changes told in one reply; a message that changes more speaks for itself."""


def told_changes(
    before: Beliefs,
    after: Beliefs,
    pack: DomainPack,
    shelf: Beliefs = _NOTHING,
    *,
    head: bool = False,
) -> tuple[str, ...]:
    """What was replaced, dropped, loosened or is welcome again. New wishes speak for themselves.

    Args:
        before: what was believed.
        after: what is believed now.
        pack: words for values.
        shelf: what is set aside now, and told elsewhere.
        head: tell a changed kind of thing too.
    """
    told: list[str] = []
    shelved = {b.facet for b in shelf.facets} | {r.facet for r in shelf.ranges}
    quiet = shelved if head else {pack.head.name, *shelved}  # a new kind is plain to see
    for facet in dict.fromkeys(b.facet for b in (*before.facets, *after.facets)):
        if facet in quiet:
            continue
        told += _wants(before, after, facet, pack)
        told += _avoids(before, after, facet, pack)
    for facet in dict.fromkeys(r.facet for r in before.ranges if r.facet not in quiet):
        told += _bounds(_bound(before, facet), _bound(after, facet), facet, pack)
    kept = {(w.text, w.polarity) for w in after.wishes}
    told += [
        f"no longer {wish_words(w)!r}" for w in before.wishes if (w.text, w.polarity) not in kept
    ]
    return tuple(told[:MOST_TOLD])


def undone_changes(now: Beliefs, restored: Beliefs, pack: DomainPack) -> tuple[str, ...]:
    """What taking back a turn changed: also what it had added."""
    told = list(told_changes(now, restored, pack, head=True))
    back = [
        say_value(pack, b.facet, b.value) if b.polarity == "want" else f"no {b.value}"
        for b in restored.facets
        if (b.facet, b.value, b.polarity)
        not in {(o.facet, o.value, o.polarity) for o in now.facets}
        and (b.polarity == "avoid" or not any(o.facet == b.facet for o in now.facets))
    ]
    if back:
        told.append(f"{listed(back)} again")
    told += [
        f"{say_bounds(pack, bounds)} again"
        for bounds in restored.ranges
        if _bound(now, bounds.facet) is None
    ]
    return tuple(told[:MOST_TOLD])


def wish_words(wish: Wish) -> str:
    """A free-text wish as its user meant it."""
    return wish.text if wish.polarity == "want" else f"not {wish.text}"


def _wants(before: Beliefs, after: Beliefs, facet: str, pack: DomainPack) -> list[str]:
    old = [b for b in before.facets if b.facet == facet and b.polarity == "want"]
    new = [b for b in after.facets if b.facet == facet and b.polarity == "want"]
    out = {b.value for b in after.facets if b.facet == facet and b.polarity == "avoid"}
    values = {b.value for b in new}
    gone = [b.value for b in old if b.value not in values and b.value not in out]
    come = [b.value for b in new if b.value not in {o.value for o in old}]
    told: list[str] = []
    if gone and come:
        now, was = (
            listed([bare_value(pack, facet, v) for v in some], "or") for some in (come, gone)
        )
        told.append(f"{now} instead of {was}")
    elif gone and not new and not out:
        told.append(f"any {label_of(pack, facet)} will do")
    elif gone:
        told.append(f"no longer {listed([say_value(pack, facet, v) for v in gone], 'or')}")
    loose = [
        b.value
        for b in new
        if b.strength == "soft" and any(o.value == b.value and o.strength == "hard" for o in old)
    ]
    if loose:
        told.append(f"{listed([say_value(pack, facet, v) for v in loose])} would be nice, no must")
    return told


def _avoids(before: Beliefs, after: Beliefs, facet: str, pack: DomainPack) -> list[str]:
    kept = {b.value for b in after.facets if b.facet == facet}
    again = [
        b.value
        for b in before.facets
        if b.facet == facet and b.polarity == "avoid" and b.value not in kept
    ]
    return (
        [f"{listed([say_value(pack, facet, v) for v in again])} may be shown again"]
        if again
        else []
    )


def _bounds(
    old: RangeBelief | None, new: RangeBelief | None, facet: str, pack: DomainPack
) -> list[str]:
    if old is None:
        return []
    if new is None:
        return [f"any {label_of(pack, facet)} will do"]
    if (old.min, old.max, old.about) != (new.min, new.max, new.about):
        return [f"{say_bounds(pack, new)} instead of {say_bounds(pack, old)}"]
    if old.strength == "hard" and new.strength == "soft":
        return [f"{say_bounds(pack, new)} would be nice, no must"]
    return []


def _bound(beliefs: Beliefs, facet: str) -> RangeBelief | None:
    return next((r for r in beliefs.ranges if r.facet == facet), None)
