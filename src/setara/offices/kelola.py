"""The base of the configuration pages at /kelola/: Django's admin, saving through operations.

Nothing is ever deleted here: what no longer holds is switched off or ended, and its events stay. There are no
bulk actions. An administrator sees the rows of the own office, and the tables that all offices share.
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound, SetaraError
from setara.kernel.text import one_line
from setara.ledger.service import By, already
from setara.offices.access import actor_of, forbidden_page, staff_of, staff_or_none, to_sign_in
from setara.offices.calendar import local_date
from setara.offices.configurable import Configurable, configurable
from setara.offices.models import (
    Competence,
    Office,
    Role,
    Staff,
)
from setara.offices.operations import add_configuration, configure
from setara.offices.packs import pack_of
from setara.offices.queries import configured_rows

View = Callable[..., HttpResponse]
#: Addresses of Django's admin that this house has elsewhere or nowhere.
_NOT_HERE = {"login", "logout", "password_change", "password_change_done", "view_on_site", "autocomplete"}


class Kelola(admin.AdminSite):
    """The site of the configuration pages; sign-in, lock and refusals are those of the house."""

    site_title = _("Pengaturan")
    site_header = _("Pengaturan kantor")
    index_title = _("Pengaturan kantor")
    site_url = None
    enable_nav_sidebar = False
    index_template = "kelola/index.html"
    app_index_template = "kelola/app_index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators who are signed in and not locked."""
        staff = staff_or_none(request)
        return staff is not None and Role.ADMINISTRATOR.value in staff.roles

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Send visitors to the sign-in page and refuse other roles, before Django's own check."""
        inner = super().admin_view(view, cacheable)

        @functools.wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if staff_or_none(request) is None:
                return to_sign_in(request)
            if not self.has_permission(request):
                raise forbidden_page()
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return guarded

    def get_urls(self) -> list[Any]:
        """Without the addresses that have their place elsewhere."""
        return [one for one in super().get_urls() if getattr(one, "name", None) not in _NOT_HERE]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """One group instead of one for each room."""
        found = super().get_app_list(request, app_label)
        for group in found:
            group["name"] = str(_("Pengaturan kantor"))
        if app_label is None and found:
            found[0]["models"] = [model for group in found for model in group["models"]]
            found = found[:1]
        return found


site = Kelola(name="admin")


class OperationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model form that also asks the room's own rules, so that their answer stands beside the field."""

    request: HttpRequest
    entry: Configurable

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, str) and not isinstance(self.fields[name].widget, forms.Textarea):
                try:
                    one_line(value, field=name)
                except Invalid as wrong:
                    self.add_error(name, str(wrong.errors[name]))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self._ask_the_room()
        for name in set(self.errors) & set(self.fields):
            if self.fields[
                name
            ].widget.use_fieldset:  # a group's boxes: Django ties the error to none of them
                self.fields[name].widget.attrs["aria-describedby"] = f"{self[name].auto_id}_error"

    def _ask_the_room(self) -> None:
        if self.errors or self.entry.check is None:
            return
        try:
            self.entry.check(self.instance, actor_of(self.request))
        except SetaraError as error:
            faults = error.errors if isinstance(error, Invalid) else {error.field or "": error.message}
            for name, text in faults.items():
                self.add_error(name if name in self.fields else None, str(text))


class OperationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page whose every save is one operation with one event."""

    form = OperationForm
    actions = None
    save_as = False
    view_on_site = False
    list_per_page = 200
    change_form_template = add_form_template = "kelola/change_form.html"
    change_list_template = "kelola/change_list.html"

    adding: Callable[..., Any] = staticmethod(add_configuration)

    @property
    def entry(self) -> Configurable:
        """What may be set in this model."""
        return configurable(self.model)

    # What may be done

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For administrators."""
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows of the own office, and tables that all offices share."""
        return site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for looking."""
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Where the model takes new rows here."""
        return site.has_permission(request) and bool(self.entry.add)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The own office's rows."""
        rows, office = super().get_queryset(request), staff_of(request).office_id
        if self.model is Office:
            return rows.filter(pk=office)
        if self.model is Competence:
            return rows.filter(staff__office=office)
        names = {field.name for field in self.model._meta.get_fields()}
        return rows.filter(office=office) if "office" in names else rows

    # Fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What is given once, then what may change."""
        return [*self.entry.add, *self.entry.edit]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What is given once cannot be changed afterwards."""
        return list(self.entry.add) if obj is not None else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form class, knowing its request."""
        made: Any = super().get_form(request, obj, change, **kwargs)
        made.request, made.entry = request, self.entry
        return made

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Choices instead of codes to type, limited to the own office; no buttons for related rows."""
        assert request is not None  # noqa: S101 - Django gives it, its type does not say so
        own = staff_of(request).office
        if db_field.name in {"roles", "steps"}:
            choices = Role.choices if db_field.name == "roles" else steps_of(own)
            return forms.MultipleChoiceField(
                label=db_field.verbose_name, choices=choices, widget=forms.CheckboxSelectMultiple
            )
        if db_field.name == "step":
            return forms.ChoiceField(label=db_field.verbose_name, choices=steps_of(own))
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the own office and its staff."""
        own = staff_of(request).office
        if db_field.name == "office":
            kwargs |= {"queryset": Office.objects.filter(pk=own.pk), "initial": own.pk, "empty_label": None}
        elif db_field.name == "staff":
            kwargs["queryset"] = Staff.objects.filter(office=own).order_by("label")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The form; what is refused has the status of the house's refusals, not Django's 200."""
        answer = super().render_change_form(request, context, *args, **kwargs)
        if context["errors"]:
            answer.status_code = Invalid.status
        return answer

    # Saving

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new row. Sent twice, the second is led where the first was, not told that the row exists."""
        if request.method == "POST" and (made := already(self.adding, _by(request))) is not None:
            return self.response_post_save_add(request, made)
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """One operation. A form sent without a change does nothing."""
        by = _by(request)
        if not change:
            made = self.add(by, obj, form)
            obj.__dict__.update(made.__dict__)
            return
        changes = {name: form.cleaned_data[name] for name in self.entry.edit if name in form.changed_data}
        if changes:
            configure(by, obj, changes)

    def add(self, by: By, obj: Any, form: ModelForm[Any]) -> Any:
        """The operation that inserts a row."""
        return self.adding(by, obj)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The ledger is the log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The ledger is the log."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The row's events in the ledger."""
        row = self.get_object(request, object_id)
        if row is None:
            raise NotFound(_("Baris pengaturan ini tidak ada."), code="offices.unknown_row")
        context = {
            **site.each_context(request),
            "title": _("Riwayat: %(row)s") % {"row": row},
            "opts": self.opts,
            "original": row,
            "rows": configured_rows(staff_of(request).office, self.model._meta.label, str(row.pk)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "kelola/history.html", context)


def _by(request: HttpRequest) -> By:
    """Who saves, and the key under which a second copy of the form is recognised."""
    return By(actor_of(request), key=request.POST.get("idempotency_key") or None)


def steps_of(office: Office) -> list[tuple[str, str]]:
    pack = pack_of(office, local_date(office, clock.now()))
    return [(step.code, str(step.name)) for step in pack.steps]
