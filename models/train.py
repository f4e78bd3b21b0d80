"""`python -m vitrine.models.train <what> ...`: one table from a name to the module that trains it.

Each module brings `add_arguments(parser)` and `run(args)`, which may return an exit code.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from vitrine.core.errors import RequestError, VitrineError

ARMS: dict[str, tuple[str, str]] = {
    "clip": ("vitrine.models.clip.train", "image and text encoder"),
    "clip-vit": ("vitrine.models.clip.distil", "vision transformer in the space of a CLIP"),
    "judge": ("vitrine.models.judge.train", "independent judge of generated pictures"),
    "autoencoder": ("vitrine.models.diffusion.train_autoencoder", "picture autoencoder"),
    "unet": ("vitrine.models.diffusion.train", "denoiser with image adapter"),
    "embed": ("vitrine.models.embed", "embeddings of drawings that the taste models train on"),
    "read": ("vitrine.models.ratings.read", "ratings of published formats, to train taste on"),
    "prior": ("vitrine.models.prior.train", "personal prior over image embeddings"),
    "verifier": ("vitrine.models.prior.train_verifier", "verifier of sampled embeddings"),
    "reward": ("vitrine.models.reward.train", "personal reward model"),
    "perfusion": ("vitrine.models.perfusion.train", "personal network beside the denoiser"),
    "pool": ("vitrine.models.perfusion.pool", "groups of pictures for people to pick from"),
    "interest-attention": (
        "vitrine.models.interest.train",
        "attention over what is retrieved from a history",
    ),
    "seal": ("vitrine.models.integrity", "manifest of the weights folder"),
}

ReadLog = Callable[[Path, bool], Path]
"""(folder beside the weights, whether a run is resumed) -> folder of ratings out of the log."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def main(
    argv: Sequence[str] | None = None,
    prog: str = "vitrine train",
    arms: Mapping[str, tuple[str, str]] = ARMS,
    read_log: ReadLog | None = None,
) -> int:
    """Run the arm that the first word names, with the options that follow it.

    Args:
        read_log: how `--from-log` finds what people did in this shop.

    Raises:
        RequestError: `--from-log` where there is no log.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    chooser = Parser(prog=prog, usage=f"{prog} WHAT ...")
    if not words:
        chooser.error(f"what? expected one of {', '.join(arms)}")
    what = words[0]
    if what not in arms:
        near = difflib.get_close_matches(what, arms, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(arms)}"
        chooser.error(f"cannot train {what!r}: {hint}")
    module_name, about = arms[what]
    module = importlib.import_module(module_name)
    parser = Parser(prog=f"{prog} {what}", description=about[0].upper() + about[1:] + ".")
    module.add_arguments(parser)
    args = parser.parse_args(words[1:])
    if getattr(args, "from_log", False):
        if read_log is None:
            raise RequestError("--from-log: there is no log here; use the command `vitrine train`")
        # From here on the run is one on that folder: whoever resumes it learns from the same log.
        args.data = read_log(args.out.with_name(args.out.name + ".log"), args.resume)
        args.from_log = False
    return module.run(args) or 0


def _entry() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return main(prog="python -m vitrine.models.train")
    except VitrineError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    raise SystemExit(_entry())
