"""What the public pages of the hall show, made of one picture: the display, the calls of a day.

Nothing here asks the database, so the live process can show one picture to thousands. The contexts hold no
personal data: tickets appear by the labels that the hall saw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from setara.kernel.workdays import format_time
from setara.offices.service import Office, OfficeDay
from setara.queueing import voice
from setara.queueing.models import Announcement, Approval, Call, Proof, Ticket
from setara.queueing.picture import CallRow, Picture, Said, announcements, called_steps, reason_words

#: What one screen of 16:9 has room for: rows in display type (one less beside a reason or smaller rows), numbers
#: that come next (fewer beside numbers called in vain), and numbers called in vain.
BIG, NEXT, NEXT_BESIDE, MISSED = 5, 7, 5, 10
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
    clips: str


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
    first, those already served last), ``big`` and ``rest`` of them, ``next`` (label, step), ``waiting``,
    ``missed`` and ``said`` (see :func:`said_to_all`)."""
    rows = [_row(picture, call) for call in running(picture)]
    said = said_to_all(picture)
    missed = sorted(
        one.label
        for one in picture.tickets.values()
        if one.status == Ticket.Status.ABSENT and one.closed_at is None
    )
    big = BIG if len(rows) <= BIG and not any(row.reason for row in rows[:BIG]) else BIG - 1
    big -= bool(said)  # the room of one row
    return {
        "office": picture.office,
        "at": picture.at,
        "open": is_open(picture),
        "closed": picture.day is not None and picture.day.status == OfficeDay.Status.CLOSED,
        "rows": rows,
        "big": rows[:big],
        "rest": rows[big:],
        "next": _next(picture, (NEXT_BESIDE if missed else NEXT) - 2 * bool(said)),
        "waiting": sum(len(labels) for labels in picture.order.values()),
        "missed": missed[:MISSED],
        "said": said,
    }


def said_to_all(picture: Picture) -> list[dict[str, str]]:
    """What the office says to everybody who waits, in the picture."""
    return said_by(picture.office, picture.said)


def said_now(office: Office, at: datetime) -> list[dict[str, str]]:
    """What the office says to everybody at ``at``, as :func:`said_by` gives it; one query."""
    return said_by(office, announcements(office, at))


def said_by(office: Office, said: Iterable[Said]) -> list[dict[str, str]]:
    """Announcements in the reader's language: ``id``, ``kind`` (of a notice), ``word``, ``text``, ``until``."""
    return [
        {
            "id": str(one.pk),
            "kind": "warning" if one.kind == Announcement.Kind.OUTAGE else "info",
            "word": _("Gangguan:") if one.kind == Announcement.Kind.OUTAGE else _("Pengumuman:"),
            "text": one.text_en if lang() == "en" else one.text_id,
            "until": _("Sampai pukul %(time)s.") % {"time": format_time(one.ends_at, office.zone, lang())},
        }
        for one in said
    ]


def lang() -> str:
    """The reader's language: ``id`` or ``en``."""
    return (get_language() or "id")[:2]


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


def calls_table(picture: Picture, *, only_exceptions: bool = False) -> list[dict[str, Any]]:
    """The calls of the day, newest first: ``at``, ``label``, ``counter``, ``step``, ``rule`` (the label that
    the rule gave), ``out_of_turn``, ``reason``, ``standing``, ``depth`` (how many the rule ranked before it),
    ``outcome``, ``call`` (its id) and ``ke`` (its number in the day)."""
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
            "standing": standing(call) if call.out_of_turn else "",
            "depth": call.depth,
            "call": call.pk,
            "ke": number,
            "outcome": Call.Outcome(call.outcome).label if call.outcome else state_of(call)[1],
        }
        for number, call in reversed([*enumerate(picture.calls, 1)])
        if call.out_of_turn or not only_exceptions
    ]


def standing(call: CallRow) -> str:
    """How a call out of turn stands before everybody: proven or not, and whether a second person approved."""
    proof = Proof(call.proof).label if call.proof else _("Tanpa bukti")
    approval = Approval(call.approval).label if call.approval else _("Belum disetujui")
    return f"{proof}, {str(approval)[:1].lower()}{str(approval)[1:]}"


def running(picture: Picture) -> list[CallRow]:
    """The calls that last: those who are awaited at a counter first, the newest on top."""
    running = [call for call in picture.calls if call.ended_at is None]
    return sorted(running, key=lambda call: (call.started_at is None, call.called_at), reverse=True)


def _row(picture: Picture, call: CallRow) -> Row:
    label = picture.tickets[call.ticket_id].label
    kind, word = state_of(call)
    place = _("Loket %(n)s") % {"n": call.counter__number}
    reason = ""
    if call.out_of_turn:
        words = {"reason": reason_words(picture.pack, call.reason), "standing": standing(call)}
        reason = _("Di luar giliran: %(reason)s. %(standing)s.") % words
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
        clips=voice.clips(label, call.counter__number),
    )


def state_of(call: CallRow) -> tuple[str, str]:
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
    return f"{base}/live/{path}?lang={lang()}"
