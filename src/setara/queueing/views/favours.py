"""Saying no to a favour with one tap; who asked is added only if the officer wants to, sealed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import local_date, needs, staff_of
from setara.queueing import operations, policies, queries
from setara.queueing.forms import FavourForm
from setara.queueing.models import Favour
from setara.queueing.views.common import by_of, on_form, status_of


@needs(policies.DECLINE_FAVOUR)
@require_http_methods(["GET", "HEAD", "POST"])
def favours(request: HttpRequest) -> HttpResponse:
    """What to say, the button, and what was declined today. A POST declines at once: nothing must be filled in."""
    if request.method == "POST":
        operations.decline_favour(by_of(request), staff_of(request).office)
        return HttpResponseRedirect(reverse("favours"))
    return _page(request)


@needs(policies.DECLINE_FAVOUR)
@require_POST
def note(request: HttpRequest, favour: UUID) -> HttpResponse:
    """Seal who asked and for whom."""
    found = Favour.objects.filter(pk=favour, staff=staff_of(request)).first()
    if found is None:
        raise NotFound(_("Catatan ini tidak ada."), remedy=_("Muat ulang halaman titipan."))
    form = FavourForm(request.POST, auto_id=f"f{found.pk}_%s")
    if not form.is_valid():
        return _page(request, form=form, about=found)
    try:
        operations.note_favour(by_of(request), found, form.cleaned_data["words"])
    except SetaraError as refused:
        return _page(request, form=form, about=found, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("favours"))


def _page(
    request: HttpRequest,
    *,
    form: FavourForm | None = None,
    about: Favour | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    staff = staff_of(request)
    today = local_date(staff.office, clock.now())
    mine = Favour.objects.filter(staff=staff, date=today).order_by("-at")
    rows = [
        {
            "favour": one,
            "form": form if about and about.pk == one.pk else FavourForm(auto_id=f"f{one.pk}_%s"),
            "open": about is not None and about.pk == one.pk,
        }
        for one in mine
    ]
    context = {
        "rows": rows,
        "error": error,
        "form": form,
        "office": staff.office,
        "total": queries.favours_declined(staff.office, today),
    }
    return render(request, "queueing/favours.html", context, status=status_of(form, error))
