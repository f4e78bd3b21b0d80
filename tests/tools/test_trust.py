"""How far words are trusted to find pictures is measured on the shop itself."""

from pathlib import Path

import pytest

from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.fakes import FakeEncoder, FakeScorer
from vitrine.tools.references import Vectors
from vitrine.tools.retrieve_items import RetrieveItems, RetrieveRequest, WishText
from vitrine.tools.score_candidates import NO_PICTURE, ScoreCandidates, ScoreRequest
from vitrine.tools.trust import text_trust


@pytest.fixture
def bare(tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder) -> PackCatalogue:
    """The pottery without its pictures."""
    items = [item.model_copy(update={"picture": None}) for item in tiny_catalogue.items]
    return PackCatalogue(tiny_catalogue.folder, tiny_catalogue.pack, items, encoder=tiny_encoder)


def vectors(catalogue: PackCatalogue, encoder: FakeEncoder, folder: Path) -> Vectors:
    return Vectors(catalogue, encoder, ArtifactStore(folder))


def test_an_encoder_that_knows_the_goods_is_trusted(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, tmp_path: Path
) -> None:
    assert text_trust(tiny_catalogue, vectors(tiny_catalogue, tiny_encoder, tmp_path)) > 0.8


def test_no_pictures_no_trust(
    bare: PackCatalogue, tiny_encoder: FakeEncoder, tmp_path: Path
) -> None:
    assert text_trust(bare, vectors(bare, tiny_encoder, tmp_path)) == 0.0


def test_without_pictures_words_alone_rank(
    bare: PackCatalogue, tiny_encoder: FakeEncoder, tmp_path: Path
) -> None:
    retrieve = RetrieveItems(bare, tiny_encoder, ArtifactStore(tmp_path))
    found = retrieve(RetrieveRequest(query="mug", wishes=(WishText(text="mug"),), count=30))
    assert found.items
    assert all(set(item.signals) == {"words", "wishes"} for item in found.items)
    assert all(item.score > 0 for item in found.items), "what no word speaks for is not shown"


def test_items_without_pictures_get_the_neutral_score(
    bare: PackCatalogue, tiny_encoder: FakeEncoder, tmp_path: Path
) -> None:
    score = ScoreCandidates(
        {"fake": FakeScorer(tiny_encoder)}, tiny_encoder, bare, ArtifactStore(tmp_path)
    )
    found = score(ScoreRequest(text="a mug", candidates=(bare.at(0).id, bare.at(1).id)))
    assert [scored.score for scored in found.scores] == [NO_PICTURE, NO_PICTURE]
    assert not any(scored.parts for scored in found.scores)
