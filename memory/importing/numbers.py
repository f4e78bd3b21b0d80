"""Numbers as shops write them: `1,299.00`, `$33.75 - $69.95`, `16 GB`, `15,6"`, `4.5 out of 5`."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vitrine.core.units import Unit, unit_of

CURRENCIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "$": ("USD", ("$", "usd", "dollar", "dollars", "bucks")),
    "€": ("EUR", ("€", "eur", "euro", "euros")),
    "£": ("GBP", ("£", "gbp", "pound", "pounds", "quid")),
    "¥": ("JPY", ("¥", "jpy", "yen")),
    "₹": ("INR", ("₹", "inr", "rupee", "rupees")),
}
"""By sign: code, and the words that mark a price."""
CODES: dict[str, tuple[str, ...]] = dict(CURRENCIES.values()) | {
    "CHF": ("chf", "francs"),
    "SEK": ("sek", "kronor"),
    "NOK": ("nok", "kroner"),
    "DKK": ("dkk", "kroner"),
    "PLN": ("pln", "zloty"),
    "CAD": ("$", "cad", "dollar", "dollars"),
    "AUD": ("$", "aud", "dollar", "dollars"),
}

_NUMBER = r"[-+]?\d[\d.,' \u00a0]*"
_WRITTEN = re.compile(
    rf"^\s*(?P<lead>[$€£¥₹]|[A-Za-z]{{3}})?\s*(?P<number>{_NUMBER})\s*(?P<tail>[^\d]{{0,24}}?)\s*$"
)
_OUT_OF = re.compile(r"(?i)\s*(?:out of|/)\s*\d+\s*(?:stars?)?$")
_RANGE = re.compile(r"^(.*\d[^-–—]{0,6}?)\s*[-–—]\s*\D{0,3}\d.*$")


@dataclass(frozen=True)
class Written:
    """A number with what stands around it."""

    value: float
    unit: Unit | None = None
    currency: str | None = None


def read_number(value: Any, *, comma: bool = False) -> Written | None:
    """The number that a cell writes, None where it writes something else.

    Args:
        value: a cell. Of a range the lower end counts.
        comma: the shop writes decimals with a comma.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = float(value)
        return Written(number) if math.isfinite(number) and abs(number) < 1e12 else None
    if not isinstance(value, str) or len(value) > 60:
        return None
    text = _OUT_OF.sub("", value.strip())
    low = _RANGE.match(text)
    match = _WRITTEN.match(low[1] if low is not None else text)
    if match is None:
        return None
    number = _digits(match["number"].rstrip(" \u00a0'"), comma)
    if number is None or abs(number) >= 1e12:
        return None
    lead, tail = match["lead"] or "", match["tail"].strip()
    currency = _currency(lead) or _currency(tail)
    if lead and currency is None:
        return None
    unit = None if currency else unit_of(tail)
    if tail and currency is None and unit is None and not _scale(tail):
        return None
    return Written(number, unit, currency)


def writes_comma(values: Iterable[Any]) -> bool:
    """Whether a column writes decimals with a comma: `12,50` outnumbers `12.50`."""
    commas = points = 0
    for value in values:
        if isinstance(value, str):
            commas += bool(re.search(r"\d,\d{1,2}(?!\d)", value))
            points += bool(re.search(r"\d\.\d{1,2}(?!\d)", value))
    return commas > points


def _currency(text: str) -> str | None:
    if text in CURRENCIES:
        return CURRENCIES[text][0]
    return text.upper() if text.upper() in CODES else None


def _scale(tail: str) -> bool:
    """Words that go with a rating: `out of 5`, `stars`, `/ 5`."""
    return bool(re.fullmatch(r"(?i)stars?|/|out of|★+|von", tail))


def _digits(text: str, comma: bool) -> float | None:
    plain = re.sub(r"[ \u00a0']", "", text)
    if comma:
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[-+]?\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        return float(plain.rstrip("."))
    except ValueError:
        return None
