"""The Chainlit page: a thin shell over the session. Loaded by chainlit, not imported."""

import base64
import io
from pathlib import Path
from typing import Any

import chainlit as cl
from chainlit.input_widget import InputWidget, Select, Slider
from PIL import Image

from vitrine.agent.session import Session
from vitrine.core.dials import DIAL_STEPS, DesignDials, DialName, Method, dial_ends
from vitrine.core.errors import VitrineError
from vitrine.core.refs import ShownRef
from vitrine.core.turn import DesignView, Product, ProgressEvent, StageEvent, Turn, TurnEvent
from vitrine.ui.present import because, money
from vitrine.ui.web import OPEN

USER = "local"  # the page listens on this machine; there is one shopper
STAGES = {
    "understand": "Reading what you said",
    "update": "Noting your wishes",
    "decide": "Choosing what to do",
    "act": "Looking through the shop",
    "respond": "Writing the answer",
    "remember": "Remembering",
}


DRAWN_WITH: dict[str, Method] = {
    "Words and likeness": "ip_adapter",
    "My interests beside them": "three_branch",
    "The personal network": "perfusion",
    "Interests and network": "both",
}
SLIDERS: dict[DialName, tuple[str, str]] = {
    "text_scale": ("My words", "how much the words of the request count (lambda 1)"),
    "interest_scale": ("My interests", "how much what I liked before counts (lambda 2)"),
    "personal_guidance": ("Personal touch", "how far the personal network pulls (w_u)"),
}


@cl.set_starters
async def starters(user: cl.User | None) -> list[cl.Starter]:
    """Openers of the domain pack, the same for every user."""
    del user
    return [cl.Starter(label=text, message=text) for text in OPEN.get().pack.starters[:6]]


@cl.on_chat_start
async def start() -> None:
    """A new conversation with a thread of its own."""
    session = OPEN.get().session(user=USER, thread=cl.context.session.thread_id)
    cl.user_session.set("session", session)
    if OPEN.get().pack.design is not None:
        await _show_dials((await session.state()).dials)


@cl.on_settings_update
async def on_settings(values: dict[str, Any]) -> None:
    """The dials were turned on the page; the next message takes them along."""
    numbers = {dial: float(values[dial]) for dial in SLIDERS}
    dials = DesignDials.model_validate({"method": DRAWN_WITH[str(values["method"])], **numbers})
    cl.user_session.set("dials", dials)


@cl.on_message
async def on_message(message: cl.Message) -> None:
    """One message of the shopper, perhaps with a picture."""
    if message.content.strip() == "/profile":
        await _show_profile()
        return
    text = {"/why": "why?", "/undo": "undo that"}.get(message.content.strip(), message.content)
    pictures = [Path(e.path) for e in message.elements or [] if e.path]
    await _take_turn(text=text, image=pictures[0] if pictures else None)


@cl.action_callback("shelf")
async def on_shelf(action: cl.Action) -> None:
    """A button on a card."""
    turn, positions = int(action.payload["turn"]), [int(p) for p in action.payload["positions"]]
    picks = tuple(ShownRef(turn=turn, position=position) for position in positions)
    words = {
        "accept": "I like this one",
        "reject": "Not this one",
        "design": "Design me one like this",
        "pick": "I prefer these",
    }
    await _take_turn(text=words[action.payload["what"]], picks=picks)


@cl.action_callback("profile")
async def on_profile(action: cl.Action) -> None:
    """The profile as the shopper edited it."""
    try:
        await _session().edit_profile(str(action.payload["markdown"]))
    except VitrineError as error:
        await cl.Message(content=f"Not saved: {error}").send()
        return
    await cl.Message(content="Your profile is saved; the next recommendation follows it.").send()


def _session() -> Session:
    session = cl.user_session.get("session")
    assert isinstance(session, Session)
    return session


async def _show_dials(dials: DesignDials) -> None:
    """The page's settings as the conversation has them."""
    names = list(DRAWN_WITH)
    widgets: list[InputWidget] = [
        Select(
            id="method",
            label="Designs are drawn with",
            values=names,
            initial_index=list(DRAWN_WITH.values()).index(dials.method),
        )
    ]
    for dial, (label, about) in SLIDERS.items():
        low, high = dial_ends(dial)
        widgets.append(
            Slider(
                id=dial,
                label=label,
                initial=getattr(dials, dial),
                min=low,
                max=high,
                step=DIAL_STEPS[dial] / 2,
                tooltip=about,
            )
        )
    await cl.ChatSettings(widgets).send()
    cl.user_session.set("dials", None)
    cl.user_session.set("dials_seen", dials)


async def _show_profile() -> None:
    markdown = await _session().profile_markdown() or "## I like\n\n## I avoid\n"
    card = cl.CustomElement(name="ProfileCard", props={"markdown": markdown}, display="inline")
    await cl.Message(
        content="This is what I keep about you. Edit it as you like.", elements=[card]
    ).send()


async def _take_turn(
    *, text: str, image: Path | None = None, picks: tuple[ShownRef, ...] = ()
) -> None:
    """Run one turn and show it as it goes."""
    turn: Turn | None = None
    try:
        async with cl.Step(name="Working", type="run", show_input=False) as step:
            dials = cl.user_session.get("dials")
            async for event in _session().stream(text=text, image=image, picks=picks, dials=dials):
                match event:
                    case StageEvent():
                        step.name = STAGES.get(event.stage, event.stage)
                    case ProgressEvent():
                        step.name = f"{event.what.capitalize()} {event.done}/{event.total}"
                    case TurnEvent():
                        turn = event.turn
                        step.name = "How I got there"
                        step.output = _trace(event.turn)
                await step.update()
    except VitrineError as error:
        await cl.Message(content=str(error)).send()
        return
    if turn is not None:
        await _show(turn)
        if OPEN.get().pack.design is not None and turn.state.dials != cl.user_session.get(
            "dials_seen"
        ):
            await _show_dials(turn.state.dials)


async def _show(turn: Turn) -> None:
    shelves: list[cl.CustomElement] = []
    if turn.products:
        cards = [_item_card(product) for product in turn.products]
        shelves.append(_shelf(turn.turn, "items", cards))
    if turn.images:
        shelves.append(_shelf(turn.turn, "designs", [_design_card(d) for d in turn.images]))
    actions = [
        cl.Action(name="say", label=text, payload={"text": text}) for text in turn.suggestions[:5]
    ]
    await cl.Message(content=turn.reply, elements=shelves, actions=actions).send()


@cl.action_callback("say")
async def on_say(action: cl.Action) -> None:
    """A suggested answer was chosen."""
    text = str(action.payload["text"])
    await cl.Message(content=text, type="user_message").send()
    await _take_turn(text=text)


def _shelf(turn: int, kind: str, cards: list[dict[str, Any]]) -> cl.CustomElement:
    return cl.CustomElement(
        name="Shelf", props={"turn": turn, "kind": kind, "cards": cards}, display="inline"
    )


def _item_card(product: Product) -> dict[str, Any]:
    return {
        "position": product.position,
        "title": product.title,
        "price": money(product.price, product.currency),
        "picture": _data_url(product.picture),
        "why": because(product.reasons, 4),
        "note": "",
    }


def _design_card(design: DesignView) -> dict[str, Any]:
    near = design.nearest
    return {
        "position": design.position,
        "title": "New design",
        "price": f"score {design.score:.2f}",
        "picture": _data_url(design.path),
        "why": because(design.reasons, 4),
        "note": f"Closest in the shop: {near.title}, {money(near.price, OPEN.get().pack.currency)}"
        if near
        else "",
    }


def _data_url(path: str | None) -> str:
    """The picture as a small WebP inside the page: it has no address to ask for."""
    if path is None:
        return "data:,"
    buffer = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(buffer, "WEBP", quality=88)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _trace(turn: Turn) -> str:
    return "\n".join(f"- {step.name}: {step.note} ({step.ms:.0f} ms)" for step in turn.trace)
