"""The command from drawings to the pages, with the shipped weights and very few pictures."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file
from tests.evals.conftest import parsed

from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder, weights
from vitrine.evals.generation import run as command
from vitrine.evals.generation.people import choose_requests
from vitrine.evals.generation.report import Report
from vitrine.evals.shoppers import is_heldout_text
from vitrine.models.dataset import read_drawings


def options(root: Path, *more: str) -> list[str]:
    return ["--data", str(root / "drawings"), "--weights", str(weights()), "--out", str(root / "out"),
            "--pack", str(domain_folder("atelier")), "--seeds", "2", "--count", "6", "--steps", "2",
            *more]  # fmt: skip


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(900)
def test_from_drawings_to_the_pages(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = options(
        made, "--shoppers", str(made / "taste"), "--people", "3", "--requests", "1",
        "--sweep-people", "2", "--permutations", "19", "--results", str(made / "results.md"),
    )  # fmt: skip
    assert command.run(parsed(command, *words, "--sections", "people")) == 0
    assert command.run(parsed(command, *words, "--sections", "combinations", "sweeps")) == 0
    out = made / "out"
    report = Report.model_validate_json((out / command.REPORT).read_bytes())
    assert {"people", "combinations", "adapter_scale", "guidance"} <= set(report.sections)
    people = {row.name: row for row in report.sections["people"].rows}
    nobody = people["words"]
    assert nobody.figures["lift"].mean == 0 and nobody.figures["gauc"].mean == 0.5
    assert nobody.figures["between"].mean == pytest.approx(0, abs=1e-6)
    assert nobody.lift is not None and nobody.lift.p == 1
    assert people["design"].figures["between"].mean > 0
    assert set(people["design"].against) == {"words", "design, nobody"}
    assert {"ssim", "lpips_judge"} <= set(people["item"].figures)
    dial = [row.dial for row in report.sections["adapter_scale"].rows]
    assert dial == sorted(dial) and len(dial) > 2
    figures = json.loads((out / command.FIGURES).read_text())
    assert {"drawings", "text", "embedding", "both", "recolour", "sampled", "designed"} == set(
        figures
    )
    assert 0 <= figures["text"]["category"] <= 1 and "pixels_color" in figures["text"]
    assert '"designed"' in capsys.readouterr().out
    assert (out / command.SHEET).is_file()
    html = (out / command.PAGE).read_text()
    assert html.count("data:image/webp") == len(report.sections)
    assert str(made) not in html and str(made) not in (made / "results.md").read_text()
    assert any("AlexNet" in line for line in report.left_out)


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(600)
def test_networks_side_by_side(made: Path, tmp_path: Path) -> None:
    """Two trainings of one kind, and one that knows nobody, for people who were passed over so far."""
    shipped = weights() / "perfusion"
    state = load_file(shipped / "model.safetensors")
    state["to_map.weight"][:] = 0
    (tmp_path / "nobody").mkdir()
    shutil.copytree(shipped, tmp_path / "nobody", dirs_exist_ok=True)
    save_file(state, tmp_path / "nobody" / "model.safetensors")
    words = options(made, "--shoppers", str(made / "taste"), "--people", "3", "--first-person", "2",
                    "--requests", "1", "--permutations", "19", "--sections", "networks",
                    "--network", f"a={shipped}", "--network", f"a={shipped}",
                    "--network", f"b={tmp_path / 'nobody'}", "--network", f"a@0={shipped}",
                    "--personal-guidance", "2")  # fmt: skip
    words[words.index("--out") + 1] = str(tmp_path / "out")
    assert command.run(parsed(command, *words)) == 0
    report = Report.model_validate_json((tmp_path / "out" / command.REPORT).read_bytes())
    section = report.sections["networks"]
    rows = {row.name: row for row in section.rows}
    assert list(rows) == ["words", "a", "b", "a@0"]
    assert rows["a@0"].figures["between"].mean == 0 and set(rows["a@0"].against) == {"words"}
    assert rows["a"].figures["between"].mean > 0 and rows["a"].lift is None
    for measure in ("judged", "reward"):
        one, other = rows["a"].figures[measure].by_seed
        assert one == other and 0 < one < 1
    assert rows["words"].figures["kind"].mean in (0, 1)  # one request, drawn once
    assert rows["b"].figures["lift"].mean == 0 and rows["b"].figures["gauc"].mean == 0.5
    assert set(rows["b"].against) == {"words", "a"} and set(rows["a"].against) == {"words"}
    assert (tmp_path / "out" / section.grids[0].file).is_file()
    assert any(
        note.startswith("*a*, first training: `vitrine train perf") for note in section.notes
    )


@pytest.mark.weights
def test_wrong_options_are_refused(made: Path) -> None:
    for words, told in (
        (["--seeds", "0"], "--seeds 0: expected at least 1"),
        (["--encoder", "judge=x"], "NAME=FOLDER"),
        (["--backbones", str(made / "taste")], "holds neither"),
        (["--interest", str(made / "nowhere")], "no folder of weights"),
        (["--count", "600"], "held-out drawings"),
    ):
        with pytest.raises(RequestError, match=told):
            command.run(parsed(command, *options(made, *words), "--sections", "combinations"))


def test_requests_leave_taste_its_say(made: Path) -> None:
    pack = load_pack(domain_folder("atelier"))
    found = choose_requests(read_drawings(made / "drawings"), pack, 4, 0)
    assert len({request.text for request in found}) == 4
    for request in found:
        assert is_heldout_text(request.text)
        assert set(request.asked) > {pack.head.name} and len(request.asked) == 2
        assert not {"color", "accent"} & set(request.asked)
    with pytest.raises(RequestError, match="lower --requests"):
        choose_requests(read_drawings(made / "drawings"), pack, 10_000, 0)
