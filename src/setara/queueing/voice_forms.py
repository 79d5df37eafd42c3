"""Forms of what people in the hall say about a call, and of what the office says to them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setara.offices.service import Office, zone_of
from setara.queueing.models import Announcement, Objection
from setara.queueing.operations.announcing import SIGNS
from setara.queueing.operations.objections import LONGEST


class ObjectionForm(forms.Form):
    """Which call, and what is wrong with it if somebody wants to say so."""

    label = forms.CharField(
        label=_("Nomor yang dipanggil"),
        help_text=_("Seperti di layar, misalnya K-004."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    words = forms.CharField(
        label=_("Apa yang menurut Anda keliru? (boleh kosong)"),
        help_text=_(
            "Disimpan tertutup dan hanya dibaca pengawas dan kepala kantor. Jangan menulis nama orang."
        ),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ObjectionAtDeskForm(ObjectionForm):
    """The same, written down by an officer for somebody who stands at the desk."""

    own = forms.CharField(
        label=_("Nomor orang yang berkeberatan (boleh kosong)"),
        help_text=_("Jawabannya lalu muncul di halaman nomor itu."),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    field_order = ("label", "own", "words")


class AnswerForm(forms.Form):
    """What the supervisor found, in words that the objector reads."""

    finding = forms.ChoiceField(
        label=_("Apa yang Anda temukan?"), choices=Objection.Finding.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Jawaban Anda"),
        help_text=_(
            "Dibaca oleh yang berkeberatan. Jelaskan apa yang terjadi dan apa yang diperbaiki, tanpa nama orang."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnnouncementForm(forms.Form):
    """What everybody who waits should know, in both languages, and until when."""

    kind = forms.ChoiceField(
        label=_("Jenis"),
        choices=Announcement.Kind.choices,
        initial=Announcement.Kind.NOTICE,
        widget=forms.RadioSelect,
    )
    text_id = forms.CharField(
        label=_("Dalam bahasa Indonesia"),
        help_text=_("Dibaca dari kursi tunggu: singkat, tanpa nama orang."),
        max_length=SIGNS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text_en = forms.CharField(
        label=_("Dalam bahasa Inggris"),
        max_length=SIGNS,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "en"}),
    )
    ends_at = forms.TimeField(
        label=_("Berakhir sendiri pukul"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    def __init__(self, office: Office, now: datetime, *args: Any, **kwargs: Any) -> None:
        """``now``: an end earlier in the day than now means tomorrow, which the operation refuses as too far."""
        super().__init__(*args, **kwargs)
        self.here = now.astimezone(zone_of(office))
        self.fields["ends_at"].initial = (self.here + timedelta(hours=1)).strftime("%H:%M")

    def moment(self) -> datetime:
        """The end as a moment of the office's day."""
        chosen: time = self.cleaned_data["ends_at"]
        return datetime.combine(self.here.date(), chosen, self.here.tzinfo)
