"""The catalogue: exact masks against brute force, words and vectors in order, broken packs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.core.errors import RequestError, SetupError
from vitrine.core.items import Item
from vitrine.core.ports import Filters
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.memory.packs import clean_text
from vitrine.memory.vectors import (
    FILE,
    compute_vectors,
    pictures_key,
    read_vectors,
    ship_vectors,
    write_vectors,
)
from vitrine.models.fakes import FakeEncoder

FACETS = {
    "kind": ["mug", "bowl", "vase", "teapot"],
    "glaze": ["red", "orange", "teal", "blue", "white", "pink"],
    "finish": ["glossy", "matte"],
    "maker": ["Oda", "Brun", "Lund", "Nobody"],
}
choices = st.fixed_dictionaries(
    {},
    optional={
        facet: st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)
        for facet, values in FACETS.items()
    },
)
edges = st.none() | st.sampled_from([0.0, 12.0, 15.0, 22.0, 26.5, 42.0, 59.99, 60.0])
filters = st.builds(
    Filters,
    any_of=choices,
    none_of=choices,
    bounds=st.fixed_dictionaries({}, optional={"price": st.tuples(edges, edges)}),
    in_stock=st.lists(st.sampled_from(["small", "large", "huge"]), max_size=2).map(tuple),
    exclude=st.frozensets(st.sampled_from(["p01", "p07", "p12", "gone"])),
)


def passes(item: Item, asked: Filters) -> bool:
    """The same conditions, said as plainly as possible."""
    for facet, values in asked.any_of.items():
        if not set(item.values(facet)) & set(values):
            return False
    for facet, values in asked.none_of.items():
        if set(item.values(facet)) & set(values):
            return False
    for facet, (low, high) in asked.bounds.items():
        number = item.numbers.get(facet)
        if (
            number is None
            or (low is not None and number < low)
            or (high is not None and number > high)
        ):
            return False
    if asked.in_stock and not any(item.stock.get(size, 0) > 0 for size in asked.in_stock):
        return False
    return item.id not in asked.exclude


@given(asked=filters)
@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_masks_are_exact(tiny_catalogue: PackCatalogue, asked: Filters) -> None:
    mask = tiny_catalogue.mask(asked)
    assert mask.dtype == np.bool_
    assert [bool(row) for row in mask] == [passes(item, asked) for item in tiny_catalogue.items]


def test_bounds_admit_the_number_itself(tiny_catalogue: PackCatalogue) -> None:
    mask = tiny_catalogue.mask(Filters(bounds={"price": (59.99, 59.99)}))
    assert [tiny_catalogue.at(int(r)).id for r in np.flatnonzero(mask)] == ["p07"]


def test_an_unknown_numeric_facet_lets_nothing_pass(tiny_catalogue: PackCatalogue) -> None:
    assert not tiny_catalogue.mask(Filters(bounds={"weight": (None, 3.0)})).any()


def test_counts_and_carriers(tiny_catalogue: PackCatalogue) -> None:
    assert tiny_catalogue.values("glaze") == {
        "red": 2,
        "orange": 2,
        "teal": 4,
        "blue": 2,
        "white": 2,
    }
    assert list(tiny_catalogue.values("kind")) == ["mug", "bowl", "vase"]
    assert tiny_catalogue.values("size") == {"large": 5, "small": 9}
    assert tiny_catalogue.carries("glaze", "teal").sum() == 4
    assert not tiny_catalogue.carries("glaze", "mauve").any()
    carried = tiny_catalogue.carries("glaze", "teal")
    carried[:] = True
    assert tiny_catalogue.carries("glaze", "teal").sum() == 4, "callers get copies"
    assert np.isnan(tiny_catalogue.numbers("rating")).sum() == 1


def test_words_find_synonyms_and_keep_their_order(tiny_catalogue: PackCatalogue) -> None:
    everything = np.ones(len(tiny_catalogue), dtype=np.bool_)
    found = tiny_catalogue.words("beakers in scarlet", everything, 12)
    assert tiny_catalogue.at(found[0][0]).id == "p03"
    assert found == tiny_catalogue.words("beakers in scarlet", everything, 12)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert tiny_catalogue.words("xylophone", everything, 5) == []
    assert tiny_catalogue.words("", everything, 5) == []
    only = tiny_catalogue.mask(Filters(any_of={"kind": ("bowl",)}))
    assert {
        tiny_catalogue.at(r).values("kind") for r, _ in tiny_catalogue.words("teal", only, 5)
    } == {("bowl",)}


def test_a_short_list_is_the_head_of_the_long_one(tiny_catalogue: PackCatalogue) -> None:
    everything = np.ones(len(tiny_catalogue), dtype=np.bool_)
    whole = tiny_catalogue.words("mug", everything, 12)
    for limit in range(1, len(whole) + 1):
        assert tiny_catalogue.words("mug", everything, limit) == whole[:limit]


def test_nearest_stays_in_the_mask(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder
) -> None:
    query = tiny_encoder.encode_text(["teal", "red"])
    mask = tiny_catalogue.mask(Filters(any_of={"kind": ("bowl",)}))
    teal, red = tiny_catalogue.nearest(query, mask, 2)
    assert tiny_catalogue.at(teal[0][0]).id == "p05"
    assert tiny_catalogue.at(red[0][0]).id == "p04"
    assert all(mask[row] for row, _ in teal + red)
    assert tiny_catalogue.nearest(query, np.zeros(12, dtype=np.bool_), 3) == [[], []]


def test_nearest_equals_brute_force(tiny_catalogue: PackCatalogue) -> None:
    rng = np.random.default_rng(5)
    vectors = tiny_catalogue.vectors(range(len(tiny_catalogue)))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for _ in range(20):
        mask = rng.uniform(size=12) < 0.5
        query = rng.standard_normal((1, vectors.shape[1])).astype(np.float32)
        found = tiny_catalogue.nearest(query, mask, 4)[0]
        cosines = units @ (query[0] / np.linalg.norm(query))
        best = sorted(np.flatnonzero(mask), key=lambda row: -cosines[row])[:4]
        np.testing.assert_allclose([s for _, s in found], [cosines[r] for r in best], atol=1e-5)


def test_pictures_stay_in_the_pack(tiny_catalogue: PackCatalogue) -> None:
    path = tiny_catalogue.picture("p01")
    assert path is not None
    assert Path(path).is_absolute()
    assert Path(path).is_file()
    with pytest.raises(RequestError, match="no item 'p99'"):
        tiny_catalogue.picture("p99")


def test_vectors_are_computed_once(tiny_folder: Path, vitrine_home: Path) -> None:
    class Counting(FakeEncoder):
        calls = 0

        def encode_images(self, images):
            Counting.calls += len(images)
            return super().encode_images(images)

    steps: list[tuple[int, int]] = []
    first = open_catalogue(tiny_folder, encoder=Counting())
    first.warm(lambda done, total: steps.append((done, total)))
    again = open_catalogue(tiny_folder, encoder=Counting())
    np.testing.assert_array_equal(first.vectors(range(12)), again.vectors(range(12)))
    assert Counting.calls == 12
    assert steps == [(12, 12)]
    assert list((vitrine_home / "cache" / "vectors").iterdir())


def test_shipped_vectors_are_used_only_if_they_fit(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_folder, folder)
    items = open_catalogue(folder).items
    matrix = np.full((12, 64), 0.5, dtype=np.float32)
    key = pictures_key(folder, items)
    write_vectors(folder / FILE, matrix, "fake-tones-64", key)
    np.testing.assert_array_equal(
        open_catalogue(folder, encoder=FakeEncoder()).vectors(range(12)), matrix
    )
    assert read_vectors(folder / FILE, "another-space", key, 12) is None
    assert read_vectors(folder / FILE, "fake-tones-64", "0" * 64, 12) is None
    (folder / FILE).write_bytes(b"not tensors")
    assert read_vectors(folder / FILE, "fake-tones-64", key, 12) is None


def test_a_pack_can_ship_its_vectors(tiny_folder: Path, tmp_path: Path, vitrine_home: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_folder, folder)
    items = open_catalogue(folder).items
    assert ship_vectors(folder, items, FakeEncoder()) == folder / FILE
    loaded = open_catalogue(folder, encoder=FakeEncoder()).vectors(range(12))
    assert not (vitrine_home / "cache").exists(), "nothing had to be computed"
    np.testing.assert_allclose(loaded, compute_vectors(folder, items, FakeEncoder()), atol=1e-2)
    (folder / "pictures" / "p05.png").unlink()
    with pytest.raises(RequestError, match="item 'p05'"):
        ship_vectors(folder, items, FakeEncoder())


def test_an_item_without_picture_is_never_near(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_folder, folder)
    (folder / "pictures" / "p01.png").unlink()
    catalogue = open_catalogue(folder, encoder=FakeEncoder())
    assert catalogue.picture("p01") is None
    assert not catalogue.vectors([0]).any()
    everything = np.ones(12, dtype=np.bool_)
    found = catalogue.nearest(FakeEncoder().encode_text(["teal"]), everything, 12)[0]
    assert 0 not in [row for row, _ in found]
    assert len(found) == 11


def test_without_an_encoder_vectors_are_refused(tiny_folder: Path) -> None:
    with pytest.raises(SetupError, match="without an encoder"):
        open_catalogue(tiny_folder).vectors([0])


GOOD = {"id": "a1", "title": "A", "facets": {"kind": ["mug"]}}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{not json", "items.jsonl:2: not valid JSON"),
        ("[1, 2]", "items.jsonl:2: expected a JSON object, found list"),
        (json.dumps({"id": "b", "title": ""}), "items.jsonl:2: field title"),
        (json.dumps({"id": "../x", "title": "B"}), "items.jsonl:2: field id"),
        (json.dumps({**GOOD}), "items.jsonl:2: item id 'a1' repeats the one of line 1"),
        (json.dumps({"id": "b", "title": "B", "colour": "x"}), "items.jsonl:2: field colour"),
        (json.dumps({"id": "b", "title": "B", "facets": {"hat": ["x"]}}), "field facets.hat"),
        (json.dumps({"id": "b", "title": "B", "facets": {"kind": ["ship"]}}), "'ship' is none of"),
        (json.dumps({"id": "b", "title": "B", "numbers": {"kind": 3}}), "field numbers.kind"),
        ('{"id": "b", "title": "B", "numbers": {"price": NaN}}', "NaN is not a number"),
        ('{"id": "b", "title": "B", "numbers": {"price": 1e999}}', "expected a finite number"),
        (json.dumps({"id": "b", "title": "B", "picture": "../../etc/passwd"}), "field picture"),
        (json.dumps({"id": "b", "title": "B", "picture": "/etc/passwd"}), "field picture"),
        (json.dumps({"id": "b", "title": "B", "stock": {"small": -1}}), "field stock.small"),
        ('{"id": "b", "title": "\xff"}'.encode("latin-1"), "items.jsonl:2: not valid JSON"),
        ("[" * 5000, "items.jsonl:2: not valid JSON"),
    ],
)
def test_a_broken_line_is_named(
    tiny_folder: Path, tmp_path: Path, line: str | bytes, message: str
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    shutil.copy(tiny_folder / "domain.yaml", folder)
    data = line if isinstance(line, bytes) else line.encode()
    (folder / "items.jsonl").write_bytes(json.dumps(GOOD).encode() + b"\n" + data + b"\n")
    with pytest.raises(RequestError) as caught:
        open_catalogue(folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_empty_packs(tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"domain\.yaml is missing"):
        open_catalogue(tmp_path)
    shutil.copy(tiny_folder / "domain.yaml", tmp_path)
    with pytest.raises(RequestError, match=r"items\.jsonl is missing"):
        open_catalogue(tmp_path)
    (tmp_path / "items.jsonl").write_text("\n\n")
    with pytest.raises(RequestError, match="holds no items"):
        open_catalogue(tmp_path)


def test_item_text_is_cleaned(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    shutil.copy(tiny_folder / "domain.yaml", folder)
    item = {
        **GOOD,
        "title": "A\u202eevil\x1b[31m\x00 title\n\n",
        "description": "soft\u200bly  said",
    }
    (folder / "items.jsonl").write_text(json.dumps(item))
    loaded = open_catalogue(folder).item("a1")
    assert loaded.title == "A evil [31m title"
    assert loaded.description == "soft ly said"


@given(st.text(max_size=200))
def test_cleaning_is_idempotent_and_printable(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert all(char.isprintable() or char.isspace() or ord(char) > 0x10FF for char in clean)
    clean.encode("utf-8")
