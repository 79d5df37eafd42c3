"""Cancelling: what it means is said first, then asked."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from setara.applications.service import Application, Way, both, pack_of_application, posted
from setara.booking.service import open_appointment
from setara.casework.forms import CancelForm
from setara.casework.operations import cancel as cancel_it
from setara.casework.operations.cancelling import BEFORE
from setara.casework.views.common import on_form, status_of
from setara.kernel.errors import SetaraError
from setara.payments.service import live_bill

S = Application.Status


def _cancel(request: HttpRequest, way: Way) -> HttpResponse:
    """What cancelling means for this application, and the button that does it."""
    found = way.application
    if request.method != "POST" and found.status not in BEFORE:
        return HttpResponseRedirect(way.url("application"))
    form, error = CancelForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        try:
            cancel_it(replace(way.by(request), reason=form.cleaned_data["reason"] or None), found)
        except SetaraError as refused:
            error = on_form(form, refused)
        else:
            messages.success(
                request, _("Permohonan %(reference)s dibatalkan.") % {"reference": found.reference}
            )
            return HttpResponseRedirect(way.url("application"))
    bill = live_bill(found)
    rule = pack_of_application(found).cancellation
    paid = bool(found.fee) and found.status in {S.PAID, S.BOOKED}
    context = way.context(
        form=form,
        error=error,
        appointment=open_appointment(found),
        unpaid=bill is not None and not paid,
        paid=paid,
        fee_rule=rule.paid if rule is not None and paid else "",
        application_url=way.url("application"),
    )
    return render(request, "casework/cancel.html", context, status=status_of(form, error))


cancel, assist_cancel = both(require_http_methods(["GET", "HEAD", "POST"])(_cancel))
