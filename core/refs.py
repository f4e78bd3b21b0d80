"""Names of things: state and messages hold these, never pixels or tensors."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from vitrine.core.frozen import Frozen

ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
"""Identity of a catalogue item, unique in its domain."""

DesignId = Annotated[str, StringConstraints(pattern=r"^design-[0-9]+-[0-9]+$")]
"""`design-<turn>-<position>`: a picture made in this conversation."""

BlobKey = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""Content address of a blob in the artifact store."""


class ImageRef(Frozen):
    """A stored picture (PNG in the artifact store)."""

    key: BlobKey
    width: int = Field(gt=0)
    height: int = Field(gt=0)


class EmbeddingRef(Frozen):
    """One row of a stored embedding matrix of shape (n, dim)."""

    key: BlobKey
    row: int = Field(ge=0)
    dim: int = Field(gt=0)
    space: str = Field(min_length=1, description="encoder identity; rows of other spaces never mix")


class ShownRef(Frozen):
    """A thing by the place where it was shown: 1-based turn and 1-based position in that turn."""

    turn: int = Field(ge=1)
    position: int = Field(ge=1)


class ThingRef(Frozen):
    """An item or a design, by identity."""

    kind: Literal["item", "design"]
    id: str = Field(min_length=1, max_length=80)
