"""Opening a counter, its breaks, and closing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.kernel.phrase import phrase as _
from setara.ledger.service import Op, Prepared, operation
from setara.offices.service import Counter, Staff, local_date, pack_of, staff_by_id
from setara.queueing import events, policies
from setara.queueing.guards import explained
from setara.queueing.lines import hold_day, must_be_open
from setara.queueing.models import Call, Session

State = Session.State


@explained
@operation
def open_counter(op: Op, counter: Counter) -> Session:
    """Sit down at a counter. Refused when the day is not open, the counter is out of use, none of its steps
    is one of the officer's; Conflict when somebody else holds it or the officer holds another."""
    op.permit(policies.OPEN_COUNTER, office=counter.office_id)
    counter = Counter.objects.select_related("office").get(pk=counter.pk)
    staff = Staff.objects.get(pk=op.actor.id)
    day = local_date(counter.office, op.now)
    must_be_open(hold_day(counter.office, day))
    if not counter.active:
        raise Refused(
            _("Loket %(number)s sedang tidak dipakai.", number=counter.number),
            code="queueing.counter_out_of_use",
            remedy=_("Pilih loket lain."),
        )
    steps = [step for step in counter.steps if step in op.actor.steps]
    if not steps:
        raise Refused(
            _("Tidak ada langkah di loket %(number)s yang boleh Anda kerjakan.", number=counter.number),
            code="queueing.no_step",
            rule=_("Petugas melayani langkah sesuai kompetensi yang berlaku hari ini."),
            remedy=_("Pilih loket yang melayani langkah Anda."),
        )
    session = Session.objects.create(
        counter=counter,
        staff=staff,
        office=counter.office,
        date=day,
        steps=counter.steps,
        opened_at=op.now,
    )
    op.record(
        events.CounterOpened(
            session=str(session.pk), counter=counter.number, officer=staff.label, steps=steps
        ),
        office=counter.office_id,
    )
    return session


@operation
def move_counter(op: Op, session: Session, steps: Sequence[str]) -> Session:
    """Let an open counter serve other steps for the rest of the day, in this order of preference.

    Invalid for a step that is not called in the hall; Refused when its officer is competent for none of them, or
    while a call is running; Conflict when nothing would change or the counter is closed.
    """
    op.permit(policies.MOVE_COUNTER, office=session.office_id)
    session = lock_session(session)
    if session.state == State.CLOSED:
        raise _wrong_state(session)
    pack = pack_of(session.office, session.date)
    called = [step.code for step in pack.steps if step.kind in {"hall", "pickup"}]
    wanted = list(dict.fromkeys(steps))
    if not wanted or not set(wanted) <= set(called):
        raise Invalid({"steps": _("Pilih paling sedikit satu langkah yang dipanggil di aula.")})
    if wanted == session.steps:
        raise Conflict(
            _("Loket %(number)s sudah melayani langkah itu.", number=session.counter.number),
            code="queueing.same_steps",
            remedy=_("Pilih langkah yang lain."),
        )
    able = {one.step for one in session.staff.competences.all() if one.holds_on(session.date)}
    if not able & set(wanted):
        raise Refused(
            _("%(who)s tidak berkompeten untuk langkah itu.", who=session.staff.label),
            code="queueing.no_step",
            rule=_("Petugas melayani langkah sesuai kompetensi yang berlaku hari ini."),
            remedy=_("Pilih langkah lain, atau minta petugas lain membuka loket ini."),
            field="steps",
        )
    _nobody_called(session)
    before, session.steps = session.steps, wanted
    session.save(update_fields=["steps"])
    mover = staff_by_id(op.actor.id).label
    op.record(
        events.CounterMoved(**_of(session), before=before, steps=wanted, by=mover), office=session.office_id
    )
    return session


@operation
def pause_counter(op: Op, session: Session) -> Session:
    """Begin a break. Refused while a call is running."""
    op.permit(policies.OPEN_COUNTER, office=session.office_id)
    session = own_session(op, session, State.OPEN)
    _nobody_called(session)
    _to(session, State.BREAK)
    op.record(events.CounterPaused(**_of(session)), office=session.office_id)
    return session


@operation
def resume_counter(op: Op, session: Session) -> Session:
    """End a break."""
    op.permit(policies.OPEN_COUNTER, office=session.office_id)
    session = own_session(op, session, State.BREAK)
    _to(session, State.OPEN)
    op.record(events.CounterResumed(**_of(session)), office=session.office_id)
    return session


@operation
def close_counter(op: Op, session: Session) -> Session:
    """Close a counter; a supervisor may close another officer's. Refused while a call is running."""
    op.permit(policies.CLOSE_COUNTER, office=session.office_id)
    session = lock_session(session)
    if "supervisor" not in op.actor.roles:
        _is_own(op, session)
    if session.state == State.CLOSED:
        raise _wrong_state(session)
    _nobody_called(session)
    session.closed_at = op.now
    _to(session, State.CLOSED)
    op.record(events.CounterClosed(**_of(session)), office=session.office_id)
    return session


_LOCKED = Prepared(
    lambda pk: (
        Session.objects.select_related("counter", "staff", "office")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=pk)
    )
)


def lock_session(session: Session) -> Session:
    """The session with counter, officer and office, its own row locked."""
    return _LOCKED.get(session.pk)


def own_session(op: Op, session: Session, state: str) -> Session:
    """The officer's own session in ``state``, locked; Forbidden for another's, Conflict in another state."""
    session = lock_session(session)
    _is_own(op, session)
    if session.state != state:
        raise _wrong_state(session)
    return session


def _is_own(op: Op, session: Session) -> None:
    if str(session.staff_id) != op.actor.id:
        raise Forbidden(
            _("Loket %(number)s dijaga petugas lain.", number=session.counter.number),
            code="queueing.not_your_counter",
            rule=_("Petugas bekerja di loket yang dibukanya sendiri."),
            remedy=_("Buka loket Anda sendiri."),
        )


def _wrong_state(session: Session) -> Conflict:
    return Conflict(
        _(
            "Loket %(number)s sedang %(state)s.",
            number=session.counter.number,
            state=session.get_state_display(),
        ),
        code="queueing.counter_state",
        rule=_("Memanggil hanya dapat dilakukan di loket yang buka."),
        remedy=_("Muat ulang halaman untuk melihat keadaan loket yang sekarang."),
    )


def _nobody_called(session: Session) -> None:
    running = Call.objects.filter(counter_id=session.counter_id, ended_at__isnull=True)
    if (label := running.values_list("ticket__label", flat=True).first()) is not None:
        raise Refused(
            _("Nomor %(label)s masih berada di loket ini.", label=label),
            code="queueing.call_running",
            rule=_("Loket berhenti setelah panggilan yang berjalan selesai."),
            remedy=_("Selesaikan layanannya, tandai tidak hadir, atau batalkan panggilan."),
        )


def _to(session: Session, state: str) -> None:
    session.state = state
    session.save(update_fields=["state", "closed_at"])


def _of(session: Session) -> dict[str, Any]:
    return {
        "session": str(session.pk),
        "counter": session.counter.number,
        "officer": session.staff.label,
    }
