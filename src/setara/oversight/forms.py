"""The search form of the auditor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setara.ledger.service import registered
from setara.oversight.names import event_name


def _types() -> list[tuple[str, Any]]:
    kinds = sorted({name for name, _v in registered()})
    named = sorted((f"{event_name(kind)} ({kind})", kind) for kind in kinds)
    return [("", _("Semua jenis")), *((kind, shown) for shown, kind in named)]


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class SearchForm(forms.Form):
    """What to search for; everything may stay empty."""

    type = forms.ChoiceField(label=_("Jenis peristiwa"), choices=_types, required=False)
    date_from = forms.DateField(label=_("Dari tanggal"), required=False, widget=_day())
    date_to = forms.DateField(label=_("Sampai tanggal"), required=False, widget=_day())
    label = forms.CharField(
        label=_("Nomor antrean"),
        help_text=_("Nomor pada hari itu, misalnya A-017."),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    reference = forms.CharField(
        label=_("Nomor permohonan"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class ExportForm(SearchForm):
    """The same search, to be taken out as a file."""

    format = forms.ChoiceField(choices=[("csv", "CSV"), ("jsonl", "JSON Lines")])
