"""What is written of a replay: the page, JUnit, and what changed since."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from vitrine.core.errors import RequestError
from vitrine.core.settings import Settings
from vitrine.core.turn import StateView
from vitrine.evals.checks import Failure
from vitrine.evals.compare import compare, lines
from vitrine.evals.junit import junit
from vitrine.evals.page import page
from vitrine.evals.replay import ModelsOf, replay
from vitrine.evals.report import (
    PlayedDialogue,
    PlayedTurn,
    Report,
    build_report,
    goal_of,
    read_report,
)
from vitrine.evals.scripts import Script, load_scripts


def played(name: str, *passed: bool, said: str = "hi", error: str | None = None) -> PlayedDialogue:
    turns = tuple(
        PlayedTurn(
            thread="t", turn=n, user="u", domain="pots", said=said, reply="r", state=StateView(),
            intents=(), acts=(), passed=ok, checked=("wants",), timings_ms={"turn": 10.0 * n},
            failures=() if ok else (Failure(key="wants.kind", expected=["mug"], found=[]),),
        )
        for n, ok in enumerate(passed, 1)
    )  # fmt: skip
    return PlayedDialogue(
        dialogue=name, domain="pots", passed=all(passed) and not error, turns=turns, error=error
    )


def report_of(*dialogues: PlayedDialogue) -> Report:
    return build_report(
        [
            (
                Script.model_validate(
                    {"dialogue": d.dialogue, "turns": [{"say": "hi", "expect": {"wants": {}}}] * 3}
                ),
                d,
            )
            for d in dialogues
        ]
    )


def test_compare() -> None:
    old = report_of(played("a", True, True), played("b", False), played("c", True))
    new = report_of(played("a", True, False), played("b", True), played("d", True, True))
    changes = compare(old, new)
    assert [(c.dialogue, c.turns, c.keys) for c in changes.newly_failing] == [
        ("a", (2,), ("wants.kind",))
    ]
    assert [c.dialogue for c in changes.newly_passing] == ["b"]
    assert (changes.added, changes.gone) == (("d",), ("c",))
    told = list(lines(changes))
    assert "newly failing: a (turn 2: wants.kind)" in told
    assert "turns: 4 -> 5  (+1.000)" in told
    assert compare(old, old).still_failing == ("b",)
    assert next(iter(lines(compare(new, new)))).startswith("still failing")
    held = report_of(played("a", True))
    assert list(lines(compare(held, held))) == ["nothing changed"]


def test_reports_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report = report_of(played("a", True, False))
    path.write_text(report.model_dump_json(), encoding="utf-8")
    assert read_report(path).totals == report.totals
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(RequestError, match="is no report"):
        read_report(path)
    with pytest.raises(RequestError, match="cannot read"):
        read_report(tmp_path / "none.json")


def test_junit_is_xml_whatever_was_said() -> None:
    report = report_of(
        played("a", True), played("b", False, said="\x00 <b> \ud83d & ]]>"), played("c", error="no")
    )
    root = ET.fromstring(junit(report).encode("utf-8", "replace"))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    case = suite[1]
    assert case.get("name") == "b"
    assert "wants.kind" in str(case[0].get("message"))


async def test_the_page_stands_alone(tmp_path: Path, settings: Settings, fakes: ModelsOf) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "dialogue: a\nturns:\n- {say: '<script>alert(1)</script> a mug', expect: {wants: {kind:"
        " [bowl]}}}\n- {say: design me one like the first, expect: {designs: {min: 1}}}\n"
        "- {pick: {turn: 1, positions: [1]}}",
        encoding="utf-8",
    )
    report = await replay(load_scripts([path]), settings, models=fakes)
    html = page(report, compare(report, report))
    assert "<script>alert" not in html
    assert not re.search(r"""(?:src|href)=["']?(?!#)|url\((?!data:)|@import|https?:""", html)
    pictures = re.findall(r"url\(data:image/webp;base64,([A-Za-z0-9+/=]+)\)", html)
    shown = {p.picture for t in report.dialogues[0].turns for p in t.products}
    drawn = {i.path for t in report.dialogues[0].turns for i in t.images}
    assert len(pictures) == len(shown | drawn)
    assert max(map(len, pictures)) < 12_000
    assert 'class="dialogue broke"' in html
    assert "wants.kind" in html
    assert "picks 1 of turn 1" in html


@pytest.mark.parametrize(
    ("expects", "goal"),
    [
        ([{"wants": {}}, {"products": {"min": 1}}, {"intents": ["why"]}], 2),
        ([{"products": {}}, {"accepted": [{"turn": 1, "position": 1}]}, {"products": {}}], 2),
        ([{"wants": {}}, {"intents": ["why"]}, None], 2),
        ([None, None, None], None),
    ],
)
def test_goal(expects: list[object], goal: int | None) -> None:
    turns = [{"say": "hi", "expect": expect} for expect in expects]
    assert goal_of(Script.model_validate({"dialogue": "a", "turns": turns})) == goal
