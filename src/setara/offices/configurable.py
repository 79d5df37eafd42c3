"""What the configuration pages may change: an allow-list of models and fields, and what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from setara.kernel.errors import Invalid, Refused
from setara.ledger.service import Actor
from setara.offices.models import Office, Staff
from setara.people.service import fingerprint
from setara.rules import packs


@dataclass(frozen=True, slots=True)
class Configurable:
    """Fields of one model: ``edit`` may change later, ``add`` are given once. ``masked`` ones are personal
    and stand in the event as keyed hashes only."""

    edit: tuple[str, ...]
    add: tuple[str, ...] = ()
    masked: frozenset[str] = frozenset()
    check: Callable[[Any, Actor], None] | None = None


def check_office(office: Office, actor: Actor) -> None:  # noqa: ARG001 - the same shape for every check
    """An office may set for itself only what a pack of its service lets it set, to a value that fits."""
    mine = [pack for pack in packs.all_packs() if pack.service == office.service]
    for key in office.local:
        if not any(key in pack.local for pack in mine):
            raise Invalid(
                {"local": _("Nilai %(key)s tidak boleh ditentukan oleh kantor.") % {"key": key}},
                code="offices.not_local",
            )
    for pack in mine:
        try:
            pack.with_local({key: value for key, value in office.local.items() if key in pack.local})
        except Invalid as wrong:
            raise Invalid({"local": wrong.message}, code="offices.local_value") from wrong


def check_staff(staff: Staff, actor: Actor) -> None:
    """Administrators hold no other role, and nobody changes the own roles."""
    if not staff.roles:
        raise Invalid({"roles": _("Pilih sedikitnya satu peran.")})
    if "administrator" in staff.roles and len(staff.roles) > 1:
        raise Invalid(
            {"roles": _("Administrator tidak boleh memegang peran lain.")},
            rule=_("Administrator tidak menangani berkas dan tidak membaca data pribadi."),
        )
    if actor.is_officer and actor.id == str(staff.pk):
        raise Refused(
            _("Anda tidak dapat mengubah data petugas Anda sendiri."),
            code="offices.own_account",
            rule=_("Peran seseorang diberikan oleh orang lain."),
            remedy=_("Minta administrator lain untuk melakukannya."),
            field="roles",
        )


CONFIGURABLE: Final[Mapping[str, Configurable]] = {
    "offices.Office": Configurable(("name", "address", "zone", "local"), check=check_office),
    "offices.OpeningHours": Configurable(
        ("opens", "closes", "break_from", "break_to"), ("office", "season", "weekday")
    ),
    "offices.Season": Configurable(("name", "starts", "ends", "active"), ("season",)),
    "offices.Holiday": Configurable(("name", "kind", "active", "source"), ("date",)),
    "offices.Closure": Configurable(("reason", "active"), ("office", "date")),
    "offices.Counter": Configurable(("steps", "active"), ("office", "number")),
    "offices.Staff": Configurable(
        ("label", "name", "roles", "active"), masked=frozenset({"name"}), check=check_staff
    ),
    "offices.Competence": Configurable(("valid_until",), ("staff", "step", "valid_from")),
    "booking.Quota": Configurable(
        ("per_day", "first", "last", "minutes", "valid_from", "valid_until", "source"),
        ("office", "channel"),
    ),
}


def configurable(model: type[Model]) -> Configurable:
    """The entry of a model; KeyError for one that is not configured here."""
    return CONFIGURABLE[model._meta.label]


def office_code(instance: Model, actor: Actor) -> str:
    """The office whose ledger records a change of ``instance``. Tables that all offices share (holidays,
    seasons) are recorded by the office of the one who changes them."""
    if isinstance(instance, Office):
        return str(instance.pk)
    own = getattr(instance, "office_id", None) or getattr(getattr(instance, "staff", None), "office_id", None)
    if (code := own or actor.office) is None:
        raise ValueError("a change of a shared table needs an actor who belongs to an office")
    return str(code)


def recorded(instance: Model, names: tuple[str, ...]) -> dict[str, Any]:
    """Fields of ``instance`` as the event holds them: plain JSON, personal ones as keyed hashes."""
    masked = configurable(type(instance)).masked
    values = {}
    for name in names:
        field = instance._meta.get_field(name)
        value = plain(getattr(instance, str(getattr(field, "attname", name))))
        values[name] = fingerprint(str(value)) if name in masked else value
    return values


def plain(value: object) -> Any:
    """A field's value as JSON data."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, dict)) else str(value)


def validate(instance: Model) -> None:
    """Django's validation of fields and constraints, refused the way of the house."""
    try:
        instance.full_clean()
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError, field: str = NON_FIELD_ERRORS) -> Invalid:
    """A Django validation error as :class:`Invalid`; ``field`` for one that names none."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {field: error.messages}
    return Invalid({name: " ".join(map(str, texts)) for name, texts in by_field.items()})
