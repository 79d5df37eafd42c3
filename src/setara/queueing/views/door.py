"""The desk's and the supervisor's side of the door: kiosks, and people counted."""

from __future__ import annotations

from collections import Counter as Tally
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import local_date, needs, staff_of, zone_of
from setara.queueing import operations, policies
from setara.queueing.forms import DoorForm, KioskNumberForm
from setara.queueing.models import DoorCount, Kiosk, Ticket
from setara.queueing.views.common import by_of, on_form, status_of


@needs(policies.SET_UP_KIOSK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kiosks(request: HttpRequest) -> HttpResponse:
    """The kiosks of the office; a new one, or a new device for one, by a link that works once."""
    form, made = KioskNumberForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        made = operations.set_up_kiosk(by_of(request), staff_of(request).office, form.cleaned_data["number"])
    return _kiosks(request, form, made)


@needs(policies.SET_UP_KIOSK)
@require_POST
def retire(request: HttpRequest, kiosk: UUID) -> HttpResponse:
    """Put a kiosk out of use."""
    found = Kiosk.objects.filter(pk=kiosk, office=staff_of(request).office).first()
    if found is None:
        raise NotFound(_("Anjungan ini tidak ada di kantor ini."), remedy=_("Muat ulang halaman anjungan."))
    try:
        operations.retire_kiosk(by_of(request), found)
    except SetaraError as refused:
        return _kiosks(request, KioskNumberForm(), None, refused)
    return HttpResponseRedirect(reverse("kiosks"))


@needs(policies.COUNT_DOOR)
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """People counted at the door, hour by hour, beside the tickets given in it."""
    office = staff_of(request).office
    now = clock.now()
    zone, today = zone_of(office), local_date(office, now)
    hour = now.astimezone(zone).hour
    form = DoorForm(hour, request.POST or None, initial={"hour": hour})
    error: SetaraError | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            operations.count_door(by_of(request), office, int(data["hour"]), data["people"])
            return HttpResponseRedirect(reverse("door"))
        except SetaraError as refused:
            error = on_form(form, refused)
    given = Tally(
        at.astimezone(zone).hour
        for at in Ticket.objects.filter(office=office, date=today).values_list("arrived_at", flat=True)
    )
    counted = {one.hour: one for one in DoorCount.objects.filter(office=office, date=today)}
    rows = [
        {"hour": h, "tickets": given[h], "count": counted.get(h)} for h in sorted(set(given) | set(counted))
    ]
    context = {"form": form, "error": error, "rows": rows, "office": office}
    return render(request, "queueing/door.html", context, status=status_of(form, error))


def _kiosks(
    request: HttpRequest, form: KioskNumberForm, made: Kiosk | None, error: SetaraError | None = None
) -> HttpResponse:
    office = staff_of(request).office
    link = ""
    if made is not None:
        path = reverse("kiosk_pair", args=[office.pk, f"{made.pk}.{made.secret}"])
        link = request.build_absolute_uri(path)
    rows = Kiosk.objects.filter(office=office).order_by("number")
    context = {"form": form, "made": made, "link": link, "rows": rows, "error": error, "office": office}
    return render(request, "queueing/kiosks.html", context, status=status_of(form, error))
