"""Telling everybody who waits something, and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import needs, staff_of
from setara.queueing import policies
from setara.queueing.models import Announcement
from setara.queueing.operations.announcing import announce, end_announcement
from setara.queueing.views.common import by_of, on_form, status_of
from setara.queueing.voice_forms import AnnouncementForm


@needs(policies.ANNOUNCE)
@require_http_methods(["GET", "HEAD", "POST"])
def announcements(request: HttpRequest) -> HttpResponse:
    """What everybody is told now, and a form for something new."""
    office, now = staff_of(request).office, clock.now()
    form, error = AnnouncementForm(office, now, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            announce(by_of(request), office, data["text_id"], data["text_en"], form.moment(), data["kind"])
            return HttpResponseRedirect(reverse("announcements"))
        except SetaraError as refused:
            error = on_form(form, refused)
    return _page(request, form, error)


@needs(policies.ANNOUNCE)
@require_POST
def end(request: HttpRequest, announcement: UUID) -> HttpResponse:
    """Take an announcement back before its time."""
    office = staff_of(request).office
    found = Announcement.objects.filter(pk=announcement, office=office).first()
    if found is None:
        raise NotFound(
            _("Pengumuman ini tidak ada di kantor ini."), remedy=_("Muat ulang halaman pengumuman.")
        )
    try:
        end_announcement(by_of(request), found)
    except SetaraError as refused:
        return _page(request, AnnouncementForm(office, clock.now()), refused)
    return HttpResponseRedirect(reverse("announcements"))


def _page(request: HttpRequest, form: AnnouncementForm, error: SetaraError | None) -> HttpResponse:
    office, now = staff_of(request).office, clock.now()
    rows = Announcement.objects.filter(office=office).select_related("made_by").order_by("-made_at")[:20]
    shown = [(one, one.ended_at is None and one.ends_at > now) for one in rows]
    context = {"form": form, "error": error, "rows": shown, "office": office}
    return render(request, "queueing/announcements.html", context, status=status_of(form, error))
