"""One `vitrine train WHAT` from its options to its card: what every training command does alike."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from torch import nn

from vitrine.core.errors import RequestError
from vitrine.models.training.card import came_from, write_card, write_settings
from vitrine.models.training.checkpoint import Average
from vitrine.models.training.curves import check_installed
from vitrine.models.training.loop import Fitted, Loss, fit
from vitrine.models.training.recipe import (
    Recipe,
    choose_device,
    command_of,
    options_of,
    recipe_from,
)

log = logging.getLogger(__name__)


class TrainingRun:
    """Device, recipe and folders of a run; `fit` trains, `finish` writes down what came of it."""

    def __init__(
        self,
        what: str,
        args: argparse.Namespace,
        *,
        devices: Sequence[str] = ("cpu", "cuda"),
        **changes: object,
    ) -> None:
        """Read the options of `add_run_arguments`.

        Args:
            what: name of the command.
            devices: where this model can be trained.
            changes: fields of the recipe that this model has otherwise.

        Raises:
            RequestError: an option is out of range, there is no such device, or the folder of the
                weights cannot be written.
            SetupError: curves are wanted, and tensorboard is not installed.
        """
        self.what = what
        self.args = args
        self.recipe: Recipe = recipe_from(args, **changes)
        if self.recipe.curves_every:
            check_installed()
        name = devices[0] if args.device == "auto" and len(devices) == 1 else args.device
        self.device = choose_device(name, args.threads)
        if self.device.type not in devices:
            raise RequestError(
                f"--device {self.device.type!r}: {what} trains on {' or '.join(devices)}"
            )
        there = next(place for place in (self.out, *self.out.absolute().parents) if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise RequestError(f"--out {str(self.out)!r}: {str(there)!r} is no folder to write in")

    @property
    def out(self) -> Path:
        """Folder of the finished weights."""
        return self.args.out

    @property
    def state(self) -> Path:
        """Folder of checkpoint and curves, beside the weights."""
        return self.out.with_name(self.out.name + ".training")

    @property
    def watches(self) -> bool:
        """Whether a held-out loss is measured on the way, so that something must be set aside."""
        return self.recipe.watches

    def fit(
        self, model: nn.Module, loss: Loss, *, data: str, held_out: Loss | None = None
    ) -> Fitted:
        """Train `model`; see `loop.fit`.

        Args:
            data: hash of the training data.
        """
        log.info("%s: %d steps on %s, checkpoints in %s", self.what, self.recipe.steps,
                 self.device.type, self.state)  # fmt: skip
        return fit(
            model,
            loss,
            self.recipe,
            folder=self.state,
            device=self.device,
            resume=self.args.resume,
            label=self.what,
            held_out=held_out,
            given={**options_of(self.args), "data_sha256": data},
            go_on=command_of(self.what, self.args, full=True) + " --resume",
        )

    def finish(
        self,
        fitted: Fitted | Average,
        *,
        data: str,
        figures: Mapping[str, float | int | str],
        notes: Sequence[str] = (),
        origin: Mapping[str, object] | None = None,
    ) -> None:
        """Write `card.json` and `training.json` beside the weights; arguments as `write_card` has them."""
        write_card(
            self.out,
            command=command_of(self.what, self.args),
            seed=self.args.seed,
            data=data,
            steps=fitted.steps,
            seconds=fitted.seconds,
            device=str(self.device),
            figures=figures,
            notes=[*notes, *came_from(getattr(self.args, "start_from", None))],
            origin=origin,
        )
        write_settings(
            self.out, what=self.what, options=options_of(self.args), recipe=asdict(self.recipe)
        )
