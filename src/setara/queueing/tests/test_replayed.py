"""What the operations of the floor record is enough to replay them: everything that moves somebody in a line."""

from __future__ import annotations

from setara.applications.service import Application
from setara.casework import service as casework
from setara.ledger.models import Event
from setara.offices.service import configure, pack_of
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import BOSS, FINGERS, PHOTO, Floor
from setara.rules.replay import Answer, Happened, replay


def again(floor: Floor) -> Answer:
    """The day so far, replayed from its events."""
    columns = ("seq", "type", "occurred_at", "reason", "payload")
    rows = Event.objects.filter(office=floor.office.pk).order_by("seq").values_list(*columns)
    return replay([Happened(*row) for row in rows], pack_of(floor.office, floor.today))


def test_a_morning_with_everything_in_it_is_replayed_exactly(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 9}})
    people = [floor.arrive() for _ in range(6)]
    host = floor.old()
    floor.after(1)
    other = floor.old()
    friend = floor.application(Application.Status.PAID)
    companion = q.check_in_walk_in(floor.by("FD"), friend, "companion", "card", host)
    floor.officer("K2", ["supervisor"])
    first, second, photos = floor.sit("D1", 1), floor.sit("D2", 2), floor.sit("B1", 3)
    floor.after(1)

    # A wrong press, taken back after another counter has called.
    wrong = q.call_next(floor.by("D1"), first)
    served = floor.serve("D2", second)
    q.undo_call(floor.by("D1"), wrong)
    casework.check_documents(floor.by("D2"), served, "complete")
    # An officer steps back; the ticket goes to another, and never again to this one.
    stepped = q.call_next(floor.by("D1"), first)
    q.recuse(floor.by("D1"), stepped)
    floor.after(1)
    assert q.call_next(floor.by("D2"), second).ticket == stepped.ticket
    # Out of turn, approved, unproven.
    last = people[-1]
    request = q.ask_override(floor.by("D1", "state_duty"), last)
    q.approve_override(floor.by("K2"), request)
    jumped = q.call_out_of_turn(floor.by("D1", "state_duty"), first, last)
    casework.check_documents(floor.by("D1"), q.start_service(floor.by("D1"), jumped), "complete")
    # Nobody comes; somebody fetches a paper; both come back.
    missed = q.current_call(second)
    for _ in range(2):
        q.repeat_call(floor.by("D2"), missed)
    floor.after(5)
    q.mark_absent(floor.by("D2"), missed)
    papers = floor.serve("D1", first)
    lacks = [each.code for each in casework.requirements_for(papers) if each.required][:1]
    casework.check_documents(floor.by("D1"), papers, "missing", lacks)
    floor.after(1)
    for ticket in (missed.ticket, papers.ticket):
        q.return_ticket(floor.by("FD"), Ticket.objects.get(pk=ticket.pk))
    # Photographed, and sent back to the step before, which must be done again.
    photo = floor.serve("B1", photos)
    casework.transfer(floor.by("B1"), photo, "document_check", "Foto keliru.")
    floor.after(1)
    _work_off(floor, second, photos)
    assert {host.label, other.label, companion.label} <= {call.ticket for call in again(floor).calls}

    answer = again(floor)
    assert answer.disagreements == []
    assert [(call.ticket, call.reason, call.standing) for call in answer.not_rules_choice] == [
        (last.label, "state_duty", "unproven")
    ]
    assert answer.not_rules_choice[0].depth == jumped.depth > 0
    assert sum(call.undone for call in answer.calls) == 2
    assert len(answer.calls) == Event.objects.filter(type__startswith="queueing.called").count() > 20


def _work_off(floor: Floor, documents: q.Session, photos: q.Session) -> None:
    """Serve whoever is left at both steps; the first counter's officer keeps away from one of them."""
    while True:
        floor.after(1)
        if q.waiting(floor.office, floor.today, "document_check"):
            casework.check_documents(floor.by("D2"), floor.serve("D2", documents), "complete")
        elif q.waiting(floor.office, floor.today, "biometrics"):
            casework.capture(floor.by("B1"), floor.serve("B1", photos), PHOTO, FINGERS)
        else:
            return
