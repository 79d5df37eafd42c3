"""Choosing a window."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from setara.booking.queries import DayFree, WindowFree
from setara.kernel.workdays import local


class PlacesSelect(forms.RadioSelect):
    """Radio buttons of which the full ones cannot be chosen, and say so."""

    full: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One option; disabled when its window is full."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.full:
            option["attrs"]["disabled"] = True
        return option


class WindowForm(forms.Form):
    """The windows of one day."""

    window = forms.ChoiceField(
        label=_("Pukul berapa Anda datang?"),
        help_text=_("Datanglah dalam jangka waktu itu; di dalamnya urutan menurut kedatangan."),
        widget=PlacesSelect,
        error_messages={
            "required": _("Pilih salah satu waktu."),
            "invalid_choice": _("Waktu itu tidak dapat dipilih lagi. Pilih waktu lain."),
        },
    )

    def __init__(self, *args: Any, day: DayFree, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["window"]
        field.choices = [(str(w.window.pk), span(w, zone)) for w in day.windows]  # type: ignore[attr-defined]
        field.choice_hints = {str(w.window.pk): free(w.free) for w in day.windows}  # type: ignore[attr-defined]
        field.widget.full = frozenset(str(w.window.pk) for w in day.windows if w.full)


def span(found: WindowFree, zone: str) -> str:
    """``09.00-09.30 WIB`` (in English ``09:00``) on the office's wall clock, with a dash."""
    form = "%H:%M" if (get_language() or "id").startswith("en") else "%H.%M"
    starts, ends = (local(at, zone).strftime(form) for at in (found.window.starts, found.window.ends))
    return f"{starts}–{ends} {zone}"


def free(places: int) -> str:
    """How many places are free, in words."""
    if not places:
        return str(_("Penuh"))
    return ngettext("%(n)d tempat kosong", "%(n)d tempat kosong", places) % {"n": places}
