"""`vitrine train`: the log of a shop becomes ratings, errors are one line, every training explains itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from vitrine.core.refs import ThingRef
from vitrine.memory.catalogue import open_catalogue
from vitrine.memory.log import Judged, LoggedThing
from vitrine.memory.stores import Stores, open_stores
from vitrine.models.dataset import read_drawings
from vitrine.models.experience import read_experience
from vitrine.models.fakes import FakeEncoder
from vitrine.models.perfusion.pictures import PICTURES_FILE, write_pictures
from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.ui import cli, train, train_log
from vitrine.ui.train_pictures import write_log_drawings

SWATCHES = Path(__file__).resolve().parents[2] / "domains" / "swatches"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "home") as opened:
        yield opened


def thing(item_id: str) -> LoggedThing:
    return LoggedThing(thing=ThingRef(kind="item", id=item_id))


def visit(stores: Stores, user: str, shown: list[LoggedThing], **verdicts: list[int]) -> None:
    """One turn: things shown, and verdicts on some of them by place."""
    where = {"domain": "swatches"}
    stores.log.open_thread(user, "t", "swatches")
    stores.log.show(user, "t", 1, request="something red", things=shown, **where)
    judged = [
        Judged(what=shown[place], verdict=verdict)  # type: ignore[arg-type]
        for verdict, places in verdicts.items()
        for place in places
    ]
    stores.log.judge(user, "t", 1, verdicts=judged, **where)


def test_picks_and_rejections_become_ratings_and_groups(stores: Stores, tmp_path: Path) -> None:
    catalogue = open_catalogue(SWATCHES, encoder=(encoder := FakeEncoder()))
    ids = [item.id for item in catalogue.items]
    (ref,) = stores.artifacts.put_embeddings(encoder.encode_text(["red"]), encoder.space)
    foreign = ref.model_copy(update={"space": "another"})
    red = np.full((8, 8, 3), (200, 30, 30), np.uint8)
    design = LoggedThing(
        thing=ThingRef(kind="design", id="design-1-1"), embedding=ref, facets={"hue": ("red",)},
        image=stores.artifacts.put_image(red),
    )  # fmt: skip
    other = LoggedThing(thing=ThingRef(kind="design", id="design-1-2"), embedding=foreign)
    for number in range(30):
        start = 4 * number % 100
        shown = [thing(name) for name in ids[start : start + 4]]
        visit(stores, f"visitor {number}", [*shown, design, other], picked=[0, 4], reject=[1])
    visit(stores, "nobody", [thing("sold-out")], been_to=[0])

    told, things = train_log.gather(stores, "swatches")
    assert len(told.users) == 31
    assert not any("visitor" in user for user in told.users)
    assert sum(name.endswith("design-1-1") for name in told.items) == 30  # one of each thread
    assert sorted(set(told.value)) == [1, 5]
    assert sorted(sum(group.chosen) for group in told.groups) == [0] + [2] * 30
    found = train_log.embed(things, told, catalogue, stores, encoder)
    assert "sold-out" not in found.names
    assert not any(name.endswith("design-1-2") for name in found.names)
    assert found.captions.shape == (len(found.names), 1, encoder.dim)
    drawn = train_log.pictures_of(found.names, things, stores)
    assert drawn is not None
    rows, pictures = drawn
    assert [found.names[row].rsplit("/")[-1] for row in rows] == ["design-1-1"] * 30
    assert np.array_equal(pictures, np.stack([red] * 30))
    write_folder(tmp_path / "out", told, found, Terms(), source="log of swatches")
    write_pictures(tmp_path / "out", rows, pictures)
    data = read_experience(tmp_path / "out")
    kept = load_file(tmp_path / "out" / PICTURES_FILE)
    assert np.array_equal(kept["items"], rows)
    assert np.array_equal(kept["pictures"], pictures)
    assert data.space == encoder.space
    assert any(group.text == "something red" for group in data.groups)
    assert "picks (5) and rejections (1)" in data.notes[0]
    origin = json.loads((tmp_path / "out" / "origin.json").read_text())
    assert origin["source"] == "log of swatches"
    assert "visitor" not in (tmp_path / "out" / "users.jsonl").read_text()
    write_log_drawings(tmp_path / "out", found.names, things, catalogue, stores)
    drawings = read_drawings(tmp_path / "out" / "drawings")
    assert len(drawings.captions) == len(data.images)
    assert drawings.size == 8, "as large as the designs"
    assert np.array_equal(drawings.pictures[rows[0]], red)
    assert drawings.values(int(rows[0])) == {"hue": "red"}
    item = found.names.index(ids[0])
    assert item not in drawings.missing
    assert drawings.values(item) == {f: v[0] for f, v in catalogue.item(ids[0]).facets.items()}


def test_a_newer_verdict_counts(stores: Stores) -> None:
    first = thing("sw-001")
    visit(stores, "ann", [first], reject=[0])
    stores.log.judge("ann", "t", 2, domain="swatches",
                     verdicts=[Judged(what=first, verdict="accept")])  # fmt: skip
    told, _ = train_log.gather(stores, "swatches")
    assert list(told.value) == [5]


def test_a_resumed_run_learns_from_the_log_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def read(out: Path, terms: Terms) -> None:
        calls.append(out)
        out.mkdir(exist_ok=True)
        (out / "origin.json").write_text("{}")

    monkeypatch.setattr(train_log, "read_log", read)
    assert train._read_log(tmp_path / "x.log", True) == tmp_path / "x.log"
    train._read_log(tmp_path / "x.log", True)
    assert len(calls) == 1
    train._read_log(tmp_path / "x.log", False)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prio"], "did you mean 'prior'?"),
        ([], "what? expected one of"),
        (["prior", "--steps", "many"], "argument --steps: invalid int value: 'many'"),
        (["judge", "--data", "x"], "the following arguments are required: --out"),
    ],
)
def test_wrong_words_are_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", *words])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["judge", "--data", "x", "--out", "y", "--steps", "0"], "--steps 0: expected at least 1"),
        (["judge", "--data", "x", "--out", "y", "--threads", "1"], "is no folder of drawings"),
        (["judge", "--data", "x", "--out", "f/y", "--threads", "1"], "--out"),
        (["verifier", "--data", "x", "--out", "y", "--threads", "1"], "is missing"),
        (["read", "mind", "x", "--titles", "--out", "y"], "cannot be read"),
    ],
)
def test_wrong_requests_are_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f").write_text("a file where a folder should be")
    assert cli.main(["train", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("vitrine train: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("what", list(train.ALL))
def test_every_training_explains_itself(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["train", what, "--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert f"vitrine train {what}" in said
    assert train.ALL[what][1].lower() in " ".join(said.lower().split())
    if what in {"clip", "judge", "autoencoder", "unet", "prior", "verifier", "reward"}:
        options = ("--resume", "--patience", "--accumulate", "--precision", "--minutes", "--seed")
        assert all(option in said for option in options)
    logged = {"prior", "verifier", "reward", "perfusion", "interest-attention"}
    assert ("--from-log" in said) == (what in logged)
