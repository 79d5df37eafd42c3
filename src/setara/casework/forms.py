"""Forms of the steps. Outcomes, papers and reasons come from the pack, never from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setara.applications.service import Need
from setara.casework.models import Handover
from setara.casework.operations.cancelling import REASONS as CANCEL_REASONS
from setara.casework.operations.corrections import REASONS
from setara.rules.packs import HoldReason, Outcome, Pack, Step, Words

#: Where an outcome leads, in words, as the hint under its name.
ENDS = {
    "send_back": _("Pemohon melengkapi berkas dan dapat kembali."),
    "refuse": _("Permohonan berakhir di sini."),
    "hold": _("Berkas ditahan dengan alasan yang dapat dibaca pemohon."),
    "done": _("Pelayanan selesai."),
}
#: What each receiver brings (DOMAIN S15, S16).
PROOFS = {
    Handover.To.SELF: _("Bukti bayar dan KTP pemohon."),
    Handover.To.FAMILY: _("Bukti bayar, salinan KK, dan KTP pengambil."),
    Handover.To.PROXY: _("Bukti bayar, surat kuasa, dan KTP penerima kuasa."),
}


class TransferForm(forms.Form):
    """To which earlier step somebody is moved, and why."""

    step = forms.ChoiceField(
        label=_("Langkah yang diulang"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih langkah sebelumnya di aula.")},
    )
    note = forms.CharField(
        label=_("Mengapa diulang"),
        help_text=_("Disimpan tersegel untuk pemeriksaan."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, steps: Sequence[Step], *args: Any, **kwargs: Any) -> None:
        """``steps``: the earlier steps of the hall."""
        super().__init__(*args, **({"auto_id": "move_%s"} | kwargs))
        self.fields["step"].choices = [(one.code, str(one.name)) for one in steps]  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """How a step ended. Only the fields that its outcomes may need are there."""

    outcome = forms.ChoiceField(label=_("Hasil"), widget=forms.RadioSelect)
    agrees = forms.MultipleChoiceField(
        label=_("Jawaban yang cocok dengan keterangan pemohon"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    missing = forms.MultipleChoiceField(
        label=_("Dokumen yang kurang"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hold_reason = forms.ChoiceField(label=_("Alasan penahanan"), required=False)
    to = forms.ChoiceField(
        label=_("Diserahkan kepada"), choices=Handover.To.choices, widget=forms.RadioSelect, required=False
    )
    seen = forms.BooleanField(label=_("Buktinya sudah saya periksa"), required=False)
    note = forms.CharField(
        label=_("Catatan"),
        help_text=_("Disimpan tersegel; tidak tampil di mana pun selain pada pemeriksaan berkas ini."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        pack: Pack,
        step: Step,
        needs: Sequence[Need],
        *args: Any,
        outcomes: Sequence[Outcome] | None = None,
        asked: Sequence[tuple[str, str, str]] = (),
        **kwargs: Any,
    ) -> None:
        """``outcomes``: those to choose from; ``asked``: (code, question, answer) to compare."""
        super().__init__(*args, **kwargs)
        self.step, self.outcomes = step, tuple(outcomes or step.outcomes)
        self._choices("outcome", [(o.code, o.name, _leads_to(pack, o)) for o in self.outcomes])
        sends_back = [o for o in self.outcomes if o.goes_to in {"send_back", "hold"}]
        self._keep("missing", bool(needs) and step.kind != "pickup" and bool(sends_back))
        if "missing" in self.fields:
            self._choices("missing", [(n.code, n.requirement.name, "") for n in needs])
        held = dict.fromkeys(code for o in self.outcomes for code in o.holds)
        self._keep("hold_reason", len(held) > 1)
        if "hold_reason" in self.fields:
            empty: list[tuple[str, Any, Any]] = [("", _("Menurut hasil yang dipilih"), "")]
            self._choices("hold_reason", empty + [(h, pack.hold(h).name, "") for h in held])
        self._keep("agrees", bool(asked))
        self.asked = [(code, question) for code, question, _answer in asked]
        if asked:
            self._choices("agrees", list(asked))
        self._keep("to", step.kind == "pickup")
        self._keep("seen", step.kind == "pickup")
        if "to" in self.fields:
            self._choices(
                "to", [(code, name, PROOFS[Handover.To(code)]) for code, name in Handover.To.choices]
            )

    def clean(self) -> dict[str, Any]:
        """Handing over needs a receiver whose proof was seen."""
        data: dict[str, Any] = super().clean() or {}
        chosen = next((o for o in self.outcomes if o.code == data.get("outcome")), None)
        if self.step.kind == "pickup" and chosen is not None and chosen.goes_to == "done":
            if not data.get("to"):
                self.add_error("to", _("Pilih siapa yang menerima."))
            if not data.get("seen"):
                self.add_error("seen", _("Periksa buktinya dahulu, lalu tandai."))
        return data

    @property
    def words(self) -> str:
        """The note to be sealed: which answers agreed, then the officer's words. Nothing alone is no reason."""
        note: str = self.cleaned_data["note"].strip()
        chosen = next(o for o in self.outcomes if o.code == self.cleaned_data["outcome"])
        if "agrees" not in self.fields or (chosen.needs_reason and not note):
            return note
        agrees = set(self.cleaned_data["agrees"])
        lines = [f"[{'x' if code in agrees else ' '}] {question}" for code, question in self.asked]
        return "\n".join([*lines, note]).strip()

    def _choices(self, name: str, rows: Sequence[tuple[str, Any, Any]]) -> None:
        field = self.fields[name]
        field.choices = [(code, str(label)) for code, label, _hint in rows]  # type: ignore[attr-defined]
        field.choice_hints = {code: str(hint) for code, _l, hint in rows if hint}  # type: ignore[attr-defined]

    def _keep(self, name: str, wanted: bool) -> None:
        if not wanted:
            del self.fields[name]


class CorrectionForm(StepForm):
    """What should have been pressed, and why it was not."""

    reason = forms.ChoiceField(
        label=_("Mengapa dibetulkan"), choices=list(REASONS.items()), widget=forms.RadioSelect
    )
    field_order = ["outcome", "reason", "missing", "hold_reason", "note"]


class HoldForm(forms.Form):
    """Why a file must stand still; the reason is public."""

    reason = forms.ChoiceField(label=_("Alasan yang dibaca pemohon"), widget=forms.RadioSelect)
    missing = forms.MultipleChoiceField(
        label=_("Dokumen yang kurang"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=_("Catatan"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, reasons: Sequence[HoldReason], needs: Sequence[Need], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.choices = [(r.code, str(r.name)) for r in reasons]  # type: ignore[attr-defined]
        field.choice_hints = {r.code: str(r.explain) for r in reasons}  # type: ignore[attr-defined]
        self.fields["missing"].choices = [  # type: ignore[attr-defined]
            (n.code, str(n.requirement.name)) for n in needs
        ]


class CancelForm(forms.Form):
    """Why an application is cancelled; nobody needs to say."""

    reason = forms.ChoiceField(
        label=_("Mengapa? (boleh dikosongkan)"),
        choices=list(CANCEL_REASONS.items()),
        required=False,
        widget=forms.RadioSelect,
    )


class BooksForm(forms.Form):
    """A parcel of blank books with consecutive serials."""

    kind = forms.ChoiceField(label=_("Jenis buku"))
    first = forms.CharField(
        label=_("Nomor seri pertama"),
        help_text=_("Huruf besar lalu angka, misalnya X0000001."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    count = forms.IntegerField(
        label=_("Jumlah buku"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Tulis jumlahnya dengan angka, misalnya 500.")},
    )

    def __init__(self, kinds: Sequence[tuple[str, Words]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, str(name)) for code, name in kinds]  # type: ignore[attr-defined]


class FindFileForm(forms.Form):
    """A file by its application number."""

    reference = forms.CharField(
        label=_("Nomor permohonan"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _leads_to(pack: Pack, outcome: Outcome) -> str:
    if outcome.goes_to in ENDS:
        return str(ENDS[outcome.goes_to])
    return str(_("Lanjut ke: %(step)s") % {"step": pack.step(outcome.goes_to).name})
