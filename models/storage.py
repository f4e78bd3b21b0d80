"""A small model on disk: `config.json` (its shape), `model.safetensors` (its weights), `card.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from vitrine.core.errors import SetupError
from vitrine.core.frozen import Frozen
from vitrine.models.training import save_weights, write_atomically

WEIGHTS_FILE = "model.safetensors"
CONFIG_FILE = "config.json"

Config = TypeVar("Config", bound=Frozen)


def read_config(folder: Path, kind: type[Config]) -> Config:
    """The configuration of a folder.

    Raises:
        SetupError: config.json is missing or is not one of `kind`.
    """
    path = folder / CONFIG_FILE
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupError(f"weights are missing: {str(path)!r}") from None
    except (ValidationError, UnicodeDecodeError) as error:
        raise SetupError(
            f"{str(path)!r} is damaged: expected the fields of {kind.__name__}"
        ) from error


def load_weights(
    module: nn.Module,
    folder: Path,
    *,
    frozen: tuple[str, ...] = (),
    rename: Callable[[str], str] | None = None,
) -> None:
    """Load the weights of a folder into `module`, as fp32.

    Args:
        frozen: prefixes of parameters that the file leaves out on purpose (a backbone kept elsewhere).
        rename: the present name of a tensor of the file, which an earlier version may have written.

    Raises:
        SetupError: the file is missing, damaged, or of another shape.
    """
    path = folder / WEIGHTS_FILE
    try:
        state = load_file(path)
    except FileNotFoundError:
        raise SetupError(f"weights are missing: {str(path)!r}") from None
    except SafetensorError as error:
        raise SetupError(f"{str(path)!r} is damaged: {error}") from error
    if rename is not None:
        state = {rename(name): value for name, value in state.items()}
    own = module.state_dict()
    absent = [n for n in own if n not in state and not n.startswith(frozen or ("\0",))]
    wrong = [n for n, value in state.items() if n not in own or own[n].shape != value.shape]
    if absent or wrong:
        raise SetupError(
            f"{str(path)!r} does not fit its {CONFIG_FILE}: missing {absent[:2]!r}, unexpected {wrong[:2]!r}"
        )
    with torch.no_grad():
        for name, value in state.items():
            own[name].copy_(value)


def save_model(
    folder: Path,
    config: Frozen,
    state: Mapping[str, Tensor],
    *,
    leave_out: tuple[str, ...] = (),
    dtype: torch.dtype | None = torch.float16,
) -> None:
    """Write configuration and weights; tensors with a prefix in `leave_out` are not written."""
    kept = {n: v for n, v in state.items() if not n.startswith(leave_out or ("\0",))}
    write_atomically(folder / CONFIG_FILE, config.model_dump_json(indent=2) + "\n")
    save_weights(folder / WEIGHTS_FILE, kept, dtype)
