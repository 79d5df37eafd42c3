"""Rupiah: whole numbers, written as people write them."""

from __future__ import annotations

import re
from typing import NewType

#: Whole rupiah. There are no sen.
Rupiah = NewType("Rupiah", int)

_GROUPED = re.compile(r"(?:rp\.?)?(\d{1,3}(?:\.\d{3})+|\d+)(?:,(?:00|-))?(?:,?-)?", re.IGNORECASE)


def format_rupiah(amount: int) -> str:
    """``650000`` -> ``'Rp650.000'``; negative amounts get the sign first (``'-Rp1.000'``)."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError("an amount of money is a whole number of rupiah")
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def parse_rupiah(text: str) -> Rupiah:
    """Read an amount as people write it: ``Rp650.000``, ``Rp 650.000,00``, ``650000``, ``650.000,-``.

    Raises ValueError for anything else: a decimal comma with sen other than 00, wrong grouping such
    as ``1.00``, a negative or empty amount.
    """
    squeezed = "".join(text.split())
    found = _GROUPED.fullmatch(squeezed)
    if found is None or not squeezed.isascii():
        raise ValueError("not an amount in rupiah")
    return Rupiah(int(found.group(1).replace(".", "")))
