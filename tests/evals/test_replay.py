"""Replay: what holds passes, what does not is named with what was expected and found."""

from pathlib import Path

import pytest

from vitrine.agent.toolbox import Models
from vitrine.core.settings import Settings
from vitrine.evals.replay import replay
from vitrine.evals.scripts import load_scripts

SCRIPT = """
dialogue: holds
turns:
  - say: "I'm looking for a mug under $30"
    expect:
      intents: [initial_query]
      acts: [recommend_show]
      wants: {kind: [mug]}
      ranges: {price: {max: 30}}
      hard: [kind, price]
      absent: [glaze]
      products: {min: 1, every: {kind: [mug], price: {max: 30}}, no_duplicates: true}
  - say: "design me one like that"
    expect:
      intents: [create]
      acts: [create_designs]
      designs: {min: 2, distinct: true}
---
dialogue: breaks
turns:
  - say: "I'm looking for a mug"
    expect:
      wants: {kind: [bowl]}
      acts_not: [recommend_show]
      products: {min: 100, none: {kind: [mug]}}
      profile: {has: [zebra]}
"""


async def test_passes_and_failures(tmp_path: Path, settings: Settings, fakes: Models) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    report = await replay(load_scripts([path]), settings, models=fakes)
    holds, breaks = report.dialogues
    assert [f for turn in holds.turns for f in turn.failures] == []
    assert holds.passed
    assert not breaks.passed
    keys = {failure.key for failure in breaks.turns[0].failures}
    assert keys == {"wants.kind", "acts_not", "products.min", "products.none.kind", "profile.has"}
    assert report.totals.dialogues_passed == 1
    assert report.totals.joint_goal_accuracy == 0.5
    assert report.totals.slot_f1 == pytest.approx(2 / 4)  # one hit, one extra, one missed


async def test_history_and_unknown_items(tmp_path: Path, settings: Settings, fakes: Models) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "dialogue: p\nturns: [{say: hi}, {pick: {turn: 1, positions: [9]}}]", encoding="utf-8"
    )
    report = await replay(load_scripts([path]), settings, models=fakes)
    assert report.dialogues[0].error is not None
    assert "turn 2" in report.dialogues[0].error
    assert not report.dialogues[0].passed


async def test_dialogues_do_not_see_each_other(
    tmp_path: Path, settings: Settings, fakes: Models
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "dialogue: a\nuser: {id: mara, profile: 'I love mugs.'}\n"
        "turns: [{say: hi, expect: {profile: {has: [mugs]}}}]\n---\n"
        "dialogue: b\nuser: {id: mara}\nturns: [{say: hi, expect: {profile: {lacks: [mugs]}}}]",
        encoding="utf-8",
    )
    report = await replay(load_scripts([path]), settings, models=fakes)
    assert all(dialogue.passed for dialogue in report.dialogues)
