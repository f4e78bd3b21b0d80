"""`vitrine train log --out F`: this shop's interaction log as a folder that taste models train on.

A pick or an acceptance is a rating of 5, a rejection one of 1; what was shown in one turn is a group
with what was picked of it. Users are written under pseudonyms; nothing they said about themselves
is written, only the request that things were shown for.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vitrine.agent.wiring import backend_models, home_of
from vitrine.core.errors import RequestError, ToolError
from vitrine.core.places import domain_folder
from vitrine.core.ports import Encoder, Floats, Pixels
from vitrine.core.prompts import write_prompt
from vitrine.core.settings import read_settings
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.memory.log import LoggedThing
from vitrine.memory.stores import Stores, open_stores
from vitrine.models.perfusion.pictures import write_pictures
from vitrine.models.ratings.door import time_of
from vitrine.models.ratings.folder import Terms, write_folder
from vitrine.models.ratings.interactions import PASSED, TAKEN, Interactions
from vitrine.models.ratings.read import add_terms
from vitrine.models.ratings.vectors import Vectors
from vitrine.ui.train_pictures import write_log_drawings

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `train log`."""
    add_terms(parser)
    parser.add_argument("--domain", default=None, help="of the shop (the one of the settings)")


def run(args: argparse.Namespace) -> None:
    """Write the log of one domain.

    Raises:
        RequestError: nothing was logged, or too little to split.
    """
    terms = Terms(args.split, args.heldout, args.seed, args.min_likes or 1)
    read_log(args.out, terms, domain=args.domain)


def read_log(out: Path, terms: Terms, *, domain: str | None = None) -> None:
    """Write the log of one domain (None: that of the settings) as a folder of ratings.

    Raises:
        RequestError: nothing was logged, or too little to split.
    """
    settings = read_settings()
    folder = domain_folder(domain or settings.domain)
    with open_stores(home_of(settings)) as stores:
        encoder = backend_models(settings).encoder()
        catalogue = open_catalogue(folder, encoder=encoder)
        told, things = gather(stores, catalogue.pack.name)
        if not told.items:
            raise RequestError(
                f"nothing was shown in {catalogue.pack.name!r} yet: there is no log to learn from"
            )
        vectors = embed(things, told, catalogue, stores, encoder)
        drawn = pictures_of(vectors.names, things, stores)
        write_log_drawings(out, vectors.names, things, catalogue, stores)
    write_folder(out, told, vectors, terms, source=f"log of {catalogue.pack.name}")
    if drawn is not None:
        write_pictures(out, *drawn)


def gather(stores: Stores, domain: str) -> tuple[Interactions, dict[str, LoggedThing]]:
    """Everybody's ratings and groups in a domain, and the things that they name."""
    told = Interactions(notes=["ratings are picks (5) and rejections (1) in conversations"])
    things: dict[str, LoggedThing] = {}
    for user in stores.log.users(domain):
        who = pseudonym(user)
        for verdict in stores.log.verdicts(user, domain):
            if verdict.judged.verdict == "been_to":
                continue
            name = _name(verdict.judged.what, who, verdict.thread)
            things[name] = verdict.judged.what
            stars = PASSED if verdict.judged.verdict == "reject" else TAKEN
            told.rate(who, name, stars, time_of(verdict.given))
        for group in stores.log.groups(user, domain):
            names = [_name(thing, who, group.thread) for thing in group.things]
            things.update(zip(names, group.things, strict=True))
            chosen = [place in group.chosen for place in range(1, len(names) + 1)]
            told.show(who, names, chosen, text=group.request, time=time_of(group.shown))
    return told, things


def embed(
    things: dict[str, LoggedThing],
    told: Interactions,
    catalogue: PackCatalogue,
    stores: Stores,
    encoder: Encoder,
) -> Vectors:
    """Embeddings of items and designs in the encoder's space, and of a prompt that describes each.

    What has left the shop or the artifact store, or was embedded by another encoder, has none.
    """
    names: list[str] = []
    rows: list[Floats] = []
    prompts: list[str] = []
    for name in told.items:
        thing = things[name]
        row = _embedding(thing, catalogue, stores, encoder)
        if row is None:
            continue
        facets = thing.facets
        if thing.thing.kind == "item":
            facets = catalogue.item(thing.thing.id).facets
        prompts.append(
            write_prompt(
                catalogue.pack, {facet: values[0] for facet, values in facets.items() if values}
            )
        )
        names.append(name)
        rows.append(row)
    if not names:
        raise RequestError("nothing that was shown has an embedding of the present encoder")
    captions = np.concatenate([encoder.encode_text(part) for part in _parts(prompts)])
    images = np.stack(rows).astype(np.float32)
    return Vectors(encoder.space, tuple(names), images, captions.astype(np.float32)[:, None])


def _embedding(
    thing: LoggedThing, catalogue: PackCatalogue, stores: Stores, encoder: Encoder
) -> Floats | None:
    """The raw embedding (d,) of a thing, None where there is none in the encoder's space."""
    if thing.thing.kind == "item":
        if not catalogue.has(thing.thing.id):
            return None
        row = catalogue.vectors([catalogue.row(thing.thing.id)])[0]
        return row if row.any() else None
    if thing.embedding is None or thing.embedding.space != encoder.space:
        return None
    try:
        return stores.artifacts.get_embedding(thing.embedding)
    except ToolError as error:
        log.debug("design %s has no embedding any more: %s", thing.thing.id, error)
        return None


def pictures_of(
    names: Sequence[str], things: dict[str, LoggedThing], stores: Stores
) -> tuple[NDArray[np.int64], NDArray[np.uint8]] | None:
    """Pictures of the designs among the names that are still kept: rows (n,), (n, s, s, 3).

    Those of the commonest size count, since the personal network learns from latents of one size.
    """
    found: dict[tuple[int, ...], list[tuple[int, Pixels]]] = {}
    for row, name in enumerate(names):
        image = things[name].image
        if things[name].thing.kind == "item" or image is None:
            continue
        try:
            picture = stores.artifacts.get_image(image)
        except ToolError as error:
            log.debug("design %s has no picture any more: %s", name, error)
            continue
        found.setdefault(picture.shape, []).append((row, picture))
    if not found:
        return None
    kept = max(found.values(), key=len)
    return np.asarray([row for row, _ in kept], np.int64), np.stack([p for _, p in kept])


def pseudonym(user: str) -> str:
    """The name of a user in training data: always the same, and not the user's own."""
    return "user-" + hashlib.sha256(f"vitrine training {user}".encode()).hexdigest()[:16]


def _name(thing: LoggedThing, who: str, thread: str) -> str:
    """Items are the same for everybody; a design's id is unique in its thread only."""
    if thing.thing.kind == "item":
        return thing.thing.id
    where = hashlib.sha256(f"{who} {thread}".encode()).hexdigest()[:12]
    return f"{where}/{thing.thing.id}"


def _parts(texts: Sequence[str], size: int = 256) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield list(texts[start : start + size])
