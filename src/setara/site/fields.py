"""A bound field as our components show it: hint and error tied to the input, errors named and linked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput


def field_context(bound: BoundField, hint: str, as_question: bool) -> dict[str, Any]:
    """Everything field.html needs; hint and error are tied to the input by aria-describedby."""
    # The browser's own complaint would hide ours, and speaks the browser's language.
    bound.form.use_required_attribute = False
    widget = bound.field.widget
    group = bool(getattr(widget, "use_fieldset", False)) and hasattr(widget, "choices")
    ident = bound.auto_id or bound.html_name
    hint = hint or str(bound.help_text or "")
    parts = [f"{ident}_hint"] * bool(hint) + [f"{ident}_error"] * bool(bound.errors)
    describedby = " ".join(parts)
    attrs: dict[str, Any] = {
        "aria-describedby": describedby or None,
        "aria-invalid": "true" if bound.errors else None,
    }
    context: dict[str, Any] = {
        "id": ident,
        "target": bound.id_for_label,
        "label": bound.label,
        "hint": hint,
        "errors": list(bound.errors),
        "optional": not bound.field.required and not isinstance(widget, CheckboxInput),
        "group": group,
        "describedby": describedby,
        "as_question": as_question,
    }
    if group:
        hints: Mapping[str, str] = getattr(bound.field, "choice_hints", {})
        context["choices"] = [
            {
                "id": sub.id_for_label,
                "tag": sub.tag(),
                "label": sub.choice_label,
                "hint": hints.get(str(sub.data["value"]), ""),
            }
            for sub in bound.subwidgets
        ]
    else:
        context["widget"] = bound.as_widget(attrs={k: v for k, v in attrs.items() if v})
        if isinstance(widget, CheckboxInput):
            context["single"] = bound.label
    return context


def form_errors(form: BaseForm) -> list[tuple[str, str]]:
    """Every error in the order of the fields: (id of its first input, or "" for the whole form; text)."""
    others = [name for name in form.errors if name not in form.fields]
    return [
        (_first_id(form, name), _named(form, name, str(error)))
        for name in [*form.fields, *others]
        for error in form.errors.get(name, [])
    ]


def _named(form: BaseForm, name: str, error: str) -> str:
    """An error with the name of its field in front: "may not be empty" alone says too little."""
    if name not in form.fields:
        return error
    label = str(form[name].label)
    return f"{label}{'' if label.endswith('?') else ':'} {error}"


def _first_id(form: BaseForm, name: str) -> str:
    """Id of the first input of a field ("" for errors of the whole form)."""
    if name not in form.fields:
        return ""
    bound = form[name]
    subs = bound.subwidgets  # none, where there is nothing to choose from
    return str((subs and subs[0].id_for_label) or bound.id_for_label or bound.auto_id)
