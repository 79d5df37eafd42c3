"""The person at the counter belongs elsewhere: moved back to an earlier step."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from setara.applications.service import pack_of_application
from setara.casework import operations, policies
from setara.casework.forms import TransferForm
from setara.casework.operations.transfers import earlier_steps
from setara.casework.views import counter
from setara.casework.views.common import by_of, on_form
from setara.kernel.errors import SetaraError
from setara.offices.service import needs, staff_of


@needs(policies.TRANSFER)
@require_POST
def transfer(request: HttpRequest, call: UUID) -> HttpResponse:
    """Move the person to an earlier step that must be done again."""
    running = counter.call_of(staff_of(request), call)
    pack = pack_of_application(running.ticket.application)
    form = TransferForm(earlier_steps(pack, running.step), request.POST)
    if not form.is_valid():
        return counter.screen(request, moving=form)
    try:
        operations.transfer(by_of(request), running, form.cleaned_data["step"], form.cleaned_data["note"])
    except SetaraError as refused:
        return counter.screen(request, moving=form, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("counter"))
