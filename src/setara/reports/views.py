"""The day sheet, on screen, on paper and as a file."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.offices.service import local_date, needs, staff_of
from setara.reports import policies, words
from setara.reports.sheet import DaySheet, day_sheet


@needs(policies.DAY_SHEET)
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The sheet of the day that it is, or of the day that somebody chose in the form."""
    office = staff_of(request).office
    chosen = request.GET.get("tanggal", "")
    day = _day(chosen) if chosen else local_date(office, clock.now())
    return HttpResponseRedirect(reverse("daysheet", args=[day.isoformat()]))


@needs(policies.DAY_SHEET)
@require_safe
def daysheet(request: HttpRequest, day: str) -> HttpResponse:
    """The sheet of one day; prints on one page."""
    sheet = _sheet(request, day)
    context = {
        "sheet": sheet,
        "waits": words.wait_rows(sheet),
        "unserved": words.unserved_rows(sheet),
        "exceptions": [words.exception_row(sheet, one) for one in sheet.exceptions],
        "corrections": [words.correction_row(sheet, one) for one in sheet.corrections],
        "now": clock.now(),
    }
    return render(request, "reports/day_sheet.html", context)


@needs(policies.DAY_SHEET)
@require_safe
def daysheet_csv(request: HttpRequest, day: str) -> HttpResponse:
    """The same figures as a CSV file (codes instead of words, for programs)."""
    sheet = _sheet(request, day)
    response = HttpResponse(words.as_csv(sheet), content_type="text/csv; charset=utf-8")
    name = f"{sheet.office.pk}-{sheet.on.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sheet(request: HttpRequest, day: str) -> DaySheet:
    return day_sheet(staff_of(request).office, _day(day))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(
            _("Tanggal ini tidak ada."),
            code="reports.no_such_day",
            rule=_("Tanggal ditulis sebagai tahun-bulan-hari, misalnya 2026-03-02."),
            remedy=_("Pilih hari dari halaman lembar harian."),
        ) from None
