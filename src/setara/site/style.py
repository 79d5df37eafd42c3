"""The living page ``/style``: every component of the design system in each of its states.

It needs no database and shows no real person. The browser tests photograph it; a developer copies the
line printed under each part.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from setara.kernel.errors import Refused
from setara.kernel.workdays import format_when
from setara.offices.service import public
from setara.site.drawing import icons

#: A fixed moment, so that two photographs of the page are equal: Tuesday, 3 March 2026, 09.40 WIB.
MOMENT: Final = datetime(2026, 3, 3, 2, 40, tzinfo=UTC)
LAYOUTS: Final = {"public", "question", "staff", "hall", "a4", "slip", "ticket58", "ticket80"}


class SampleForm(forms.Form):
    """One field of each kind that our pages use."""

    nik = forms.CharField(
        label=gettext_lazy("NIK"),
        help_text=gettext_lazy("16 angka pada KTP Anda."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Paspor apa yang Anda perlukan?"),
        choices=[
            ("new", gettext_lazy("Paspor pertama")),
            ("expired", gettext_lazy("Penggantian karena habis masa berlaku")),
        ],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("Bantuan yang diperlukan"),
        choices=[("chair", gettext_lazy("Kursi roda")), ("sign", gettext_lazy("Juru bahasa isyarat"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Alasan"), widget=forms.Textarea(attrs={"rows": 3}))
    scan = forms.FileField(label=gettext_lazy("Foto KTP"), help_text=gettext_lazy("JPEG, PNG atau PDF."))
    agree = forms.BooleanField(label=gettext_lazy("Saya sudah memeriksa semua jawaban."))


SampleForm.base_fields["kind"].choice_hints = {  # type: ignore[attr-defined]
    "new": gettext_lazy("Anda belum pernah memiliki paspor."),
    "expired": gettext_lazy("Paspor lama habis atau berlaku kurang dari enam bulan."),
}


def _sample_form(prefix: str, wrong: bool) -> SampleForm:
    if not wrong:
        return SampleForm(auto_id=f"{prefix}_%s")
    form = SampleForm(data={"nik": "12345", "kind": "", "reason": "x", "agree": "on"}, auto_id=f"{prefix}_%s")
    form.add_error("nik", _("NIK terdiri dari 16 angka. Anda menulis 5."))
    return form


def _sample_lists() -> dict[str, Any]:
    long_ago = format_when(MOMENT, "WIB", (get_language() or "id")[:2])
    return {
        "answers": [
            {"key": _("Nama"), "value": "Contoh Satu", "change_url": "#answers"},
            {"key": _("Jenis permohonan"), "value": _("Paspor pertama"), "change_url": "#answers"},
            {"key": _("Biaya"), "value": "Rp650.000"},
        ],
        "tasks": [
            {"label": _("Jawab pertanyaan"), "url": "#tasks", "state": "done", "word": _("Selesai")},
            {
                "label": _("Unggah berkas"),
                "url": "#tasks",
                "state": "now",
                "word": _("Sedang dikerjakan"),
                "hint": _("Kurang satu: kartu keluarga."),
            },
            {"label": _("Bayar"), "state": "wait", "word": _("Belum bisa dimulai")},
        ],
        "steps": [
            {"title": _("Permohonan dimulai"), "state": "done", "word": _("Selesai"), "when": long_ago},
            {
                "title": _("Wawancara"),
                "state": "held",
                "word": _("Ditahan"),
                "when": long_ago,
                "text": _("Jaringan pusat terputus. Waktu tunggu ini tidak dihitung sebagai kesalahan Anda."),
            },
            {"title": _("Pencetakan"), "state": "current", "word": _("Sedang dikerjakan")},
            {"title": _("Penyerahan"), "state": "next", "word": _("Menunggu")},
        ],
        "states": [
            ("done", _("Selesai")),
            ("now", _("Sedang dilayani")),
            ("wait", _("Menunggu")),
            ("held", _("Ditahan")),
            ("stop", _("Ditolak")),
            ("warn", _("Terlambat")),
            ("info", _("Sedang ditinjau")),
        ],
        "columns": [_("Jalur"), _("Datang"), _("Dilayani"), _("Tunggu, median")],
        "table_rows": [
            (_("Umum"), 168, 161, _("34 menit")),
            (_("Lansia dan disabilitas"), 22, 22, _("12 menit")),
            (_("Pengambilan"), 87, 85, _("9 menit")),
        ],
    }


@public
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Every component; ``?layout=`` public (default) or any other of LAYOUTS."""
    layout = request.GET.get("layout", "public")
    if layout not in LAYOUTS:
        layout = "public"
    paper = layout not in {"public", "question", "staff", "hall"}
    base = "print" if paper else layout
    refused = Refused(
        _("Anda belum dapat memanggil nomor berikutnya."),
        rule=_("Satu loket melayani satu nomor pada satu waktu."),
        remedy=_("Selesaikan atau tunda nomor A-017 lebih dahulu."),
    )
    context = {
        "layout": layout,
        "base": f"setara/{base}.html",
        "paper": layout,
        "demo": True,
        "zone": "WIB",
        "moment": MOMENT,
        "office": {"name": _("Kantor Imigrasi Contoh"), "zone": "WIB"},
        "plain": _sample_form("plain", wrong=False),
        "wrong": _sample_form("wrong", wrong=True),
        "refused": refused,
        "ways": [_("Selesaikan nomor A-017."), ("#notices", _("Minta bantuan kepala loket"))],
        "outage_sample": {"title": _("Pembayaran ke kas negara lambat."), "since": "09.12"},
        "icon_names": sorted(icons()),
        **_sample_lists(),
    }
    if layout == "question":
        context["asked"] = SampleForm({"kind": ""} if "wrong" in request.GET else None, auto_id="asked_%s")
        context["asked"].fields = {"kind": context["asked"].fields["kind"]}
    if layout == "staff":
        context["nav"] = [
            ("#", _("Loket"), True),
            ("#", _("Lantai layanan"), False),
            ("#", _("Lembar hari ini"), False),
        ]
        context["viewer"] = {"name": "Contoh Petugas", "role": _("Pemeriksa berkas"), "counter": _("Loket 3")}
    template = f"setara/style/{base}.html"
    return render(request, template, context)
