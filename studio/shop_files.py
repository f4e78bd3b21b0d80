"""Writes a pack's `items.jsonl`."""

from __future__ import annotations

import json
from pathlib import Path

from vitrine.core.items import Item


def write_items(folder: Path, items: list[Item]) -> None:
    """Writes `items.jsonl`, one item a line with sorted keys, replacing the file in one step."""
    lines = (
        json.dumps(item.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        for item in items
    )
    path = folder / "items.jsonl"
    half = path.with_suffix(".jsonl.part")
    half.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    half.replace(path)
