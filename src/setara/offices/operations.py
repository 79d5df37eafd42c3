"""The only writers of the office's own state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from setara.kernel import holidays_id, workdays
from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.service import Op, operation
from setara.offices import configurable, events, links, memory, policies
from setara.offices.calendar import calendar_of, local_date
from setara.offices.models import (
    Account,
    Competence,
    Counter,
    Duty,
    Holiday,
    Office,
    OfficeDay,
    OpeningHours,
    Staff,
)
from setara.rules import packs

M = TypeVar("M", bound=Model)


@operation
def create_office(
    op: Op, code: str, name: str, zone: str = "WIB", service: str = "paspor", is_demo: bool = False
) -> Office:
    """Make an office with ordinary hours from Monday to Friday; everything else is configured later."""
    op.permit(policies.CREATE_OFFICE, office=None)
    if Office.objects.filter(pk=code).exists():
        raise Refused(
            _("Kantor dengan kode ini sudah ada."),
            code="offices.exists",
            rule=_("Satu kode hanya untuk satu kantor."),
            remedy=_("Pilih kode lain, atau pakai kantor yang sudah ada."),
            field="code",
        )
    office = Office(code=code, name=name, zone=zone, service=service, is_demo=is_demo)
    configurable.validate(office)
    office.save(force_insert=True)
    for weekday, spans in workdays.standard_hours().items():
        pause = (spans[0][1], spans[1][0]) if len(spans) > 1 else (None, None)
        OpeningHours.objects.create(
            office=office,
            weekday=weekday,
            opens=spans[0][0],
            closes=spans[-1][1],
            break_from=pause[0],
            break_to=pause[1],
        )
    memory.forget_with_commit()
    op.record(events.OfficeCreated(code=code, zone=zone, service=service, is_demo=is_demo), office=code)
    return office


@operation
def add_counter(op: Op, office: Office, number: int, steps: Sequence[str]) -> Counter:
    """Add a counter that serves ``steps``, in order of preference."""
    op.permit(policies.CONFIGURE, office=office.pk)
    counter = Counter(office=office, number=number, steps=list(steps))
    configurable.validate(counter)
    _check_steps(office, steps)
    counter.save(force_insert=True)
    op.record(
        events.CounterAdded(counter=str(counter.pk), number=number, steps=counter.steps), office=office.pk
    )
    return counter


@operation
def add_staff(
    op: Op,
    office: Office,
    username: str,
    label: str,
    name: str,
    roles: Sequence[str],
    steps: Sequence[str] = (),
    simulated: bool = False,
) -> Staff:
    """Add a member of staff with an account that has no password yet, competent in ``steps`` from today."""
    op.permit(policies.CONFIGURE, office=office.pk)
    account = Account(username=username.strip())
    account.set_unusable_password()
    configurable.validate(account)
    account.save(force_insert=True)
    staff = Staff(account=account, office=office, label=label, name=name, is_simulated=simulated)
    staff.roles = [str(role) for role in roles]
    configurable.validate(staff)
    configurable.check_staff(staff, op.actor)
    _check_steps(office, steps)
    staff.save(force_insert=True)
    today = local_date(office, op.now)
    Competence.objects.bulk_create(Competence(staff=staff, step=step, valid_from=today) for step in steps)
    op.record(
        events.StaffAdded(
            staff=str(staff.pk), label=label, roles=staff.roles, steps=list(steps), simulated=simulated
        ),
        office=office.pk,
    )
    return staff


@operation
def one_time_link(op: Op, staff: Staff) -> Staff:
    """Void the password and earlier links; :func:`links.link_for` then gives the one good link."""
    op.permit(policies.CONFIGURE, office=staff.office_id)
    account = Account.objects.select_for_update().get(pk=staff.account_id)
    account.set_unusable_password()
    account.save(update_fields=["password"])
    staff.account = account
    op.record(events.LinkIssued(staff=str(staff.pk), label=staff.label), office=staff.office_id)
    return staff


@operation
def set_password(op: Op, staff: Staff, raw: str, token: str | None = None) -> Staff:
    """Set the password of the own account; with ``token``, only while that one-time link is good."""
    op.permit(policies.SET_PASSWORD, office=staff.office_id)
    if op.actor.is_officer and op.actor.id != str(staff.pk):
        raise Forbidden(
            _("Kata sandi hanya dapat dibuat oleh pemilik akun."), code="offices.password_of_another"
        )
    account = Account.objects.select_for_update().get(pk=staff.account_id)
    if token is not None and not links.good(account, token):
        raise Refused(
            _("Tautan ini tidak berlaku lagi."),
            code="offices.link_used",
            rule=_("Tautan sekali pakai hanya dapat dipakai satu kali dan ada batas waktunya."),
            remedy=_("Minta tautan baru kepada administrator kantor Anda."),
        )
    try:
        validate_password(raw, account)
    except ValidationError as error:
        raise configurable.invalid(error, "password") from error
    account.set_password(raw)
    account.save(update_fields=["password"])
    staff.account = account
    op.record(events.PasswordSet(staff=str(staff.pk), label=staff.label), office=staff.office_id)
    return staff


@operation
def sign_in(op: Op, staff: Staff, how: str) -> Staff:
    """Record that a member of staff came in (how: password, link, demo, unlock)."""
    op.permit(policies.WORK, office=staff.office_id)
    op.record(events.SignedIn(staff=str(staff.pk), label=staff.label, how=how), office=staff.office_id)
    return staff


@operation
def sign_out(op: Op, staff: Staff) -> Staff:
    """Record that a member of staff left."""
    op.permit(policies.WORK, office=staff.office_id)
    op.record(events.SignedOut(staff=str(staff.pk), label=staff.label), office=staff.office_id)
    return staff


@operation
def open_day(
    op: Op, office: Office, date: date, roster: Sequence[tuple[Staff, Counter | None]] = ()
) -> OfficeDay:
    """Open a day with its roster. Refused when the hall is shut that day, or the day was opened before."""
    op.permit(policies.OPEN_DAY, office=office.pk)
    calendar = calendar_of(office)
    if not calendar.hours(date):
        raise Refused(
            _("Kantor tutup pada tanggal ini."),
            code="offices.shut",
            rule=calendar.why_closed(date) or _("Tidak ada jam layanan pada hari itu."),
            remedy=_("Bila kantor memang buka, minta administrator mengubah jam layanan atau hari libur."),
        )
    # The office's row is the lock under which days of this office are opened.
    Office.objects.select_for_update().get(pk=office.pk)
    if OfficeDay.objects.filter(office=office, date=date).exists():
        raise Conflict(
            _("Hari layanan ini sudah dibuka."),
            code="offices.day_exists",
            remedy=_("Lanjutkan bekerja pada hari yang sudah dibuka."),
        )
    _check_roster(office, roster)
    day = OfficeDay.objects.create(office=office, date=date, opened_at=op.now)
    Duty.objects.bulk_create(Duty(day=day, staff=staff, counter=counter) for staff, counter in roster)
    op.record(
        events.DayOpened(
            date=date.isoformat(),
            roster=[{"staff": s.label, "counter": None if c is None else c.number} for s, c in roster],
        ),
        office=office.pk,
    )
    return day


@operation
def change_roster(
    op: Op, day: OfficeDay, staff: Staff, counter: Counter | None = None, leaves: bool = False
) -> Duty:
    """Change the roster of an open day: somebody comes, sits elsewhere (``counter`` None: without one) or leaves.

    Conflict when the day is closed or another officer is planned for the counter; Invalid for whoever does not
    work in this office.
    """
    op.permit(policies.OPEN_DAY, office=day.office_id)
    day = OfficeDay.objects.select_for_update().select_related("office").get(pk=day.pk)
    if day.status != OfficeDay.Status.OPEN:
        raise Conflict(
            _("Hari layanan ini sudah ditutup."),
            code="offices.day_closed",
            remedy=_("Daftar tugas diubah selama hari layanan terbuka."),
        )
    counter = None if leaves else counter
    _check_roster(day.office, [(staff, counter)])
    taken = Duty.objects.filter(day=day, counter=counter).exclude(staff=staff).select_related("staff")
    if counter is not None and (other := taken.first()) is not None:
        raise Conflict(
            _("%(counter)s hari ini untuk %(who)s.") % {"counter": counter, "who": other.staff.label},
            code="offices.counter_planned",
            rule=_("Satu petugas hanya di satu tempat, dan satu loket hanya untuk satu petugas."),
            remedy=_("Pindahkan petugas itu lebih dulu."),
            field="counter",
        )
    duty, _made = Duty.objects.update_or_create(
        day=day, staff=staff, defaults={"counter": counter, "left_at": op.now if leaves else None}
    )
    op.record(
        events.RosterChanged(
            date=day.date.isoformat(),
            staff=staff.label,
            counter=counter.number if counter else None,
            left=leaves,
        ),
        office=day.office_id,
    )
    return duty


@operation
def configure(op: Op, instance: M, changes: Mapping[str, Any]) -> M:
    """Change settings of one row, and record the changed fields before and after.

    Only models and fields of :mod:`setara.offices.configurable`. Conflict when nothing would change.
    """
    op.permit(policies.CONFIGURE, office=configurable.office_code(instance, op.actor))
    entry = configurable.configurable(type(instance))
    if not set(changes) <= set(entry.edit):
        raise ValueError(
            f"{instance._meta.label}: {sorted(set(changes) - set(entry.edit))} is not configurable"
        )
    row = type(instance)._default_manager.select_for_update().get(pk=instance.pk)
    names = tuple(sorted(changes))
    before = configurable.recorded(row, names)
    for name in names:
        setattr(row, name, changes[name])
    configurable.validate(row)
    if entry.check is not None:
        entry.check(row, op.actor)
    after = configurable.recorded(row, names)
    changed = [name for name in names if before[name] != after[name]]
    if not changed:
        raise Conflict(
            _("Tidak ada yang berubah."),
            code="offices.unchanged",
            remedy=_("Nilai yang Anda kirim sudah tersimpan."),
        )
    row.save(update_fields=changed)
    memory.forget_with_commit()
    op.record(
        events.Configured(
            model=row._meta.label,
            row=str(row.pk),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        ),
        office=configurable.office_code(row, op.actor),
    )
    return row


@operation
def add_configuration(op: Op, instance: M) -> M:
    """Insert a row of settings (hours, season, holiday, closure, competence, quota) and record its fields."""
    op.permit(policies.CONFIGURE, office=configurable.office_code(instance, op.actor))
    entry = configurable.configurable(type(instance))
    if not entry.add:
        raise ValueError(f"{instance._meta.label} has an operation of its own for new rows")
    configurable.validate(instance)
    if entry.check is not None:
        entry.check(instance, op.actor)
    instance.save(force_insert=True)
    memory.forget_with_commit()
    op.record(
        events.ConfigurationAdded(
            model=instance._meta.label,
            row=str(instance.pk),
            after=configurable.recorded(instance, entry.add + entry.edit),
        ),
        office=configurable.office_code(instance, op.actor),
    )
    return instance


@operation
def seed_holidays(op: Op, year: int) -> None:
    """Add the published holidays and joint leave of a year. Days already in the table, edited or switched
    off, stay as they are."""
    if op.actor.office is None:
        raise ValueError("holidays are seeded by somebody who belongs to an office")
    op.permit(policies.CONFIGURE, office=op.actor.office)
    known = set(Holiday.objects.filter(date__year=year).values_list("date", flat=True))
    new = [day for day in holidays_id.seed(year) if day.date not in known]
    Holiday.objects.bulk_create(
        Holiday(date=day.date, name=day.name, kind=day.kind, source="SKB, paket holidays") for day in new
    )
    memory.forget_with_commit()
    dates = [day.date.isoformat() for day in new]
    op.record(events.HolidaysSeeded(year=year, dates=dates), office=op.actor.office)


def _check_steps(office: Office, steps: Sequence[str]) -> None:
    known = {step.code for pack in packs.all_packs() if pack.service == office.service for step in pack.steps}
    if unknown := [step for step in steps if known and step not in known]:
        text = _("Langkah tidak dikenal dalam layanan ini: %(steps)s.") % {"steps": ", ".join(unknown)}
        raise Invalid({"steps": text})


def _check_roster(office: Office, roster: Sequence[tuple[Staff, Counter | None]]) -> None:
    people = [staff.pk for staff, _counter in roster]
    counters = [counter.pk for _staff, counter in roster if counter is not None]
    if len(set(people)) != len(people) or len(set(counters)) != len(counters):
        raise Invalid(
            {"roster": _("Satu petugas hanya di satu tempat, dan satu loket hanya untuk satu petugas.")}
        )
    for staff, counter in roster:
        if staff.office_id != office.pk or not staff.active:
            raise Invalid({"roster": _("%(who)s tidak bertugas di kantor ini.") % {"who": staff.label}})
        if counter is not None and (counter.office_id != office.pk or not counter.active):
            raise Invalid({"roster": _("%(counter)s tidak dipakai di kantor ini.") % {"counter": counter}})
