"""`vitrine eval understanding`, on gold files written here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder
from vitrine.evals.understanding import markdown, measure, summary
from vitrine.evals.understanding_critiques import (
    CritiqueBench,
    CritiqueLabel,
    figures,
    parse_aims,
    read_labels,
)
from vitrine.evals.understanding_gold import GoldReader, named_items, rows_of
from vitrine.evals.understanding_shop import GoldShop, build_shop, read_list
from vitrine.evals.understanding_state import StateReader, constraints
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.packs import read_items

LISTED = [
    ("Nord Wool Beanie", ["Hats", "Clothing", "Men"], "$12.00 - $19.00", "Nord"),
    ("Nord Striped Cap", ["Hats", "Clothing", "Women"], "$9.50", "Nord"),
    ("Pella Red Sun Hat", ["Hats", "Clothing", "Women"], "$22.00", "Pella"),
    ("Pella Cotton Socks", ["Socks", "Clothing", "Women"], "$5.00", "Pella"),
    ("Nord Wool Socks", ["Socks", "Clothing", "Men"], "$8.00", "Nord"),
    ("Runa Blue Socks", ["Socks", "Clothing", "Women"], "$6.00", "Runa"),
    *((f"Runa Plain Thing {n}", ["Things", "Clothing", "Men"], "$1.00", "Runa") for n in range(12)),
]
FILES = {
    "Clothing_User_Intent_Test.csv": (
        "Input,Output1,Output2,leng\n"
        "what is the rating?,Inquire,,1\n"
        "I want a blue hat,,,0\n"
        "I will buy the second one,AcceptRecommendation,,1\n"
        "compare them,,,1\n"
    ),
    "clothing_constraints_updater_test.csv": (
        "utterance 1,utterance 2,utterance 3,old hard constraints,old soft constraints,"
        "new hard constraints,new soft constraints\n"
        ',,I want wool hats,,,"category=[""Hats""], material=[""Wool""]",\n'
        ',Which colour?,"Red, ideally","category=[""Hats""]",,"category=[""Hats""]",'
        '"design=[""Red""]"\n'
        ',How about Nord Wool Beanie?,Is it itchy?,"category=[""Hats""]",,"category=[""Hats""]",\n'
        ',,I want socks,"category=[""Hats""]",,"category=[""Hats""]",\n'
    ),
    "accepted_clothing_extractor_test.csv": (
        "utterance,all mentioned items,recently mentioned items,accepted items\n"
        'I like the Pella one,"Nord Wool Beanie, Pella Red Sun Hat",'
        '"Nord Wool Beanie, Pella Red Sun Hat",Pella Red Sun Hat\n'
    ),
    "rejected_clothing_extractor_test.csv": (
        "utterance,all mentioned items,recently mentioned items,rejected items\n"
        'not the first one,"Nord Wool Beanie, Pella Red Sun Hat",'
        '"Nord Wool Beanie, Pella Red Sun Hat",Nord Wool Beanie\n'
    ),
    "current_clothing_extractor_test.csv": (
        "user_input,current_item_names\n"
        "I like that red hat.,Red Hat.\n"
        "How much is the blue cap?,Blue Cap.\n"
        "I need wool socks.,None.\n"
    ),
    "qa_separate_question_clothing_test.csv": (
        "question,individual_questions\n"
        r"Does it have pockets or buttons?,Does it have pockets?\nDoes it have buttons?"
        "\nIs it warm?,Is it warm?\n"
    ),
    "qa_category_extraction_clothing_test.csv": (
        "utterance,item attribute keys,expected category\n"
        "What's the price of it?,,price\n"
        "Does it have pockets?,,category\n"
    ),
}
LABELS = [
    {"index": 0, "caption": 0, "asks": ["sleeve>", "color=red"]},
    {"index": 0, "caption": 1, "asks": ["-shiny", "+bow"], "allowed": ["accent=white"]},
    {"index": 1, "caption": 0, "asks": ["color=green"]},
]
CAPTIONS = [
    {"captions": ["is red with longer sleeves", "is less shiny with a white bow"]},
    {"captions": ["is purple", "unused"]},
]


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gold")
    convrec = folder / "llm_convrec"
    convrec.mkdir()
    for name, text in FILES.items():
        (convrec / name).write_text(text, encoding="utf-8")
    lines = [
        json.dumps(
            {"item_id": f"i{n}", "name": name, "category": kinds, "price": price, "brand": brand,
             "rating": 4.0, "imageURLs": "[]"}
        )
        for n, (name, kinds, price, brand) in enumerate(LISTED)
    ]  # fmt: skip
    (convrec / "item_metadata.json").write_text("\n".join(lines), encoding="latin-1")
    own = folder / "own_captions"
    own.mkdir()
    (own / "cap.json").write_text(json.dumps(CAPTIONS), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def labels(gold: Path) -> Path:
    path = gold / "labels.jsonl"
    rows = [
        {"dataset": "own_captions", "file": "cap.json", "part": "tuning", "about": "dress", **row}
        for row in LABELS
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def atelier() -> PackCatalogue:
    folder = domain_folder("atelier")
    pack = load_pack(folder)
    return PackCatalogue(folder, pack, read_items(folder, pack))


@pytest.fixture(scope="module")
def bench(atelier: PackCatalogue) -> CritiqueBench:
    return CritiqueBench(atelier, BuiltinUnderstanding(atelier))


@pytest.fixture(scope="module")
def shop(gold: Path, atelier: PackCatalogue) -> GoldShop:
    folder = gold / "llm_convrec"
    return build_shop(read_list(folder / "item_metadata.json"), named_items(folder), atelier)


@pytest.fixture(scope="module")
def reader(shop: GoldShop) -> GoldReader:
    return GoldReader(shop, BuiltinUnderstanding(shop.catalogue))


def label(*asks: str, allowed: tuple[str, ...] = (), about: str = "dress") -> CritiqueLabel:
    return CritiqueLabel(
        dataset="own", file="f", index=0, caption=0, part="tuning", about=about, asks=asks,
        allowed=allowed,
    )  # fmt: skip


# --- critiques ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("is black", ("color=black",)),
        ("is black", ("color=ebony",)),  # the label may use any word of the shop for it
        ("has longer sleeves", ("sleeve>",)),
        ("has shorter sleeves", ("sleeve<",)),
        ("is darker", ("color<|+dark",)),
        ("has no belt", ("-belt",)),
        ("is the same", ()),
    ],
)
def test_read_right(bench: CritiqueBench, said: str, asks: tuple[str, ...]) -> None:
    result = bench.read(label(*asks), said)
    assert result.right, (result.missed, result.spurious, result.found)


@pytest.mark.parametrize(
    ("said", "asks", "missed", "spurious"),
    [
        ("is black", ("color=red",), ("color=red",), ("color=black",)),
        ("has longer sleeves", ("sleeve<",), ("sleeve<",), ("sleeve=long",)),
        ("has a belt", ("-belt",), ("-belt",), ()),
        ("is black", ("color!black",), ("color!black",), ("color=black",)),
        ("is black and striped", ("color=black",), (), ("pattern=striped",)),
    ],
)
def test_read_wrong(
    bench: CritiqueBench,
    said: str,
    asks: tuple[str, ...],
    missed: tuple[str, ...],
    spurious: tuple[str, ...],
) -> None:
    result = bench.read(label(*asks), said)
    assert not result.right
    assert (result.missed, result.spurious) == (missed, spurious)


def test_another_value_than_the_shown_one(bench: CritiqueBench) -> None:
    assert bench.read(label("pattern!"), "has a different pattern").right
    assert not bench.read(label("pattern!"), "is more formal").right


def test_what_is_allowed_is_not_unasked(bench: CritiqueBench) -> None:
    said = "is black and striped"
    assert bench.read(label("color=black", allowed=("pattern=striped",)), said).right
    assert bench.read(label("color=black|color=blue", "pattern=striped"), said).right


def test_items_under_discussion_leave_both_directions_open(bench: CritiqueBench) -> None:
    item = bench.item_about("dress")
    for facet in bench.pack.facets:
        if facet.ordered and item.values(facet.name):
            names = [value.name for value in facet.values]
            assert 0 < names.index(item.values(facet.name)[0]) < len(names) - 1
    with pytest.raises(RequestError, match="spaceship"):
        bench.item_about("spaceship")


def test_figures(bench: CritiqueBench) -> None:
    results = [
        bench.read(label("color=black"), "is black"),
        bench.read(label("color=red", "+bow"), "is black with a bow"),
    ]
    found = figures(results)
    assert (found.right, found.critiques, found.asks, found.spurious) == (1, 2, 3, 1)
    assert found.asks_met == pytest.approx(2 / 3, abs=1e-3)
    assert found.missed_by_kind == {"value wanted": 1}


def test_aims() -> None:
    one, other = parse_aims("color=dark blue|+navy trim")
    assert (one.facet, one.sign, one.words) == ("color", "=", ("dark", "blue"))
    assert (other.facet, other.sign, other.words) == ("", "+", ("navy", "trim"))
    with pytest.raises(RequestError, match="no aim"):
        parse_aims("blue")


def test_shipped_labels_hold_no_sentences() -> None:
    labels = read_labels()
    assert len([one for one in labels if one.part == "tuning"]) == 300
    places = {(one.dataset, one.file, one.index, one.caption) for one in labels}
    assert len(places) == len(labels)
    assert all(
        len(cell.split()) <= 3 for one in labels for ask in one.asks for cell in ask.split("|")
    )


# --- gold of another shop -------------------------------------------------------------------------


def test_the_shop_is_made_of_the_list(shop: GoldShop) -> None:
    pack = shop.catalogue.pack
    assert {v.name for v in pack.head.values} >= {"hats", "socks"}
    people = pack.facet("people")
    assert people is not None
    assert {v.name for v in people.values} == {"men", "women"}
    beanie = shop.by_name["Nord Wool Beanie"]
    assert beanie.facets["material"] == ("wool",)
    assert beanie.facets["brand"] == ("Nord",)
    assert beanie.numbers["price"] == 12.0
    assert shop.by_name["Blue Cap"].facets["color"] == ("blue",)


def test_intents(reader: GoldReader, gold: Path) -> None:
    results = reader.read(gold / "llm_convrec", "intents")
    assert [r.right for r in results] == [True, True, True, False]
    assert "inquire" in results[3].found


def test_state(reader: GoldReader, gold: Path) -> None:
    results = StateReader(reader).read(gold / "llm_convrec")
    assert [r.right for r in results] == [True, True, True, False]
    assert "category=socks" in results[3].found


def test_constraints() -> None:
    found = constraints('category=["A b", "C"], price range=["low"]', "soft")
    assert [(c.key, c.value) for c in found] == [
        ("category", "A b"), ("category", "C"), ("price range", "low"),
    ]  # fmt: skip


@pytest.mark.parametrize("section", ["accepted", "rejected", "current", "separation", "categories"])
def test_references_and_questions(reader: GoldReader, gold: Path, section: str) -> None:
    results = reader.read(gold / "llm_convrec", section)  # pyright: ignore[reportArgumentType]
    assert all(r.right for r in results), [(r.said, r.expected, r.found) for r in results]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"Clothing_User_Intent_Test\.csv"):
        rows_of(tmp_path, "intents")


# --- the report -----------------------------------------------------------------------------------


def test_report(gold: Path, labels: Path) -> None:
    report = measure(gold, "atelier", labels=labels)
    assert report.critiques["all"].right == 2
    assert report.critiques["own_captions"].critiques == 3
    assert report.gold["intents"].rows == 4
    assert report.gold["state"].accuracy == 0.75
    page = markdown(report)
    assert "is purple" in page
    assert "less shiny" not in page, "only misses are listed"
    assert any("critiques all" in line for line in summary(report))


def test_a_folder_without_sets_is_refused(tmp_path: Path, labels: Path) -> None:
    with pytest.raises(RequestError, match="own_captions"):
        measure(tmp_path, "atelier", labels=labels)
