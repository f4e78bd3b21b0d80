"""Tags of things: asked of a model, read off facets and pictures, merged, counted, written in budget."""

import asyncio
import json

import numpy as np
import pytest

from vitrine.core.domain import DomainPack, Facet, FacetValue, TagScenario
from vitrine.core.errors import ChatError, RequestError
from vitrine.core.interests import WordBudget, compatible, count_tags, rewrite
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.fakes import FakeEncoder
from vitrine.models.llm.fakes import FakeChat
from vitrine.tools.extract_tags import ExtractRequest, ExtractTags, instructions
from vitrine.tools.merge_tags import TagMerger
from vitrine.tools.rewrite_interests import RewriteInterests, RewriteRequest
from vitrine.tools.thing_tags import HistoryThing
from vitrine.tools.zero_shot_tags import Truth, ZeroShotTags, calibrate

POSTER = TagScenario(
    name="poster", thing="a film poster", picture=("colours", "mood"), text=("theme",), most=3,
    synonyms=(("old", "vintage", "retro"),),
)  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    values = (
        FacetValue(name="red", words=("scarlet",)),
        FacetValue(name="blue", words=("azure",)),
        FacetValue(name="long", words=("tall",)),
        FacetValue(name="short", words=("tall",)),
    )
    return DomainPack(
        name="films", title="Films", noun="film",
        facets=(
            Facet(name="kind", kind="categorical", role="head", values=(FacetValue(name="film"),)),
            Facet(name="tone", kind="categorical", values=values),
            Facet(name="price", kind="numeric", role="price"),
        ),
        scenarios=(POSTER,),
    )  # fmt: skip


def extract(tool: ExtractTags, **given: object) -> tuple[tuple[str, ...], str | None]:
    picture = np.zeros((4, 4, 3), np.uint8) if given.pop("picture", False) else None
    result = asyncio.run(tool(ExtractRequest.model_validate(given), picture))
    return result.tags, result.failed


# --- asking a model -------------------------------------------------------------------------------


def test_one_call_gives_the_tags_of_picture_and_text(pack: DomainPack) -> None:
    chat = FakeChat([{"picture": ["Dark ", "rainy!", "neon", "fourth"], "text": ["heist", "dark"]}])
    tool = ExtractTags(pack, chat, sees=True)
    facets = {"tone": ("red",), "price": ("9",)}
    tags, failed = extract(tool, facets=facets, text="A robbery.", picture=True)
    assert (tags, failed) == (("dark", "rainy", "neon", "heist", "red"), None)
    assert len(chat.requests) == 1
    asked = chat.requests[0]
    assert "a film poster" in asked.instructions and "colours, mood" in asked.instructions
    assert json.loads(asked.message) == {"written": "A robbery."}
    assert len(asked.pictures) == 1
    assert "{" not in instructions(POSTER), "every slot is filled"


def test_a_model_that_sees_nothing_is_sent_no_picture(pack: DomainPack) -> None:
    chat = FakeChat([{"picture": [], "text": ["heist"]}])
    extract(ExtractTags(pack, chat), text="x", picture=True)
    assert chat.requests[0].pictures == ()


@pytest.mark.parametrize(
    "line",
    [
        ChatError("timeout", "no answer"),
        "no JSON at all",
        {"picture": ["x"]},
        {"picture": [], "text": [], "more": 1},
        {"picture": ["x" * 60], "text": []},
        {"picture": "dark", "text": []},
    ],
)
def test_a_model_that_fails_leaves_the_facets(pack: DomainPack, line: object) -> None:
    chat = FakeChat([line])  # type: ignore[list-item]
    tags, failed = extract(ExtractTags(pack, chat), facets={"tone": ("blue",)}, text="x")
    assert tags == ("blue",)
    assert failed is not None and failed.split(":")[0] in ("timeout", "garbled")
    assert len(chat.requests) == 1, "asked once"


def test_an_unknown_scenario_is_told_and_no_scenario_asks_nobody(pack: DomainPack) -> None:
    with pytest.raises(RequestError, match="expected one of \\['poster'\\]"):
        extract(ExtractTags(pack), scenario="cake")
    chat = FakeChat([{"picture": [], "text": ["x"]}])
    bare = pack.model_copy(update={"scenarios": ()})
    assert extract(ExtractTags(bare, chat), facets={"tone": ("red",)})[0] == ("red",)
    assert not chat.requests


def test_scenarios_have_names_of_their_own(pack: DomainPack) -> None:
    with pytest.raises(ValueError, match="repeat"):
        DomainPack.model_validate({**pack.model_dump(), "scenarios": [POSTER, POSTER]})
    assert pack.scenario() == pack.scenario("poster") == POSTER
    assert pack.scenario("news") is None


# --- words that the encoder sees ------------------------------------------------------------------


class Spots:
    """An encoder of pictures whose embedding says which words are true of them, with some noise."""

    space, dim = "spots", 6
    words = ("sunny", "wet", "green", "noisy", "loud", "new")

    def encode_text(self, texts: list[str]) -> np.ndarray:
        return np.eye(6, dtype=np.float32)[[self.words.index(text) for text in texts]]

    def encode_images(self, images: list[np.ndarray]) -> np.ndarray:
        return np.stack([image.reshape(-1)[:6].astype(np.float32) / 255 for image in images])


def spotted(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(embeddings, truth) of pictures: noise of .15, but "noisy" is told by nothing."""
    rng = np.random.default_rng(seed)
    truth = rng.random((count, 6)) < 0.3
    rows = truth * 1.0 + rng.normal(size=truth.shape) * 0.15
    rows[:, 3] = rng.normal(size=count)
    return rows.astype(np.float32), truth


def test_thresholds_hold_on_pictures_that_were_not_calibrated_on() -> None:
    encoder = Spots()
    rows, truth = spotted(300, 0)
    every = np.ones(len(rows), np.bool_)
    known = {word: Truth(truth[:, i], every) for i, word in enumerate(encoder.words[:4])}
    good = ("sunny", "wet", "green")
    words = calibrate(encoder, {**known, "new": None}, rows, good)  # type: ignore[arg-type]
    assert [word.word for word in words] == [*good, "new"], "chance is left out"
    assert all(word.precision and word.precision > 0.85 for word in words[:3])
    assert words[3].precision is None
    eye = ZeroShotTags(encoder, words)  # type: ignore[arg-type]
    others, real = spotted(300, 1)
    said = eye.of(others)
    for i, word in enumerate(encoder.words[:3]):
        seen = np.array([word in tags for tags in said])
        assert (seen & real[:, i]).sum() / seen.sum() > 0.85
        assert (seen & real[:, i]).sum() / real[:, i].sum() > 0.85
    doubted = calibrate(encoder, {**known, "new": None}, rows, ("noisy", "wet"))  # type: ignore[arg-type]
    assert [word.word for word in doubted] == [*good], "what its like is worth, it is"
    assert ZeroShotTags(encoder, ()).of(others[:2]) == [(), ()]  # type: ignore[arg-type]
    assert calibrate(encoder, known, rows[:5]) == ()  # type: ignore[arg-type]


def test_what_is_seen_joins_what_is_known(pack: DomainPack) -> None:
    rows, truth = spotted(300, 0)
    encoder = Spots()
    words = calibrate(encoder, {"sunny": Truth(truth[:, 0], truth[:, 0] >= 0)}, rows)  # type: ignore[arg-type]
    tool = ExtractTags(pack, eye=ZeroShotTags(encoder, words))  # type: ignore[arg-type]
    picture = np.zeros((1, 2, 3), np.uint8)
    picture[0, 0, 0] = 255
    result = asyncio.run(tool(ExtractRequest(facets={"tone": ("red",)}), picture))
    assert result.tags == ("red", "sunny")
    assert result.sources == ("facets", "picture")


# --- merging --------------------------------------------------------------------------------------


class Near:
    """Texts on a circle: what means nearly the same lies nearly there."""

    angles = (
        ("red", 0.0), ("blue", 0.6), ("long", 2.0), ("short", 2.3), ("film", 4.0), ("lively", 3.0),
        ("vivid", 3.05), ("crisp", 3.27), ("crimson", 0.02), ("old", 5.0), ("rustic", 5.5),
    )  # fmt: skip

    def texts(self, texts: list[str]) -> np.ndarray:
        turn = [dict(self.angles)[text] for text in texts]
        return np.stack([np.cos(turn), np.sin(turn)], 1).astype(np.float32)


def test_the_packs_words_merge_and_ambiguous_ones_do_not(pack: DomainPack) -> None:
    merge = TagMerger(pack)
    tags = ["scarlet", "azure", "retro", "vintage", "tall", "lively", "vivid"]
    assert merge(tags) == {
        "scarlet": "red", "azure": "blue", "retro": "old", "vintage": "old",
        "tall": "tall", "lively": "lively", "vivid": "vivid",
    }  # fmt: skip
    assert merge.value("red") == ("tone", "red")
    assert merge.value("lively") is None


def test_tags_nearer_than_values_that_differ_are_one(pack: DomainPack) -> None:
    merge = TagMerger(pack, Near())  # type: ignore[arg-type]
    # "long" and "short" are .3 apart and differ: .05 is one, .22 and more are two
    assert merge(["lively", "vivid", "crimson", "red"]) == {
        "lively": "lively", "vivid": "lively", "crimson": "red", "red": "red",
    }  # fmt: skip
    assert merge(["vivid", "rustic", "old"])["rustic"] == "rustic"
    assert merge(["long", "short"]) == {"long": "long", "short": "short"}


def test_merged_tags_count_once_a_thing(tiny_catalogue: PackCatalogue) -> None:
    rewrite_tool = RewriteInterests(tiny_catalogue)
    things = (
        HistoryThing(facets={"glaze": ("teal",)}, tags=("teal", "handmade")),
        HistoryThing(tags=("handmade", "teal")),
    )
    result = rewrite_tool(RewriteRequest(history=things, target="a mug"))
    assert [(t.facet, t.value, t.count) for t in result.tags] == [
        ("glaze", "teal", 2), ("", "handmade", 2),
    ]  # fmt: skip
    settled = rewrite_tool(RewriteRequest(history=things, target="a mug", settled=("glaze",)))
    assert [t.value for t in settled.interests] == ["handmade"], "a free tag of a settled facet too"


# --- counting and writing -------------------------------------------------------------------------


def test_ties_go_to_the_newest_then_to_the_rank() -> None:
    history = [["b", "a"], ["c", "a"], ["d", "c", "d"]]
    assert list(count_tags(history, rank=lambda tag: (tag,)).items()) == [
        ("c", 2), ("a", 2), ("d", 1), ("b", 1),
    ]  # fmt: skip


def test_t_gives_way_before_any_tag() -> None:
    target = " ".join(f"w{i}" for i in range(15))
    done = rewrite(target, "film", ["own"], ["a", "b"], WordBudget(20))
    assert done.text == (
        "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9. This film is about own, maybe related to a, b."
    )
    assert done.words_cut == 5


def test_a_template_that_crowds_out_t_is_left_out() -> None:
    done = rewrite("one two three four five six", "film", ["own"], ["a", "b"], WordBudget(8))
    assert done.text == "one two three four five, own, a, b"
    assert rewrite("", "film", [], ["a"], WordBudget(30)).text == "This film is maybe related to a."
    assert rewrite("one", "film", [], [], WordBudget(30)).text == "one"


def test_the_least_interests_go_last() -> None:
    done = rewrite("one two", "film", ["own"], ["a", "b", "c", "d"], WordBudget(3))
    assert done.text == "own, a, b"
    assert done.interests == ("a", "b")
    assert done.words_cut == 2


def test_the_scenarios_of_the_demo_shop_are_asked(tiny_encoder: FakeEncoder) -> None:
    from vitrine.core.domain import load_pack
    from vitrine.core.places import domain_folder

    pack = load_pack(domain_folder("atelier"))
    assert [scenario.name for scenario in pack.scenarios] == ["outfit", "poster", "news"]
    texts = {instructions(scenario) for scenario in pack.scenarios}
    assert len(texts) == 3
    assert all("{" not in text for text in texts)
    merge = TagMerger(pack)
    assert merge(["scarlet", "retro", "polka dots"]) == {
        "scarlet": "red", "retro": "vintage", "polka dots": "dotted",
    }  # fmt: skip


def test_interests_are_of_the_wanted_kind_and_do_not_contradict_each_other() -> None:
    facets = (
        Facet(name="kind", kind="categorical", role="head",
              values=(FacetValue(name="coat"), FacetValue(name="hat"))),
        Facet(name="sleeve", kind="categorical", applies_to=("coat",),
              values=(FacetValue(name="long"), FacetValue(name="short"))),
        Facet(name="mood", kind="categorical", values=(FacetValue(name="dark"),)),
    )  # fmt: skip
    pack = DomainPack(name="wear", title="Wear", facets=facets)
    history = [
        [("sleeve", "long"), ("mood", "dark"), ("mood", "calm"), ("", "rare")],
        [("sleeve", "short"), ("mood", "calm")],
    ]
    ranked = list(count_tags([*history, *history], rank=lambda tag: tag))
    anything = compatible(ranked, history, pack, None)
    assert ("sleeve", "short") in anything
    assert ("sleeve", "long") not in anything, "nothing has both"
    assert {("mood", "dark"), ("mood", "calm"), ("", "rare")} <= set(anything), "a thing has both"
    assert compatible(ranked, history, pack, "coat") == anything
    assert not [tag for tag in compatible(ranked, history, pack, "hat") if tag[0] == "sleeve"]
