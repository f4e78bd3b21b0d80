"""A conversation under watch: every turn is checked against the invariants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vitrine.agent.session import Session, Shop
from vitrine.agent.understanding.base import Heard, Understander
from vitrine.core.acts import Understanding
from vitrine.core.refs import ShownRef
from vitrine.core.turn import Turn
from vitrine.evals.invariants import Moment, Violation, violations
from vitrine.memory.state import DialogueState


class Recorder:
    """An understander that remembers what the last message of each conversation was taken to mean."""

    def __init__(self, inner: Understander) -> None:
        self._inner = inner
        self.meanings: dict[str, Understanding] = {}

    async def __call__(self, heard: Heard) -> Understanding:
        meaning = await self._inner(heard)
        self.meanings[heard.state.thread] = meaning
        return meaning


@dataclass(frozen=True)
class Watched:
    """A shop whose understanding is recorded."""

    shop: Shop
    recorder: Recorder

    def session(self, *, user: str, thread: str) -> "WatchedSession":
        """A new conversation under watch."""
        return WatchedSession(self, self.shop.session(user=user, thread=thread))


def watch(shop: Shop) -> Watched:
    """The same shop, under watch."""
    recorder = Recorder(shop.wired.understander)
    return Watched(
        Shop(replace(shop.wired, understander=recorder), shop.graph, shop.checkpoints), recorder
    )


class WatchedSession:
    """One conversation; `turn` gives the finished turn and the rules that it breaks."""

    def __init__(self, watched: Watched, session: Session) -> None:
        self._watched = watched
        self.session = session
        self._said: list[str] = []
        self._before: DialogueState | None = None

    async def turn(
        self, *, text: str = "", image: Path | None = None, picks: Sequence[ShownRef] = ()
    ) -> tuple[Turn, tuple[Violation, ...]]:
        """Send one message.

        Raises:
            RequestError: the message cannot be read; the state is as it was.
        """
        before = self._before if self._before is not None else await self.session.state()
        self._watched.recorder.meanings.pop(self.session.thread, None)
        turn = await self.session.turn(text=text, image=image, picks=picks)
        after = await self.session.state()
        self._said.append(turn.said)
        self._before = after
        moment = Moment(
            turn=turn,
            before=before,
            after=after,
            meaning=self._watched.recorder.meanings.get(self.session.thread),
            said=tuple(self._said),
            catalogue=self._watched.shop.wired.catalogue,
        )
        return turn, violations(moment)

    async def unchanged(self) -> bool:
        """Whether the state is what it was after the last finished turn."""
        return self._before is None or await self.session.state() == self._before


def said(broken: Iterable[Violation]) -> str:
    """Violations in one line."""
    return "; ".join(f"{v.rule}: {v.detail}" for v in broken)
