"""What every test runs under: no network, a throwaway home, one thread, no user settings."""

import os
import shutil
import socket
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
_HOME = tempfile.mkdtemp(prefix="vitrine-tests-")

# Set before anything is imported: libraries read these once.
for _name in [name for name in os.environ if name.startswith("VITRINE_")]:
    del os.environ[_name]
os.environ.update(
    VITRINE_HOME=_HOME,
    CHAINLIT_APP_ROOT=_HOME,
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    DO_NOT_TRACK="1",
    TRACELOOP_TELEMETRY="false",
    LANGSMITH_TRACING="false",
    TOKENIZERS_PARALLELISM="false",
    # Two OpenMP threads on a busy machine are many times slower than one for small models.
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    VITRINE_BACKEND__THREADS="1",
)

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
LOOPBACK = ("127.", "::1", "localhost")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require",
        default="",
        help="comma-separated kinds of tests (weights, browser, gpu) that must run, not be skipped",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    required = {kind for kind in config.getoption("--require").split(",") if kind}
    if unknown := required - {"weights", "browser", "gpu"}:
        raise pytest.UsageError(f"--require: unknown kinds {sorted(unknown)}")
    for kind in ("weights", "browser", "gpu"):
        marked = [item for item in items if item.get_closest_marker(kind)]
        if not marked or kind in required:
            continue
        if reason := _missing(kind):
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))


def _missing(kind: str) -> str | None:
    """Why tests of this kind cannot run here, or None."""
    match kind:
        case "weights":
            found = any((ROOT / "weights").rglob("*.safetensors"))
            return None if found else "no weights in weights/: train them (docs/adding.md)"
        case "browser":
            return None if CHROMIUM else "no chromium on PATH: apt-get install chromium"
        case _:
            import torch

            return None if torch.cuda.is_available() else "no CUDA device"


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> object:
    """A connection to anything but this machine is an error."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and not host.startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}: only loopback is allowed")
        connect(self, address)  # type: ignore[arg-type]

    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture
def vitrine_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh VITRINE_HOME for one test."""
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def chromium() -> str:
    """Path of the browser for tests marked `browser`."""
    assert CHROMIUM is not None, "no chromium on PATH"
    return CHROMIUM


# --- the small pottery shop (tests/packs/tiny) ----------------------------------------------------


def draw_tiny_pictures(folder: Path) -> None:
    """One 24-pixel picture an item: its glaze in the outline of its kind, on a light ground."""
    from vitrine.memory.catalogue import open_catalogue

    plain = open_catalogue(folder)
    glazes = plain.pack.facet("glaze")
    assert glazes is not None
    (folder / "pictures").mkdir(exist_ok=True)
    y, x = np.mgrid[0:24, 0:24]
    outlines = {
        "mug": (abs(x - 12) < 7) & (abs(y - 13) < 7),
        "bowl": (abs(x - 12) < 9) & (abs(y - 15) < 4),
        "vase": (abs(x - 12) < 4) & (abs(y - 12) < 10),
    }
    for number, item in enumerate(plain.items):
        value = glazes.value(item.values("glaze")[0])
        assert value is not None
        assert value.rgb is not None
        assert item.picture is not None
        pixels = np.full((24, 24, 3), 246, dtype=np.uint8)
        shade = 1.0 - 0.01 * (number % 5)
        pixels[outlines[item.values("kind")[0]]] = (np.asarray(value.rgb) * shade).astype(np.uint8)
        Image.fromarray(pixels).save(folder / item.picture)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pottery pack, with pictures."""
    folder = tmp_path_factory.mktemp("packs") / "tiny"
    shutil.copytree(ROOT / "tests" / "packs" / "tiny", folder)
    draw_tiny_pictures(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tiny_folder: Path):
    """The fake encoder that knows the pottery's glazes."""
    from vitrine.core.domain import load_pack
    from vitrine.models.fakes import FakeEncoder

    return FakeEncoder.for_pack(load_pack(tiny_folder))


@pytest.fixture(scope="session")
def tiny_catalogue(tiny_folder: Path, tiny_encoder):
    """The pottery, loaded, with vectors of the fake encoder."""
    from vitrine.memory.catalogue import open_catalogue

    catalogue = open_catalogue(tiny_folder, encoder=tiny_encoder)
    catalogue.warm()
    return catalogue
