"""Reading drawings and writing texts about them."""

import random
from pathlib import Path

import numpy as np
import pytest

from vitrine.core.domain import DesignWords, DomainPack, Facet, FacetValue
from vitrine.core.errors import RequestError
from vitrine.models.dataset import ABSENT, Phrase, compose, matches, read_drawings, to_tensor

PACK = DomainPack(
    name="forms",
    title="Forms",
    noun="form",
    facets=(
        Facet(name="form", kind="categorical", role="head", values=(FacetValue(name="disc"),)),
        Facet(name="tone", kind="categorical", values=(FacetValue(name="rust", prompt="rusty"),)),
        Facet(name="edge", kind="categorical", of="tone", values=(FacetValue(name="soft"),)),
    ),
    design=DesignWords(template="a {tone} {with edge edge} {form}"),
)


def test_a_folder_is_read(world: Path) -> None:
    data = read_drawings(world)
    assert data.size == 32
    assert data.pictures.shape == (48, 32, 32, 3)
    assert len(data.train) == 42
    assert len(data.heldout) == 6
    assert data.vocabulary["tone"] == ("ink", "moss", "rust")
    assert data.values(0) == {"form": "square", "tone": "rust", "edge": "hard"}
    assert data.codes[1, list(data.vocabulary).index("edge")] == ABSENT
    tensor = to_tensor(data.pictures[:2])
    assert tensor.shape == (2, 3, 32, 32)
    assert -1 <= float(tensor.min()) < float(tensor.max()) <= 1


def test_missing_or_cut_files_are_told(world: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"dataset\.json is missing"):
        read_drawings(tmp_path)
    (world / "pictures.bin").write_bytes(b"cut")
    with pytest.raises(RequestError, match="draw the data set again"):
        read_drawings(world)


def test_composed_texts_name_what_they_say() -> None:
    values = {"form": "disc", "tone": "rust", "edge": "soft"}
    rng = random.Random(0)
    texts = {compose(values, PACK, rng, keep=keep) for keep in (0.3, 1.0) for _ in range(80)}
    assert Phrase("a rusty with soft edge disc", ("form", "tone", "edge")) not in texts
    assert "a rusty disc" in {phrase.text for phrase in texts}
    for phrase in texts:
        assert phrase.said is not None
        assert phrase.text
        if "edge" in phrase.said:
            assert "tone" in phrase.said  # it describes the tone


def test_a_text_is_true_of_every_picture_that_shows_it() -> None:
    codes = np.array([[0, 0], [0, 1], [1, 1], [0, 1]])
    phrases = [
        Phrase("disc", ("form",)),
        Phrase("a moss disc", None),
        Phrase("moss", ("tone",)),
        Phrase("a moss disc", None),
    ]
    true = matches(phrases, codes, ["form", "tone"])
    assert true.tolist() == [
        [True, True, False, True],
        [False, True, False, True],
        [False, True, True, True],
        [False, True, False, True],
    ]
