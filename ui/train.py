"""Train the models that are shipped; `vitrine train WHAT --help` lists the options of one."""

import argparse
from pathlib import Path

from vitrine.models.train import ARMS, main
from vitrine.ui.progress import telling

ALL = {
    "drawings": ("vitrine.studio.dataset", "pictures with captions that the models train on"),
    "shoppers": ("vitrine.evals.shoppers", "ratings of simulated shoppers"),
    "picks": ("vitrine.evals.picks", "what simulated shoppers pick from drawn groups"),
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
    with telling():
        return main(args.words, arms=ALL, read_log=_read_log)


def _read_log(out: Path, resumed: bool) -> Path:
    """The log as a folder of ratings; a resumed run goes on with the one that it began with."""
    from vitrine.models.ratings.folder import Terms
    from vitrine.ui.train_log import read_log

    if not (resumed and (out / "origin.json").is_file()):
        read_log(out, Terms())
    return out
