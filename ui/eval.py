"""Measure the shipped models; `vitrine eval WHAT --help` lists the options of one."""

import argparse

from vitrine.models.train import main
from vitrine.ui.progress import telling

ARMS = {
    "generation": (
        "vitrine.evals.generation.run",
        "drawn pictures: fit to words, set distances, personal taste, dials; a page with plots and grids",
    ),
    "understanding": (
        "vitrine.evals.understanding",
        "public gold dialogues and relative captions, read by the built-in understanding",
    ),
    "retrieval": (
        "vitrine.evals.retrieval",
        "what searching a shop finds, against human grades: NDCG@10 and judged@10",
    ),
    "wording": (
        "vitrine.evals.wording",
        "rephrased replies with false sentences planted in them: what the check lets through",
    ),
    "wishes": (
        "vitrine.evals.wishes",
        "free-text wishes on and off: do held-out reviews affirm what they bring up?",
    ),
    "personalization": (
        "vitrine.evals.personal.run",
        "is what the prior makes personal? permutation test, baselines, drawn pictures, a page",
    ),
    "reward": (
        "vitrine.evals.reward.run",
        "the reward model beside baselines, its towers apart, its reasons against planted tastes",
    ),
    "histories": (
        "vitrine.evals.histories",
        "what real people liked next: a prior trained on their ratings, beside plain recommenders",
    ),
    "challenge": (
        "vitrine.ui.challenge",
        "generated, perturbed and fuzzed dialogues; each failure as its shortest script",
    ),
    "simulate": (
        "vitrine.ui.simulate",
        "simulated shoppers with a hidden goal: success and turns, with parts taken out",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to measure, and the words that its own parser reads."""
    parser.epilog = "WHAT is one of\n" + "".join(
        f"  {what:<15}{about}\n" for what, (_, about) in ARMS.items()
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WHAT ...", help="what, options")


def run(args: argparse.Namespace) -> int:
    """Hand over to the table of measurements."""
    with telling():
        return main(args.words, prog="vitrine eval", arms=ARMS)
