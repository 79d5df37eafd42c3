"""The forms of the way to a submitted application. What is typed is kept; rules live in the operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from setara.applications.models import Application
from setara.kernel import clock
from setara.offices.service import Office
from setara.people.service import PersonData
from setara.rules.packs import Question

Contact = Application.Contact

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari", "january"), ("feb", "februari", "february", "pebruari"), ("mar", "maret", "march"),
            ("apr", "april"), ("mei", "may"), ("jun", "juni", "june"), ("jul", "juli", "july"),
            ("agu", "agt", "ags", "aug", "agustus", "august"), ("sep", "sept", "september"),
            ("okt", "oct", "oktober", "october"), ("nov", "november", "nopember"),
            ("des", "dec", "desember", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_DATE: Final = re.compile(r"\s*(\d{1,2})[\s./-]+(\d{1,2}|[a-z]+)[\s./-]+(\d{4})\s*", re.IGNORECASE)
_ISO: Final = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})\s*")

DATE_HINT: Final = _("Contoh: 17-08-1990 atau 17 Agustus 1990.")


def read_date(text: str) -> date | None:
    """A date as people write it (``17-8-1990``, ``17/08/1990``, ``17 Agustus 1990``), or ISO; None if it is none."""
    try:
        if found := _ISO.fullmatch(text):
            return date(*map(int, found.groups()))
        if found := _DATE.fullmatch(text):
            day, month, year = found.groups()
            number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
            return date(int(year), number, int(day))
    except ValueError:
        return None
    return None


class DateField(forms.CharField):
    """A date in one plain text field: every keyboard and every screen reader can fill it in."""

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", DATE_HINT)
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**kwargs)
        self.past = past

    def prepare_value(self, value: Any) -> Any:
        """A date as it would be typed."""
        return f"{value:%d-%m-%Y}" if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """The date; a message that shows how to write it if it is none."""
        text = super().clean(value)
        if not text:
            return None
        found = read_date(text)
        if found is None:
            raise forms.ValidationError(
                _("Tanggal ini tidak dapat dibaca. Tulis tanggal, bulan, lalu tahun.")
            )
        if self.past and found > clock.now().date():
            raise forms.ValidationError(_("Tanggal ini belum terjadi. Periksa tahunnya."))
        return found


def hinted(field: forms.ChoiceField, hints: Mapping[str, Any]) -> forms.ChoiceField:
    """The field with a line of explanation under each choice."""
    field.choice_hints = dict(hints)  # type: ignore[attr-defined]
    return field


class OfficeForm(forms.Form):
    """Which office."""

    kantor = forms.ChoiceField(
        label=_("Di kantor mana Anda ingin dilayani?"),
        help_text=_("Anda boleh memilih kantor mana pun, tidak harus di tempat tinggal Anda."),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, offices: list[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kantor"]
        field.choices = [(office.pk, office.name) for office in offices]  # type: ignore[attr-defined]
        field.choice_hints = {office.pk: office.address for office in offices}  # type: ignore[attr-defined]
        field.error_messages["required"] = _("Pilih salah satu kantor.")


class ContactForm(forms.Form):
    """How the office tells the person things."""

    kabar = hinted(
        forms.ChoiceField(
            label=_("Bagaimana kantor memberi kabar kepada Anda?"),
            help_text=_("Kantor memberi kabar bila jadwal berubah, berkas kurang, atau hasilnya siap diambil."),
            choices=[
                (Contact.SMS, _("Lewat SMS")),
                (Contact.EMAIL, _("Lewat surel (e-mail)")),
                (Contact.SLIP, _("Tidak perlu; saya pakai slip cetak")),
            ],
            widget=forms.RadioSelect,
            error_messages={"required": _("Pilih salah satu.")},
        ),
        {
            Contact.SMS: _("Kami akan menanyakan nomor telepon Anda."),
            Contact.EMAIL: _("Kami akan menanyakan alamat surel Anda."),
            Contact.SLIP: _("Tanpa telepon dan surel. Hak Anda sama; kabar dapat dilihat dengan nomor pada slip."),
        },
    )  # fmt: skip


class PersonForm(forms.Form):
    """Who the application is for: only what the application needs."""

    name = forms.CharField(
        label=_("Nama lengkap"),
        max_length=120,
        help_text=_("Seperti tertulis pada KTP, KK, atau akta, tanpa gelar."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    nik = forms.CharField(
        label=_("NIK"),
        max_length=40,
        help_text=_("16 angka pada KTP atau KK. Kantor memakainya untuk mencocokkan dokumen Anda."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    birth_place = forms.CharField(label=_("Tempat lahir"), max_length=80, required=False)
    birth_date = DateField(label=_("Tanggal lahir"), past=True)
    sex = forms.ChoiceField(
        label=_("Jenis kelamin"),
        choices=[("female", _("Perempuan")), ("male", _("Laki-laki"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )
    phone = forms.CharField(
        label=_("Nomor telepon"),
        max_length=20,
        help_text=_("Hanya untuk kabar tentang permohonan ini. Contoh: 0812 3456 7890."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    email = forms.CharField(
        label=_("Alamat surel"),
        max_length=254,
        help_text=_("Hanya untuk kabar tentang permohonan ini."),
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "email"}),
    )

    def __init__(self, *args: Any, contact: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, wanted in (("phone", Contact.SMS), ("email", Contact.EMAIL)):
            if contact != wanted:
                del self.fields[name]
        for field in self.fields.values():
            field.error_messages.setdefault("required", str(_("Bagian ini perlu diisi.")))
            if not isinstance(field.widget, forms.RadioSelect):
                field.error_messages["required"] = _("Bagian ini perlu diisi.")

    def person(self, language: str) -> PersonData:
        """What was typed; ``Invalid`` for a NIK that is none."""
        data = {name: value for name, value in self.cleaned_data.items() if value}
        return PersonData(**data, language=language)


class AnswerForm(forms.Form):
    """One question of the pack."""

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label, hint = str(question.text), str(question.help or "")
        if question.kind == "date":
            self.fields["answer"] = DateField(label=label, help_text=hint or DATE_HINT)
            return
        options = [option for option in question.options if option.enabled]
        choices = (
            [(True, _("Ya")), (False, _("Tidak"))]
            if question.kind == "bool"
            else [(option.code, str(option.name)) for option in options]
        )
        field = forms.ChoiceField(
            label=label,
            help_text=hint,
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Pilih salah satu jawaban.")},
        )
        self.fields["answer"] = hinted(field, {o.code: str(o.help) for o in options if o.help})


class UploadForm(forms.Form):
    """One file for one requirement."""

    file = forms.FileField(
        label=_("Foto atau pindaian dokumen"),
        error_messages={
            "required": _("Pilih berkasnya dahulu."),
            "empty": _("Berkas ini kosong. Pilih berkasnya sekali lagi."),
        },
    )


class SubmitForm(forms.Form):
    """Handing in. With an officer: the summary was read out and the person says it is right."""

    confirmed_aloud = forms.BooleanField(
        label=_("Ringkasan ini sudah saya bacakan, dan pemohon membenarkannya"),
        error_messages={
            "required": _("Bacakan ringkasannya kepada pemohon, lalu tandai bahwa ia membenarkannya.")
        },
    )

    def __init__(self, *args: Any, assisted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not assisted:
            del self.fields["confirmed_aloud"]


class ReferenceForm(forms.Form):
    """An officer names an application."""

    reference = forms.CharField(
        label=_("Nomor permohonan"),
        max_length=40,
        help_text=_("Cocokkan dahulu orangnya dengan KTP atau kartu keluarga."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "code"}
        ),
        error_messages={"required": _("Isi nomor permohonan.")},
    )


class SecretInput(forms.TextInput):
    """A field that everybody may read while it is typed, but that no page ever gives back."""

    def format_value(self, value: Any) -> None:
        """Nothing."""


class ResumeForm(forms.Form):
    """Reference and code."""

    reference = forms.CharField(
        label=_("Nomor permohonan"),
        max_length=40,
        help_text=_("8 huruf dan angka pada slip atau pesan Anda, misalnya K7HF-3MTX."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "code"}
        ),
        error_messages={"required": _("Isi nomor permohonan Anda.")},
    )
    code = forms.CharField(
        label=_("Kode"),
        max_length=40,
        help_text=_("8 huruf dan angka. Huruf besar atau kecil sama saja."),
        widget=SecretInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "code"}),
        error_messages={"required": _("Isi kode Anda.")},
    )


#: Why somebody is helped: a code for the event, no story and no diagnosis.
HELP_REASONS: Final = (
    ("no_phone", _("Tidak punya telepon atau internet")),
    ("cannot_read", _("Tidak dapat membaca atau menulis")),
    ("cannot_see", _("Tidak dapat melihat layar")),
    ("language", _("Tidak berbahasa Indonesia")),
    ("other", _("Alasan lain; pemohon memintanya")),
)


class HelpForm(forms.Form):
    """Why somebody is helped, and whether they come without an appointment as a priority group."""

    alasan = forms.ChoiceField(
        label=_("Mengapa pemohon dibantu?"),
        choices=HELP_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )
    cara = hinted(
        forms.ChoiceField(
            label=_("Kapan pemohon dilayani?"),
            choices=[
                (Application.Channel.ASSISTED, _("Dengan jadwal, seperti semua orang")),
                (Application.Channel.WALK_IN, _("Hari ini, tanpa jadwal (kelompok prioritas)")),
            ],
            widget=forms.RadioSelect,
            error_messages={"required": _("Pilih salah satu.")},
        ),
        {
            Application.Channel.WALK_IN: _(
                "Alasan prioritas dan buktinya dicatat di meja depan saat memberi nomor."
            )
        },
    )
