"""`vitrine train read FORMAT PATH --out F`: ratings of a published format as a folder to train on.

The folder is what `vitrine train prior|verifier|reward --data F` take. Items are seen by their
pictures (`--pictures`), by embeddings of your own (`--embeddings`), or by the words of their titles
(`--titles`).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from vitrine.core.errors import RequestError
from vitrine.core.places import weights
from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.models.ratings.formats import COLUMNS, FORMATS, Reader, Reading, add_negatives
from vitrine.models.ratings.interactions import Interactions, Scale
from vitrine.models.ratings.pickapic import from_parquet, parquet_files, read_pickapic
from vitrine.models.ratings.split import SplitKind
from vitrine.models.ratings.vectors import Vectors, from_file, from_pictures, from_titles

log = logging.getLogger(__name__)

READERS: Mapping[str, tuple[Reader, str]] = {
    **FORMATS,
    "pickapic": (read_pickapic, "parquet file of Pick-a-Pic, or folder of them"),
}
MIN_LIKES = {"flickr-aes": 100}
"""Likes that people of a format must have given, where more than one is usual."""


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Options of the split, shared with the reader of the interaction log."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--split",
        choices=list(get_args(SplitKind)),
        default="item",
        help="what people who are not trained on are judged on: new items, what came later, half of"
        " their own ratings, half of what they were shown, or new texts (%(default)s)",
    )
    parser.add_argument(
        "--heldout", type=float, default=0.2, help="share that is held out (%(default)s)"
    )
    parser.add_argument("--min-likes", type=int, default=None, help="leave out people with fewer")
    parser.add_argument("--seed", type=int, default=0, help="of the split (%(default)s)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train read`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "formats:\n" + "".join(
        f"  {name:<12}{about}\n" for name, (_, about) in READERS.items()
    )
    parser.add_argument("format", choices=list(READERS), metavar="FORMAT", help="see below")
    parser.add_argument("path", type=Path, metavar="PATH", help="file or folder of the ratings")
    seen = parser.add_mutually_exclusive_group(required=True)
    seen.add_argument(
        "--pictures",
        type=Path,
        help="folder with <item>.jpg, .png or .webp; of pickapic the parquet files themselves",
    )
    seen.add_argument("--embeddings", type=Path, help=".npy or .safetensors, (items, d)")
    seen.add_argument("--titles", action="store_true", help="embed the words of the titles")
    add_terms(parser)
    parser.add_argument("--ids", type=Path, help="item of each row of --embeddings, one a line")
    parser.add_argument("--space", help="name of the encoder of --embeddings")
    parser.add_argument("--clip", type=Path, help="folder of the CLIP that sees --pictures")
    parser.add_argument(
        "--columns", nargs="+", default=[], metavar="ROLE=NAME",
        help=f"columns by other names; roles: {', '.join(COLUMNS)}",
    )  # fmt: skip
    parser.add_argument(
        "--scale", nargs=2, type=float, metavar=("LOW", "HIGH"), help="worst and best rating"
    )
    parser.add_argument(
        "--negatives", type=int, default=0, help="dislikes to draw for each like, if there are none"
    )
    parser.add_argument(
        "--groups",
        type=int,
        help="make groups of so many ratings that follow each other, where a format has none",
    )
    parser.add_argument(
        "--bad-share", type=float, default=0.05, help="share of bad rows to bear (%(default)s)"
    )
    parser.add_argument("--limit", type=int, help="read the first so many rows")


def run(args: argparse.Namespace) -> None:
    """Read, report what is bad, split and write.

    Raises:
        RequestError: an option is wrong, or a file is broken as a whole.
    """
    told = read(args)
    vectors = vectors_of(args, told)
    likes = MIN_LIKES.get(args.format, 1) if args.min_likes is None else args.min_likes
    terms = Terms(args.split, args.heldout, args.seed, likes)
    origin = write_folder(args.out, told, vectors, terms, source=f"{args.format} {args.path.name}")
    log.info("%s", json.dumps(origin["split"]))


def read(args: argparse.Namespace) -> Interactions:
    """What `PATH` tells, in its format.

    Raises:
        RequestError: an option is out of range, or the file is broken.
    """
    for name, least in (("limit", 1), ("min_likes", 1), ("groups", 2)):
        value = getattr(args, name)
        if value is not None and value < least:
            raise RequestError(f"--{name.replace('_', '-')} {value!r}: expected at least {least}")
    if not 0 <= args.bad_share < 1 or args.negatives < 0:
        raise RequestError("--bad-share: expected 0 to 1; --negatives: expected 0 or more")
    columns = dict(_column(word) for word in args.columns)
    scale = None
    if args.scale is not None:
        if not args.scale[0] < args.scale[1]:
            raise RequestError(f"--scale {args.scale!r}: expected the worst and the best rating")
        scale = Scale(*args.scale)
    how = Reading(columns, scale, args.bad_share, args.limit)
    told = READERS[args.format][0](args.path, how)
    if args.negatives:
        add_negatives(told, args.negatives, args.seed)
    if args.groups:
        if told.groups:
            raise RequestError(f"--groups: {args.format} tells what was shown together")
        told.group_ratings(args.groups)
    return told


def _column(word: str) -> tuple[str, str]:
    role, equals, name = word.partition("=")
    if not equals or role not in COLUMNS or not name:
        raise RequestError(f"--columns {word!r}: expected ROLE=NAME, roles {', '.join(COLUMNS)}")
    return role, name


def vectors_of(args: argparse.Namespace, told: Interactions) -> Vectors:
    """Embeddings of the items, as the options say.

    Raises:
        RequestError: there are none.
    """
    if args.embeddings is not None:
        return from_file(args.embeddings, list(told.items), args.ids, args.space)
    if args.pictures is not None:
        from vitrine.models.encoder import ClipEncoder

        encoder = ClipEncoder(weights() / "clip" if args.clip is None else args.clip)
        if args.format == "pickapic" and parquet_files(args.pictures):
            return from_parquet(args.pictures, list(told.items), told.titles, encoder)
        return from_pictures(args.pictures, list(told.items), told.titles, encoder)
    return from_titles(list(told.items), told.titles)
