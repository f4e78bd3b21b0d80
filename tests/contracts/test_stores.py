"""What every catalogue and every artifact store must keep; one line joins an implementation."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vitrine.core.errors import RequestError
from vitrine.core.ports import Artifacts, Catalogue, Filters
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import open_catalogue
from vitrine.models.fakes import FakeEncoder

CATALOGUES: list[Callable[[Path], Catalogue]] = [
    lambda folder: open_catalogue(folder, encoder=FakeEncoder()),
]
ARTIFACTS: list[Callable[[Path], Artifacts]] = [ArtifactStore]


@pytest.fixture(params=CATALOGUES, ids=["pack"])
def catalogue(request: pytest.FixtureRequest, tiny_folder: Path) -> Catalogue:
    return request.param(tiny_folder)


@pytest.fixture(params=ARTIFACTS, ids=["files"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Artifacts:
    return request.param(tmp_path)


class TestCatalogue:
    def test_rows_and_items_agree(self, catalogue: Catalogue) -> None:
        for row in range(len(catalogue)):
            item = catalogue.at(row)
            assert catalogue.row(item.id) == row
            assert catalogue.item(item.id) == item
            assert catalogue.has(item.id)
        assert not catalogue.has("gone")
        for asked in (catalogue.item, catalogue.row, catalogue.picture):
            with pytest.raises(RequestError, match="'gone'"):
                asked("gone")

    def test_no_conditions_let_everything_pass(self, catalogue: Catalogue) -> None:
        mask = catalogue.mask(Filters())
        assert mask.shape == (len(catalogue),)
        assert mask.all()

    def test_values_count_what_carries_says(self, catalogue: Catalogue) -> None:
        for facet in catalogue.pack.facets:
            for value, count in catalogue.values(facet.name).items():
                carried = catalogue.carries(facet.name, value)
                assert count == carried.sum()
                if facet.kind == "categorical":
                    np.testing.assert_array_equal(
                        carried, catalogue.mask(Filters(any_of={facet.name: (value,)}))
                    )
        assert not catalogue.carries("no facet", "no value").any()
        assert dict(catalogue.values("no facet")) == {}

    def test_numbers_are_those_of_the_items(self, catalogue: Catalogue) -> None:
        for row, number in enumerate(catalogue.numbers("price")):
            assert catalogue.at(row).numbers["price"] == pytest.approx(float(number))
        assert np.isnan(catalogue.numbers("no facet")).all()

    def test_searches_respect_mask_and_limit(self, catalogue: Catalogue) -> None:
        mask = catalogue.mask(Filters(any_of={"kind": ("mug",)}))
        words = catalogue.words("teal mug", mask, 2)
        near = catalogue.nearest(catalogue.vectors([0, 3]), mask, 2)
        assert len(near) == 2
        for found in (words, *near):
            assert len(found) == 2
            assert all(mask[row] for row, _ in found)
            assert [score for _, score in found] == sorted(
                (score for _, score in found), reverse=True
            )

    def test_an_item_is_nearest_to_itself(self, catalogue: Catalogue) -> None:
        everything = np.ones(len(catalogue), dtype=np.bool_)
        for row in range(len(catalogue)):
            best, cosine = catalogue.nearest(catalogue.vectors([row]), everything, 1)[0][0]
            assert cosine == pytest.approx(1.0, abs=1e-4)
            twin = catalogue.vectors([best, row])
            np.testing.assert_allclose(
                twin[0] / np.linalg.norm(twin[0]), twin[1] / np.linalg.norm(twin[1]), atol=1e-2
            )


class TestArtifacts:
    def test_round_trips(self, artifacts: Artifacts) -> None:
        picture = np.random.default_rng(0).integers(0, 255, (7, 9, 3), dtype=np.uint8)
        ref = artifacts.put_image(picture)
        np.testing.assert_array_equal(artifacts.get_image(ref), picture)
        assert Path(artifacts.image_path(ref)).is_file()
        rows = np.random.default_rng(1).standard_normal((3, 5)).astype(np.float32)
        refs = artifacts.put_embeddings(rows, "space")
        assert [r.row for r in refs] == [0, 1, 2]
        for r, row in zip(refs, rows, strict=True):
            np.testing.assert_array_equal(artifacts.get_embedding(r), row)

    def test_equal_content_has_one_name(self, artifacts: Artifacts) -> None:
        picture = np.zeros((4, 4, 3), dtype=np.uint8)
        assert artifacts.put_image(picture) == artifacts.put_image(picture.copy())
