"""A finished turn as terminal text: the reply, a table of items, the designs, what to say next.

Text from the catalogue and from users is shown as text: control characters are dropped and rich's
markup is never interpreted in it.
"""

import re
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from vitrine.core.turn import DesignView, Product, Reason, Turn

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text without characters that could steer a terminal."""
    return _CONTROL.sub("", text)


def money(amount: float | None, currency: str) -> str:
    """`$49.90`, `49.90 EUR`, or a dash where there is no price."""
    if amount is None:
        return "-"
    return f"${amount:,.2f}" if currency == "USD" else f"{amount:,.2f} {currency}"


def because(reasons: Sequence[Reason], limit: int = 3) -> list[str]:
    """The first reasons of a thing, each with the words of the user that it rests on."""
    return [_cited(reason) for reason in reasons[:limit]]


def _cited(reason: Reason) -> str:
    if reason.source in ("belief", "wish") and reason.evidence:
        return clean(f"{reason.text} (you said \u201c{reason.evidence}\u201d)")
    return clean(reason.text)


def show(console: Console, turn: Turn, *, currency: str, pictures: bool) -> None:
    """Print the turn. `pictures`: also draw them inline (the terminal can)."""
    console.print(Text(clean(turn.reply)))
    if turn.products:
        console.print(_items(turn.products))
    for design in turn.images:
        console.print(_design(design, currency))
    if pictures:
        for picture in _inline(turn):
            console.print(picture)
    if turn.suggestions:
        console.print(
            Text("You could say: " + " | ".join(map(clean, turn.suggestions)), style="dim")
        )


def _items(products: Sequence[Product]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("#", "item", "price", "why", "picture"):
        table.add_column(column, overflow="fold", ratio=3 if column == "why" else None)
    for product in products:
        table.add_row(
            str(product.position),
            Text(clean(f"{product.title} ({product.id})")),
            money(product.price, product.currency),
            Text("; ".join(because(product.reasons))),
            Text(product.picture or "", style="dim"),
        )
    return table


def _design(design: DesignView, currency: str) -> Text:
    lines = [
        f"{design.position}. design  score {design.score:.2f}  {'; '.join(because(design.reasons))}"
    ]
    if design.nearest is not None:
        near = design.nearest
        lines.append(
            f"   closest in the shop: {clean(near.title)} ({near.id}),"
            f" {money(near.price, currency)}, likeness {near.similarity:.2f}"
        )
    lines.append(f"   {design.path}")
    return Text("\n".join(lines))


def can_show_pictures(console: Console) -> bool:
    """Whether the terminal can show pictures (kitty, sixel, or colour half-blocks)."""
    return console.is_terminal and console.color_system in {"truecolor", "256"}


def _inline(turn: Turn) -> Iterator[RenderableType]:
    """The pictures side by side, through whatever protocol the terminal speaks."""
    from textual_image.renderable import Image

    paths = [image.path for image in turn.images] or [p.picture for p in turn.products if p.picture]
    if paths:
        row = Table(box=None, pad_edge=False, show_header=False)
        row.add_row(*(Image(path, width=24, height="auto") for path in paths))
        yield row
