"""Answer a question from the listing: fields, stock, description, reviews; or say it is unknown."""

from pydantic import Field

from vitrine.core.acts import Question
from vitrine.core.frozen import Frozen
from vitrine.core.refs import ItemId
from vitrine.core.turn import AnswerView
from vitrine.tools.conditions import Conditions, SetAside


class AnswerRequest(Frozen):
    """One question about catalogue items.

    `things` are the items it is about, resolved (empty: about the shop). `conditions` are what is
    wanted now: superlatives and counts look at every item of the shop that passes the hard ones.
    `kind` `why` and `profile` are not for this tool (the state answers them).
    """

    question: Question
    things: tuple[ItemId, ...] = ()
    conditions: Conditions = Conditions()
    max_facts: int = Field(default=6, ge=1, le=20)


class AnswerResult(Frozen):
    """`view` is the structured answer. `items`: those it names (the cheapest ones), best first.

    `count` answers counting questions. `relaxed`: hard conditions set aside because nothing passed.
    """

    view: AnswerView
    items: tuple[ItemId, ...] = ()
    count: int | None = None
    relaxed: tuple[SetAside, ...] = ()
