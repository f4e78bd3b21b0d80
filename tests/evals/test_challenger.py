"""The challenger: dialogues with known answers, changes that mean nothing, the shortest failure."""

import random
from pathlib import Path
from typing import Any

import pytest

from vitrine.core.settings import Settings
from vitrine.evals.challenger import Challenger, oracle_cases, perturbed_cases
from vitrine.evals.moves import Shopper, slip, small_talk
from vitrine.evals.oracle import Held, Move, unfold
from vitrine.evals.perturb import Change, changed, draw_changes, without_turn
from vitrine.evals.replay import ModelsOf, Player
from vitrine.evals.scripts import Script, dump_script, load_scripts
from vitrine.evals.shrink import Budget, ddmin

SCRIPT: dict[str, Any] = {
    "dialogue": "base",
    "turns": [
        {"say": "I'm looking for a mug", "expect": {"wants": {"kind": ["mug"]}}},
        {"say": "in blue", "expect": {"wants": {"kind": ["mug"], "glaze": ["blue"]}}},
        {
            "say": "under $30",
            "expect": {
                "wants": {"kind": ["mug"], "glaze": ["blue"]},
                "ranges": {"price": {"max": 30}},
            },
        },
        {
            "say": "not the first one",
            "expect": {"rejected": [{"turn": 3, "position": 1}]},
        },
    ],
}


def test_held_beliefs() -> None:
    held = Held().want("tone", ("dark",)).avoid("tone", ("dark", "light"))
    assert (held.wants, held.avoids) == ({}, {"tone": ("dark", "light")})
    assert held.want("tone", ("dark",)).avoids == {"tone": ("light",)}
    bounds = held.bound("price", None, 30.0).bound("price", 10.0, None)
    assert bounds.ranges == {"price": (10.0, 30.0)}
    assert bounds.bound("price", 40.0, None).ranges == {"price": (40.0, None)}
    assert bounds.forget("price").ranges == {}


def test_moves_unfold_to_the_whole_state(tiny_catalogue: Any) -> None:
    moves = [
        Move(kind="open", core="a mug", others=(("kind", "mug"),)),
        Move(kind="max", core="under $30", facet="price", high=30.0),
        Move(kind="undo", core="undo that"),
    ]
    script = unfold("u", moves, tiny_catalogue, "pots")
    assert script is not None
    last = script.turns[-1].expect
    assert last is not None
    assert last.wants == {"kind": ("mug",)}
    assert "price" in (last.absent or ())
    assert unfold("u", moves[2:], tiny_catalogue, "pots") is None  # nothing to take back


def test_same_seed_same_dialogues(tiny_catalogue: Any) -> None:
    def drawn(seed: int) -> list[str]:
        cases = oracle_cases(tiny_catalogue, "pots", 6, seed)
        return [turn.say for case in cases for turn in case.script.turns]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_scripts_are_written_as_they_are_read(tiny_catalogue: Any, tmp_path: Path) -> None:
    _, script = Shopper(tiny_catalogue, 3).dialogue("d", "pots", 6)
    path = tmp_path / "d.yaml"
    path.write_text(dump_script(script), encoding="utf-8")
    (back,) = load_scripts([path])
    plain = {"folder", "file", "split"}
    assert back.model_dump(exclude=plain) == script.model_dump(exclude=plain)


def test_changes_keep_references(tiny_catalogue: Any) -> None:
    base = Script.model_validate(SCRIPT)
    talk = changed(base, [Change(kind="chat", turn=1, text="haha")], "c")
    assert [turn.say for turn in talk.turns][1] == "haha"
    assert talk.turns[4].expect is not None
    assert (talk.turns[4].expect.rejected or ())[0].turn == 4
    swapped = changed(base, [Change(kind="swap", turn=1)], "s")
    assert [turn.say for turn in swapped.turns][1:3] == ["under $30", "in blue"]
    assert swapped.turns[1].expect is None
    assert swapped.turns[2].expect is not None
    assert swapped.turns[2].expect.wants == {"kind": ("mug",), "glaze": ("blue",)}
    assert without_turn(base, 2) is None  # the last turn points at it
    shorter = without_turn(base, 1)
    assert shorter is not None
    assert shorter.turns[-1].expect is not None
    assert (shorter.turns[-1].expect.rejected or ())[0].turn == 2
    drawn = draw_changes(base, tiny_catalogue.pack, random.Random(1), 4)
    assert drawn
    assert changed(base, drawn, "x").turns != base.turns


def test_a_slip_exchanges_two_inner_letters() -> None:
    assert slip("a turquoise mug", "turquoise", random.Random(0)) != "a turquoise mug"
    assert slip("a red mug", "red", random.Random(0)) is None


def test_small_talk_has_no_word_of_the_shop(tiny_catalogue: Any) -> None:
    texts = ("nice mugs you have", "haha")
    assert small_talk(tiny_catalogue.pack, texts) == ("haha",)


@pytest.mark.parametrize("needed", [{3}, {1, 6}, {0, 3, 7}, set(range(8))])
async def test_ddmin_finds_what_is_needed(needed: set[int]) -> None:
    async def fails(items: list[int]) -> bool:
        return needed <= set(items)

    assert set(await ddmin(list(range(8)), fails, Budget(500))) == needed
    assert needed <= set(await ddmin(list(range(8)), fails, Budget(3)))


async def test_failures_are_shrunk(settings: Settings, fakes: ModelsOf, tiny_folder: Path) -> None:
    """An expectation that is wrong on purpose stands in for an agent that is."""
    async with Player(settings, fakes, invariants=True) as player:
        challenger = Challenger(player)
        catalogue = (await player.shop(str(tiny_folder))).wired.catalogue
        (case,) = oracle_cases(catalogue, str(tiny_folder), 1, 4)
        wrong = Move(kind="set", core="I like it round", facet="glaze", values=("blue",))
        case.moves = [
            Move(kind="open", core="a mug", before="hi,", others=(("kind", "mug"),)),
            Move(kind="chat", core="haha"),
            wrong.model_copy(update={"after": "thanks"}),
            Move(kind="chat", core="okay"),
        ]
        found = await challenger.run([case], seed=4)
        assert found.failed == 1
        (finding,) = found.findings
        assert [turn.say for turn in finding.script.turns] == ["a mug", "I like it round"]
        assert "wants.glaze" in finding.keys
        base = Script.model_validate({**SCRIPT, "domain": str(tiny_folder)})
        cases = await perturbed_cases(challenger, [base], catalogue, 4, 1)
        assert cases
        assert (await challenger.run(cases, seed=1)).played == len(cases)
