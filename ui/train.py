"""Train the models that are shipped; `vitrine train WHAT --help` lists the options of one."""

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrine.models.train import ARMS, main

ALL = {
    "drawings": ("vitrine.studio.dataset", "pictures with captions that the models train on"),
    "shoppers": ("vitrine.evals.shoppers", "ratings of simulated shoppers"),
    "log": ("vitrine.ui.train_log", "this shop's interaction log, to train taste on"),
    **ARMS,
}
MORE = """
A training prints how far it is and how long it still takes; Ctrl-C saves and says how to go on.
Checkpoints and curves lie in OUT.training: `tensorboard --logdir OUT.training`.
prior, verifier and reward learn from a folder (--data) or from this shop's log (--from-log)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to train, and the words that its own parser reads."""
    parser.epilog = (
        "WHAT is one of\n"
        + "".join(f"  {what:<13}{about}\n" for what, (_, about) in ALL.items())
        + MORE
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WHAT ...", help="what, options")


def run(args: argparse.Namespace) -> int:
    """Hand over to the table of trainings."""
    with _progress():
        return main(args.words, arms=ALL, read_log=_read_log)


def _read_log(out: Path, resumed: bool) -> Path:
    """The log as a folder of ratings; a resumed run goes on with the one that it began with."""
    from vitrine.models.ratings.folder import Terms
    from vitrine.ui.train_log import read_log

    if not (resumed and (out / "origin.json").is_file()):
        read_log(out, Terms())
    return out


@contextmanager
def _progress() -> Iterator[None]:
    """Progress is what this command says: it is shown whatever the level of the logs."""
    logger = logging.getLogger("vitrine")
    if logger.isEnabledFor(logging.INFO):
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]
