"""The only constructor: from settings to the wired objects of a shop."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from vitrine.agent import outcome
from vitrine.agent.context import Wired
from vitrine.agent.taste import ProfileReader
from vitrine.agent.toolbox import Models, Toolbox
from vitrine.agent.understanding.base import Understander
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.agent.understanding.llm import LlmUnderstanding
from vitrine.agent.wording_check import WordingChecker
from vitrine.agent.wording_llm import LlmWording
from vitrine.agent.workers import Workers
from vitrine.core import places
from vitrine.core.errors import RequestError
from vitrine.core.ports import Catalogue, ChatModel, Encoder, Prior, Renderer, Scorer
from vitrine.core.settings import Settings
from vitrine.memory.catalogue import open_catalogue
from vitrine.memory.checkpoints import Checkpoints, open_checkpoints
from vitrine.memory.stores import open_stores

if TYPE_CHECKING:
    from vitrine.models.integrity import Seals


def home_of(settings: Settings) -> Path:
    """The folder of user data that the settings name."""
    return Path(settings.home).expanduser() if settings.home else places.home()


def checkpointer(settings: Settings) -> AbstractAsyncContextManager[Checkpoints]:
    """The checkpointer of the running event loop."""
    return open_checkpoints(home_of(settings) / "checkpoints.db", modules=[outcome])


@asynccontextmanager
async def wire(settings: Settings, models: Models | None = None) -> AsyncIterator[Wired]:
    """Build everything; close it at the end.

    The encoder is loaded at once, since every answer needs it; prior, scorer and renderer on first
    use.

    Raises:
        RequestError: the domain is unknown or its pack is broken.
        SetupError: weights are missing or damaged, or the home folder cannot be written.
    """
    folder = places.domain_folder(settings.domain)
    loaders = backend_models(settings) if models is None else models
    workers = Workers()
    chat: ChatModel | None = None
    try:
        chat = await workers.light(lambda: language_model(settings, loaders))
        catalogue = await workers.light(lambda: open_catalogue(folder, encoder=loaders.encoder()))
        await workers.light(catalogue.warm)
        with open_stores(home_of(settings)) as stores:
            understanding = BuiltinUnderstanding(catalogue)
            yield Wired(
                settings=settings,
                catalogue=catalogue,
                understander=understander(settings, understanding, catalogue, chat),
                wording=wording(settings, understanding, catalogue, chat),
                profile_reader=ProfileReader(understanding, catalogue),
                tools=Toolbox(catalogue, stores.artifacts, loaders),
                artifacts=stores.artifacts,
                profiles=stores.profiles,
                log=stores.log,
                turns=stores.turns,
                workers=workers,
            )
    finally:
        if chat is not None:
            await chat.close()
        workers.close()


def language_model(settings: Settings, loaders: Models) -> ChatModel | None:
    """The language model, if the settings use one. It is not called yet.

    Raises:
        RequestError: the settings ask for a model and name none.
        SetupError: a package or a key is missing, or a local model cannot be loaded.
    """
    users = [name for name in ("understanding", "wording") if getattr(settings, name) == "llm"]
    return open_model(settings, loaders, f"VITRINE_{users[0].upper()}=llm") if users else None


def open_model(settings: Settings, loaders: Models, asker: str) -> ChatModel:
    """The language model of the settings; `asker` is what needs one. It is not called yet.

    Raises:
        RequestError: the settings name none.
        SetupError: a package or a key is missing, or a local model cannot be loaded.
    """
    from vitrine.models.llm.rest import RestingChat

    if loaders.chat is not None:
        return RestingChat(loaders.chat())
    if settings.llm.model is None:
        raise RequestError(
            f"{asker} needs a model: set VITRINE_LLM__MODEL=provider:model,"
            " for instance openai:NAME, ollama:NAME or transformers:FOLDER"
        )
    from vitrine.models.llm.choose import open_chat

    return RestingChat(open_chat(settings.llm))


def understander(
    settings: Settings,
    builtin: BuiltinUnderstanding,
    catalogue: Catalogue,
    chat: ChatModel | None,
) -> Understander:
    """What reads the messages. Profile sentences are always read by the built-in understanding."""
    if settings.understanding == "builtin":
        return builtin
    assert chat is not None, "wired with the settings"
    return LlmUnderstanding(chat, builtin, catalogue, timeout_s=settings.llm.timeout_s)


def wording(
    settings: Settings,
    builtin: BuiltinUnderstanding,
    catalogue: Catalogue,
    chat: ChatModel | None,
) -> LlmWording | None:
    """What rephrases the replies, if a model is to."""
    if settings.wording == "builtin":
        return None
    assert chat is not None, "wired with the settings"
    checker = WordingChecker(builtin.vocabulary, catalogue)
    return LlmWording(chat, checker, timeout_s=settings.llm.timeout_s)


def backend_models(settings: Settings) -> Models:
    """Loaders of the backend's models; each model is loaded once, when it is first asked for.

    Torch is imported by the loaders alone, so that a shop with other models never needs it. Every
    loader bounds the torch threads of the lane that it is called in: small models are fastest on
    one thread, the renderer uses what the settings allow.
    """
    backend = settings.backend
    root = Path(backend.weights).expanduser() if backend.weights else places.weights()
    # Half of the cores: threads that wait for each other on busy cores draw many times slower.
    drawing_threads = backend.threads or min(4, max(1, (os.cpu_count() or 1) // 2))

    def bound_threads(count: int) -> None:
        from vitrine.models.training import choose_device

        choose_device("cpu", threads=count)

    @lru_cache(maxsize=1)
    def seals() -> "Seals":
        from vitrine.models.integrity import Seals

        return Seals(root)

    @lru_cache(maxsize=1)
    def encoder() -> Encoder:
        from vitrine.models.encoder import ClipEncoder

        bound_threads(1)
        return ClipEncoder(root / "clip", seals())

    @lru_cache(maxsize=1)
    def prior() -> Prior:
        from vitrine.models.prior.prior import load_prior

        seals().check(root / "prior")
        return load_prior(root / "prior")

    @lru_cache(maxsize=1)
    def scorers() -> Mapping[str, Scorer]:
        from vitrine.models.clip.model import load_clip, token_ids
        from vitrine.models.prior.verifier import load_verifier
        from vitrine.models.reward.scorer import load_reward

        for name in ("clip", "reward", "verifier"):
            seals().check(root / name)
        clip, tokenizer = load_clip(root / "clip")
        reward = load_reward(root / "reward", clip, lambda texts: token_ids(tokenizer, texts))
        return {"reward": reward, "verifier": load_verifier(root / "verifier")}

    @lru_cache(maxsize=1)
    def renderer() -> Renderer:
        from vitrine.models.renderer import DiffusionRenderer

        bound_threads(drawing_threads)
        return DiffusionRenderer(
            root / "sd",
            encoder().space,
            seals(),
            interest=root / "interest",
            personal=root / "perfusion",
        )

    return Models(encoder=encoder, prior=prior, scorers=scorers, renderer=renderer)
