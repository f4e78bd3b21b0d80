"""The door: front ends come in here, and only here.

    async with open_shop(settings) as shop:
        session = shop.session(user="mara", thread="monday")
        async for event in session.stream(text="a teal dress"):
            ...

Whatever is wrong with a message is refused before anything changes. One conversation takes one
message at a time. A turn that a killed process left behind is finished before the next one begins.
"""

import asyncio
import gc
import logging
import re
import secrets
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from weakref import WeakValueDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot
from pydantic import ValidationError

from vitrine.agent.context import Context, Wired
from vitrine.agent.graph import RECURSION_LIMIT, Graph, build_graph
from vitrine.agent.seeds import derive
from vitrine.agent.state import fresh_turn
from vitrine.agent.toolbox import Models
from vitrine.agent.understanding.base import Heard
from vitrine.agent.wiring import checkpointer, wire
from vitrine.core.acts import Remember
from vitrine.core.dials import DesignDials
from vitrine.core.domain import DomainPack
from vitrine.core.errors import RequestError
from vitrine.core.refs import ImageRef, ShownRef, ThingRef
from vitrine.core.settings import Settings, read_settings
from vitrine.core.turn import (
    MAX_TEXT_CHARS,
    Event,
    Message,
    Turn,
    TurnEvent,
)
from vitrine.memory.artifacts import read_picture
from vitrine.memory.checkpoints import Checkpoints
from vitrine.memory.ids import check_thread, check_user, checkpoint_id
from vitrine.memory.log import Judged, LoggedThing
from vitrine.memory.profile import Profile, ProfileSentence, Section
from vitrine.memory.state import DialogueState

logger = logging.getLogger(__name__)

Picture = bytes | Path | str | ImageRef
"""A picture to send: file content, a path, or one that is in the artifact store already."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


class Shop:
    """An open shop: models, stores and graph, shared by its sessions."""

    def __init__(self, wired: Wired, graph: Graph, checkpoints: Checkpoints) -> None:
        self.wired = wired
        self.graph = graph
        self.checkpoints = checkpoints
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def pack(self) -> DomainPack:
        """The domain that is sold."""
        return self.wired.catalogue.pack

    def session(self, *, user: str, thread: str) -> "Session":
        """One user's conversation, new or continued.

        Raises:
            RequestError: a name cannot be used.
        """
        return Session(self, user=check_user(user), thread=check_thread(thread))

    def lock(self, key: str) -> asyncio.Lock:
        """The lock of one conversation."""
        return self._locks.setdefault(key, asyncio.Lock())


@asynccontextmanager
async def open_shop(
    settings: Settings | None = None, *, models: Models | None = None
) -> AsyncIterator[Shop]:
    """Open the shop of `settings.domain` (default: settings of the environment).

    Args:
        settings: what to open.
        models: loaders to use instead of the backend's own.

    Raises:
        RequestError: the domain or a setting is wrong.
        SetupError: weights or the home folder cannot be used.
    """
    chosen = read_settings() if settings is None else settings
    async with wire(chosen, models) as wired, checkpointer(chosen) as saver:
        # A full collection walks over everything that models and their libraries have loaded, and
        # holds up whatever turn it falls into for as long as ten turns take.
        gc.freeze()
        try:
            yield Shop(wired, build_graph(saver), saver)
        finally:
            gc.unfreeze()


class Session:
    """One conversation of one user."""

    def __init__(self, shop: Shop, *, user: str, thread: str) -> None:
        self._shop = shop
        self._wired = shop.wired
        self.user = user
        self.thread = thread
        self._key = checkpoint_id(user, thread)
        self._lock = shop.lock(self._key)
        self._readable = False
        self._config: RunnableConfig = {
            "configurable": {"thread_id": self._key},
            "recursion_limit": RECURSION_LIMIT,
        }

    # --- talking ------------------------------------------------------------------------------

    async def stream(
        self,
        *,
        text: str = "",
        image: Picture | None = None,
        picks: Sequence[ShownRef] = (),
        dials: DesignDials | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Send one message; its stages, progress and, last, its finished turn.

        `dials` are how designs are to be drawn from now on; None leaves them as they stand.

        If the process was killed during an earlier turn, that turn is finished first and its events
        come first. Closing the stream stops a drawing that is under way; the turn then ends
        without it.

        Raises:
            RequestError: the message cannot be read; nothing has changed.
        """
        message = await self._read(text, image, picks, dials)
        async with self._lock:
            snapshot = await self._snapshot()
            if snapshot.next:
                async with aclosing(self._finish()) as events:
                    async for event in events:
                        yield event
                snapshot = await self._snapshot()
            dialogue = self._dialogue(snapshot)
            self._check_picks(message, dialogue)
            if not snapshot.values:
                await self._wired.workers.light(
                    lambda: self._wired.log.open_thread(
                        self.user, self.thread, self._shop.pack.name
                    )
                )
            seed = self._seed(dialogue.turn + 1)
            update = fresh_turn(snapshot.values, dialogue, message, seed)
            async with aclosing(self._run(update)) as events:
                async for event in events:
                    yield event

    async def turn(
        self,
        *,
        text: str = "",
        image: Picture | None = None,
        picks: Sequence[ShownRef] = (),
        dials: DesignDials | None = None,
    ) -> Turn:
        """Send one message and wait for its finished turn.

        Raises:
            RequestError: the message cannot be read; nothing has changed.
        """
        return await _last_turn(self.stream(text=text, image=image, picks=picks, dials=dials))

    async def undo(self) -> Turn:
        """Take back the last change of what is believed, as "undo that" does."""
        return await self.turn(text="undo that")

    # --- what was left behind -------------------------------------------------------------------

    async def unfinished(self) -> Message | None:
        """The message of a turn that a killed process left unfinished, or None."""
        snapshot = await self._snapshot()
        return snapshot.values["message"] if snapshot.next else None

    async def resume(self) -> AsyncGenerator[Event, None]:
        """Finish an unfinished turn now; no events if there is none."""
        async with self._lock:
            if (await self._snapshot()).next:
                async with aclosing(self._finish()) as events:
                    async for event in events:
                        yield event

    async def state(self) -> DialogueState:
        """What this conversation believes, has shown and decided, after its last finished step."""
        return self._dialogue(await self._snapshot())

    async def history(self) -> tuple[Turn, ...]:
        """The finished turns, oldest first."""
        turns = self._wired.turns
        return await self._wired.workers.light(lambda: turns.history(self.user, self.thread))

    # --- the user's own data --------------------------------------------------------------------

    async def profile(self) -> Profile:
        """The user's profile."""
        return await self._wired.workers.light(lambda: self._wired.profiles.get(self.user))

    async def profile_markdown(self) -> str:
        """The profile as the user reads and edits it."""
        return (await self.profile()).markdown(self._wired.today())

    async def edit_profile(self, markdown: str) -> Profile:
        """Make the profile what the text says; the next recommendation follows it.

        Raises:
            RequestError: the text cannot be read; names the line. Nothing is changed then.
        """
        shop = self._wired
        return await shop.workers.light(
            lambda: shop.profiles.edit(self.user, markdown, shop.today())
        )

    async def tell_profile(self, text: str) -> Profile:
        """Add plain sentences ("I love navy. I avoid stripes.") to the profile."""
        shop = self._wired
        sentences = [s.strip() for s in _SENTENCE_END.split(text) if s.strip()]
        added = [await self._placed(sentence) for sentence in sentences]
        return await shop.workers.light(lambda: shop.profiles.add(self.user, added))

    async def rate(self, item_id: str, *, liked: bool) -> None:
        """Note that the user likes or dislikes a catalogue item, outside of any turn.

        Raises:
            RequestError: no such item.
        """
        shop = self._wired
        item = shop.catalogue.item(item_id)
        what = LoggedThing(thing=ThingRef(kind="item", id=item.id))
        judged = Judged(what=what, verdict="picked" if liked else "reject")
        await shop.workers.light(
            lambda: shop.log.judge(
                self.user, self.thread, 0, domain=self._shop.pack.name, verdicts=[judged]
            )
        )

    # --- inside -----------------------------------------------------------------------------------

    async def _read(
        self,
        text: str,
        image: Picture | None,
        picks: Sequence[ShownRef],
        dials: DesignDials | None,
    ) -> Message:
        """Check a message at the door."""
        if len(text) > MAX_TEXT_CHARS:
            raise RequestError(
                f"the message has {len(text)} characters: expected at most {MAX_TEXT_CHARS}"
            )
        # Lone surrogates cannot be stored; everything else is kept as it was typed.
        clean = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").strip()
        if not clean and image is None and not picks:
            raise RequestError("the message is empty: expected a text, a picture or a choice")
        stored = await self._store(image) if image is not None else None
        return Message(text=clean, image=stored, picks=tuple(picks), dials=dials)

    async def _store(self, image: Picture) -> ImageRef:
        if isinstance(image, ImageRef):
            return image
        artifacts = self._wired.artifacts

        def store() -> ImageRef:
            data = image if isinstance(image, bytes) else _content(Path(image))
            return artifacts.put_image(read_picture(data))

        return await self._wired.workers.light(store)

    def _check_picks(self, message: Message, dialogue: DialogueState) -> None:
        for pick in message.picks:
            if dialogue.thing(pick) is None:
                raise RequestError(
                    f"nothing was shown at turn {pick.turn}, position {pick.position}:"
                    " expected a place that this conversation has shown"
                )

    async def _snapshot(self) -> StateSnapshot:
        return await self._shop.graph.aget_state(self._config)

    def _dialogue(self, snapshot: StateSnapshot) -> DialogueState:
        domain = self._shop.pack.name
        known: DialogueState | None = snapshot.values.get("dialogue")
        if known is None:
            dials = self._wired.settings.design.dials
            return DialogueState(thread=self.thread, user=self.user, domain=domain, dials=dials)
        if known.domain != domain:
            raise RequestError(
                f"thread {self.thread!r} is about {known.domain!r}: open it with that domain,"
                f" or start another thread for {domain!r}"
            )
        if not self._readable:
            try:  # the store revives what it can without checking; checked once is enough
                DialogueState.model_validate(known.model_dump(warnings=False))
            except ValidationError as error:
                raise RequestError(
                    f"thread {self.thread!r} was written by another version of this program"
                    f" ({error.error_count()} fields do not fit): start another thread"
                ) from error
            self._readable = True
        return known

    def _seed(self, turn: int) -> int:
        fixed = self._wired.settings.seed
        return secrets.randbits(53) if fixed is None else derive(fixed, f"{self._key}/{turn}")

    async def _finish(self) -> AsyncGenerator[Event, None]:
        """Finish the unfinished turn; give it up if it fails once more, so that talk can go on."""
        logger.info("thread=%s: finishing the turn that was left unfinished", self.thread)
        try:
            async with aclosing(self._run(None)) as events:
                async for event in events:
                    yield event
        except Exception:
            logger.exception("thread=%s: the unfinished turn failed again; given up", self.thread)

    async def _run(self, update: dict[str, object] | None) -> AsyncGenerator[Event, None]:
        """Run the graph in a task of its own: a closed stream still ends its turn in order."""
        stopped = threading.Event()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        finished: list[TurnEvent] = []

        def emit(event: Event) -> None:
            if isinstance(event, TurnEvent):
                finished.append(event)  # goes out when its checkpoint is written
            else:
                queue.put_nowait(event)

        async def pump() -> None:
            try:
                async for _ in self._shop.graph.astream(
                    update,  # pyright: ignore[reportArgumentType]  # partial state, or None to go on
                    self._config,
                    context=Context(self._wired, stopped, emit),
                    stream_mode=[],
                    durability="async",
                ):
                    pass
            finally:
                try:
                    await self._shop.checkpoints.flush(self._key)
                finally:
                    queue.put_nowait(None)

        task = asyncio.create_task(pump())
        try:
            while (event := await queue.get()) is not None:
                yield event
            await task
            yield finished[-1]
        finally:
            stopped.set()
            if not task.done():
                await asyncio.wait({task})

    async def _placed(self, sentence: str) -> ProfileSentence:
        """The sentence under the heading where "remember that ..." would put it."""
        shop = self._wired
        heard = Heard(
            message=Message(text=f"Remember that {sentence}"[:MAX_TEXT_CHARS]),
            state=DialogueState(thread="profile", user=self.user, domain=self._shop.pack.name),
            profile=Profile(user=self.user),
            catalogue=shop.catalogue,
        )
        meaning = await shop.profile_reader.understander(heard)
        sections: list[Section] = [op.section for op in meaning.ops if isinstance(op, Remember)]
        return ProfileSentence(
            section=sections[0] if sections else "I like",
            text=sentence.rstrip(".")[:300],
            origin="imported",
            added=shop.today(),
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"cannot read the picture {str(path)!r}: {error.strerror or error}"
        ) from error


async def _last_turn(events: AsyncIterator[Event]) -> Turn:
    last: Turn | None = None
    async for event in events:
        if isinstance(event, TurnEvent):
            last = event.turn
    assert last is not None, "a stream ends with its turn"
    return last
