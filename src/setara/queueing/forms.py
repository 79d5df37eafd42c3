"""Forms of the desk, the floor and the day. Choices come from the pack, never from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setara.offices.service import Counter, Staff
from setara.queueing.models import Conflict, Session, Ticket
from setara.rules.packs import COMPANION, Ground, OverrideReason, Pack

#: How a ground is verified, in words (rules.packs.model.Verification).
VERIFICATIONS = {
    "date_of_birth": _("Dibuktikan dengan tanggal lahir pada permohonan."),
    "card": _("Lihat kartu atau suratnya."),
    "visible": _("Keadaannya terlihat."),
    "attestation": _("Lihat surat keterangannya."),
}


class FindForm(forms.Form):
    """One field for whatever the person brings: a QR code, a number, a name."""

    wanted = forms.CharField(
        label=_("Kode QR, nomor permohonan, atau nama"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class GroundForm(forms.Form):
    """A lawful ground for a priority lane, and that its proof was seen."""

    ground = forms.ChoiceField(label=_("Alasan didahulukan"), widget=forms.RadioSelect)
    seen = forms.BooleanField(label=_("Buktinya sudah saya lihat"), required=False)
    companion_of = forms.CharField(
        label=_("Nomor antrean yang didampingi"),
        help_text=_("Hanya untuk pendamping, misalnya K-004."),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, pack: Pack, *args: Any, walk_in: bool, **kwargs: Any) -> None:
        """``walk_in``: whether companions may be entered too (they have no appointment)."""
        super().__init__(*args, **kwargs)
        self.pack = pack
        grounds = [(g.code, g) for lane in pack.lanes for g in lane.grounds if g.enabled]
        choices: list[tuple[str, str]] = [(code, str(ground.name)) for code, ground in grounds]
        hints = {code: str(VERIFICATIONS[ground.verification]) for code, ground in grounds}
        together = next((x.companions for x in pack.lanes if x.companions and x.companions.enabled), None)
        if walk_in and together is not None and together.max:
            choices.append((COMPANION, str(_("Pendamping"))))
            hints[COMPANION] = str(together.proof)
        else:
            del self.fields["companion_of"]
        ground_field = self.fields["ground"]
        ground_field.choices = choices  # type: ignore[attr-defined]
        ground_field.choice_hints = hints  # type: ignore[attr-defined]

    @property
    def proof(self) -> str:
        """How the chosen ground was verified, in the pack's word; empty when nobody looked."""
        code = self.cleaned_data["ground"]
        if code == COMPANION:
            return "card" if self.cleaned_data["seen"] else ""
        ground = self._ground(code)
        if ground.verification == "date_of_birth":
            return ground.verification
        return ground.verification if self.cleaned_data["seen"] else ""

    def _ground(self, code: str) -> Ground:
        return next(g for lane in self.pack.lanes for g in lane.grounds if g.code == code)


class OutOfTurnForm(forms.Form):
    """Whom to call before their turn, where, on which listed reason and proof, and in the asker's own words."""

    ticket = forms.ChoiceField(label=_("Nomor yang dipanggil"))
    counter = forms.ChoiceField(
        label=_("Loket"),
        required=False,
        help_text=_(
            "Dipakai bila alasan mendesak langsung dipanggil; sesudah persetujuan loket dipilih lagi."
        ),
    )
    reason = forms.ChoiceField(label=_("Alasan"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Keterangan"),
        help_text=_("Apa yang Anda lihat dan siapa yang memutuskan. Disimpan tersegel untuk pemeriksaan."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    paper = forms.FileField(
        label=_("Foto surat yang ditunjukkan"),
        help_text=_(
            "JPG, PNG, atau PDF. Bukti harus ada sebelum permintaan; tanpa bukti panggilan diumumkan begitu."
        ),
        required=False,
        error_messages={"empty": _("Berkas ini kosong. Pilih berkasnya sekali lagi.")},
    )

    def __init__(
        self,
        waiting: Sequence[tuple[str, Ticket]],
        sessions: Iterable[Session],
        reasons: Sequence[OverrideReason],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """``waiting``: (name of the step, ticket) in the order of the rule."""
        super().__init__(*args, **kwargs)
        self.fields["ticket"].choices = [  # type: ignore[attr-defined]
            (str(ticket.pk), f"{ticket.label} · {step}") for step, ticket in waiting
        ]
        self.fields["counter"].choices = [("", "–"), *places(sessions)]  # type: ignore[attr-defined]
        reason = self.fields["reason"]
        reason.choices = [(r.code, str(r.name)) for r in reasons]  # type: ignore[attr-defined]
        reason.choice_hints = {r.code: str(r.proof) for r in reasons}  # type: ignore[attr-defined]


class FavourForm(forms.Form):
    """Who asked for a favour and for whom, if the officer wants to say so."""

    words = forms.CharField(
        label=_("Siapa yang meminta, dan untuk siapa"),
        help_text=_("Disimpan tersegel. Tidak tampil kepada siapa pun di lantai layanan."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Tulis keterangannya, atau biarkan tanpa nama.")},
    )


class MoveForm(forms.Form):
    """The steps that a counter serves for the rest of the day."""

    steps = forms.MultipleChoiceField(
        label=_("Langkah yang dilayani"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih paling sedikit satu langkah yang dipanggil di aula.")},
    )

    def __init__(self, pack: Pack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        called = [step for step in pack.steps if step.kind in {"hall", "pickup"}]
        self.fields["steps"].choices = [(s.code, str(s.name)) for s in called]  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """Where somebody works from now on."""

    HOME, NONE = "home", "none"
    staff = forms.ChoiceField(label=_("Petugas"))
    place = forms.ChoiceField(label=_("Tempat"))

    def __init__(
        self, people: Sequence[Staff], counters: Sequence[Counter], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        self.counters = {str(one.pk): one for one in counters}
        self.fields["staff"].choices = [(pk, str(one)) for pk, one in self.people.items()]  # type: ignore[attr-defined]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            *((pk, str(one)) for pk, one in self.counters.items()),
            (self.NONE, _("Tanpa loket")),
            (self.HOME, _("Pulang")),
        ]

    def chosen(self) -> tuple[Staff, Counter | None]:
        """Who, and at which counter (None: without one, or home)."""
        return self.people[self.cleaned_data["staff"]], self.counters.get(self.cleaned_data["place"])


class KioskForm(forms.Form):
    """One field for what a scanner types or a thumb."""

    code = forms.CharField(
        label=_("Kode QR atau NIK"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": _("Pindai kode QR pada slip Anda, atau ketik NIK.")},
    )


class PairForm(forms.Form):
    """The roll of paper in a kiosk's printer."""

    paper = forms.ChoiceField(
        label=_("Lebar kertas printer"),
        choices=[("80", "80 mm"), ("58", "58 mm")],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih lebar kertas.")},
    )


class KioskNumberForm(forms.Form):
    """Which kiosk is set up."""

    number = forms.IntegerField(
        label=_("Nomor anjungan"),
        min_value=1,
        max_value=99,
        error_messages={"required": _("Tulis nomor anjungan.")},
    )


class DoorForm(forms.Form):
    """How many people came through the door within an hour."""

    hour = forms.ChoiceField(label=_("Jam"))
    people = forms.IntegerField(
        label=_("Orang yang masuk"),
        min_value=0,
        max_value=5000,
        error_messages={"required": _("Tulis jumlah orang, nol atau lebih.")},
    )

    def __init__(self, now: int, *args: Any, **kwargs: Any) -> None:
        """``now``: the hour that is running."""
        super().__init__(*args, **kwargs)
        hours = [(h, f"{h:02}.00–{h + 1:02}.00") for h in range(now + 1)]
        self.fields["hour"].choices = hours  # type: ignore[attr-defined]


class RelationForm(forms.Form):
    """With whom an officer has to do."""

    reference = forms.CharField(
        label=_("Nomor permohonan"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Tulis nomor permohonannya.")},
    )
    relation = forms.ChoiceField(
        label=_("Hubungan"),
        choices=Conflict.Relation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu hubungan dari daftar.")},
    )
    note = forms.CharField(
        label=_("Keterangan"),
        help_text=_("Tidak wajib. Disimpan tersegel; hanya kepala kantor yang membacanya saat memutuskan."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ConflictForm(forms.Form):
    """What the head decides about a declaration."""

    decision = forms.ChoiceField(
        label=_("Keputusan"),
        choices=Conflict.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu keputusan.")},
    )
    words = forms.CharField(
        label=_("Pertimbangan"),
        help_text=_("Disimpan tersegel untuk pemeriksaan."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tuliskan pertimbangannya.")},
    )


class CounterForm(forms.Form):
    """At which counter somebody is called whom a second person approved."""

    counter = forms.ChoiceField(
        label=_("Loket"), error_messages={"required": _("Pilih loket yang memanggil.")}
    )

    def __init__(self, sessions: Iterable[Session], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counter"].choices = places(sessions)  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """What the second person says."""

    decision = forms.ChoiceField(
        label=_("Keputusan"),
        choices=[("yes", _("Setuju")), ("no", _("Tidak setuju"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih setuju atau tidak setuju.")},
    )
    saw = forms.BooleanField(label=_("Saya melihat sendiri keadaannya"), required=False)


def places(sessions: Iterable[Session]) -> list[tuple[str, str]]:
    """The counters of a choice: id of the session, counter and officer."""
    return [(str(s.pk), f"{s.counter} · {s.staff.label}") for s in sessions]


class RosterForm(forms.Form):
    """Who sits where today: one choice for each counter, and those who work without one."""

    others = forms.MultipleChoiceField(
        label=_("Bertugas tanpa loket"),
        help_text=_("Meja depan, ruang belakang, pengawas."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        places: Sequence[tuple[Counter, Sequence[Staff], Staff | None]],
        everybody: Sequence[Staff],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """``places``: each counter, who is competent for it, and who is suggested."""
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in everybody}
        self.counters = {f"counter_{counter.number}": counter for counter, _able, _who in places}
        seats = {str(one.pk) for _counter, able, _who in places for one in able}
        others = self.fields.pop("others")
        for counter, able, who in places:
            self.fields[f"counter_{counter.number}"] = forms.ChoiceField(
                label=str(counter),
                required=False,
                initial=str(who.pk) if who else "",
                choices=[("", _("Tidak dibuka"))] + [(str(one.pk), str(one)) for one in able],
            )
        others.choices = [(pk, str(one)) for pk, one in self.people.items()]  # type: ignore[attr-defined]
        others.initial = [pk for pk in self.people if pk not in seats]
        self.fields["others"] = others

    def roster(self) -> list[tuple[Staff, Counter | None]]:
        """The roster as typed; that nobody sits in two places is checked by the operation."""
        seated = [
            (self.people[pk], counter)
            for name, counter in self.counters.items()
            if (pk := self.cleaned_data[name])
        ]
        return [*seated, *((self.people[pk], None) for pk in self.cleaned_data["others"])]


class CloseDayForm(forms.Form):
    """Closing a day; by force only when the building must be left at once."""

    force = forms.BooleanField(
        label=_("Tutup paksa: akhiri juga layanan yang sedang berjalan (alarm, gangguan besar)"),
        required=False,
    )
