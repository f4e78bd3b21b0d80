"""Tools of the pottery shop on fakes."""

from pathlib import Path

import pytest

from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.fakes import FakeEncoder
from vitrine.tools.retrieve_items import RetrieveItems


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


@pytest.fixture
def retrieve(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> RetrieveItems:
    return RetrieveItems(tiny_catalogue, tiny_encoder, artifacts)
