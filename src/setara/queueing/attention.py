"""What a supervisor should look at first: lines that nobody serves, counters that stay shut, services that drag.

The measures are those of the pack in force (target of a step, calls and minutes until somebody counts as absent):
nothing here decides anything, it only says where to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setara.queueing.models import Session
from setara.rules.packs import Pack

#: A service counts as long from so many times its target.
LONG: Final = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at; ``kind`` is a kind of status (stop, warn), ``word`` says it, ``text`` explains."""

    kind: str
    word: str
    text: str


def points(
    pack: Pack, steps: Iterable[Mapping[str, Any]], counters: list[dict[str, Any]], *, hours: bool
) -> list[Point]:
    """The points of the floor, the worst first; ``steps`` and ``counters`` as the floor's page shows them.

    Outside the ``hours`` of the hall no counter has to be open.
    """
    shut = _shut(counters) if hours else []
    return [*_unserved_lines(steps, counters), *shut, *_long(pack, counters)]


def _unserved_lines(steps: Iterable[Mapping[str, Any]], counters: list[dict[str, Any]]) -> list[Point]:
    served = {
        code
        for row in counters
        if row["session"] is not None and row["session"].state == Session.State.OPEN
        for code in row["session"].steps
    }
    return [
        Point(
            "stop",
            _("Tidak ada loket"),
            ngettext(
                "%(step)s: %(n)d orang menunggu, dan tidak satu pun loket melayani langkah ini.",
                "%(step)s: %(n)d orang menunggu, dan tidak satu pun loket melayani langkah ini.",
                row["total"],
            )
            % {"step": row["name"], "n": row["total"]},
        )
        for row in steps
        if row["total"] and row["code"] not in served
    ]


def _shut(counters: list[dict[str, Any]]) -> list[Point]:
    found = [row for row in counters if row["planned"] is not None and not row["was_open"]]
    if not found:
        return []
    names = ", ".join(f"{row['counter']} ({row['planned'].label})" for row in found)
    text = _("%(counters)s: ada petugas yang dijadwalkan, tetapi belum dibuka.") % {"counters": names}
    return [Point("warn", _("Belum dibuka"), text)]


def _long(pack: Pack, counters: list[dict[str, Any]]) -> list[Point]:
    found = []
    patience = timedelta(minutes=pack.queue.call_wait_minutes * pack.queue.max_calls)
    for row in counters:
        call = row["call"]
        if call is None:
            continue
        here = {
            "counter": row["counter"],
            "label": call.ticket.label,
            "n": int(row["for"].total_seconds() // 60),
        }
        target = pack.step(call.step).target_minutes
        if call.started_at is None and row["for"] > patience:
            text = _("%(counter)s: %(label)s dipanggil %(n)d menit yang lalu dan belum dilayani.") % here
            found.append(Point("warn", _("Belum datang"), text))
        elif call.started_at is not None and row["for"] > LONG * timedelta(minutes=target):
            text = _("%(counter)s: %(label)s sudah dilayani %(n)d menit; sasarannya %(target)d menit.")
            found.append(Point("warn", _("Lama"), text % (here | {"target": target})))
    return found
