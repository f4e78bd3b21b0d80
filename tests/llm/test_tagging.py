"""`vitrine catalog tag` with a model over the wire: one call an item, pictures only to models that see."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from vitrine.agent.toolbox import Models
from vitrine.core.settings import LlmSettings, Settings
from vitrine.memory.tags import read_tags
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer
from vitrine.ui import catalog_tag

SCENARIO = "\nscenarios:\n  - {name: pots, thing: a pot, picture: [shape], text: [mood]}\n"


@pytest.mark.parametrize("sees", [False, True])
def test_each_item_is_one_call(
    service: Any, acts: Any, tiny_folder: Path, tiny_encoder: FakeEncoder, tmp_path: Path, sees: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = tmp_path / "pots"
    shutil.copytree(tiny_folder, folder)
    (folder / "domain.yaml").write_text((folder / "domain.yaml").read_text() + SCENARIO)
    settings = Settings(
        home=str(tmp_path / "home"), domain=str(folder),
        llm=LlmSettings(model="openai:any", base_url=service.url, structure="json_schema", sees=sees),
    )  # fmt: skip
    models = Models(
        encoder=lambda: tiny_encoder, prior=FakePrior, renderer=lambda: FakeRenderer(tiny_encoder),
        scorers=lambda: {"fake": FakeScorer(tiny_encoder)},
    )  # fmt: skip
    service.plays({"picture": ["Round"], "text": ["calm"]})
    report = catalog_tag.tag(settings, known={}, model=True, models=models)
    assert (report.asked, report.failed, len(service.requests)) == (12, 0, 12)
    assert all(entry.model == ("round", "calm") for entry in read_tags(folder).values())
    assert "12 items asked of the model" in capsys.readouterr().err
    content = service.requests[0]["messages"][-1]["content"]
    assert isinstance(content, list) == sees
    service.plays(acts.errors(500, "down"))
    again = catalog_tag.tag(settings, known={}, model=True, models=models)
    assert again.failed == 12
    assert len(service.requests) < 12 + 12, "a service that is down is not asked on and on"
