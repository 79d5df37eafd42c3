"""The page of one ticket: where it stands, who went before it and why, what to do now. Asks no database."""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from setara.kernel.workdays import format_date
from setara.queueing.models import Ticket
from setara.queueing.passing import Passed, passing_words, place_on
from setara.queueing.picture import CallRow, Picture, TicketRow, counts_as_call
from setara.queueing.showing import running, said_to_all

#: The estimate looks at so many last calls of the step and needs so many spans among them.
LAST_CALLS, ENOUGH_SPANS = 40, 5
#: Who has so many or fewer places to go is told to come near.
NEARLY: Final = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """How many people were called before somebody by one rule or reason although they came later."""

    words: str
    n: int


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything that the page of one ticket says; equal views make the same page."""

    label: str
    lane: str
    step: str
    status: str
    kind: str
    word: str
    heading: str
    todo: tuple[str, ...]
    position: int | None
    waiting: int
    called_before: int
    passed: tuple[Passed, ...]
    reasons: tuple[Reason, ...]
    low: int | None
    high: int | None
    announce: str
    say: str
    key: str

    @property
    def waits(self) -> bool:
        """Whether it waits for a call."""
        return self.position is not None

    @property
    def near(self) -> bool:
        """Whether its turn is near."""
        return self.position is not None and self.position <= NEARLY


def ticket_view(picture: Picture, ticket: TicketRow) -> TicketView:
    """One ticket in the picture of its day."""
    place = place_on(picture, ticket)
    call = next((c for c in running(picture) if c.ticket_id == ticket.pk), None)
    low, high = estimate(picture, ticket.step, place.position)
    word, kind = _state(ticket)
    heading, todo = _advice(picture, ticket, call)
    called = call is not None and call.started_at is None
    return TicketView(
        label=ticket.label,
        lane=str(picture.pack.lane(ticket.lane).name),
        step=str(picture.pack.step(ticket.step).name),
        status=ticket.status,
        kind=kind,
        word=word,
        heading=heading,
        todo=todo,
        position=place.position,
        waiting=place.waiting,
        called_before=place.called_before if place.position else 0,
        passed=place.exceptions if place.position else (),
        reasons=reasons_of(picture, Tally(one.reason for one in place.exceptions) if place.position else {}),
        low=low,
        high=high,
        announce=f"{call.pk}-{call.repeats}" if called and call else "",
        say=_("Nomor Anda dipanggil ke loket %(n)s.") % {"n": call.counter__number}
        if called and call
        else "",
        key=state_key(ticket, call),
    )


def reasons_of(picture: Picture, counts: Mapping[str, int]) -> tuple[Reason, ...]:
    """The counts in words, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Reason(str(passing_words(picture.pack, code)), n) for code, n in ranked)


def state_key(ticket: TicketRow, call: CallRow | None) -> str:
    """Where a ticket stands, so that a phone sees whether the page that it has still fits (ticket.js makes the same
    of the message of :mod:`setara.queueing.following`). Only what changes the page's words is part of it."""
    if call is not None:
        state = "serving" if call.started_at else f"called.{call.repeats}"
        return f"{state} {call.step} {call.counter__number}"
    if ticket.status == Ticket.Status.WAITING:
        return f"waiting {ticket.step}"
    away = {Ticket.Status.ABSENT, Ticket.Status.SENT_BACK}
    return str(ticket.status) if ticket.status in away and ticket.closed_at is None else "gone"


def ticket_context(picture: Picture, ticket: UUID) -> dict[str, Any]:
    """What ``queueing/_ticket.html`` shows."""
    view = ticket_view(picture, picture.tickets[ticket])
    return {
        "office": picture.office,
        "view": view,
        "date": picture.date,
        "nearly": NEARLY,
        "said": said_to_all(picture),
    }


def estimate(picture: Picture, step: str, position: int | None) -> tuple[int | None, int | None]:
    """How many minutes the next ``position`` calls of a step took lately: (most were longer, most were shorter).

    The 10th and 90th percentile of the spans of so many consecutive calls among the last ones. (None, None)
    when too little was called today to say, or no open counter serves the step.
    """
    return span_of(call_times(picture, step), position) if position else (None, None)


def call_times(picture: Picture, step: str) -> list[datetime]:
    """When the last calls of a step were made; none when no open counter serves it."""
    if not any(one.state == "open" and step in one.steps for one in picture.counters):
        return []
    return [c.called_at for c in picture.calls if c.step == step and counts_as_call(c)][-LAST_CALLS:]


def span_of(times: list[datetime], position: int) -> tuple[int | None, int | None]:
    """The minutes of :func:`estimate` out of the moments of the calls."""
    spans = sorted(b - a for a, b in zip(times, times[position:], strict=False))
    if len(spans) < ENOUGH_SPANS:
        return None, None
    low, high = (spans[math.ceil(share * len(spans)) - 1] for share in (0.1, 0.9))
    return _minutes(low), max(_minutes(high), _minutes(low))


def _state(ticket: TicketRow) -> tuple[str, str]:
    kinds = {
        Ticket.Status.WAITING: "wait",
        Ticket.Status.CALLED: "now",
        Ticket.Status.SERVING: "now",
        Ticket.Status.ABSENT: "warn",
        Ticket.Status.DONE: "done",
        Ticket.Status.SENT_BACK: "held",
        Ticket.Status.NOT_SERVED: "stop",
    }
    status = Ticket.Status(ticket.status)
    return str(status.label), kinds[status]


def _advice(picture: Picture, ticket: TicketRow, call: CallRow | None) -> tuple[str, tuple[str, ...]]:
    """What the page says first, and what can be done now."""
    status = Ticket.Status
    counter = {"n": call.counter__number} if call else {"n": ""}
    until = _until(ticket.right_of_return)
    if ticket.status == status.CALLED:
        return _("Silakan ke loket %(n)s sekarang") % counter, (
            _("Bila tidak dapat berjalan ke sana, beri tahu petugas terdekat; mereka datang kepada Anda."),
        )
    if ticket.status == status.SERVING:
        return _("Anda sedang dilayani di loket %(n)s") % counter, (
            _("Sesudah langkah ini, halaman ini menunjukkan langkah berikutnya."),
        )
    if ticket.status == status.WAITING:
        return _("Anda menunggu panggilan"), (
            _("Tetaplah di dekat ruang tunggu. Nomor yang terlewat dipanggil tidak hangus."),
            _("Bila terlewat: %(rule)s.") % {"rule": _re_entry(picture, "missed")},
        )
    if ticket.status == status.ABSENT and ticket.closed_at is None:
        return _("Nomor Anda sudah dipanggil, tetapi Anda belum hadir"), (
            _("Datang ke meja depan dan tunjukkan nomor ini: Anda masuk antrean lagi hari ini juga."),
            _("Aturannya: %(rule)s.") % {"rule": _re_entry(picture, "missed")},
        )
    if ticket.status == status.SENT_BACK and ticket.closed_at is None:
        return _("Anda sedang melengkapi berkas"), (
            _("Bawa berkasnya ke meja depan. Anda tidak antre dari awal."),
            _("Aturannya: %(rule)s.") % {"rule": _re_entry(picture, "returned")},
            *until,
        )
    if ticket.status == status.DONE:
        return _("Kunjungan ini selesai"), until
    return _("Anda belum terlayani hari itu"), (
        *until,
        _("Datang langsung ke meja depan dengan nomor ini; tidak perlu memesan atau membayar lagi."),
    )


def _until(day: date | None) -> tuple[str, ...]:
    if day is None:
        return ()
    text = format_date(day, (get_language() or "id")[:2])
    return (_("Anda boleh melanjutkan kunjungan ini sampai %(day)s.") % {"day": text},)


def _re_entry(picture: Picture, code: str) -> str:
    """The published rule for coming back, in words."""
    entry = next((each for each in picture.pack.queue.re_entry if each.code == code), None)
    if entry is None:
        return _("petugas meja depan menjelaskan cara masuk antrean lagi")
    if entry.mode == "keep":
        return _("tempat Anda dalam antrean tetap")
    if entry.mode == "after":
        return _("Anda dipanggil lagi sesudah %(n)s panggilan lain di jalur Anda") % {"n": entry.places}
    return _("Anda masuk di belakang antrean")


def _minutes(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds() / 60))
