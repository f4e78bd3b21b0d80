"""The command from drawings to the page, with the shipped weights and very few people."""

from pathlib import Path

import pytest
from tests.evals.conftest import parsed

from vitrine.core.errors import RequestError
from vitrine.evals.personal import run as command
from vitrine.evals.personal.report import Report


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(600)
def test_from_drawings_to_the_page(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", str(made / "drawings"), "--shoppers", str(made / "taste"),
             "--out", str(made / "out"), "--results", str(made / "page" / "results.md"),
             "--people", "4", "--samples", "4", "--drawn-people", "2", "--pictures", "1",
             "--permutations", "49"]  # fmt: skip
    (made / "page").mkdir()
    assert command.run(parsed(command, *words, "--stages", "arms")) == 0
    assert command.run(parsed(command, *words, "--stages", "drawn", "requests")) == 0
    report = Report.model_validate_json((made / "out" / command.REPORT).read_bytes())
    assert report.arms is not None and report.drawn is not None and report.requests is not None
    assert report.dials is None and not report.stopped
    for arm in report.drawn.arms:
        assert arm.lift is not None and 1 / 50 <= arm.lift.p <= 1
        assert all(0 <= arm.figures[name].mean <= 1 for name in ("precision", "judged", "own"))
    text = (made / "page" / "results.md").read_text()
    assert str(made) not in text and "simulated" in text and "designs.webp" in text
    assert (made / "page" / "results" / "designs.webp").stat().st_size < 150_000
    assert '"drawn"' in capsys.readouterr().out


def test_wrong_numbers_and_missing_folders_are_refused(tmp_path: Path) -> None:
    common = ["--data", str(tmp_path), "--shoppers", str(tmp_path), "--out", str(tmp_path / "o")]
    with pytest.raises(RequestError, match="expected at least 2"):
        command.run(parsed(command, *common, "--people", "1"))
    with pytest.raises(RequestError, match="missing"):
        command.run(parsed(command, *common))
    assert not (tmp_path / "o").exists()
