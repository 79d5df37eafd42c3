"""The refusals of the desk: each says which rule it is and what can be done now."""

from __future__ import annotations

from datetime import date

from setara.applications.service import Application
from setara.booking.service import Appointment
from setara.kernel.errors import Conflict, NotFound, Refused
from setara.kernel.phrase import Phrase
from setara.kernel.phrase import phrase as _
from setara.kernel.workdays import format_date
from setara.offices.service import Office
from setara.queueing.models import Ticket

_S = Application.Status

#: What can be done with an application that is not where a check-in needs it.
_REMEDIES: dict[str, Phrase] = {
    _S.DRAFT: _("Lengkapi permohonannya, bila perlu dengan bantuan petugas."),
    _S.SUBMITTED: _("Bayar kode pembayarannya, lalu datang lagi ke meja ini."),
    _S.PAID: _("Pilih jadwal, atau masuk lewat jalur prioritas bila berhak."),
    _S.BOOKED: _("Datang pada jadwal yang dipesan."),
    _S.IN_SERVICE: _("Cari nomor antrean yang sudah diberikan."),
    _S.RETURNED: _("Masukkan sebagai orang yang kembali, atau unggahkan dokumen yang diminta."),
    _S.IN_PROCESS: _("Tunggu kabar; tanggal janjinya tercantum pada halaman permohonan."),
    _S.READY: _("Masukkan sebagai pengambilan."),
    _S.DONE: _("Tidak ada lagi yang perlu dilakukan."),
    _S.REFUSED: _("Lihat alasan penolakan pada halaman permohonan."),
    _S.CANCELLED: _("Ajukan permohonan baru."),
}


def unknown_ticket() -> NotFound:
    """No ticket has this address."""
    return NotFound(
        _("Nomor antrean ini tidak dikenal."),
        code="queueing.unknown_ticket",
        rule=_("Setiap nomor memiliki alamat sendiri, yang tercetak sebagai kode QR."),
        remedy=_("Pindai lagi kode QR pada karcis, atau cari nomornya di halaman kantor."),
    )


def other_office(office: Office) -> Refused:
    """The application or appointment belongs to another office."""
    return Refused(
        _("Ini urusan kantor lain: %(office)s.", office=office.name),
        code="queueing.other_office",
        rule=_("Orang dilayani di kantor tempat ia mengajukan permohonan."),
        remedy=_("Arahkan ke %(office)s.", office=office.name),
    )


def refuse_second(last: Ticket | None) -> None:
    """Conflict, with the label of the ticket that is there, for a second check-in."""
    if last is None or last.closed_at is not None:
        return
    raise Conflict(
        _("Orang ini sudah memiliki nomor antrean %(label)s.", label=last.label),
        code="queueing.already_checked_in",
        rule=_("Satu kunjungan mendapat satu nomor antrean."),
        remedy=_("Berikan lagi nomor %(label)s; tempatnya dalam antrean tetap.", label=last.label),
    )


def ground_needs_an_officer() -> Refused:
    """A device cannot have seen a card or a condition."""
    return Refused(
        _("Jalur prioritas diberikan oleh petugas yang melihat buktinya."),
        code="queueing.ground_needs_an_officer",
        rule=_("Siapa yang memeriksa bukti selalu dicatat."),
        remedy=_("Datanglah ke meja depan dengan buktinya."),
    )


def check_appointment(appointment: Appointment, today: date) -> None:
    """Refused unless the appointment is good today."""
    day = format_date(appointment.date)
    if appointment.status == Appointment.Status.MOVED:
        raise Refused(
            _("Jadwal ini sudah dipindahkan."),
            code="queueing.appointment_moved",
            rule=_("Hanya jadwal yang terakhir dipesan yang berlaku."),
            remedy=_("Cari permohonannya dengan nomor atau nama untuk melihat jadwal barunya."),
        )
    if appointment.status == Appointment.Status.GIVEN_UP:
        raise Refused(
            _("Permohonan dengan jadwal ini sudah dibatalkan."),
            code="queueing.appointment_given_up",
            rule=_("Tempat yang dibatalkan langsung dapat dipesan orang lain."),
            remedy=_("Ajukan permohonan baru."),
        )
    if appointment.date != today:
        raise Refused(
            _("Jadwal ini untuk hari lain: %(day)s.", day=day),
            code="queueing.other_day",
            rule=_("Jadwal berlaku pada harinya."),
            remedy=_("Datang pada %(day)s, atau pindahkan jadwalnya.", day=day)
            if appointment.date > today
            else _("Jadwal itu sudah lewat; pesankan jadwal baru."),
        )
    if appointment.status != Appointment.Status.BOOKED:
        raise Refused(
            _("Jadwal ini sudah dipakai atau terlewat."),
            code="queueing.appointment_used",
            rule=_("Satu jadwal dipakai satu kali."),
            remedy=_("Cari permohonannya dengan nomor atau nama untuk melihat keadaannya."),
        )


def check_status(application: Application, wanted: str) -> None:
    """Refused, with what can be done instead, unless the application is in ``wanted``."""
    if application.status == wanted:
        return
    raise Refused(
        _("Permohonan ini belum dapat masuk antrean: %(status)s.", status=application.get_status_display()),
        code=f"queueing.application_{application.status}",
        rule=_(
            "Nomor antrean diberikan kepada permohonan yang sudah dibayar dan dijadwalkan, atau siap diambil."
        ),
        remedy=_REMEDIES[application.status],
    )


def no_right_of_return(until: date | None) -> Refused:
    """Nobody may come in as a returning person who is none, or came too late."""
    if until is None:
        return Refused(
            _("Permohonan ini tidak memiliki kunjungan yang dapat dilanjutkan."),
            code="queueing.nothing_to_return_to",
            rule=_("Kembali berarti melanjutkan kunjungan yang belum selesai."),
            remedy=_("Masukkan dengan jadwalnya, atau lewat jalur prioritas bila berhak."),
        )
    return Refused(
        _("Hak untuk kembali berakhir pada %(day)s.", day=format_date(until)),
        code="queueing.return_expired",
        rule=_("Kunjungan yang belum selesai dapat dilanjutkan sampai tanggal yang diberitahukan."),
        remedy=_("Bicarakan dengan pengawas: ia dapat memberi waktu lagi pada halaman berkas ini."),
    )
