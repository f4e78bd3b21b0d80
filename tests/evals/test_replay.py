"""Replay: what holds passes, what does not is named with what was expected and found."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from vitrine.agent.session import Session
from vitrine.core.domain import load_pack
from vitrine.core.errors import RequestError
from vitrine.core.settings import Settings
from vitrine.core.turn import Turn
from vitrine.evals.jobs import replay_in_processes
from vitrine.evals.replay import ModelsOf, replay, strangers
from vitrine.evals.report import PlayedDialogue, Report
from vitrine.evals.scripts import load_scripts
from vitrine.evals.stand_ins import fake_models

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


async def test_passes_and_failures(tmp_path: Path, settings: Settings, fakes: ModelsOf) -> None:
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
    assert report.totals.slot_f1 == pytest.approx(
        4 / 6
    )  # a value and a bound hit, one extra, one missed


async def test_history_and_unknown_items(
    tmp_path: Path, settings: Settings, fakes: ModelsOf
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "dialogue: p\nturns: [{say: hi}, {pick: {turn: 1, positions: [9]}}]", encoding="utf-8"
    )
    report = await replay(load_scripts([path]), settings, models=fakes)
    assert report.dialogues[0].error is not None
    assert "turn 2" in report.dialogues[0].error
    assert not report.dialogues[0].passed


async def test_dialogues_do_not_see_each_other(
    tmp_path: Path, settings: Settings, fakes: ModelsOf
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


async def test_figures_and_splits(tmp_path: Path, settings: Settings, fakes: ModelsOf) -> None:
    (tmp_path / "scripts" / "test").mkdir(parents=True)
    (tmp_path / "scripts" / "dev.yaml").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "scripts" / "test" / "held.yaml").write_text(
        "dialogue: taken\nturns:\n- {say: 'a mug please', expect: {wants: {kind: [mug]}}}\n"
        "- {say: 'I will take the first one', expect: {accepted: [{turn: 1, position: 1}]}}\n"
        "- {say: 'thanks'}",
        encoding="utf-8",
    )
    report = await replay(
        load_scripts([tmp_path / "scripts"], held_out=True), settings, models=fakes
    )
    assert set(report.totals.splits) == {"dev", "test"}
    held = report.totals.splits["test"]
    assert (held.dialogues, held.dialogues_passed, held.turns) == (1, 1, 3)
    assert held.task_success == 1.0
    assert held.turns_to_success == 2.0
    assert report.totals.splits["dev"].task_success == 0.5
    assert report.totals.latency_p50_ms["understand"] <= report.totals.latency_p95_ms["understand"]
    assert report.totals.latency_p50_ms["turn"] > report.totals.latency_p50_ms["understand"]
    taken = report.dialogues[-1]
    assert taken.turns[0].checked == ("wants",)
    assert taken.turns[2].passed and not taken.turns[2].checked


async def test_stopping_keeps_what_is_done(
    tmp_path: Path, settings: Settings, fakes: ModelsOf
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    running: asyncio.Task[Report]

    def stop(done: int, total: int, dialogue: PlayedDialogue) -> None:
        assert (done, total, dialogue.dialogue) == (1, 2, "holds")
        running.cancel()

    running = asyncio.create_task(replay(load_scripts([path]), settings, stop, models=fakes))
    report = await running
    assert report.totals.stopped
    assert [dialogue.dialogue for dialogue in report.dialogues] == ["holds"]


async def test_a_broken_agent_fails_its_dialogue_alone(
    tmp_path: Path, settings: Settings, fakes: ModelsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    say = Session.turn

    async def breaks(self: Session, *, text: str = "", **others: Any) -> Turn:
        if "boom" in text:
            raise ZeroDivisionError("boom")
        return await say(self, text=text, **others)

    monkeypatch.setattr(Session, "turn", breaks)
    path = tmp_path / "s.yaml"
    path.write_text(
        "dialogue: a\nturns: [{say: hi}, {say: boom}]\n---\ndialogue: b\nturns: [{say: hi}]",
        encoding="utf-8",
    )
    report = await replay(load_scripts([path]), settings, models=fakes)
    assert report.dialogues[0].error == "turn 2: ZeroDivisionError: boom"
    assert [d.passed for d in report.dialogues] == [False, True]


async def test_wrong_history_is_refused(
    tmp_path: Path, settings: Settings, fakes: ModelsOf
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("dialogue: a\nhistory: [{item: x-9, rating: 1}]\nturns: [{say: hi}]")
    with pytest.raises(RequestError, match=r"s\.yaml: dialogue 'a': history 1: key 'item': 'x-9'"):
        await replay(load_scripts([path]), settings, models=fakes)


def test_strange_facets_are_pointed_out(tmp_path: Path, tiny_folder: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("dialogue: a\nturns: [{say: hi, expect: {absent: [gloss, price]}}]")
    (script,) = load_scripts([path])
    (line,) = strangers(script, load_pack(tiny_folder))
    assert line.endswith("dialogue 'a': turn 1: key 'absent': no facet 'gloss'")


@pytest.mark.slow
def test_processes_give_the_same_results(tmp_path: Path, tiny_folder: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCRIPT.replace("dialogue:", f"domain: {tiny_folder}\ndialogue:"))
    scripts = load_scripts([path])
    chosen = Settings(home=str(tmp_path / "home"), seed=7)
    told: list[str] = []
    many = replay_in_processes(
        scripts, chosen, lambda _, __, d: told.append(d.dialogue), jobs=2, models=fake_models
    )
    alone = chosen.model_copy(update={"home": str(tmp_path / "alone")})
    one = asyncio.run(replay(scripts, alone, models=fake_models))
    assert told == ["holds", "breaks"]

    def verdicts(report: Report) -> list[tuple[Any, ...]]:
        return [
            (t.said, t.reply, t.failures, [i.image.key for i in t.images])
            for d in report.dialogues
            for t in d.turns
        ]

    assert verdicts(many) == verdicts(one)
    wrong = [scripts[0].model_copy(update={"domain": str(tmp_path / "nowhere")}), scripts[1]]
    with pytest.raises(RequestError, match="nowhere"):
        replay_in_processes(wrong, chosen, jobs=2, models=fake_models)
