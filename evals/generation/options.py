"""Options of `vitrine eval generation`."""

from __future__ import annotations

import argparse
from pathlib import Path

from vitrine.core.errors import RequestError

SWEEPS = ("adapter_scale", "guidance", "lambda2", "lambda1", "interests_kept", "personal_guidance")
SECTIONS = ("combinations", "people", "sweeps", "interests", "networks")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine eval generation`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of drawings")
    parser.add_argument("--weights", type=Path, required=True, help="folder with clip, sd, judge")
    parser.add_argument("--pack", type=Path, required=True, help="folder of the domain pack")
    parser.add_argument(
        "--out", type=Path, required=True, help="report.html, report.json, figures.json, sheet.png"
    )
    parser.add_argument(
        "--shoppers", type=Path, default=None,
        help="folder of simulated shoppers: are the pictures personal? (needs prior and verifier)",
    )  # fmt: skip
    parser.add_argument(
        "--sections", nargs="*", choices=SECTIONS, default=list(SECTIONS),
        help="what to measure; others of a report in --out stay (none: write the pages)",
    )  # fmt: skip
    parser.add_argument(
        "--sweeps", nargs="*", choices=SWEEPS, default=list(SWEEPS), help="which dials to measure"
    )
    parser.add_argument(
        "--results", type=Path, default=None,
        help="write this Markdown page, too; sections of other measurements that it has stay",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=5, help="repetitions (%(default)s)")
    parser.add_argument("--count", type=int, default=96, help="combinations a seed (%(default)s)")
    parser.add_argument("--people", type=int, default=20, help="held-out shoppers (%(default)s)")
    parser.add_argument("--first-person", type=int, default=0, help="so many are passed over")
    parser.add_argument("--requests", type=int, default=3, help="sentences (%(default)s)")
    parser.add_argument("--sweep-people", type=int, default=6, help="of them, along dials")
    parser.add_argument("--history", type=int, default=32, help="ratings known of a person")
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--adapter-scale", type=float, default=0.6)
    parser.add_argument("--interest", type=Path, default=None, help="default: WEIGHTS/interest")
    parser.add_argument("--perfusion", type=Path, default=None, help="default: WEIGHTS/perfusion")
    parser.add_argument(
        "--network", action="append", default=[], metavar="NAME[@W]=FOLDER",
        help="personal networks to compare; the first is what the others are compared with, one name"
        " with several folders is one kind with several trainings; W: the w_u that it draws with",
    )  # fmt: skip
    parser.add_argument("--personal-guidance", type=float, default=None, help="w_u of these (w_t)")
    parser.add_argument(
        "--backbones", type=Path, default=None,
        help="folder with inception.safetensors and alexnet.safetensors (docs/evaluation.md)",
    )  # fmt: skip
    parser.add_argument(
        "--encoder", action="append", default=[], metavar="NAME=FOLDER",
        help="another CLIP in open_clip's layout, for CMMD, KID and CLIPScore",
    )  # fmt: skip
    parser.add_argument(
        "--aesthetic", type=Path, default=None, help="LAION's linear head, published"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="torch threads on the CPU")
    parser.add_argument("--card", action="store_true", help="add the figures to the model's card")


def check(args: argparse.Namespace) -> None:
    """Refuse numbers that measure nothing.

    Raises:
        RequestError: one is too small.
    """
    least = {"seeds": 1, "count": 1, "people": 2, "requests": 1, "sweep_people": 2, "history": 1,
             "permutations": 1, "steps": 1, "first_person": 0}  # fmt: skip
    for name, lowest in least.items():
        if getattr(args, name) < lowest:
            option = "--" + name.replace("_", "-")
            raise RequestError(f"{option} {getattr(args, name)!r}: expected at least {lowest}")


def encoder_of(word: str) -> tuple[str, Path]:
    """NAME=FOLDER as a pair.

    Raises:
        RequestError: it is something else, or the name is taken.
    """
    name, equals, folder = word.partition("=")
    if not equals or not name.replace("-", "").isalnum() or name in {"judge", "clip", "inception"}:
        raise RequestError(f"--encoder {word!r}: expected NAME=FOLDER, NAME of letters and digits")
    return name, Path(folder)


def folder_of(given: Path | None, usual: Path) -> Path | None:
    """The folder of optional weights; None: there are none.

    Raises:
        RequestError: one was named that does not exist.
    """
    if given is not None and not given.is_dir():
        raise RequestError(f"{str(given)!r} is no folder of weights")
    return given if given is not None else usual if usual.is_dir() else None
