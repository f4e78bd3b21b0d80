"""What stands beside weights: `card.json` (how they came about), `training.json` (every setting)."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from vitrine.models.training.checkpoint import write_atomically

CARD_FILE = "card.json"
SETTINGS_FILE = "training.json"
LIBRARIES = ("torch", "accelerate", "numpy", "safetensors")


def write_card(
    folder: Path,
    *,
    command: str,
    seed: int,
    data: str,
    steps: int,
    seconds: float,
    device: str,
    figures: Mapping[str, float | int | str],
    notes: Sequence[str] = (),
    origin: Mapping[str, object] | None = None,
) -> None:
    """Write `card.json`: how these weights came about and what they reach.

    Args:
        command: the command line that repeats the run.
        data: hash of the training data's manifest.
        figures: measured on data that was not trained on; names say which.
        origin: where the data came from and how it was split.
    """
    card: dict[str, object] = {
        "command": command,
        "seed": seed,
        "data_sha256": data,
        "steps": steps,
        "wall_time_s": round(seconds, 1),
        "device": device,
        "figures": dict(figures),
        "notes": list(notes),
    }
    if origin:
        card["data"] = dict(origin)
    write_atomically(folder / CARD_FILE, json.dumps(card, indent=2) + "\n")


GOES_ON = "goes on from: "


def came_from(folder: Path | None) -> list[str]:
    """Notes on the runs whose weights in `folder` another run begins with, the latest first.

    Empty without a folder, or where its card is missing or says nothing.
    """
    if folder is None:
        return []
    try:
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        earlier = [note for note in card.get("notes", []) if str(note).startswith(GOES_ON)]
        return [GOES_ON + str(card["command"]), *earlier]
    except (OSError, ValueError, KeyError, AttributeError):
        return []


def write_settings(
    folder: Path, *, what: str, options: Mapping[str, object], recipe: Mapping[str, object]
) -> None:
    """Write `training.json`: every option, every field of the recipe, and the libraries used."""
    libraries = {name: version(name) for name in LIBRARIES}
    settings = {
        "what": what,
        "options": dict(options),
        "recipe": dict(recipe),
        "versions": {"python": platform.python_version(), **libraries},
    }
    write_atomically(folder / SETTINGS_FILE, json.dumps(settings, indent=2) + "\n")
