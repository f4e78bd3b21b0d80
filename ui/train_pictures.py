"""The pictures of a log's things, as a folder of drawings beside the ratings: what denoisers learn from."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from vitrine.core.errors import ToolError
from vitrine.core.ports import Pixels
from vitrine.core.prompts import write_prompt
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.log import LoggedThing
from vitrine.memory.stores import Stores
from vitrine.models.dataset import write_drawings
from vitrine.models.encoder import fit_square

log = logging.getLogger(__name__)

FOLDER = "drawings"
SIDE = 128
"""Pixels of a picture where no design says how large this shop draws."""


def write_log_drawings(
    out: Path,
    names: Sequence[str],
    things: Mapping[str, LoggedThing],
    catalogue: PackCatalogue,
    stores: Stores,
) -> None:
    """Write `OUT/drawings`: one picture, its facets and a prompt of them for each name, in order.

    Pictures are as large as the shop's designs mostly are. What has no picture any more is even
    grey, and told as missing.
    """
    pictures = [_picture(things[name], catalogue, stores) for name in names]
    drawn = Counter(
        picture.shape[0]
        for name, picture in zip(names, pictures, strict=True)
        if picture is not None and things[name].thing.kind == "design"
    )
    side = drawn.most_common(1)[0][0] if drawn else SIDE
    grey: Pixels = np.full((side, side, 3), 128, np.uint8)
    facets = [_facets(things[name], catalogue) for name in names]
    write_drawings(
        out / FOLDER,
        np.stack([grey if p is None else fit_square(p, side) for p in pictures]),
        facets,
        [
            write_prompt(catalogue.pack, {name: values[0] for name, values in known.items()})
            for known in facets
        ],
        missing=[row for row, picture in enumerate(pictures) if picture is None],
    )


def _facets(thing: LoggedThing, catalogue: PackCatalogue) -> dict[str, tuple[str, ...]]:
    facets = thing.facets
    if thing.thing.kind == "item":
        facets = catalogue.item(thing.thing.id).facets
    known = {facet.name for facet in catalogue.pack.facets if facet.kind == "categorical"}
    return {name: tuple(values) for name, values in facets.items() if values and name in known}


def _picture(thing: LoggedThing, catalogue: PackCatalogue, stores: Stores) -> Pixels | None:
    """The picture of an item or a design; None where it is gone."""
    try:
        if thing.thing.kind == "item":
            path = catalogue.picture(thing.thing.id)
            if path is None:
                return None
            with Image.open(path) as picture:
                return np.asarray(picture.convert("RGB"))
        return None if thing.image is None else stores.artifacts.get_image(thing.image)
    except (ToolError, OSError, UnidentifiedImageError) as error:
        log.debug("%s has no picture any more: %s", thing.thing.id, error)
        return None
