"""Every rule that the database itself keeps: a row that breaks it is refused, and nearly the same row is not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from setara.applications.service import Document
from setara.booking.service import Quota, Seat
from setara.casework import service as casework
from setara.casework.models import Book, Capture, Hold, Lapse
from setara.kernel import clock, ids
from setara.kernel.clock import ManualClock
from setara.offices.models import Account, Closure, Competence, Counter, Duty, Holiday, OpeningHours, Season
from setara.payments.models import Bill, Payment
from setara.people.service import seal
from setara.queueing.models import (
    Announcement,
    Conflict,
    DoorCount,
    Kiosk,
    Line,
    Objection,
    OpeningDraw,
    OverrideRequest,
    Series,
)
from setara.queueing.tests.flooring import MONDAY, Floor, passport_office, stock

Rows = dict[str, Any]
Changes = dict[str, Any] | Callable[[Rows], dict[str, Any]]
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Rule(NamedTuple):
    """A copy of ``row`` with ``bad`` changes breaks the rule; the same with ``good`` changes on top does not."""

    row: str
    bad: Changes = {}
    good: Changes = {}


def blob() -> Any:
    """Another sealed file."""
    return seal(MONDAY, b"x", "image/jpeg")


#: By the name of the constraint, or of the column that is unique.
RULES: dict[str, Rule] = {
    "applications_document_current": Rule("document", lambda r: {"blob": blob()}, {"superseded": True}),
    "booking_quota_order": Rule("quota", {"last": time(8)}, {"last": time(9)}),
    "booking_quota_minutes": Rule("quota", {"minutes": 0}, {"minutes": 1}),
    "booking_window_once": Rule("window", {}, {"starts": MONDAY + MINUTE}),
    "booking_window_order": Rule(
        "window", lambda r: {"starts": r["window"].ends}, lambda r: {"starts": r["window"].ends - MINUTE}
    ),
    "booking_seat_once": Rule("seat", {"application": None}, {"number": 99}),
    "booking_one_seat_each": Rule("seat", {"number": 98}, {"application": None}),
    "booking_one_open_appointment": Rule("appointment", {"token": "t"}, {"status": "moved"}),
    "casework_capture_current": Rule("capture", lambda r: {"blob": blob()}, {"superseded": True}),
    "casework_book_has_case": Rule(
        "blank", lambda r: {"serial": "X0000090", "case": r["case"]}, {"case": None}
    ),
    "casework_one_book_per_case": Rule("book", {"serial": "X0000091"}, {"status": "spoiled"}),
    "casework_one_hold": Rule("hold", {}, {"ended_at": MONDAY + DAY}),
    "casework_lapse_once": Rule("lapse", {}, {"kind": "collect"}),
    "casework_book_serial": Rule("blank", {}, {"serial": "X0000092"}),
    "offices_account_name_any_case": Rule(
        "account", lambda r: {"username": r["account"].username.swapcase()}, {"username": "somebody"}
    ),
    "offices_holiday_once": Rule("holiday", {}, {"name": "Another"}),
    "offices_season_order": Rule("season", {"ends": date(2026, 2, 17)}, {"ends": date(2026, 2, 18)}),
    "offices_counter_once": Rule("counter", {}, {"number": 99}),
    "offices_closure_once": Rule("closure", {}, {"date": date(2026, 5, 6)}),
    "offices_day_once": Rule("day", {}, {"date": date(2026, 3, 3)}),
    "offices_day_closed_at": Rule(
        "day", {"date": date(2026, 3, 4), "closed_at": MONDAY + DAY}, {"status": "closed"}
    ),
    "offices_hours_once": Rule("hours", {}, {"weekday": 6}),
    "offices_hours_weekday": Rule("hours", {"weekday": 7}, {"weekday": 6}),
    "offices_hours_order": Rule(
        "hours", {"weekday": 6, "closes": time(8), "break_from": None, "break_to": None}, {"closes": time(9)}
    ),
    "offices_hours_break": Rule("hours", {"weekday": 6, "break_to": time(17)}, {"break_to": time(13)}),
    "offices_staff_label_once": Rule(
        "staff", lambda r: {"account": Account.objects.create(username="new")}, {"label": "N-1"}
    ),
    "offices_duty_one_place": Rule("duty", {"counter": None}, lambda r: {"staff": r["colleague"]}),
    "offices_duty_one_officer": Rule(
        "duty", lambda r: {"staff": r["colleague"]}, lambda r: {"counter": r["other counter"]}
    ),
    "offices_competence_once": Rule("competence", {}, {"valid_from": date(2030, 1, 1)}),
    "payments_one_live_bill": Rule("bill", {"code": "8" * 15}, {"status": "expired"}),
    "payments_code_15_digits": Rule(
        "bill", lambda r: {"application": r["another"], "code": "8" * 14}, {"code": "8" * 15}
    ),
    "payments_bill_code": Rule("bill", lambda r: {"application": r["another"]}, {"code": "8" * 15}),
    "payments_payment_ntpn": Rule(
        "payment", lambda r: {"bill": r["another bill"]}, {"ntpn": "OTHERRECEIPT0001"}
    ),
    "payments_payment_bill_id": Rule(
        "payment", {"ntpn": "OTHERRECEIPT0001"}, lambda r: {"bill": r["another bill"]}
    ),
    "queueing_line_once": Rule("line", {}, {"step": "x"}),
    "queueing_series_once": Rule("series", {}, {"lane": "x"}),
    "queueing_one_session_per_counter": Rule(
        "session", lambda r: {"staff": r["colleague"]}, {"state": "closed"}
    ),
    "queueing_one_counter_per_officer": Rule(
        "session", lambda r: {"counter": r["other counter"]}, {"state": "closed"}
    ),
    "queueing_label_once_a_day": Rule(
        "ticket", lambda r: {"application": r["another"], "token": "t"}, {"label": "Z-999"}
    ),
    "queueing_one_open_ticket": Rule("ticket", {"label": "Z-999", "token": "t"}, {"closed_at": MONDAY}),
    "queueing_one_call_per_counter": Rule(
        "call",
        lambda r: {"ticket": r["next ticket"], "rule_ticket": r["next ticket"]},
        lambda r: {"counter": r["other counter"]},
    ),
    "queueing_one_call_per_ticket": Rule(
        "call", lambda r: {"counter": r["other counter"]}, {"ended_at": MONDAY + DAY}
    ),
    "queueing_one_objection_each": Rule("objection", {}, {"ticket": None}),
    "queueing_objection_answered_whole": Rule(
        "objection",
        {"ticket": None, "answered_at": MONDAY, "finding": "by_rule"},
        lambda r: {"answered_by": r["staff"], "answer": blob()},
    ),
    "queueing_announcement_ends_after": Rule(
        "announcement",
        {"ends_at": MONDAY - MINUTE},
        lambda r: {"ends_at": r["announcement"].made_at + MINUTE},
    ),
    "queueing_out_of_turn_needs_reason": Rule(
        "call",
        lambda r: {"counter": r["other counter"], "ticket": r["next ticket"]},
        {"reason": "medical_emergency", "proof": "proven", "approval": "approved"},
    ),
    "queueing_out_of_turn_standing": Rule(
        "call",
        lambda r: {
            "counter": r["other counter"],
            "ticket": r["next ticket"],
            "reason": "x",
            "proof": "proven",
        },
        {"approval": "approved"},
    ),
    "queueing_kiosk_once": Rule("kiosk", {}, {"number": 99}),
    "queueing_door_count_once": Rule("door", {}, {"hour": 9}),
    "queueing_door_hour": Rule("door", {"hour": 24}, {"hour": 23}),
    "queueing_draw_once": Rule("draw", {}, {"date": date(2026, 3, 3)}),
    "queueing_conflict_once": Rule("conflict", {}, lambda r: {"staff": r["colleague"]}),
    "queueing_conflict_decided_whole": Rule(
        "conflict",
        lambda r: {"staff": r["colleague"], "decision": "confirmed", "decided_by": r["staff"]},
        {"decided_at": MONDAY},
    ),
    "queueing_conflict_decided_by_another": Rule(
        "conflict",
        lambda r: {
            "staff": r["colleague"],
            "decision": "confirmed",
            "decided_at": MONDAY,
            "decided_by": r["colleague"],
        },
        lambda r: {"decided_by": r["staff"]},
    ),
    "queueing_one_override": Rule("override", {}, {"state": "expired"}),
    "queueing_override_second_person": Rule(
        "override",
        lambda r: {"state": "used", "decided_by": r["staff"]},
        lambda r: {"decided_by": r["colleague"]},
    ),
    "queueing_override_decided": Rule(
        "override", {"state": "refused"}, lambda r: {"decided_by": r["colleague"]}
    ),
}
#: Shown to hold by tests of the room.
ELSEWHERE = {
    "ledger_event_office_seq", "ledger_event_seq_positive", "ledger_clock_single_row",
    "ledger_clock_virtual_needs_start",
}  # fmt: skip


def names() -> set[str]:
    """The constraints that the models of the house declare."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("setara.")]
    return {one.name for model in ours for one in model._meta.constraints}


def test_every_rule_is_tried_here() -> None:
    columns = {
        "casework_book_serial",
        "payments_bill_code",
        "payments_payment_ntpn",
        "payments_payment_bill_id",
    }
    assert names() == (set(RULES) - columns) | ELSEWHERE
    assert len(names()) > 40


def test_migrations_make_what_the_models_say(db: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)  # ends the program when they differ
    label = Counter._meta.get_field("number")
    try:
        label.null = True
        with pytest.raises(SystemExit):
            call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    finally:
        label.null = False


@pytest.fixture
def rows(db: None) -> Iterator[Rows]:
    """One row of each table that has a rule, and some others to point to."""
    with clock.using(ManualClock(MONDAY)) as source:
        floor = passport_office(source)
        found = _hall(floor) | _settings(floor)
        yield found | _files(floor, found)


def _hall(floor: Floor) -> Rows:
    day, ticket, waiting = floor.open(), floor.arrive(), floor.arrive()
    session = floor.sit("D1", 1)
    call = floor.serve("D1", session)
    booked = floor.appointment()
    return {
        "day": day, "ticket": ticket, "next ticket": waiting, "session": session, "call": call,
        "appointment": booked, "window": booked.window, "another": booked.application,
        "seat": Seat.objects.create(window=booked.window, number=1, application=booked.application),
        "line": Line.objects.get(), "series": Series.objects.get(),
        "objection": Objection.objects.create(
            office=floor.office, date=floor.today, call=call, ticket=waiting, via="ticket", made_at=MONDAY,
            due_on=floor.today,
        ),
        "kiosk": Kiosk.objects.create(office=floor.office, number=1, made_at=MONDAY),
        "door": DoorCount.objects.create(
            office=floor.office, date=floor.today, hour=8, people=9, counted_by=floor.staff["FD"], at=MONDAY
        ),
        "draw": OpeningDraw.objects.create(office=floor.office, date=floor.today, seed="x", drawn_at=MONDAY),
        "conflict": Conflict.objects.create(
            office=floor.office, application=waiting.application, staff=floor.staff["D1"], relation="family",
            declared_at=MONDAY, due_on=floor.today,
        ),
        "override": OverrideRequest.objects.create(
            office=floor.office, date=floor.today, ticket=waiting, step=waiting.step, reason="x",
            asked_by=floor.staff["D1"], asked_at=MONDAY, expires_at=MONDAY + DAY,
        ),
        "announcement": Announcement.objects.create(
            office=floor.office, text_id="a", text_en="b", made_at=MONDAY, ends_at=MONDAY + DAY,
            made_by=floor.staff["KA"],
        ),
    }  # fmt: skip


def _settings(floor: Floor) -> Rows:
    staff, counter = floor.staff["D1"], floor.counters[1]
    return {
        "staff": staff, "colleague": floor.staff["D2"], "account": staff.account,
        "counter": counter, "other counter": floor.counters[2],
        "competence": Competence.objects.filter(staff=staff).first(),
        "duty": Duty.objects.create(day=floor.day(), staff=staff, counter=counter),
        "hours": OpeningHours.objects.get(office=floor.office, weekday=0),
        "holiday": Holiday.objects.create(date=date(2026, 5, 4), name="Libur", kind="regional"),
        "season": Season.objects.create(name="Ramadan", starts=date(2026, 2, 18), ends=date(2026, 3, 19)),
        "closure": Closure.objects.create(office=floor.office, date=date(2026, 5, 5), reason="Listrik"),
        "quota": Quota.objects.create(
            office=floor.office, per_day=10, first=time(8), last=time(10), valid_from=date(2026, 1, 1)
        ),
    }  # fmt: skip


def _files(floor: Floor, hall: Rows) -> Rows:
    stock(floor, 2)
    papers = [casework.requirements_for(hall["call"])[0].code]
    case = casework.check_documents(floor.by("D1"), hall["call"], "missing", papers).case
    again(hall["call"])  # that ended the call; this one runs
    bills = [
        Bill.objects.create(
            application=one, code=f"{n:015}", amount=1, issued_at=MONDAY, expires_at=MONDAY + DAY
        )
        for n, one in enumerate((hall["ticket"].application, floor.application()))
    ]
    blank, used = Book.objects.order_by("serial")
    Book.objects.filter(pk=used.pk).update(status="printed", case=case)
    return {
        "case": case, "hold": Hold.objects.get(), "blank": blank, "book": Book.objects.get(pk=used.pk),
        "bill": bills[0], "another bill": bills[1],
        "payment": Payment.objects.create(
            bill=bills[0], ntpn="RECEIPT000000001", paid_at=MONDAY, noticed_at=MONDAY
        ),
        "document": Document.objects.create(
            application=hall["another"], requirement="kk", blob=blob(), uploaded_at=MONDAY
        ),
        "lapse": Lapse.objects.create(case=case, kind="return", until=date(2026, 3, 16), at=MONDAY),
        "capture": Capture.objects.create(
            case=case, kind="photo", blob=blob(), device="uji", captured_at=MONDAY
        ),
    }  # fmt: skip


def again(row: models.Model, **changes: Any) -> models.Model:
    """Insert a copy of ``row`` with some fields changed."""
    made = copy.copy(row)
    made._state = copy.copy(row._state)
    made._state.fields_cache = dict(row._state.fields_cache)
    made.pk = ids.uuid7() if isinstance(row._meta.pk, models.UUIDField) else None
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def _given(changes: Changes, rows: Rows) -> dict[str, Any]:
    return changes(rows) if callable(changes) else changes


@pytest.mark.parametrize("name", RULES)
def test_the_database_refuses(rows: Rows, name: str) -> None:
    rule = RULES[name]
    bad, good = _given(rule.bad, rows), _given(rule.good, rows)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        again(rows[rule.row], **bad)
    again(rows[rule.row], **bad | good)
