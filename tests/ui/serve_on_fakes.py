"""Serves the web page of a pack with fake models: `python serve_on_fakes.py PACK HOME PORT`."""

import sys
from pathlib import Path

import uvicorn

from vitrine.agent.toolbox import Models
from vitrine.core.domain import load_pack
from vitrine.core.settings import Settings
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer
from vitrine.ui.web import create_app


def main(pack: str, home: str, port: str) -> None:
    encoder = FakeEncoder.for_pack(load_pack(Path(pack)))
    models = Models(
        encoder=lambda: encoder,
        prior=FakePrior,
        scorers=lambda: {"fake": FakeScorer(encoder)},
        renderer=lambda: FakeRenderer(encoder),
    )
    settings = Settings(home=home, domain=pack, seed=7)
    app = create_app(settings, models=models)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
