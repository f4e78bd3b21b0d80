"""Things that tools may be pointed at, and their embeddings.

A reference is an item id (its catalogue vector) or an `EmbeddingRef` (a design, a sent picture).
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from pydantic import Field

from vitrine.core.errors import ToolError
from vitrine.core.frozen import Frozen
from vitrine.core.ports import Artifacts, Catalogue, Encoder, Floats, TasteEvidence
from vitrine.core.refs import EmbeddingRef, ImageRef, ItemId

logger = logging.getLogger(__name__)

KEPT_TEXTS = 2048

Reference = ItemId | EmbeddingRef


class Taste(Frozen):
    """What a person liked and disliked, newest last; either may be empty.

    `user_id` names a user the models were trained with, if any.
    """

    liked: tuple[Reference, ...] = ()
    disliked: tuple[Reference, ...] = ()
    user_id: str | None = None


class FacetPreference(Frozen):
    """A signed preference for one facet value: wants and likes positive, avoids negative."""

    facet: str
    value: str
    weight: float = Field(ge=-1, le=1)


class Vectors:
    """Embeddings of references and texts in the encoder's space. Texts are kept (least used go).

    Args:
        catalogue: where item ids are looked up.
        encoder: defines the space; encodes texts and pictures.
        artifacts: where `EmbeddingRef`s and `ImageRef`s are looked up.
    """

    def __init__(self, catalogue: Catalogue, encoder: Encoder, artifacts: Artifacts) -> None:
        self._catalogue, self._encoder, self._artifacts = catalogue, encoder, artifacts
        self._texts: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def dim(self) -> int:
        """Embedding dimension d."""
        return self._encoder.dim

    def of(self, references: Sequence[Reference]) -> Floats:
        """Raw embeddings, (n, d), in order; items without a picture are left out.

        Raises:
            ToolError: no such item, or an embedding that is gone or of another space.
        """
        rows: list[Floats] = []
        for reference in references:
            if isinstance(reference, EmbeddingRef):
                if reference.space != self._encoder.space:
                    raise ToolError(
                        f"embedding {reference.key[:19]} is of space {reference.space!r}: expected"
                        f" {self._encoder.space!r}; make it anew with the models in use"
                    )
                rows.append(self._artifacts.get_embedding(reference))
            elif self._catalogue.has(reference):
                row = self._catalogue.vectors([self._catalogue.row(reference)])[0]
                if np.any(row):
                    rows.append(row)
            else:
                raise ToolError(f"no item {reference!r} in domain {self._catalogue.pack.name!r}")
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def known(self, references: Sequence[Reference]) -> Floats:
        """Like `of`, but what is gone from catalogue or store is left out: for long histories."""
        rows: list[Floats] = []
        for reference in references:
            try:
                rows.append(self.of([reference]))
            except ToolError as error:
                logger.warning("left out of a history: %s", error)
        return np.concatenate(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def texts(self, texts: Sequence[str]) -> Floats:
        """Raw text embeddings, (n, d)."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if missing:
            encoded = self._encoder.encode_text(missing)
            with self._lock:
                self._texts.update(zip(missing, encoded, strict=True))
        with self._lock:
            for text in texts:
                if text in self._texts:
                    self._texts.move_to_end(text)
            found = [self._texts.get(text) for text in texts]
            while len(self._texts) > KEPT_TEXTS:
                self._texts.popitem(last=False)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        rows = [
            self._encoder.encode_text([t])[0] if v is None else v
            for t, v in zip(texts, found, strict=True)
        ]
        return np.stack(rows)

    def pictures(self, images: Sequence[ImageRef]) -> Floats:
        """Raw image embeddings of stored pictures, (n, d).

        Raises:
            ToolError: a picture is gone or damaged.
        """
        if not images:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._encoder.encode_images([self._artifacts.get_image(ref) for ref in images])

    def evidence(self, taste: Taste) -> TasteEvidence:
        """A taste in embedding space."""
        return TasteEvidence(
            liked=self.known(taste.liked),
            disliked=self.known(taste.disliked),
            user_id=taste.user_id,
        )


def unit(rows: Floats) -> Floats:
    """Rows scaled to length 1, (..., d); zero rows stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
