"""What the pages of this room have in common."""

from __future__ import annotations

from django.forms import BaseForm
from django.http import HttpRequest

from setara.kernel.errors import Invalid, SetaraError
from setara.ledger.service import By
from setara.offices.service import actor_of


def by_of(request: HttpRequest, reason: str | None = None) -> By:
    """Who presses the button, and the key under which a second press is recognised."""
    return By(actor_of(request), reason=reason, key=request.POST.get("idempotency_key") or None)


def on_form(form: BaseForm, error: SetaraError) -> SetaraError | None:
    """Put a refusal beside the field it is about; what belongs to no field is given back, for the page's top."""
    if isinstance(error, Invalid):
        for name, text in error.errors.items():
            form.add_error(name if name in form.fields else None, str(text))
        return None
    if error.field in form.fields:
        form.add_error(error.field, " ".join(str(t) for t in (error.message, error.remedy) if str(t)))
        return None
    return error


def status_of(form: BaseForm | None, error: SetaraError | None) -> int:
    """The HTTP status of a page that shows ``error``, or the faults of ``form``."""
    if error is not None:
        return error.status
    return Invalid.status if form is not None and form.is_bound and form.errors else 200
