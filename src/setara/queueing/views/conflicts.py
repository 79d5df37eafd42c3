"""Conflicts of interest: what an officer declares, and the register in which the head decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from setara.applications.service import by_reference
from setara.kernel import clock
from setara.kernel.errors import NotFound, SetaraError
from setara.kernel.phrase import phrase as _
from setara.offices.service import Office, local_date, needs, staff_of
from setara.people.service import open_blob
from setara.queueing import operations, policies
from setara.queueing.conflicts import days_to_decide, overdue, register_of
from setara.queueing.forms import ConflictForm, RelationForm
from setara.queueing.models import Conflict
from setara.queueing.views.common import by_of, on_form, status_of


@needs(policies.DECLARE)
@require_http_methods(["GET", "HEAD", "POST"])
def relations(request: HttpRequest) -> HttpResponse:
    """Say in advance with whom one has to do; what was declared so far."""
    staff, form = staff_of(request), RelationForm(request.POST if request.method == "POST" else None)
    error: SetaraError | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            application = by_reference(data["reference"], staff.office_id)
            operations.declare_relation(by_of(request), application, data["relation"], data["note"])
            return HttpResponseRedirect(reverse("relations"))
        except SetaraError as refused:
            error = on_form(form, refused)
    mine = Conflict.objects.filter(staff=staff).select_related("application").order_by("-declared_at")
    context = {
        "form": form,
        "error": error,
        "mine": mine,
        "office": staff.office,
        "days": _days(staff.office),
    }
    return render(request, "queueing/relations.html", context, status=status_of(form, error))


@needs(policies.DECIDE_CONFLICT)
@require_safe
def conflicts(request: HttpRequest) -> HttpResponse:
    """The register: what waits for a decision, the most urgent first, and what was decided."""
    return _register(request)


@needs(policies.DECIDE_CONFLICT)
@require_POST
def decide(request: HttpRequest, conflict: UUID) -> HttpResponse:
    """The head decides."""
    found = Conflict.objects.filter(pk=conflict, office=staff_of(request).office).first()
    if found is None:
        raise NotFound(_("Pernyataan ini tidak ada di kantor ini."), remedy=_("Muat ulang daftar."))
    form = ConflictForm(request.POST, auto_id=f"c{found.pk}_%s")
    if not form.is_valid():
        return _register(request, form=form, about=found)
    data = form.cleaned_data
    try:
        operations.decide_conflict(by_of(request), found, data["decision"], data["words"])
    except SetaraError as refused:
        return _register(request, form=form, about=found, error=on_form(form, refused))
    return HttpResponseRedirect(reverse("conflicts"))


def _register(
    request: HttpRequest,
    *,
    form: ConflictForm | None = None,
    about: Conflict | None = None,
    error: SetaraError | None = None,
) -> HttpResponse:
    staff = staff_of(request)
    today = local_date(staff.office, clock.now())
    rows: list[dict[str, Any]] = [
        {
            "conflict": one,
            "overdue": overdue(one, today),
            "today": one.due_on == today,
            "note": open_blob(one.note).decode() if one.note else "",
            "own": one.staff_id == staff.pk,
            "form": form if about and about.pk == one.pk else ConflictForm(auto_id=f"c{one.pk}_%s"),
        }
        for one in register_of(staff.office)
    ]
    context = {
        "rows": rows,
        "late": sum(row["overdue"] for row in rows),
        "decided": register_of(staff.office, decided=True)[:50],
        "error": error,
        "form": form,
        "office": staff.office,
        "days": _days(staff.office),
    }
    return render(request, "queueing/conflicts.html", context, status=status_of(form, error))


def _days(office: Office) -> int:
    return days_to_decide(office, local_date(office, clock.now()))
