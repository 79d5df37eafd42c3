"""The words of messages, in the applicant's language. Short: an SMS has 160 characters, and people read them on
old phones. The reference is in every message; the access code only in those that give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from setara.applications.service import Application, access_code, needs_of
from setara.feedback.service import Invitation
from setara.kernel.workdays import format_date, format_when

Params = Mapping[str, str]


def words(kind: str, application: Application, params: Params) -> str:
    """The text of a message of this kind. KeyError for an unknown kind."""
    with translation.override(application.language):
        return str(LETTERS[kind](application, params))


def _welcome(application: Application, params: Params) -> str:  # noqa: ARG001 - one shape for all letters
    return _("%(office)s: permohonan %(reference)s. Kode rahasia Anda %(code)s. Lanjutkan di %(link)s") % {
        "office": application.office.name,
        "reference": application.reference,
        "code": access_code(application),
        "link": settings.SETARA_PUBLIC_URL + reverse("resume"),
    }


def _paid(application: Application, params: Params) -> str:  # noqa: ARG001
    return _("Pembayaran permohonan %(reference)s diterima. Pilih jadwal kedatangan di %(link)s") % {
        "reference": application.reference,
        "link": settings.SETARA_PUBLIC_URL + reverse("resume"),
    }


def _surplus(application: Application, params: Params) -> str:  # noqa: ARG001
    return _(
        "Uang untuk permohonan %(reference)s masuk, padahal tidak diperlukan lagi (sudah dibayar, atau dibatalkan). "
        "Uangnya tercatat; hubungi %(office)s."
    ) % {"reference": application.reference, "office": application.office.name}


def _cancelled(application: Application, params: Params) -> str:  # noqa: ARG001
    return _(
        "Permohonan %(reference)s dibatalkan. Bila bukan Anda yang membatalkannya, segera hubungi %(office)s."
    ) % {"reference": application.reference, "office": application.office.name}


def _appointment(application: Application, params: Params) -> str:
    when = format_when(
        datetime.fromisoformat(params["starts"]), application.office.zone, translation.get_language()
    )
    return _("Permohonan %(reference)s: datang %(when)s. Bawa dokumen asli dan kode QR.") % {
        "reference": application.reference,
        "when": when,
    }


def _hold(application: Application, params: Params) -> str:  # noqa: ARG001
    return _("Permohonan %(reference)s sedang berhenti. Alasan dan yang dapat Anda lakukan: %(link)s") % {
        "reference": application.reference,
        "link": settings.SETARA_PUBLIC_URL + reverse("resume"),
    }


def _papers(application: Application, params: Params) -> str:
    names = {need.code: str(need.name) for need in needs_of(application)}
    return _(
        "Permohonan %(reference)s menunggu dokumen dari Anda: %(papers)s. Unggah di %(link)s atau bawa ke meja "
        "depan, paling lambat %(until)s."
    ) % {
        "reference": application.reference,
        "papers": ", ".join(names.get(code, code) for code in params["codes"].split(",")),
        "link": settings.SETARA_PUBLIC_URL + reverse("resume"),
        "until": _day(params, "until"),
    }


def _not_served(application: Application, params: Params) -> str:
    until = format_date(datetime.fromisoformat(params["until"]).date(), translation.get_language())
    return _(
        "Permohonan %(reference)s belum terlayani hari ini. Anda berhak datang lagi sampai %(until)s."
    ) % {
        "reference": application.reference,
        "until": until,
    }


def _nearly(application: Application, params: Params) -> str:
    return _(
        "%(office)s: nomor %(label)s hampir dipanggil (urutan ke-%(n)s). Mendekatlah ke ruang tunggu."
    ) % {
        "office": application.office.name,
        "label": params["label"],
        "n": params["n"],
    }


def _ready(application: Application, params: Params) -> str:  # noqa: ARG001
    return _("Permohonan %(reference)s selesai dan siap diambil di %(office)s.") % {
        "reference": application.reference,
        "office": application.office.name,
    }


def _day(params: Params, name: str) -> str:
    return format_date(date.fromisoformat(params[name]), translation.get_language())


def _return_lapsed(application: Application, params: Params) -> str:
    return _(
        "Permohonan %(reference)s: waktu untuk melengkapi atau datang lagi habis pada %(until)s. Yang dapat Anda "
        "lakukan: %(link)s"
    ) % {
        "reference": application.reference,
        "until": _day(params, "until"),
        "link": settings.SETARA_PUBLIC_URL + reverse("resume"),
    }


def _return_renewed(application: Application, params: Params) -> str:
    return _("Permohonan %(reference)s: kantor memberi Anda waktu lagi, sampai %(until)s.") % {
        "reference": application.reference,
        "until": _day(params, "return_by"),
    }


def _collection_near(application: Application, params: Params) -> str:
    return _("Permohonan %(reference)s sudah siap. Ambil di %(office)s paling lambat %(until)s.") % {
        "reference": application.reference,
        "office": application.office.name,
        "until": _day(params, "until"),
    }


def _uncollected(application: Application, params: Params) -> str:
    return _(
        "Permohonan %(reference)s belum diambil dan batasnya, %(until)s, sudah lewat. Datanglah secepatnya ke "
        "%(office)s."
    ) % {
        "reference": application.reference,
        "until": _day(params, "until"),
        "office": application.office.name,
    }


def _survey(application: Application, params: Params) -> str:  # noqa: ARG001
    invitation = Invitation.objects.get(application=application)
    return _("Bagaimana pelayanan kami? Jawab tanpa nama: %(link)s") % {
        "link": settings.SETARA_PUBLIC_URL + reverse("survey", args=[invitation.token])
    }


LETTERS: Mapping[str, Callable[[Application, Params], str]] = {
    "welcome": _welcome,
    "code": _welcome,
    "paid": _paid,
    "surplus": _surplus,
    "cancelled": _cancelled,
    "appointment": _appointment,
    "hold": _hold,
    "papers": _papers,
    "nearly": _nearly,
    "not_served": _not_served,
    "ready": _ready,
    "return_lapsed": _return_lapsed,
    "return_renewed": _return_renewed,
    "collection_near": _collection_near,
    "uncollected": _uncollected,
    "survey": _survey,
}
