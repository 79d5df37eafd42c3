"""What the pages of this room have in common."""

from __future__ import annotations

from django.forms import BaseForm
from django.http import HttpRequest

from setara.kernel import clock
from setara.kernel.errors import Invalid, SetaraError
from setara.ledger.service import By
from setara.offices.service import Office, actor_of, local_date, pack_of, staff_of
from setara.queueing.models import Ticket
from setara.rules.packs import Pack

#: Where a ticket stands -> kind of state of the design system. The word is the status's own.
KINDS = {
    Ticket.Status.WAITING: "wait",
    Ticket.Status.CALLED: "now",
    Ticket.Status.SERVING: "now",
    Ticket.Status.ABSENT: "warn",
    Ticket.Status.DONE: "done",
    Ticket.Status.SENT_BACK: "held",
    Ticket.Status.NOT_SERVED: "stop",
}


def by_of(request: HttpRequest, reason: str | None = None) -> By:
    """Who presses the button, and the key under which a second press is recognised."""
    return By(actor_of(request), reason=reason, key=request.POST.get("idempotency_key") or None)


def office_and_pack(request: HttpRequest) -> tuple[Office, Pack]:
    """The officer's office and its rules of today."""
    office = staff_of(request).office
    return office, pack_of(office, local_date(office, clock.now()))


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
