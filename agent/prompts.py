"""Prompts are Markdown files beside the module that sends them; their slots are strict."""

import re
from pathlib import Path

_SLOT = re.compile(r"\{\{([a-z_]+)\}\}")


def load_prompt(path: Path) -> str:
    """The prompt as written."""
    return path.read_text(encoding="utf-8").strip() + "\n"


def fill_prompt(prompt: str, **values: str) -> str:
    """The prompt with every `{{slot}}` filled; values are not searched for slots again.

    Raises:
        ValueError: a slot has no value, or a value no slot.
    """
    slots = set(_SLOT.findall(prompt))
    if slots != values.keys():
        raise ValueError(
            f"prompt slots are {sorted(slots)!r}, given were {sorted(values)!r}: expected the same"
        )
    return _SLOT.sub(lambda match: values[match[1]], prompt)
