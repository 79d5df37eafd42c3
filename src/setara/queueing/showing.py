"""What the public pages of the hall show, made of one picture: the display, one ticket, the calls of a day.

Nothing here asks the database, so the live process can show one picture to thousands. The contexts hold no
personal data: tickets appear by the labels that the hall saw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from setara.kernel.workdays import format_date
from setara.offices.service import OfficeDay
from setara.queueing.models import Call, Ticket
from setara.queueing.picture import (
    CallRow,
    Passed,
    Picture,
    TicketRow,
    called_steps,
    place_on,
    reason_words,
)

#: What one screen of 16:9 has room for: rows in display type (one less beside a reason or smaller rows), numbers
#: that come next (fewer beside numbers called in vain), and numbers called in vain.
BIG, NEXT, NEXT_BESIDE, MISSED = 5, 7, 5, 10
#: The estimate looks at so many last calls of the step and needs so many spans among them.
LAST_CALLS, ENOUGH_SPANS = 40, 5
_DIGITS: Final = {
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board."""

    id: str
    label: str
    place: str
    step: str
    state: str
    kind: str
    word: str
    reason: str
    say: str


def rule_words() -> str:
    """The rule of the order in one sentence, for everybody."""
    return _(
        "Sistem memilih nomor berikutnya: jalur-jalur bergiliran menurut bobotnya, dan di dalam jalur menurut "
        "jam kunjungan lalu waktu datang. Petugas tidak dapat memilih."
    )


def spoken(label: str) -> str:
    """A ticket label as it is read aloud: ``A-017`` -> ``A nol satu tujuh``."""
    digits = _DIGITS["en" if (get_language() or "id").startswith("en") else "id"]
    return " ".join(digits[int(sign)] if sign.isdecimal() else sign for sign in label if sign != "-")


def hall_context(picture: Picture) -> dict[str, Any]:
    """For the display and every other list of calls: ``office``, ``at``, ``open``, ``rows`` (newest call
    first, those already served last), ``big`` and ``rest`` of them, ``next`` (label, step), ``waiting`` and
    ``missed``."""
    rows = [_row(picture, call) for call in _running(picture)]
    missed = sorted(
        one.label
        for one in picture.tickets.values()
        if one.status == Ticket.Status.ABSENT and one.closed_at is None
    )
    big = BIG if len(rows) <= BIG and not any(row.reason for row in rows[:BIG]) else BIG - 1
    return {
        "office": picture.office,
        "at": picture.at,
        "open": is_open(picture),
        "closed": picture.day is not None and picture.day.status == OfficeDay.Status.CLOSED,
        "rows": rows,
        "big": rows[:big],
        "rest": rows[big:],
        "next": _next(picture, NEXT_BESIDE if missed else NEXT),
        "waiting": sum(len(labels) for labels in picture.order.values()),
        "missed": missed[:MISSED],
    }


def is_open(picture: Picture) -> bool:
    """Whether the day of the picture is open."""
    return picture.day is not None and picture.day.status == OfficeDay.Status.OPEN


def steps_context(picture: Picture) -> list[dict[str, Any]]:
    """Per step to which people are called: ``code``, ``name``, ``waiting``, ``lanes`` (name, waiting)."""
    found = []
    for step in called_steps(picture.pack):
        labels = set(picture.order.get(step.code, ()))
        here = [one.lane for one in picture.tickets.values() if one.label in labels]
        lanes = [
            {"name": str(lane.name), "waiting": here.count(lane.code)}
            for lane in picture.pack.lanes
            if (lane.purpose == "pickup") == (step.kind == "pickup")
        ]
        found.append({"code": step.code, "name": str(step.name), "waiting": len(labels), "lanes": lanes})
    return found


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
    exceptions: tuple[Passed, ...]
    by_rule: tuple[Passed, ...]
    low: int | None
    high: int | None
    announce: str
    say: str

    @property
    def waits(self) -> bool:
        """Whether it waits for a call."""
        return self.position is not None


def ticket_view(picture: Picture, ticket: TicketRow) -> TicketView:
    """One ticket in the picture of its day."""
    place = place_on(picture, ticket)
    call = next((c for c in _running(picture) if c.ticket_id == ticket.pk), None)
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
        exceptions=tuple(one for one in place.exceptions if one.out_of_turn) if place.position else (),
        by_rule=tuple(one for one in place.exceptions if not one.out_of_turn) if place.position else (),
        low=low,
        high=high,
        announce=f"{call.pk}-{call.repeats}" if called and call else "",
        say=_("Nomor Anda dipanggil ke loket %(n)s.") % {"n": call.counter__number}
        if called and call
        else "",
    )


def ticket_context(picture: Picture, ticket: UUID) -> dict[str, Any]:
    """What ``queueing/_ticket.html`` shows, on the page and in the live process alike."""
    view = ticket_view(picture, picture.tickets[ticket])
    return {"office": picture.office, "view": view, "date": picture.date}


def estimate(picture: Picture, step: str, position: int | None) -> tuple[int | None, int | None]:
    """How many minutes the next ``position`` calls of a step took lately: (most were longer, most were shorter).

    The 10th and 90th percentile of the spans of so many consecutive calls among the last ones. (None, None)
    when too little was called today to say, or no open counter serves the step.
    """
    serves = any(one.state == "open" and step in one.counter__steps for one in picture.counters)
    if position is None or not serves:
        return None, None
    times = [
        call.called_at for call in picture.calls if call.step == step and call.outcome != Call.Outcome.UNDONE
    ][-LAST_CALLS:]
    spans = sorted(b - a for a, b in zip(times, times[position:], strict=False))
    if len(spans) < ENOUGH_SPANS:
        return None, None
    low, high = (spans[math.ceil(share * len(spans)) - 1] for share in (0.1, 0.9))
    return _minutes(low), max(_minutes(high), _minutes(low))


def calls_table(picture: Picture, *, only_exceptions: bool = False) -> list[dict[str, Any]]:
    """The calls of the day, newest first: ``at``, ``label``, ``counter``, ``step``, ``rule`` (the label that
    the rule gave), ``out_of_turn``, ``reason``, ``outcome``."""
    names = {step.code: step.name for step in picture.pack.steps}
    return [
        {
            "at": call.called_at,
            "label": picture.tickets[call.ticket_id].label,
            "counter": call.counter__number,
            "step": names.get(call.step, call.step),
            "rule": picture.tickets[call.rule_ticket_id].label if call.rule_ticket_id else "–",
            "out_of_turn": call.out_of_turn,
            "reason": reason_words(picture.pack, call.reason) if call.out_of_turn else "",
            "outcome": Call.Outcome(call.outcome).label if call.outcome else _state_of(call)[1],
        }
        for call in reversed(picture.calls)
        if call.out_of_turn or not only_exceptions
    ]


def _running(picture: Picture) -> list[CallRow]:
    """The calls that last: those who are awaited at a counter first, the newest on top."""
    running = [call for call in picture.calls if call.ended_at is None]
    return sorted(running, key=lambda call: (call.started_at is None, call.called_at), reverse=True)


def _row(picture: Picture, call: CallRow) -> Row:
    label = picture.tickets[call.ticket_id].label
    kind, word = _state_of(call)
    place = _("Loket %(n)s") % {"n": call.counter__number}
    reason = ""
    if call.out_of_turn:
        reason = _("Di luar giliran: %(reason)s") % {"reason": reason_words(picture.pack, call.reason)}
    return Row(
        id=f"{call.pk}-{call.repeats}",
        label=label,
        place=place,
        step=str(picture.pack.step(call.step).name),
        state="called" if call.started_at else "new",
        kind=kind,
        word=word,
        reason=reason,
        say=_("Nomor antrean %(label)s, silakan ke loket %(n)s.")
        % {"label": spoken(label), "n": call.counter__number},
    )


def _state_of(call: CallRow) -> tuple[str, str]:
    """Kind and word of a call that lasts."""
    if call.started_at is not None:
        return "info", _("Sedang dilayani")
    if call.repeats:
        return "warn", _("Panggilan ke-%(n)s") % {"n": call.repeats + 1}
    return "now", _("Baru dipanggil")


def _next(picture: Picture, room: int) -> list[dict[str, str]]:
    """The labels that the rule would call next, as many of each step as there is room for, step by step."""
    lines = [(str(s.name), picture.order.get(s.code, [])) for s in called_steps(picture.pack)]
    shown = {name: 0 for name, labels in lines if labels}
    for turn in range(room):
        for name, labels in lines:
            if len(labels) > turn and sum(shown.values()) < room:
                shown[name] += 1
    return [
        {"label": label, "step": name} for name, labels in lines for label in labels[: shown.get(name, 0)]
    ]


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


def pages(rows: Sequence[Any], number: int, size: int) -> tuple[Sequence[Any], int, int]:
    """One page of ``rows``, its number (put into range) and how many pages there are."""
    last = max(1, math.ceil(len(rows) / size))
    number = min(max(1, number), last)
    return rows[(number - 1) * size : number * size], number, last


def day_from(text: str, today: date) -> date:
    """A date out of an address, today for nothing or nonsense; nothing later than today."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


def live_url(path: str) -> str:
    """Where the live process serves ``path`` (such as ``depok/hall``), in the reader's language.

    ``:9000/live/...`` means the host of the page at that port; the page's script completes it.
    """
    base = settings.SETARA_LIVE_URL.rstrip("/") or f":{settings.LIVE_PORT}"
    return f"{base}/live/{path}?lang={(get_language() or 'id')[:2]}"
