"""What every test may use: a small shop of pottery, a home of its own, one thread for mathematics."""

import os
import shutil
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
import pytest
from PIL import Image

from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.models.fakes import FakeEncoder

PACKS = Path(__file__).parent / "packs"


def draw_tiny_pictures(folder: Path) -> None:
    """One 24-pixel picture an item: a blob of its glaze, its kind as outline, on a light ground."""
    plain = open_catalogue(folder)
    glazes = plain.pack.facet("glaze")
    assert glazes is not None
    (folder / "pictures").mkdir(exist_ok=True)
    for number, item in enumerate(plain.items):
        value = glazes.value(item.values("glaze")[0])
        assert value is not None and value.rgb is not None and item.picture is not None
        pixels = np.full((24, 24, 3), 246, dtype=np.uint8)
        y, x = np.mgrid[0:24, 0:24]
        shape = {
            "mug": (abs(x - 12) < 7) & (abs(y - 13) < 7),
            "bowl": (abs(x - 12) < 9) & (abs(y - 15) < 4),
            "vase": (abs(x - 12) < 4) & (abs(y - 12) < 10),
        }[item.values("kind")[0]]
        shade = 1.0 - 0.01 * (number % 5)
        pixels[shape] = (np.asarray(value.rgb) * shade).astype(np.uint8)
        Image.fromarray(pixels).save(folder / item.picture)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pottery pack with pictures."""
    folder = tmp_path_factory.mktemp("packs") / "tiny"
    shutil.copytree(PACKS / "tiny", folder)
    draw_tiny_pictures(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh VITRINE_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("VITRINE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def _shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared-home")


@pytest.fixture(scope="session")
def tiny_encoder(tiny_folder: Path) -> FakeEncoder:
    """The fake encoder that knows the pottery's glazes."""
    return FakeEncoder.for_pack(open_catalogue(tiny_folder).pack)


@pytest.fixture(scope="session")
def tiny_catalogue(
    tiny_folder: Path, tiny_encoder: FakeEncoder, _shared_home: Path
) -> PackCatalogue:
    """The pottery, loaded with vectors of the fake encoder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VITRINE_HOME", str(_shared_home))
        catalogue = open_catalogue(tiny_folder, encoder=tiny_encoder)
        catalogue.warm()
        catalogue.vectors([0])
    return catalogue
