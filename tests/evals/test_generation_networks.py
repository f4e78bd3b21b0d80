"""Personal networks side by side: names and trainings, intervals over both, pages put together."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen
from vitrine.evals.generation.markdown_page import write_results
from vitrine.evals.generation.networks import guidance_of, knows_nobody, networks_of, told
from vitrine.evals.generation.report import (
    Report,
    Row,
    Section,
    Setup,
    over_people,
    over_seeds,
    over_trainings,
)
from vitrine.models.storage import save_model


def test_one_name_may_have_several_trainings(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir(), b.mkdir()
    assert networks_of([f"x={a}", f"y={b}", f"x={b}"]) == {"x": (a, b), "y": (b,)}
    found = networks_of([f"x@4={a}", f"x@8.5={a}"])
    assert {name: guidance_of(name) for name in (*found, "x")} == {
        "x@4": 4,
        "x@8.5": 8.5,
        "x": None,
    }
    for wrong in ("x", f"={a}", f"words={a}", f"words@4={a}", f"x@={a}", f"x@no={a}",
                  f"x={tmp_path / 'nowhere'}"):  # fmt: skip
        with pytest.raises(RequestError, match="NAME=FOLDER"):
            networks_of([wrong])


def test_intervals_are_of_trainings_and_people_at_once() -> None:
    """With one training it is the interval over people; trainings that differ make it wider."""
    rng = np.random.default_rng(0)
    people = rng.normal(size=(1, 12))
    alone, whole = over_people(people), over_trainings(people)
    assert whole.mean == alone.mean and whole.by_seed == (alone.mean,)
    assert (whole.low, whole.high) == pytest.approx((alone.low, alone.high), abs=0.06)
    alike = over_trainings(np.repeat(people, 5, axis=0))
    apart = over_trainings(people + np.array([-2, -1, 0, 1, 2.0])[:, None])
    assert alike.high - alike.low == pytest.approx(whole.high - whole.low, abs=0.06)
    assert apart.mean == pytest.approx(whole.mean, abs=1e-4)
    assert apart.high - apart.low > 1.3 * (alike.high - alike.low)
    assert len(apart.by_seed) == 5


def test_a_difference_is_told_with_how_many_trainings_agree() -> None:
    gap = over_trainings(np.array([[0.1, 0.3], [-0.1, -0.1], [0.2, 0.2]]))
    gaps = {"percentile": gap, "judged": gap, "lift": gap}
    row = Row(name="group", about="", pictures=1, figures={}, against={"words": gaps})
    assert told(row).startswith("*group*: percentile +0.100 [")
    assert told(row).count("over 'words' (2 of 3 trainings above)") == 3


class Empty(Frozen):
    """A configuration of nothing."""


def test_a_network_without_a_map_of_people_is_known(tmp_path: Path) -> None:
    for name, weight in (("everybody", torch.zeros(3, 2)), ("somebody", torch.ones(3, 2))):
        save_model(tmp_path / name, Empty(), {"to_map.weight": weight})
    assert knows_nobody(tmp_path / "everybody")
    assert not knows_nobody(tmp_path / "somebody")


def report(key: str, title: str, lift: float) -> Report:
    row = Row(name="one", about="x", pictures=2, figures={"lift": over_seeds([lift, lift + 0.1])})
    section = Section(title=title, about="x", measures=("lift",), plots=("lift",), rows=(row,))
    setup = Setup(command=f"vitrine eval generation --{key}", seeds=2, steps=4, guidance=4,
                  adapter_scale=0.6, models={"sd": title}, drawings_sha256="d",
                  shoppers_sha256=None)  # fmt: skip
    return Report(setup=setup, sections={key: section})


def test_a_page_keeps_the_sections_of_other_measurements(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write_results(report("networks", "Networks", 0.4), page, tmp_path)
    write_results(report("people", "Old", 9), page, tmp_path)
    write_results(report("people", "People", 0.1), page, tmp_path)
    text = page.read_text()
    assert text.index("## People") < text.index("## Networks")
    assert "## Old" not in text
    assert text.count("vitrine eval generation --") == 2, "how to measure each again"
    assert (tmp_path / "page" / "networks-lift.svg").is_file()
    (tmp_path / "page" / "networks.json").write_text("{}")
    with pytest.raises(RequestError, match="no section of this version"):
        write_results(report("people", "People", 0.1), page, tmp_path)
