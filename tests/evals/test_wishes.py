"""The measurement of free-text wishes: what search sees and what judges it never meet."""

from pathlib import Path

import pytest

from vitrine.core.places import domain_folder
from vitrine.evals.wishes import wish_ablation
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import open_catalogue
from vitrine.models.fakes import FakeEncoder


def test_a_wish_that_reviews_affirm_moves_the_ranking(tmp_path: Path) -> None:
    folder = domain_folder("atelier")
    encoder = FakeEncoder.for_pack(open_catalogue(folder, encoder=None).pack)
    artifacts = ArtifactStore(tmp_path)
    report = wish_ablation(folder, encoder, artifacts, wishes=("warm", "comfortable"))
    assert report.pairs == len(report.effects) > 0
    assert report.gain_low <= report.first_on - report.first_off <= report.gain_high
    assert report.pages_on > report.pages_off
    assert report == wish_ablation(folder, encoder, artifacts, wishes=("warm", "comfortable"))


def test_a_wish_that_nobody_affirms_is_not_counted(tmp_path: Path) -> None:
    folder = domain_folder("atelier")
    encoder = FakeEncoder.for_pack(open_catalogue(folder, encoder=None).pack)
    report = wish_ablation(folder, encoder, ArtifactStore(tmp_path), wishes=("zzyzx",))
    assert report.pairs == 0
    assert (report.first_on, report.gain_low, report.gain_high) == (0.0, 0.0, pytest.approx(0.0))
