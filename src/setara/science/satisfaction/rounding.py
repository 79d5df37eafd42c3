"""Rounding as people do it on paper: half up, on the exact decimal value, before anything is graded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from setara.science.satisfaction.instruments import Grade, Language


def half_up(value: float, places: int = 2) -> Decimal:
    """``value`` rounded half up to ``places`` decimals. 88.305 becomes 88.31, which ``round`` makes 88.3 or 88.31.

    A float that should be 88.305 may lie a hair below it, so it is first taken to ten decimals: means of whole scores
    differ from a tie by far more than that or not at all.
    """
    exact = Decimal(repr(float(value))).quantize(Decimal("1e-10"), ROUND_HALF_UP)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def shown(value: float | None, lang: Language = "en", places: int = 2) -> str:
    """The number as it is printed; with a comma in Indonesian; a dash where there is none."""
    if value is None or not isfinite(value):
        return "–"
    text = f"{half_up(value, places):.{places}f}"
    return text.replace(".", ",") if lang == "id" else text


def graded(value: float, grades: Sequence[Grade]) -> Grade | None:
    """The grade of a converted value: of its printed two decimals, since between the limits there are "
    "holes."""
    printed = half_up(value, 2)
    fit = [one for one in grades if printed >= Decimal(str(one.low))]
    return max(fit, key=lambda one: one.low) if fit else None
