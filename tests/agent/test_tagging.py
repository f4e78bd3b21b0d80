"""Tags of a catalogue: seen in pictures, asked of a model once, used where facets are lacking."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.agent.conftest import OpenTiny
from tests.conftest import draw_tiny_pictures

from vitrine.agent.tagging import Asking, CatalogueTagger, TaggingReport
from vitrine.core.errors import ChatError, RequestError
from vitrine.core.ports import ChatRequest
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.memory.tags import read_tags
from vitrine.models.fakes import FakeEncoder
from vitrine.models.llm.fakes import FakeChat
from vitrine.tools.retrieve_interest import RetrieveInterest
from vitrine.tools.rewrite_interests import RewriteInterests, RewriteRequest
from vitrine.tools.thing_tags import HistoryThing

COPIES = 6
SCENARIO = """
scenarios:
  - {name: pots, thing: a pot, picture: [shape], text: [mood], synonyms: [[calm, quiet, still]]}
"""


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """The pottery six times over; the last copy's makers forgot to say the glaze."""
    place = tmp_path / "pots"
    shutil.copytree(tiny_folder, place)
    shutil.rmtree(place / "pictures")
    rows: list[str] = []
    for copy in range(COPIES):
        for line in (place / "items.jsonl").read_text().splitlines():
            row = json.loads(line)
            row["id"] += f"-{copy}"
            row["picture"] = f"pictures/{row['id']}.png"
            rows.append(json.dumps(row))
    path = place / "items.jsonl"
    path.write_text("\n".join(rows) + "\n")
    draw_tiny_pictures(place)
    kept = [json.loads(row) for row in rows]
    for row in kept[-12:]:
        del row["facets"]["glaze"]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept))
    (place / "domain.yaml").write_text((place / "domain.yaml").read_text() + SCENARIO)
    return place


def opened(folder: Path, encoder: FakeEncoder) -> PackCatalogue:
    return open_catalogue(folder, encoder=encoder)


def tagged(
    folder: Path, encoder: FakeEncoder, chat: FakeChat | None = None, **options: Any
) -> TaggingReport:
    asking = None if chat is None else Asking(chat, options.pop("sees", False), 5.0)
    tagger = CatalogueTagger(opened(folder, encoder), encoder, asking)
    return asyncio.run(tagger(read_tags(folder), **options))


def glazes(tiny_folder: Path) -> list[str]:
    lines = (tiny_folder / "items.jsonl").read_text().splitlines()
    return [json.loads(line)["facets"]["glaze"][0] for line in lines]


def test_items_without_a_facet_get_it_from_their_pictures(
    folder: Path, tiny_folder: Path, tiny_encoder: FakeEncoder
) -> None:
    report = tagged(folder, tiny_encoder)
    assert set(glazes(tiny_folder)) <= set(report.words)
    catalogue = opened(folder, tiny_encoder)
    last = catalogue.items[-12:]
    right = [
        glaze in catalogue.tags(i.id) for i, glaze in zip(last, glazes(tiny_folder), strict=True)
    ]
    assert sum(right) >= 10, "of 12"
    values = set(glazes(tiny_folder))
    others = [set(catalogue.tags(item.id)) & values for item in catalogue.items[:-12]]
    assert not any(others), "what the shop says of a glaze is not read off its picture"


def test_tags_count_as_interests_and_find_what_is_near(
    folder: Path, tiny_folder: Path, tiny_encoder: FakeEncoder, tmp_path: Path
) -> None:
    from vitrine.memory.artifacts import ArtifactStore

    things = tuple(HistoryThing(item=f"p{n:02d}-5") for n in range(1, 13))
    request = RewriteRequest(history=things, target="a pot", top=1, settled=("kind",))
    before = RewriteInterests(opened(folder, tiny_encoder))(request)
    assert not [tag for tag in before.tags if tag.facet == "glaze"]
    tagged(folder, tiny_encoder)
    catalogue = opened(folder, tiny_encoder)
    after = RewriteInterests(catalogue)(request)
    most = max(set(glazes(tiny_folder)), key=glazes(tiny_folder).count)
    assert next(tag.value for tag in after.tags if tag.facet == "glaze") == most
    finder = RetrieveInterest(catalogue, tiny_encoder, ArtifactStore(tmp_path / "artifacts"))
    assert glazes(tiny_folder)[0] in finder.texts(things[:1])[0]


def words_of(request: ChatRequest) -> dict[str, list[str]]:
    written = json.loads(request.message)["written"]
    return {"picture": [], "text": ["quiet", "still", written.split()[0]]}


def test_a_model_is_asked_once_an_item_and_again_where_the_item_changed(
    folder: Path, tiny_encoder: FakeEncoder
) -> None:
    chat = FakeChat([words_of])
    first = tagged(folder, tiny_encoder, chat, most=70)
    assert (first.asked, first.failed, len(chat.requests)) == (70, 0, 70)
    assert tagged(folder, tiny_encoder, chat).asked == 2, "the rest"
    assert tagged(folder, tiny_encoder, chat).asked == 0
    path = folder / "items.jsonl"
    path.write_text(path.read_text().replace("Harbour mug", "Canal mug", 1))
    assert tagged(folder, tiny_encoder, chat).asked == 1
    assert "canal" in opened(folder, tiny_encoder).tags("p01-0")
    assert tagged(folder, tiny_encoder).asked == 0
    assert "canal" in opened(folder, tiny_encoder).tags("p01-0"), "kept without a model"
    assert tagged(folder, tiny_encoder, chat, again=True, most=3).asked == 3
    result = RewriteInterests(opened(folder, tiny_encoder))(
        RewriteRequest(history=(HistoryThing(item="p01-0"), HistoryThing(item="p02-0")), target="x")
    )
    assert [t.count for t in result.tags if t.value == "calm"] == [2], "synonyms are one"


def test_what_failed_is_asked_another_time(folder: Path, tiny_encoder: FakeEncoder) -> None:
    report = tagged(folder, tiny_encoder, FakeChat([ChatError("timeout", "no answer")]), most=5)
    assert (report.asked, report.failed) == (5, 5)
    assert report.first_failure == "p01-0: timeout: no answer"
    assert tagged(folder, tiny_encoder, FakeChat([words_of]), most=5).failed == 0
    assert "quiet" in opened(folder, tiny_encoder).tags("p01-0")


def test_a_model_that_sees_is_shown_the_picture(folder: Path, tiny_encoder: FakeEncoder) -> None:
    chat = FakeChat([words_of])
    tagged(folder, tiny_encoder, chat, sees=True, most=1)
    assert [picture.shape for picture in chat.requests[0].pictures] == [(24, 24, 3)]


async def test_a_turn_reads_tags_and_asks_nobody(
    folder: Path, tiny_encoder: FakeEncoder, open_tiny: OpenTiny
) -> None:
    chat = FakeChat([words_of])
    catalogue = opened(folder, tiny_encoder)
    await CatalogueTagger(catalogue, tiny_encoder, Asking(chat, False, 5.0))({})
    asked = len(chat.requests)
    async with open_tiny(folder=folder) as shop:
        session = shop.session(user="u", thread="t")
        await session.turn(text="a mug")
        await session.turn(text="I like the first one and the second one")
        turn = await session.turn(text="design me a bowl")
    rewritten = [step.note for step in turn.trace if step.name == "rewrite_interests"]
    assert rewritten
    assert "calm (2)" in rewritten[0]
    assert len(chat.requests) == asked


def test_broken_tags_are_told_by_line_and_text_is_cleaned(
    folder: Path, tiny_encoder: FakeEncoder
) -> None:
    path = folder / "tags.jsonl"
    path.write_text('{"id": "p01-0", "picture": ["a\\u200bb", "\\u0007"]}\n')
    assert opened(folder, tiny_encoder).tags("p01-0") == ("a b",)
    path.write_text('{"id": "p01-0"}\n{"id": "p02-0", "picture": "teal"}\n')
    with pytest.raises(RequestError, match=r"tags.jsonl:2: field picture"):
        opened(folder, tiny_encoder).tags("p01-0")


def test_a_scenario_that_is_none_of_the_packs_is_told(
    folder: Path, tiny_encoder: FakeEncoder
) -> None:
    with pytest.raises(RequestError, match="expected one of \\['pots'\\]"):
        CatalogueTagger(opened(folder, tiny_encoder), tiny_encoder, scenario="cake")
