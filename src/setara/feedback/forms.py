"""The survey as a form: one radio group for each element of the instrument."""

from __future__ import annotations

from typing import Any

from django import forms

from setara.feedback.instruments import Instrument


class SurveyForm(forms.Form):
    """Radio groups by element code; any of them may be left out."""

    def __init__(self, instrument: Instrument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for element in instrument.elements:
            self.fields[element.code] = forms.TypedChoiceField(
                label=element.question,
                choices=element.choices,
                coerce=int,
                required=False,
                empty_value=None,
                widget=forms.RadioSelect,
            )

    def scores(self) -> dict[str, int]:
        """Element code to score, for those answered."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}
