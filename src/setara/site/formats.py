"""Times, spans and money as people write them, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language, ngettext

from setara.kernel.money import format_rupiah
from setara.kernel.workdays import format_date, format_when, local

#: Where nothing names an office: the zone of the capital.
DEFAULT_ZONE: Final = "WIB"


def _zone(office: object) -> str:
    """``WIB``, ``WITA`` or ``WIT``: the ``zone`` of an office, or a zone given directly."""
    return str(getattr(office, "zone", office) or DEFAULT_ZONE)


def lang() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def rupiah(amount: int | None) -> str:
    """``650000`` -> ``Rp650.000``; nothing for ``None``."""
    return "" if amount is None else format_rupiah(amount)


def when(moment: datetime | None, office: object = None) -> str:
    """``Selasa, 3 Maret 2026, pukul 09.40 WIB`` on the office's wall clock."""
    return "" if moment is None else format_when(moment, _zone(office), lang())


def day(value: date | datetime | None, office: object = None) -> str:
    """``Selasa, 3 Maret 2026``; a moment is first put on the office's wall clock."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = local(value, _zone(office)).date()
    return format_date(value, lang())


def clock(moment: datetime | None, office: object = None) -> str:
    """``09.40`` (in English ``09:40``) on the office's wall clock."""
    if moment is None:
        return ""
    return local(moment, _zone(office)).strftime("%H:%M" if lang() == "en" else "%H.%M")


def minutes(span: timedelta | float | None) -> str:
    """A span (timedelta, or a number of minutes) in words: ``12 menit``, ``1 jam 5 menit``."""
    if span is None:
        return ""
    total = round(span.total_seconds() / 60 if isinstance(span, timedelta) else span)
    hours, rest = divmod(total, 60)
    words = []
    if hours:
        words.append(ngettext("%(n)d jam", "%(n)d jam", hours) % {"n": hours})
    if rest or not hours:
        words.append(ngettext("%(n)d menit", "%(n)d menit", rest) % {"n": rest})
    return " ".join(words)


#: The filters of ``{% load setara %}``.
FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "rupiah": rupiah,
    "when": when,
    "day": day,
    "clock": clock,
    "minutes": minutes,
}
