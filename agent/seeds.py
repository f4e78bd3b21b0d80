"""Seeds: one number a turn, and from it one for each purpose."""

import hashlib


def derive(seed: int, purpose: str) -> int:
    """A seed for one purpose of the turn, 0..2**53 - 1. Same arguments, same seed."""
    digest = hashlib.sha256(f"{seed}:{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11
