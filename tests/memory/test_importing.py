"""Importing shops: tables of all kinds, guessed mappings, and everything that outside data may do.

Shops are miniatures written here. `test_real_tables` also imports the tables of a folder named by
SHOP_TABLES_DIR, where there is one.
"""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.items import Item
from vitrine.core.units import convert, unit_of
from vitrine.memory.importing import tables
from vitrine.memory.importing.kinds import Silence, mine, silence
from vitrine.memory.importing.numbers import read_number, writes_comma
from vitrine.memory.importing.pictures import PictureDesk
from vitrine.memory.importing.prose import plain
from vitrine.memory.importing.shop import ImportReport, ImportRequest, import_shop, propose_map
from vitrine.memory.packs import read_items

LAMPS = [
    {
        "sku": f"L{n:03d}",
        "name": f"{['Nordlys', 'Halo', 'Tinde'][n % 3]} {['floor', 'desk', 'wall'][n % 3]} {kind}",
        "type": kind,
        "finish": ["Brass", "brass", "Oak", "Chrome"][n % 4],
        "maker": ["Aurek", "Bolt & Sons"][n % 2],
        "price": f"{19 + n},{50 if n % 2 else 99} €",
        "power": f"{5 + n % 4 * 5} W",
        "dimmable": ["yes", "no"][n % 2],
        "rooms": ["Kitchen;Hall", "Bedroom", "Hall"][n % 3],
        "description": f"<p>A {kind} for quiet evenings &amp; long nights, number {n}.</p>",
    }
    for n, kind in enumerate(["lamp", "lantern", "chandelier"] * 20)
]


def write_csv(path: Path, rows: list[dict[str, str]], sign: str = ",") -> Path:
    names = list(rows[0])
    lines = [sign.join(f'"{row[name]}"' for name in names) for row in rows]
    path.write_text("\n".join([sign.join(names), *lines]) + "\n", encoding="utf-8")
    return path


def imported(source: Path, out: Path, **more: Any) -> ImportReport:
    return import_shop(ImportRequest(source=source, name="shop", out=out, **more))


def items_of(folder: Path) -> dict[str, Item]:
    return {item.id: item for item in read_items(folder, load_pack(folder))}


# --- a shop ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamps")
    imported(write_csv(folder / "lamps.csv", LAMPS, ";"), folder / "pack")
    return folder / "pack"


def test_columns_become_facets(lamps: Path) -> None:
    pack = load_pack(lamps)
    assert pack.head.name == "type"
    assert {v.name for v in pack.head.values} == {"lamp", "lantern", "chandelier"}
    assert pack.currency == "EUR"
    power = pack.facet("power")
    assert power is not None
    assert power.unit == "W"
    assert "watts" in power.unit_words
    maker = pack.facet("maker")
    assert maker is not None
    assert "brand" in maker.words


def test_rows_become_items(lamps: Path) -> None:
    item = items_of(lamps)["L000"]
    assert item.title == "Nordlys floor lamp"
    assert item.numbers == {"price": 19.99, "power": 5.0}
    assert item.description == "A lamp for quiet evenings & long nights, number 0."
    assert item.values("rooms") == ("Kitchen", "Hall")
    assert item.values("dimmable") == ("dimmable",)
    assert items_of(lamps)["L001"].values("dimmable") == ()


def test_spellings_of_one_value_are_one(lamps: Path) -> None:
    finish = load_pack(lamps).facet("finish")
    assert finish is not None
    assert sorted(v.name.casefold() for v in finish.values) == ["brass", "chrome", "oak"]


def test_a_reviewed_mapping_rules(tmp_path: Path, lamps: Path) -> None:
    source = write_csv(tmp_path / "lamps.csv", LAMPS, ";")
    text, _ = propose_map(source, "shop")
    edited = tmp_path / "map.yaml"
    edited.write_text(
        text.replace("noun: item", "").replace("title: Shop", "title: Lamps Ltd\nnoun: light")
    )
    imported(source, tmp_path / "pack", mapping=edited)
    pack = load_pack(tmp_path / "pack")
    assert (pack.title, pack.noun) == ("Lamps Ltd", "light")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: [", "not valid YAML"),
        ("title: x\nhead: {column: nowhere}", "no column 'nowhere'"),
        ("title: x\nhead: {}", "either a column or mined"),
        ("title: x\nhead: {mined: true}\nspeed: 3", "speed"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path: Path, text: str, says: str) -> None:
    source = write_csv(tmp_path / "lamps.csv", LAMPS)
    mapping = tmp_path / "map.yaml"
    mapping.write_text(text)
    with pytest.raises(RequestError, match=says):
        imported(source, tmp_path / "pack", mapping=mapping)
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".jsonl.gz", ".tsv"])
def test_every_kind_of_table(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"lamps{ending}"
    match ending:
        case ".tsv":
            write_csv(path, LAMPS, "\t")
        case ".json":
            path.write_text(json.dumps({"count": 60, "products": LAMPS}))
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in LAMPS))
        case _:
            path.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in LAMPS).encode()))
    report = imported(path, tmp_path / "pack")
    assert report.tally.items == len(LAMPS)
    assert items_of(tmp_path / "pack")["L004"].numbers["price"] == 23.99


def test_colours_are_read_out_of_prose_where_no_column_tells(tmp_path: Path) -> None:
    names = ["white", "black", "red", "green", "blue", "purple"]
    rows = [
        {
            "id": n,
            "name": f"Rug {n}",
            "kind": ["rug", "mat"][n % 2],
            "text": f"Woven {names[n % 6]}.",
        }
        for n in range(60)
    ]
    path = tmp_path / "rugs.json"
    path.write_text(json.dumps(rows))
    report = imported(path, tmp_path / "pack")
    assert any("colours" in note for note in report.notes)
    facet = load_pack(tmp_path / "pack").facet("colour")
    assert facet is not None
    assert not facet.exact
    assert {v.name for v in facet.values} == set(names)
    assert all(v.rgb is not None for v in facet.values)
    assert items_of(tmp_path / "pack")["2"].values("colour") == ("red",)


# --- what is refused ------------------------------------------------------------------------------


def test_bad_rows_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.jsonl"
    rows: list[Any] = [dict(row) for row in LAMPS]
    rows[3]["name"] = " \u200b "
    rows[4]["sku"] = "L000"
    del rows[5]["sku"]
    lines = [json.dumps(row) for row in rows]
    lines[7] = lines[7][:-9]
    lines[8] = "[1, 2]"
    path.write_text("\n".join(lines))
    report = imported(path, tmp_path / "pack")
    assert report.refused_count == 5
    assert report.tally.items == len(LAMPS) - 5
    told = "\n".join(report.refused)
    for line, why in [
        (4, "no title"),
        (5, "repeats"),
        (6, "no 'sku'"),
        (8, "not valid JSON"),
        (9, "found list"),
    ]:
        assert any(f"shop.jsonl:{line}:" in entry and why in entry for entry in report.refused), (
            told
        )


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.parquet", b"PAR1", "export as CSV"),
        ("a.xlsx", b"PK", "expected a file ending"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"id,name\n", "no usable rows"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b'{"a": 1}', "expected a list of objects"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.jsonl.gz", b"not gzip", "no intact gzip"),
        ("a.jsonl.gz", gzip.compress(b'{"name": "x"}\n' * 999, mtime=0)[:-9], "no intact gzip"),
        ("a.jsonl", b"\xff\xfe\x00", "no usable rows"),
    ],
)
def test_broken_files_are_one_clear_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RequestError, match=says) as told:
        imported(path, tmp_path / "pack")
    assert "\n" not in str(told.value)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_file_that_unpacks_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 50_000)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"name": "x"}\n' * 5_000, mtime=0))
    with pytest.raises(RequestError, match="unpacks to more"):
        imported(path, tmp_path / "pack")


def test_huge_fields_and_markup_are_bounded(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [dict(row) for row in LAMPS]
    rows[0]["description"] = "<script>steal()</script>" + "words " * 50_000
    rows[1]["name"] = "Halo \u202egnol\x00 lantern <b>new</b>"
    path = tmp_path / "shop.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = imported(path, tmp_path / "pack")
    found = items_of(tmp_path / "pack")
    assert len(found["L000"].description) <= 4000
    assert "steal" not in found["L000"].description
    assert found["L001"].title == "Halo gnol lantern new"
    assert report.tally.shortened >= 1


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "lamps.csv", LAMPS)
    imported(source, tmp_path / "pack")
    with pytest.raises(RequestError, match="exists"):
        imported(source, tmp_path / "pack")
    imported(source, tmp_path / "pack", replace=True)
    (tmp_path / "notes").mkdir()
    with pytest.raises(RequestError, match="no domain pack"):
        imported(source, tmp_path / "notes", replace=True)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_failed_import_leaves_the_old_shop(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "lamps.csv", LAMPS)
    imported(source, tmp_path / "pack")
    before = (tmp_path / "pack" / "items.jsonl").read_bytes()
    nameless = [{**row, "name": "\u200b"} for row in LAMPS]
    mapping = tmp_path / "map.yaml"
    mapping.write_text((tmp_path / "pack" / "map.yaml").read_text())
    with pytest.raises(RequestError, match="every row was refused"):
        imported(
            write_csv(tmp_path / "worse.csv", nameless),
            tmp_path / "pack",
            mapping=mapping,
            replace=True,
        )
    assert (tmp_path / "pack" / "items.jsonl").read_bytes() == before


# --- pictures -------------------------------------------------------------------------------------


def test_pictures_are_checked_and_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitrine.memory.importing.pictures.MAX_PIXELS", 300_000)
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGBA", (700, 350), (200, 30, 30, 128)).save(images / "red.png")
    Image.new("L", (600, 600)).save(images / "bomb.png")
    (images / "fake.jpg").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "secret.png").write_bytes((images / "red.png").read_bytes())
    (images / "link.png").symlink_to(tmp_path / "secret.png")
    desk = PictureDesk(images, tmp_path / "out")
    assert desk.take("https://shop.example/img/red.png?w=9", "a") == "pictures/a.webp"
    with Image.open(tmp_path / "out/pictures/a.webp") as small:
        assert (small.size, small.mode) == ((512, 256), "RGB")
    assert desk.take("red", "b") == "pictures/b.webp"
    for name in ("bomb.png", "fake.jpg", "../secret.png", "link.png", "/etc/passwd", "none.jpg"):
        assert desk.take(name, "c") is None, name
    assert desk.counts == {"kept": 2, "broken": 2, "missing": 4}
    assert not (tmp_path / "out/pictures/c.webp").exists()


# --- kinds, numbers, units, prose -----------------------------------------------------------------


def test_kinds_are_read_out_of_titles() -> None:
    titles = [
        f"{maker} {maker[0]}{n}00 {kind} {colour} {n} l"
        for n in range(2, 22)
        for maker, colour in (("Acme", "Black"), ("Kettle Works", "Gray"))
        for kind in ("travel kettle", "toaster", "bread knife")
    ]
    titles += ["Spare lids for kettles and toasters", "Sharpener for knives"] * 5
    silent = silence(["black", "gray"], ["Acme", "Kettle Works"])
    kinds = mine([(title,) for title in titles], silent)
    assert {"kettle", "toaster", "knife"} <= set(kinds.single)
    assert not {"acme", "black", "works", "gray"} & set(kinds.single)
    assert kinds.of([titles[0]], silent) == ("travel kettle", "kettle")
    assert kinds.of([titles[1]], silent) == ("toaster",)
    assert kinds.of(["A27 X9"], silent) == ()
    assert "travel kettle" in kinds
    assert "kettles" in kinds
    assert kinds.of(["", "Toaster, fits any kettle"], Silence()) == ("toaster",)


@pytest.mark.parametrize(
    ("written", "value", "unit", "currency"),
    [
        ("$33.75 - $69.95", 33.75, None, "USD"),
        ("1,299.00", 1299.0, None, None),
        ("16 GB", 16.0, "GB", None),
        ('15,6"', 15.6, "inch", None),
        ("12,50 €", 12.5, None, "EUR"),
        ("4.5 out of 5", 4.5, None, None),
        (12, 12.0, None, None),
    ],
)
def test_numbers(written: Any, value: float, unit: str | None, currency: str | None) -> None:
    found = read_number(written)
    assert found is not None
    assert found.value == value
    assert (found.unit.name if found.unit else None) == unit
    assert found.currency == currency


@pytest.mark.parametrize(
    "written", ["HP", "200 x 300", "", None, True, "1.2.3.4", "nan", float("inf"), "9" * 70]
)
def test_no_numbers(written: Any) -> None:
    assert read_number(written) is None


def test_decimal_commas_are_a_habit_of_the_shop() -> None:
    assert writes_comma(["1.299,00", "12,50", "3"])
    assert not writes_comma(["1,299.00", "12.50"])
    found = read_number("1.299,00", comma=True)
    assert found is not None
    assert found.value == 1299.0


def test_units_convert_within_their_measure() -> None:
    assert convert(2, "TB", "GB") == 2000
    assert convert(1, "inch", "cm") == pytest.approx(2.54)
    assert convert(1, "kg", "cm") is None
    assert unit_of("Gigabytes") is unit_of("gb")


def test_prose_is_plain_and_bounded() -> None:
    assert plain("a &lt;b&gt; c", 50) == ("a <b> c", False)
    assert plain("<style>x{}</style><p>one</p><br>two", 50) == ("one two", False)
    text, cut = plain("word " * 100, 40)
    assert cut
    assert len(text) <= 40


def test_a_row_in_another_unit_is_told_by_its_prose(tmp_path: Path) -> None:
    rows = [
        {
            "id": n,
            "title": f"Vend {n} stick {size} GB module",
            "kind": ["stick", "module"][n % 2],
            "size": size if n % 4 else size * 1024,
        }
        for n, size in enumerate([2, 4, 8, 16] * 15, start=1)
    ]
    path = tmp_path / "sticks.json"
    path.write_text(json.dumps(rows))
    imported(path, tmp_path / "pack")
    facet = load_pack(tmp_path / "pack").facet("size_2") or load_pack(tmp_path / "pack").facet(
        "size"
    )
    assert facet is not None
    assert facet.unit == "GB"
    found = items_of(tmp_path / "pack")
    assert found["3"].numbers[facet.name] == 8
    assert found["4"].numbers[facet.name] == pytest.approx(16, rel=0.03)


# --- tables that nobody here wrote ----------------------------------------------------------------


@pytest.mark.slow
def test_real_tables(tmp_path: Path) -> None:
    given = os.environ.get("SHOP_TABLES_DIR", "").strip()
    if not given or not Path(given).is_dir():
        pytest.skip("set SHOP_TABLES_DIR to a folder of tables to import them here")
    found = [p for p in sorted(Path(given).rglob("*")) if p.name.endswith((".jsonl", ".jsonl.gz"))]
    assert found, f"no tables in {given}"
    for number, path in enumerate(found):
        report = imported(path, tmp_path / f"pack-{number}")
        assert report.tally.items > 0.95 * report.rows
