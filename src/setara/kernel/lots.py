"""Drawing lots that anybody can draw again.

The lot of each name is the SHA-256 of the seed and the name; the smallest goes first. The seed is public and fixed by
something that nobody chooses (the moment at which somebody joined, the moments at which a hall filled up), so that
neither whoever draws nor whoever is drawn can steer it, and the list of names in any order gives the same result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def lot(seed: str, name: str) -> str:
    """The lot of ``name``: SHA-256 of ``seed``, a line break and ``name``, in hexadecimal."""
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()


def drawn(seed: str, names: Iterable[str]) -> list[str]:
    """``names`` in the order in which they are drawn."""
    return sorted(names, key=lambda name: (lot(seed, name), name))


def seed_of(*parts: str) -> str:
    """A seed from public facts: SHA-256 of ``parts``, each on a line, in hexadecimal."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
