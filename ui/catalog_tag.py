"""`vitrine catalog tag`: what pictures show and texts say beside the facets, extracted once."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrine.core import places
from vitrine.core.errors import RequestError, SetupError
from vitrine.core.settings import Settings, read_settings

if TYPE_CHECKING:
    from vitrine.agent.tagging import TaggingReport
    from vitrine.agent.toolbox import Models
    from vitrine.memory.tags import ItemTags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine catalog tag`."""
    parser.add_argument("--domain", help="name or folder of the domain (default: the settings')")
    parser.add_argument("--scenario", help="of domain.yaml: what is asked (default: its first)")
    parser.add_argument(
        "--no-model", action="store_true", help="read pictures alone, whatever VITRINE_LLM_MODEL is"
    )
    parser.add_argument(
        "--most", type=int, metavar="N", help="ask the model about N items, the rest another time"
    )
    parser.add_argument(
        "--again", action="store_true", help="ask about items that are tagged already, too"
    )


def run(args: argparse.Namespace) -> int:
    """Tag the items; the model's answers are kept from run to run."""
    from vitrine.memory.tags import read_tags

    if args.most is not None and args.most < 1:
        raise RequestError(f"--most {args.most}: expected a number of items above 0")
    settings = read_settings(domain=args.domain)
    known = read_tags(places.domain_folder(settings.domain))
    model = settings.llm.model is not None and not args.no_model
    report = tag(
        settings, known=known, model=model, scenario=args.scenario, most=args.most, again=args.again
    )
    if report.asked and report.failed == report.asked:
        raise SetupError(f"the model gave no tags: {report.first_failure}")
    return 0


def tag(
    settings: Settings,
    *,
    known: "Mapping[str, ItemTags]",
    model: bool = False,
    scenario: str | None = None,
    most: int | None = None,
    again: bool = False,
    models: "Models | None" = None,
) -> "TaggingReport":
    """Tag the shop of the settings, with progress, and tell what came of it.

    Raises:
        RequestError: no such shop or scenario.
        SetupError: weights or the model cannot be had.
    """
    from rich.console import Console
    from rich.progress import Progress

    from vitrine.agent.tagging import Asking, CatalogueTagger
    from vitrine.agent.wiring import backend_models, open_model
    from vitrine.memory.catalogue import open_catalogue

    loaders = models or backend_models(settings)
    encoder = loaders.encoder()
    catalogue = open_catalogue(places.domain_folder(settings.domain), encoder=encoder)
    asking = None
    if model:
        chat = open_model(settings, loaders, "vitrine catalog tag")
        asking = Asking(chat, settings.llm.sees, settings.llm.timeout_s)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("tagging", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        async def tagged() -> "TaggingReport":
            try:
                tagger = CatalogueTagger(catalogue, encoder, asking, scenario)
                return await tagger(known, most=most, again=again, on_item=tell)
            finally:
                if asking is not None:
                    await asking.chat.close()

        report = asyncio.run(tagged())
    print(
        f"{report.tagged} of {len(catalogue)} items tagged; the encoder knows {len(report.words)}"
        f" words in these pictures; {report.asked} items asked of the model, {report.failed} failed",
        file=sys.stderr,
    )
    if report.first_failure is not None:
        print(f"first failure  {report.first_failure}", file=sys.stderr)
    return report
