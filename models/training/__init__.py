"""The training ground: one loop, one checkpoint, one card for every `vitrine train ...`.

`recipe` says how long and how fast, `loop` trains, `checkpoint` keeps what a run needs to go on,
`curves` draws it, `card` writes down how the weights came about, `run` ties them to a command.
"""

from vitrine.models.training.card import write_card
from vitrine.models.training.checkpoint import read_average, save_weights, write_atomically
from vitrine.models.training.loop import Fitted, Loss, Paused, fit
from vitrine.models.training.recipe import (
    Recipe,
    add_run_arguments,
    add_start_argument,
    choose_device,
    command_of,
    learning_rate,
    recipe_from,
    step_generator,
)
from vitrine.models.training.run import TrainingRun

__all__ = [
    "Fitted",
    "Loss",
    "Paused",
    "Recipe",
    "TrainingRun",
    "add_run_arguments",
    "add_start_argument",
    "choose_device",
    "command_of",
    "fit",
    "learning_rate",
    "read_average",
    "recipe_from",
    "save_weights",
    "step_generator",
    "write_atomically",
    "write_card",
]
