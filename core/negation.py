"""What a text affirms: its clauses without those that deny something.

A buyer who writes "not as warm as promised" is no evidence for warmth. The cut is made at clause
borders, by the closed class of English negations; what is left may be searched and quoted as support.
"""

import re

_CLAUSE = re.compile(r"(?<=[.!?;:,…])\s+|\s+(?=(?:but|though|although|yet|however)\b)", re.I)
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nothing|without|hardly|barely|neither|nor|cannot|less|lacks?|lacking|"
    r"too|wish|disappointed|disappointing|unlike|\w+n['’]t)\b",
    re.I,
)
_ONLY = re.compile(r"\bnot only\b|\bnothing but\b|\bno complaints?\b|\bnot a fault\b", re.I)


def denies(text: str) -> bool:
    """Whether any clause of the text denies something."""
    return any(_denied(clause) for clause in _CLAUSE.split(text))


def affirmed(text: str) -> str:
    """The clauses that deny nothing, in order."""
    return " ".join(clause for clause in _CLAUSE.split(text) if clause and not _denied(clause))


def _denied(clause: str) -> bool:
    return _DENIES.search(_ONLY.sub("", clause)) is not None
