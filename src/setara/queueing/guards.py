"""The database's own rules, explained: what a violated constraint means for the person at the screen."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import IntegrityError
from psycopg import Error as PgError

from setara.kernel.errors import Conflict, SetaraError
from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _

P = ParamSpec("P")
R = TypeVar("R")

_MEANINGS: dict[str, tuple[Phrase, Phrase, Phrase]] = {
    "queueing_one_open_ticket": (
        _("Permohonan ini sudah memiliki nomor antrean yang masih berlaku."),
        _("Satu kunjungan mendapat satu nomor antrean."),
        _("Gunakan nomor antrean yang sudah diberikan."),
    ),
    "queueing_one_call_per_counter": (
        _("Loket ini masih melayani nomor lain."),
        _("Satu loket memanggil satu nomor pada satu waktu."),
        _("Selesaikan atau batalkan panggilan yang berjalan, lalu panggil lagi."),
    ),
    "queueing_one_call_per_ticket": (
        _("Nomor ini baru saja dipanggil loket lain."),
        _("Satu nomor dipanggil oleh satu loket."),
        _("Panggil berikutnya sekali lagi."),
    ),
    "queueing_one_objection_each": (
        _("Anda sudah mengajukan keberatan tentang panggilan ini."),
        _("Satu keberatan untuk satu panggilan."),
        _("Jawabannya muncul di halaman nomor antrean Anda."),
    ),
    "queueing_one_override": (
        _("Untuk nomor ini baru saja diajukan permintaan lain."),
        _("Satu nomor memiliki satu permintaan pada satu waktu."),
        _("Tunggu keputusan orang kedua."),
    ),
    "queueing_one_session_per_counter": (
        _("Loket ini sedang dibuka oleh petugas lain."),
        _("Satu loket dijaga oleh satu petugas."),
        _("Minta petugas itu atau pengawas menutup loket lebih dulu."),
    ),
    "queueing_one_counter_per_officer": (
        _("Anda masih membuka loket lain."),
        _("Satu petugas menjaga satu loket pada satu waktu."),
        _("Tutup loket itu lebih dulu."),
    ),
}


def explained(run: Callable[P, R]) -> Callable[P, R]:
    """Turn a violated constraint of this room into a :class:`Conflict` that says which rule it is.

    Stands outside ``@operation``, so that the transaction is over when the words are found.
    """

    @functools.wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return run(*args, **kwargs)
        except IntegrityError as error:
            if (meaning := _meaning(error)) is None:
                raise
            raise meaning from error

    return wrapped


def _meaning(error: IntegrityError) -> SetaraError | None:
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, PgError) else None
    if name is None or name not in _MEANINGS:
        return None
    message, rule, remedy = _MEANINGS[name]
    return Conflict(message, code=name.replace("_", ".", 1), rule=rule, remedy=remedy)
