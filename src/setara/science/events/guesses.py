"""Which column is which, where nobody says so: the names that usual logs use.

English, Indonesian and Dutch names, the keys of the XES extensions, and what Disco and Celonis write. A guess
is only a guess: it is kept in ``Log.guessed`` so that it can be printed and corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from setara.science.events.errors import LogUseError
from setara.science.events.log import ROLES

#: Besides the roles: what the reader itself needs to join lifecycles.
LIFECYCLE: Final = ("lifecycle", "instance")

#: For each role, the names that mean it, the surest first; compared without case, spaces and punctuation.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "case": (
        "case",
        "case:concept:name",
        "case id",
        "case key",
        "trace id",
        "trace",
        "process instance",
        "case identifier",
        "case number",
        "case no",
        "zaaknummer",
        "zaak",
        "zaak id",
        "dossier",
        "dossiernummer",
        "kasus",
        "nomor permohonan",
        "no permohonan",
        "id permohonan",
        "permohonan",
        "nomor berkas",
        "id kasus",
        "application",
        "application id",
        "ticket",
        "ticket id",
        "tiket",
        "request id",
        "ticket no",
        "ticket number",
        "visit id",
        "visit",
        "nomor antrean",
        "no antrean",
        "nomor antrian",
        "no antrian",
    ),
    "activity": (
        "activity",
        "concept:name",
        "activity name",
        "activity en",
        "event",
        "event name",
        "task",
        "task name",
        "step",
        "action",
        "activiteit",
        "aktivitas",
        "kegiatan",
        "tahap",
        "tahapan",
        "langkah",
        "proses",
        "stap",
        "handeling",
        "event type",
        "ocel:activity",
    ),
    "time": (
        "time",
        "time:timestamp",
        "timestamp",
        "complete timestamp",
        "completion time",
        "end timestamp",
        "end time",
        "complete time",
        "complete",
        "completed",
        "completed at",
        "end",
        "ended",
        "ended at",
        "finished",
        "finished at",
        "event time",
        "eventtime",
        "date time",
        "datetime",
        "date",
        "tijdstip",
        "tijd",
        "eindtijd",
        "einddatum",
        "datum",
        "waktu",
        "waktu selesai",
        "selesai",
        "jam selesai",
        "tanggal",
        "tanggal waktu",
        "ocel:timestamp",
    ),
    "start": (
        "start",
        "start timestamp",
        "start time",
        "started",
        "started at",
        "begin",
        "begin time",
        "starttijd",
        "startdatum",
        "begintijd",
        "waktu mulai",
        "mulai",
        "jam mulai",
    ),
    "call": (
        "call",
        "call time",
        "call timestamp",
        "called",
        "called at",
        "oproep",
        "oproeptijd",
        "panggil",
        "panggilan",
        "waktu panggil",
        "waktu panggilan",
        "jam panggil",
        "dipanggil",
        "waktu dipanggil",
    ),
    "enqueue": (
        "enqueue",
        "enqueued",
        "enqueued at",
        "enqueue time",
        "queue time",
        "queued at",
        "joined",
        "joined at",
        "join time",
        "schedule timestamp",
        "scheduled",
        "wachtrij",
        "antre",
        "masuk antrean",
        "waktu antre",
        "waktu antrean",
        "waktu ambil nomor",
        "antrian",
        "waktu antrian",
    ),
    "absent": ("absent", "absent at", "no show", "noshow", "tidak hadir", "afwezig", "niet verschenen"),
    "resource": (
        "resource",
        "org:resource",
        "user",
        "user name",
        "officer",
        "employee",
        "staff",
        "agent",
        "performer",
        "originator",
        "medewerker",
        "behandelaar",
        "petugas",
        "pegawai",
        "pelaksana",
        "nama petugas",
        "resource id",
        "user id",
        "employee id",
        "staff id",
        "officer id",
        "served by",
        "clerk",
        "operator",
    ),
    "counter": ("counter", "counter no", "counter number", "desk", "balie", "loket", "nomor loket"),
    "lane": ("lane", "lane id", "queue", "queue lane", "lajur", "jalur", "antrean"),
    "window": ("window", "booked window", "slot", "appointment", "jadwal", "waktu jadwal", "afspraak"),
    "reason": ("reason", "reason code", "override reason", "alasan", "reden"),
    "proof": ("proof", "evidence", "bukti", "bewijs"),
    "office": (
        "office",
        "office code",
        "office id",
        "branch",
        "branch id",
        "kantor",
        "unit kerja",
        "kantoor",
        "vestiging",
    ),
    "lifecycle": ("lifecycle:transition", "lifecycle", "transition", "lifecycle transition"),
    "instance": ("concept:instance", "activity instance", "instance", "activity instance id"),
}
#: What a log without any of these cannot be read.
NEEDED: Final = ("case", "activity")
_WHEN: Final = ("time", "start", "call")
#: Roles that a case may have as a whole, so that a trace states them: ``case:lane``.
_OF_CASE: Final = ("office", "lane")


def plain(name: str) -> str:
    """A name without what people write differently: case, spaces, points, underscores; camelCase parted."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip().strip('"'))
    return re.sub(r"[^0-9a-z]+", " ", parted.casefold()).strip()


def _together(name: str) -> str:
    """A plain name without its blanks: ``caseid`` is ``case id``."""
    return plain(name).replace(" ", "")


_PLAIN: Final = {role: tuple(map(_together, names)) for role, names in NAMES.items()}


def roles_of(
    names: Iterable[str], mapping: Mapping[str, str], also: Mapping[str, str] | None = None
) -> tuple[dict[str, str], frozenset[str]]:
    """Role -> column, and which roles were guessed.

    ``mapping`` is what somebody said; ``also`` what the format says (XES: ``activity`` is ``concept:name``).
    Raises :class:`LogUseError` for a role or a column that does not exist, or where case, activity or every
    moment is missing.
    """
    columns = list(names)
    mapping = {role: _named(name, columns) for role, name in mapping.items()}
    _check(columns, mapping)
    found = dict(mapping)
    taken = set(mapping.values())
    known = {role: name for role, name in (also or {}).items() if name in columns}
    by_plain: dict[str, str] = {}
    for name in columns:
        by_plain.setdefault(_together(name), name)
    for role in (*ROLES, *LIFECYCLE):
        if role in found:
            continue
        candidates = [known[role]] if role in known else []
        candidates += [role] if role in columns else []
        candidates += [by_plain[one] for one in _PLAIN[role] if one in by_plain]
        if role in _OF_CASE:
            candidates += [by_plain[f"case{one}"] for one in _PLAIN[role] if f"case{one}" in by_plain]
        # The log of a system with several kinds of case often says case_xyz: the only such column will do.
        choice = next((one for one in candidates if one not in taken), None)
        if choice is not None:
            found[role] = choice
            taken.add(choice)
    _enough(columns, found)
    guessed = frozenset(role for role in found if role not in mapping)
    return found, guessed


def _named(name: str, columns: list[str]) -> str:
    """The column that somebody means, with or without the prefix ``case:``; the name itself where there is none."""
    bare = name.removeprefix("case:")
    return next((one for one in (name, bare, f"case:{bare}") if one in columns), name)


def _check(columns: list[str], mapping: Mapping[str, str]) -> None:
    for role, name in mapping.items():
        if role not in ROLES and role not in LIFECYCLE:
            raise LogUseError(
                f"There is no role '{role}'.", f"The roles are: {', '.join(ROLES)}.", choices=ROLES
            )
        if name not in columns:
            raise LogUseError(
                f"The log has no column '{name}' (for the role {role}).",
                f"Its columns are: {listed(columns)}.",
                choices=columns,
            )


def _enough(columns: list[str], found: Mapping[str, str]) -> None:
    missing = [role for role in NEEDED if role not in found]
    if not any(role in found for role in _WHEN):
        missing.append("time")
    if missing:
        raise LogUseError(
            f"No column could be recognised as: {', '.join(missing)}.",
            f"Say which it is, such as --map {missing[0]}=COLUMN. The columns are: {listed(columns)}.",
            choices=columns,
        )


def listed(names: Iterable[str], most: int = 30) -> str:
    """Names for a message, cut where they are too many."""
    shown = list(names)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
