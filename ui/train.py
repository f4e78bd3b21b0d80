"""Train the models that are shipped; `vitrine train WHAT --help` lists the options of one."""

import argparse

from vitrine.models.train import ARMS, main

ALL = {
    "drawings": ("vitrine.studio.dataset", "pictures with captions that the models train on"),
    "shoppers": ("vitrine.evals.shoppers", "ratings of simulated shoppers"),
    **ARMS,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to train, and the words that its own parser reads."""
    parser.epilog = "WHAT is one of\n" + "".join(
        f"  {what:<13}{about}\n" for what, (_, about) in ALL.items()
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WHAT ...", help="what, options")


def run(args: argparse.Namespace) -> int:
    """Hand over to the table of trainings."""
    return main(args.words, arms=ALL)
