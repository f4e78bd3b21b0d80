"""Text from outside made plain: no markup, no control characters, bounded."""

import html
import re
from html.parser import HTMLParser

from vitrine.memory.packs import clean_text

_TAG = re.compile(r"<[a-zA-Z/!][^>]{0,2000}>")
_SILENT = frozenset({"script", "style", "head", "template", "iframe", "noscript"})


class _Text(HTMLParser):
    """Keeps the words of a page; what scripts and styles hold is dropped."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain(text: str, most: int) -> tuple[str, bool]:
    """The text without markup in one line of at most `most` characters, and whether it was cut."""
    bounded = text[: 8 * most + 20_000]
    if _TAG.search(bounded):
        reader = _Text()
        reader.feed(bounded)
        reader.close()
        bounded = "".join(reader.parts)
    elif "&" in bounded:
        bounded = html.unescape(bounded)
    cleaned = clean_text(bounded.replace("\\n", " "))
    if len(cleaned) <= most:
        return cleaned, len(bounded) < len(text) and len(text) > 8 * most + 20_000
    cut = cleaned[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip(" ,;:-") + "…", True
