"""What shoppers say, by kind and with the conversation before it: `shoppers.txt`, `talkers.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.memory.catalogue import PackCatalogue

from .conftest import Talk  # noqa: TID252  (one folder, one way to write operations down)
from .script import Row, misses, play, rows  # noqa: TID252

_ROWS = [
    row for name in ("shoppers.txt", "talkers.txt") for row in rows(Path(__file__).with_name(name))
]


@pytest.mark.parametrize("row", _ROWS, ids=[row.said[:60] for row in _ROWS])
def test_meaning(
    row: Row,
    atelier: tuple[PackCatalogue, BuiltinUnderstanding],
    swatches: tuple[PackCatalogue, BuiltinUnderstanding],
) -> None:
    talk = Talk(*(swatches if row.before.startswith("SW ") else atelier))
    play(talk, row.before)
    found = talk.understand(row.said)
    assert misses(talk, row, found) == []
    assert all(op.evidence.text in row.said for op in found.ops)
