"""What the configuration pages configure (see :mod:`setara.offices.kelola`)."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from setara.kernel import clock
from setara.kernel.errors import NotFound
from setara.ledger.service import By
from setara.offices import links
from setara.offices.access import actor_of, staff_of
from setara.offices.calendar import local_date
from setara.offices.kelola import OperationAdmin, OperationForm, site, steps_of
from setara.offices.models import (
    Account,
    Closure,
    Competence,
    Counter,
    Holiday,
    Office,
    OpeningHours,
    Role,
    Season,
    Staff,
)
from setara.offices.operations import add_counter, add_staff, one_time_link
from setara.offices.packs import pack_of


@admin.register(Office, site=site)
class OfficeAdmin(OperationAdmin):
    """The office's name, address, zone, and the values that its pack lets it choose."""

    list_display = ("name", "service", "zone")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the present local values under the field."""
        made = super().get_form(request, obj, change, **kwargs)
        if obj is not None and (field := made.base_fields.get("local")) is not None:
            values = pack_of(obj, local_date(obj, clock.now())).local_values()
            field.help_text = _("Boleh ditentukan sendiri: %(values)s") % {
                "values": "; ".join(f"{key} = {value}" for key, value in values.items())
            }
        return made


@admin.register(OpeningHours, site=site)
class OpeningHoursAdmin(OperationAdmin):
    """Opening hours, one row a weekday and season."""

    list_display = ("season", "weekday", "opens", "closes", "break_from", "break_to")
    ordering = ("-season", "weekday")


@admin.register(Season, site=site)
class SeasonAdmin(OperationAdmin):
    """Spans with other hours, such as Ramadan."""

    list_display = ("name", "season", "starts", "ends", "active")
    ordering = ("-starts",)


@admin.register(Holiday, site=site)
class HolidayAdmin(OperationAdmin):
    """National holidays, joint leave, and those of the region."""

    list_display = ("date", "name", "kind", "active", "source")
    ordering = ("-date",)


@admin.register(Closure, site=site)
class ClosureAdmin(OperationAdmin):
    """Working days on which the office is shut."""

    list_display = ("date", "reason", "active")
    ordering = ("-date",)


@admin.register(Counter, site=site)
class CounterAdmin(OperationAdmin):
    """Counters and the steps that they serve."""

    list_display = ("number", "steps", "active")
    ordering = ("number",)
    adding = staticmethod(add_counter)

    def add(self, by: By, obj: Counter, form: ModelForm[Any]) -> Counter:
        """A counter has an operation of its own."""
        return self.adding(by, obj.office, obj.number, obj.steps)


class StaffForm(OperationForm):
    """A new member of staff comes with an account."""

    def clean(self) -> dict[str, Any]:
        """A sign-in name is free, whatever its case."""
        data: dict[str, Any] = super().clean() or {}
        name = str(data.get("username", "")).strip()
        if name and Account.objects.filter(username__iexact=name).exists():
            self.add_error("username", str(_("Nama masuk ini sudah dipakai. Pilih yang lain.")))
        return data


class NewStaffForm(StaffForm):
    """With the sign-in name, and the steps of a first competence."""

    username = forms.CharField(label=_("Nama masuk"), max_length=60)
    steps = forms.MultipleChoiceField(
        label=_("Kompetensi mulai hari ini"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = steps_of(staff_of(self.request).office)
        self.fields["steps"].choices = choices  # type: ignore[attr-defined]


@admin.register(Staff, site=site)
class StaffAdmin(OperationAdmin):
    """Staff, their roles, and one-time links for their passwords."""

    list_display = ("label", "name", "role_names", "active")
    ordering = ("label",)
    change_form_template = "kelola/staff_change_form.html"
    adding = staticmethod(add_staff)

    @admin.display(description=_("Peran"))
    def role_names(self, row: Staff) -> str:
        """The roles in words."""
        return ", ".join(str(Role(role).label) for role in row.roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By an operation of its own."""
        return site.has_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A new one also needs a sign-in name."""
        if obj is not None:
            return list(self.entry.edit)
        return ["office", "username", "label", "name", "roles", "steps"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of a new row has fields of its own."""
        if obj is None:
            kwargs |= {"form": NewStaffForm, "fields": ["office", "label", "name", "roles"]}
        return super().get_form(request, obj, change, **kwargs)

    def add(self, by: By, obj: Staff, form: ModelForm[Any]) -> Staff:
        """A member of staff has an operation of its own."""
        data = form.cleaned_data
        return self.adding(
            by, obj.office, data["username"], obj.label, obj.name, data["roles"], data["steps"]
        )

    def get_urls(self) -> list[URLPattern | URLResolver]:  # type: ignore[override]
        """With the page that issues a one-time link."""
        view = site.admin_view(self.link_view)
        return [path("<uuid:pk>/tautan/", view, name="offices_staff_link"), *super().get_urls()]

    def link_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Asks, then issues a one-time link and shows it: once, here, and nowhere else."""
        staff = self.get_object(request, str(pk))
        if staff is None:
            raise NotFound(_("Petugas ini tidak ada di kantor Anda."), code="offices.unknown_staff")
        context = {**site.each_context(request), "title": _("Tautan sekali pakai"), "opts": self.opts}
        if request.method == "POST":
            staff = one_time_link(
                By(actor_of(request), key=request.POST.get("idempotency_key") or None), staff
            )
            context["link"] = request.build_absolute_uri(links.link_for(staff))
        context |= {"original": staff, "back": reverse("admin:offices_staff_change", args=[staff.pk])}
        return TemplateResponse(request, "kelola/link.html", context)


@admin.register(Competence, site=site)
class CompetenceAdmin(OperationAdmin):
    """Which officer may do which step, from when until when."""

    list_display = ("staff", "step", "valid_from", "valid_until")
    list_select_related = ("staff",)
    ordering = ("staff__label", "step", "-valid_from")


@admin.register(apps.get_model("booking", "Quota"), site=site)
class QuotaAdmin(OperationAdmin):
    """How many places a working day has, and between which times."""

    list_display = ("channel", "per_day", "first", "last", "minutes", "valid_from", "valid_until")
    ordering = ("channel", "-valid_from")
