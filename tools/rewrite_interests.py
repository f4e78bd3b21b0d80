"""Interest rewrite (I-AM-G sec. 4.1): tags of the history, top interests, rewritten text T*."""

from collections.abc import Sequence

from pydantic import Field

from vitrine.core.frozen import Frozen
from vitrine.core.interests import TextBudget, WordBudget, compatible, count_tags, rewrite
from vitrine.core.ports import Catalogue
from vitrine.core.refs import ItemId
from vitrine.tools.merge_tags import TagMerger
from vitrine.tools.signals import value_words
from vitrine.tools.thing_tags import HistoryThing, Tag, ThingTags


class RewriteRequest(Frozen):
    """History (newest last) and the target text T.

    `target_tags` are the target's own tags (eq. 4), facet -> values. `settled` names facets that
    the request decides: their history tags are no interests (asking for teal, red is none).
    `head` is the kind of thing that is wanted: what such things do not have is no interest either.
    `top` is H, `last` is k of eq. 5. The text of T is cut first, then the least interests; the tags
    that are reported stand in the text. `max_words` is the budget of T* where the encoder's
    tokenizer is not at hand.
    """

    history: tuple[HistoryThing, ...]
    target: str = Field(max_length=4000)
    target_tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    settled: tuple[str, ...] = ()
    head: str | None = None
    top: int = Field(default=6, ge=0, le=20)
    last: int = Field(default=12, ge=1, le=200)
    max_words: int = Field(default=48, ge=16, le=400)


class Interest(Frozen):
    """One tag of the history: how many things carry it, and which items. No facet: a free tag."""

    facet: str
    value: str
    count: int = Field(ge=1)
    items: tuple[ItemId, ...] = ()


class RewriteResult(Frozen):
    """`tags` all tags by frequency, `interests` the top H of them, `text` T*.

    `words_cut` is how many words of T did not fit.
    """

    tags: tuple[Interest, ...]
    interests: tuple[Interest, ...]
    text: str
    words_cut: int = 0


class RewriteInterests:
    """Interest rewrite, I-AM-G (eq. 4, 5 and the template of T*).

    Differs from the paper: catalogue facets are tags beside a language model's; near-synonyms are
    one tag; the text of T is cut to a budget instead of the tags, which stand at the end and would
    fall to CLIP's 77 tokens; facets that the request settles give no interests, since they would
    pull against it; nor do facets that the wanted kind does not have, nor a second value of a facet
    of which a thing has one: the most frequent tags of a shelf contradict each other.

    Args:
        catalogue: where tags of items come from; its pack names the facets and the thing.
        merger: knows which tags are one; None: the words of the pack alone.
        budget: how long T* may be for the encoder that reads it; None: `max_words` of the request.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        merger: TagMerger | None = None,
        budget: TextBudget | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._read = ThingTags(catalogue, merger or TagMerger(catalogue.pack))
        self._budget = budget

    def __call__(self, request: RewriteRequest) -> RewriteResult:
        """Tags by frequency; ties: newest first, then the pack's order of facets and values."""
        skipped = {*request.settled, *request.target_tags}
        order = {
            facet.name: number
            for number, facet in enumerate(self._catalogue.pack.facets)
            if facet.kind == "categorical"
        }
        history = request.history[-request.last :]
        tagged: list[list[Tag]] = []
        carriers: dict[Tag, list[ItemId]] = {}
        for thing, own in zip(history, self._read(history), strict=True):
            tags = [tag for tag in own if tag[0] not in skipped and (tag[0] in order or not tag[0])]
            tagged.append(tags)
            for tag in tags if thing.item is not None else ():
                carriers.setdefault(tag, []).insert(0, thing.item or "")
        counts = count_tags(
            tagged, rank=lambda tag: (order.get(tag[0], len(order)), tag[0], tag[1])
        )
        tags = tuple(
            Interest(facet=tag[0], value=tag[1], count=count, items=tuple(carriers.get(tag, ())))
            for tag, count in counts.items()
        )
        fitting = compatible(list(counts), tagged, self._catalogue.pack, request.head)
        return self._written(request, tags, fitting)

    def _written(
        self, request: RewriteRequest, tags: tuple[Interest, ...], fitting: Sequence[Tag]
    ) -> RewriteResult:
        """T* within the budget; two tags that are said alike (a colour twice) are written once."""
        pack = self._catalogue.pack
        own = [
            value_words(pack, facet, value)
            for facet, values in request.target_tags.items()
            for value in values
        ]
        said = {word: word for word in own}
        chosen: dict[str, Interest] = {}
        by_tag = {(tag.facet, tag.value): tag for tag in tags}
        for tag in (by_tag[one] for one in fitting):
            word = value_words(pack, tag.facet, tag.value)
            if len(chosen) < request.top and word not in said and word not in chosen:
                chosen[word] = tag
        budget = self._budget or WordBudget(request.max_words)
        done = rewrite(request.target, pack.noun, list(said), list(chosen), budget)
        return RewriteResult(
            tags=tags,
            interests=tuple(chosen[word] for word in done.interests),
            text=done.text,
            words_cut=done.words_cut,
        )
