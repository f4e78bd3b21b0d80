"""From what guests took in a shop to trained weights: one small log, and nobody held out who chose."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from vitrine.agent.wiring import backend_models
from vitrine.core.places import domain_folder, weights
from vitrine.core.refs import ThingRef
from vitrine.core.settings import read_settings
from vitrine.memory.catalogue import open_catalogue
from vitrine.memory.log import Judged, LoggedThing
from vitrine.memory.stores import open_stores
from vitrine.ui import cli


@pytest.fixture
def log_of_guests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve guests, three turns each: items and a drawn thing, of which they took two."""
    home = tmp_path / "home"
    monkeypatch.setenv("VITRINE_HOME", str(home))
    encoder = backend_models(read_settings(domain="atelier")).encoder()
    catalogue = open_catalogue(domain_folder("atelier"), encoder=encoder)
    ids = [item.id for item in catalogue.items]
    rng = np.random.default_rng(0)
    with open_stores(home) as stores:
        picture = rng.integers(0, 255, (128, 128, 3)).astype(np.uint8)
        (ref,) = stores.artifacts.put_embeddings(encoder.encode_images([picture]), encoder.space)
        drawn = LoggedThing(thing=ThingRef(kind="design", id="design-1-1"), embedding=ref,
                            image=stores.artifacts.put_image(picture),
                            facets={"category": ("dress",)})  # fmt: skip
        for guest in range(12):
            user = f"guest {guest}"
            stores.log.open_thread(user, "t", "atelier")
            for turn in range(1, 4):
                shown = [LoggedThing(thing=ThingRef(kind="item", id=str(name)))
                         for name in rng.choice(ids, size=4, replace=False)]  # fmt: skip
                shown.append(drawn)
                stores.log.show(user, "t", turn, request="a dress", things=shown, domain="atelier")
                taken = [Judged(what=shown[at], verdict="picked") for at in (0, 4)]
                stores.log.judge(user, "t", turn, verdicts=taken, domain="atelier")
    return home


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(300)
def test_the_personal_network_learns_from_a_log(log_of_guests: Path, tmp_path: Path) -> None:
    """It goes on from what ships, first on single likes, then on what was taken of groups."""
    out = tmp_path / "perfusion"
    words = ["train", "perfusion", "--from-log", "--start-from", str(weights() / "perfusion"),
             "--out", str(out), "--steps", "2", "--warm", "1", "--batch", "2", "--measured", "1",
             "--threads", "1", "--no-tensorboard"]  # fmt: skip
    assert cli.main(words) == 0
    before = load_file(weights() / "perfusion" / "model.safetensors")
    after = load_file(out / "model.safetensors")
    assert before.keys() == after.keys()
    assert any((before[name] != after[name]).any() for name in before)
    card = json.loads((out / "card.json").read_text())
    assert card["steps"] == 2 and "log of atelier" in json.dumps(card)
    assert str(tmp_path) not in (out / "card.json").read_text()
