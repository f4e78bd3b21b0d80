"""A stub of an OpenAI-compatible service on the wire, scripted forms, and a shop that uses them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vitrine.agent.session import Shop, open_shop
from vitrine.agent.toolbox import Models
from vitrine.agent.understanding.base import Heard
from vitrine.agent.understanding.builtin import BuiltinUnderstanding
from vitrine.core.domain import load_pack
from vitrine.core.places import domain_folder
from vitrine.core.ports import ChatModel
from vitrine.core.refs import ThingRef
from vitrine.core.settings import LlmSettings, Settings
from vitrine.core.turn import Message
from vitrine.memory.catalogue import PackCatalogue
from vitrine.memory.packs import read_items
from vitrine.memory.profile import Profile
from vitrine.memory.state import DialogueState, ShownSet
from vitrine.models.fakes import FakeEncoder, FakePrior, FakeRenderer, FakeScorer

KEY = "sk-very-secret-123456"

# --- forms ----------------------------------------------------------------------------------------


def form(**parts: Any) -> dict[str, Any]:
    """An answer of the model; what is not given is empty."""
    empty = {
        "intents": [], "ops": [], "references": [], "unclear": [], "questions": [],
        "design": None, "decline": None,
    }  # fmt: skip
    return empty | parts


def value(op: str, facet: str, value: str | None, quote: str, strength: str = "hard") -> dict:
    return {"op": op, "facet": facet, "value": value, "strength": strength, "quote": quote}


def bounds(facet: str, quote: str, strength: str = "hard", **given: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("min", "max", "about", "level", "than"))
    return {"op": "range", "facet": facet, "strength": strength, "quote": quote} | empty | given


def asked(kind: str, quote: str, **given: Any) -> dict[str, Any]:
    empty = {"facet": None, "value": None, "direction": None, "things": []}
    return {"kind": kind, "quote": quote} | empty | given


@pytest.fixture
def forms() -> Any:
    """The builders of forms."""

    class Forms:
        form = staticmethod(form)
        value = staticmethod(value)
        bounds = staticmethod(bounds)
        asked = staticmethod(asked)

    return Forms


# --- the service ----------------------------------------------------------------------------------

Act = Callable[["_Handler", dict[str, Any]], None]


def completion(content: str | None, refusal: str | None = None, finish: str = "stop") -> bytes:
    return json.dumps(
        {
            "id": "c1", "object": "chat.completion", "created": 1, "model": "any",
            "choices": [
                {
                    "index": 0, "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, "refusal": refusal},
                }
            ],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }
    ).encode()  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        stub = self.server.stub
        with stub.lock:
            act = stub.script[min(len(stub.requests), len(stub.script) - 1)]
            stub.requests.append(body)
            stub.keys.append(self.headers.get("Authorization", ""))
        try:
            act(self, body)
        except (BrokenPipeError, ConnectionResetError):
            stub.left += 1

    def send(self, body: bytes, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: Stub

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@dataclass
class Stub:
    """The service: plays its script, the last act again and again, and keeps what it was sent."""

    url: str
    script: list[Act] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def plays(self, *acts: Act | dict[str, Any] | str) -> None:
        self.script = [act if callable(act) else says(act) for act in acts]


def says(content: dict[str, Any] | str) -> Act:
    text = content if isinstance(content, str) else json.dumps(content)
    return lambda handler, _: handler.send(completion(text))


def refuses(handler: _Handler, _: dict[str, Any]) -> None:
    handler.send(completion(None, refusal="I cannot help with that."))


def cuts(handler: _Handler, _: dict[str, Any]) -> None:
    handler.send(completion('{"intents": ["in', finish="length"))


def errors(status: int, message: str) -> Act:
    body = json.dumps({"error": {"message": message, "type": "x"}}).encode()
    return lambda handler, _: handler.send(body, status=status)


def garbage(handler: _Handler, _: dict[str, Any]) -> None:
    handler.send(b"<html>it works</html>")


def disconnects(handler: _Handler, _: dict[str, Any]) -> None:
    """Half of a body, then the connection is gone."""
    whole = completion("{}")
    handler.send(whole[: len(whole) // 2], length=len(whole))
    handler.close_connection = True
    handler.connection.shutdown(2)


def hangs(handler: _Handler, _: dict[str, Any]) -> None:
    """Says nothing until the test is over."""
    handler.server.stub.over.wait(20)


def trickles(handler: _Handler, _: dict[str, Any]) -> None:
    """A byte now and then: each read succeeds, the answer never ends."""
    whole = completion(json.dumps(form()))
    handler.send(b"", length=len(whole))
    for byte in whole:
        if handler.server.stub.over.is_set():
            return
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.fixture
def acts() -> Any:
    """What the service can do."""

    class Acts:
        says, refuses, cuts, errors = map(staticmethod, (says, refuses, cuts, errors))
        garbage, disconnects, hangs, trickles = map(
            staticmethod, (garbage, disconnects, hangs, trickles)
        )

    return Acts


@pytest.fixture
def service() -> Iterator[Stub]:
    server = _Server(("127.0.0.1", 0), _Handler)
    stub = Stub(url=f"http://127.0.0.1:{server.server_address[1]}/v1")
    server.stub = stub
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield stub
    stub.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


# --- shops ----------------------------------------------------------------------------------------

OpenShop = Callable[..., AbstractAsyncContextManager[Shop]]


@pytest.fixture
def open_llm(tiny_folder: Path, tmp_path: Path, tiny_encoder: FakeEncoder) -> OpenShop:
    """Opens the pottery with a chat model, or with the service's address."""

    @asynccontextmanager
    async def opened(
        chat: ChatModel | None = None,
        *,
        base_url: str | None = None,
        timeout_s: float = 30.0,
        wording: str = "builtin",
        understanding: str = "llm",
    ) -> AsyncIterator[Shop]:
        llm = LlmSettings(
            model="openai:any", base_url=base_url, api_key=KEY, timeout_s=timeout_s,  # type: ignore[arg-type]
            structure="json_schema",
        )  # fmt: skip
        settings = Settings(
            home=str(tmp_path / "home"), domain=str(tiny_folder), seed=7, llm=llm,
            understanding=understanding, wording=wording,  # type: ignore[arg-type]
        )  # fmt: skip
        models = Models(
            encoder=lambda: tiny_encoder,
            prior=FakePrior,
            scorers=lambda: {"fake": FakeScorer(tiny_encoder)},
            renderer=lambda: FakeRenderer(tiny_encoder),
            chat=None if chat is None else lambda: chat,
        )
        async with open_shop(settings, models=models) as shop:
            yield shop

    return opened


@pytest.fixture(scope="session")
def tiny_reader(tiny_catalogue: PackCatalogue) -> BuiltinUnderstanding:
    return BuiltinUnderstanding(tiny_catalogue)


@pytest.fixture(scope="session")
def atelier() -> PackCatalogue:
    folder = domain_folder("atelier")
    pack = load_pack(folder)
    return PackCatalogue(folder, pack, read_items(folder, pack))


@pytest.fixture
def hear(tiny_catalogue: PackCatalogue) -> Callable[..., Heard]:
    """A message in the pottery, after a turn that showed the items of these ids."""

    def heard(text: str, *shown: str, **state: Any) -> Heard:
        sets = (
            (ShownSet(turn=1, things=tuple(ThingRef(kind="item", id=i) for i in shown)),)
            if shown
            else ()
        )
        dialogue = DialogueState(
            thread="t", user="u", domain="tiny", turn=1 if shown else 0, shown=sets, **state
        )
        return Heard(Message(text=text), dialogue, Profile(user="u"), tiny_catalogue)

    return heard
