"""Tags of a whole catalogue, extracted once (I-AM-G eq. 2 to 4), so that no turn waits for a model.

The pictures are read by the shop's encoder, which costs nothing; a language model, where there is
one, is asked once an item, and not again until the item's words or picture change.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.items import Item
from vitrine.core.ports import ChatModel, Encoder, Floats, Pixels
from vitrine.core.refs import ItemId
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.tags import FILE, ItemTags, content_key, write_tags
from vitrine.memory.vectors import read_item_picture
from vitrine.tools.extract_tags import ExtractRequest, ExtractTags
from vitrine.tools.merge_tags import TagMerger
from vitrine.tools.signals import value_words
from vitrine.tools.zero_shot_tags import Truth, ZeroShotTags, calibrate

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Items that a model is asked about at the same time."""
SAVE_EVERY = 100
"""Items after which what there is goes to disk: calls are paid for."""
OnItem = Callable[[int, int], None]


@dataclass(frozen=True)
class Asking:
    """A language model that is asked for tags. `sees`: it can be shown pictures."""

    chat: ChatModel
    sees: bool
    timeout_s: float


@dataclass
class TaggingReport:
    """What was done: items asked about now, items tagged at all, failures and the first of them."""

    asked: int = 0
    tagged: int = 0
    failed: int = 0
    first_failure: str | None = None
    words: tuple[str, ...] = field(default=())


class CatalogueTagger:
    """Extracts the tags of every item of a catalogue.

    Args:
        catalogue: the items, with their image vectors.
        encoder: made the vectors.
        asking: the language model; None: pictures alone.
        scenario: name of the pack's scenario; None: the usual one.
    """

    def __init__(
        self,
        catalogue: PackCatalogue,
        encoder: Encoder,
        asking: Asking | None = None,
        scenario: str | None = None,
    ) -> None:
        self._catalogue, self._asking = catalogue, asking
        pack = catalogue.pack
        found = pack.scenario(scenario)
        if found is None and (scenario is not None or asking is not None):
            known = [s.name for s in pack.scenarios]
            raise RequestError(
                f"no scenario {scenario or ''!r} in domain {pack.name!r}: expected one of {known!r};"
                " add it under `scenarios:` of domain.yaml"
            )
        self._scenario = found.name if found is not None else ""
        self._rows = catalogue.vectors(range(len(catalogue)))  # (n, d)
        self._eye = eye(catalogue, encoder, found.vocabulary if found is not None else ())
        self._ask = ExtractTags(pack, asking.chat, sees=asking.sees) if asking is not None else None

    async def __call__(
        self,
        known: Mapping[ItemId, ItemTags],
        *,
        most: int | None = None,
        again: bool = False,
        on_item: OnItem | None = None,
    ) -> TaggingReport:
        """Tag the items and write `tags.jsonl`, on the way and at the end.

        Args:
            known: tags of earlier; the model's are kept while the item is as it was.
            most: ask the model about no more items than this; None: about all.
            again: ask about items that the model has tagged before, too.
            on_item: hears how many of how many items the model was asked about.

        Raises:
            RequestError: a picture cannot be read.
        """
        folder = self._catalogue.folder
        tags: dict[ItemId, ItemTags] = {}
        waiting: list[Item] = []
        for item, seen in zip(self._catalogue.items, self._seen(), strict=True):
            key = content_key(folder, item, self._scenario)
            old = known.get(item.id)
            kept = old.model if old is not None and old.of == key else None
            tags[item.id] = ItemTags(id=item.id, of=key, model=kept, picture=seen)
            if kept is None or again:
                waiting.append(item)
        report = TaggingReport(words=self._eye.words)
        if self._ask is not None:
            await self._ask_all(self._ask, waiting[:most], tags, report, on_item)
        self._keep(tags)
        report.tagged = sum(bool(entry.tags) for entry in tags.values())
        return report

    def _keep(self, tags: Mapping[ItemId, ItemTags]) -> None:
        """Write what says anything; a shop of which nothing is to be said gets no file."""
        folder = self._catalogue.folder
        telling = {i: e for i, e in tags.items() if e.picture or e.model is not None}
        if telling or (folder / FILE).is_file():
            write_tags(folder, telling)

    def _seen(self) -> list[tuple[str, ...]]:
        """Words seen in each picture that tell what the item's facets do not; none without picture."""
        merger = TagMerger(self._catalogue.pack)
        found: list[tuple[str, ...]] = []
        pairs = zip(self._catalogue.items, self._rows, self._eye.of(self._rows), strict=True)
        for item, row, words in pairs:
            told = [(word, merger.value(word)) for word in words] if np.any(row) else []
            found.append(tuple(w for w, v in told if v is None or not item.values(v[0])))
        return found

    async def _ask_all(
        self,
        ask: ExtractTags,
        items: Sequence[Item],
        tags: dict[ItemId, ItemTags],
        report: TaggingReport,
        on_item: OnItem | None,
    ) -> None:
        """A few at a time, in order; what fails is asked again the next time."""
        for start in range(0, len(items), AT_ONCE):
            batch = items[start : start + AT_ONCE]
            for item, (said, failure) in zip(
                batch, await asyncio.gather(*(self._one(ask, i) for i in batch)), strict=True
            ):
                report.asked += 1
                if failure is not None:
                    report.failed += 1
                    report.first_failure = report.first_failure or f"{item.id}: {failure}"
                else:
                    tags[item.id] = tags[item.id].model_copy(update={"model": said})
            if start // SAVE_EVERY != (start + AT_ONCE) // SAVE_EVERY:
                self._keep(tags)
            if on_item is not None:
                on_item(report.asked, len(items))

    async def _one(self, ask: ExtractTags, item: Item) -> tuple[tuple[str, ...], str | None]:
        assert self._asking is not None
        request = ExtractRequest(
            text="\n".join(part for part in (item.title, item.description) if part),
            scenario=self._scenario,
            timeout_s=self._asking.timeout_s,
        )
        result = await ask(request, self._picture(self._catalogue.folder, item))
        return result.found.get("model", ()), result.failed

    def _picture(self, folder: Path, item: Item) -> Pixels | None:
        if self._asking is None or not self._asking.sees or item.picture is None:
            return None
        path = folder / item.picture
        return read_item_picture(path) if path.is_file() else None


def eye(catalogue: PackCatalogue, encoder: Encoder, vocabulary: Sequence[str]) -> ZeroShotTags:
    """Words that the encoder sees in this shop's pictures, calibrated on the items that tell them.

    They are the values of all facets, since a facet that pictures do not show proves no good, and the
    vocabulary of a scenario: what its words are worth, those tell that name a facet's value, too.
    """
    rows: Floats = catalogue.vectors(range(len(catalogue)))
    pictured = np.flatnonzero(np.any(rows != 0, axis=1))
    known: dict[str, Truth | None] = {**dict.fromkeys(vocabulary), **_facet_words(catalogue)}
    words = {
        word: None if truth is None else Truth(truth.true[pictured], truth.known[pictured])
        for word, truth in known.items()
    }
    return ZeroShotTags(encoder, calibrate(encoder, words, rows[pictured], vocabulary))


def _facet_words(catalogue: PackCatalogue) -> dict[str, Truth]:
    """Words of the values of facets.

    A word of two facets tells neither and is left out. An item without any value of a facet says
    nothing about it: it is no counterexample.
    """
    pack: DomainPack = catalogue.pack
    found: dict[str, Truth] = {}
    twice: set[str] = set()
    for facet in pack.facets:
        if facet.kind != "categorical" or facet.values_from:
            continue
        carriers = {
            name: catalogue.carries(facet.name, name) for name in catalogue.values(facet.name)
        }
        if not carriers:
            continue
        known = np.any(list(carriers.values()), axis=0)
        for name, true in carriers.items():
            word = value_words(pack, facet.name, name)
            if word in found:
                twice.add(word)
            found[word] = Truth(true, known)
    return {word: truth for word, truth in found.items() if word not in twice}
