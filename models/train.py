"""`python -m vitrine.models.train <what> ...`: one table from a name to the module that trains it.

Each module brings `add_arguments(parser)` and `run(args)`, which may return an exit code.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Mapping, Sequence

from vitrine.core.errors import VitrineError

ARMS: dict[str, tuple[str, str]] = {
    "clip": ("vitrine.models.clip.train", "image and text encoder"),
    "judge": ("vitrine.models.judge.train", "independent judge of generated pictures"),
    "autoencoder": ("vitrine.models.diffusion.train_autoencoder", "picture autoencoder"),
    "unet": ("vitrine.models.diffusion.train", "denoiser with image adapter"),
    "read": ("vitrine.models.ratings.read", "ratings of published formats, to train taste on"),
    "embed": ("vitrine.models.embed", "embeddings of drawings that the taste models train on"),
    "seal": ("vitrine.models.integrity", "manifest of the weights folder"),
    "prior": ("vitrine.models.prior.train", "personal prior over image embeddings"),
    "verifier": ("vitrine.models.prior.train_verifier", "verifier of sampled embeddings"),
    "reward": ("vitrine.models.reward.train", "personal reward model"),
}


def main(
    argv: Sequence[str] | None = None,
    prog: str = "vitrine train",
    arms: Mapping[str, tuple[str, str]] = ARMS,
) -> int:
    """Run the arm that the first word names, with the options that follow it."""
    words = list(sys.argv[1:] if argv is None else argv)
    chooser = argparse.ArgumentParser(prog=prog)
    chooser.add_argument("what", choices=sorted(arms), metavar="{" + ",".join(arms) + "}")
    what = chooser.parse_args(words[:1]).what
    module_name, about = arms[what]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"{prog} {what}", description=about.capitalize() + ".")
    module.add_arguments(parser)
    return module.run(parser.parse_args(words[1:])) or 0


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
