"""The intents of a model's form, made to agree with what was kept of its operations."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import cast

from vitrine.core.acts import Intent

_NEED: dict[Intent, frozenset[str]] = {
    "accept": frozenset({"accept"}),
    "reject": frozenset({"reject"}),
    "been_to": frozenset({"been_to"}),
    "undo": frozenset({"undo"}),
    "reset": frozenset({"reset"}),
    "profile_edit": frozenset({"remember", "forget"}),
    "create": frozenset({"design"}),
    "edit_design": frozenset({"design"}),
}
"""Intents that are what they do: kept only if it is done, and present whenever it is."""


def agreed(
    named: Iterable[Intent], done: AbstractSet[str], kinds: AbstractSet[str]
) -> tuple[Intent, ...]:
    """The intents that stand.

    Args:
        named: those that the model gave.
        done: names of operations and verdicts that were kept, `design` for a wish for designs.
        kinds: kinds of the questions that were kept.
    """
    kept = dict.fromkeys(i for i in named if i not in _NEED or _NEED[i] & done)
    for intent, needed in _NEED.items():
        if needed & done and intent != "edit_design":
            kept[intent] = None
    if done & {"set", "add", "avoid", "range", "wish", "relax", "remove"}:
        if not {"provide_preference", "refine_preference", "initial_query"} & kept.keys():
            kept["provide_preference"] = None
    if "context" in done:
        kept["provide_context"] = None
    if kinds - {"why", "without", "profile"}:
        kept["inquire"] = None
    if kinds & {"why", "without"}:
        kept["why"] = None
    if "profile" in kinds:
        kept["profile_show"] = None
    if len(kept) > 1:
        kept.pop("others", None)
    return cast("tuple[Intent, ...]", tuple(kept) or ("others",))
