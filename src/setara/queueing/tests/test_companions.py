"""A companion stands behind the person accompanied at every step, and stays recorded as one."""

from __future__ import annotations

from setara.applications.service import Application
from setara.casework import service as casework
from setara.offices.service import configure
from setara.queueing import service as q
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import BOSS, FINGERS, PHOTO, Floor


def test_a_companion_is_called_after_the_person_accompanied_at_each_step(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 9}})
    host, other = floor.old(), _later(floor)
    floor.after(1)
    friend = floor.application(Application.Status.PAID)
    companion = q.check_in_walk_in(floor.by("FD"), friend, "companion", "card", host)
    assert companion.beside_at == host.joined_at
    board = q.board(floor.office, floor.clock.now())
    assert next(step["order"] for step in board["steps"]) == [host.label, companion.label, other.label]
    documents = floor.sit("D1", 1)
    called = [_checked(floor, documents) for _ in range(3)]
    assert called == [host.label, companion.label, other.label]
    # Somebody else of the lane has joined the next step between the two; the companion still comes second there.
    biometrics = floor.sit("B1", 3)
    between = _later(floor)
    Ticket.objects.filter(pk=between.pk).update(step="biometrics", joined_at=host_joined(host))
    called = [_captured(floor, biometrics) for _ in range(2)]
    assert called == [host.label, companion.label]


def test_a_companion_who_joins_a_step_first_stands_alone(floor: Floor) -> None:
    configure(BOSS, floor.office, {"local": {"lanes.priority.daily_quota": 9}})
    host = floor.old()
    companion = q.check_in_walk_in(
        floor.by("FD"), floor.application(Application.Status.PAID), "companion", "card", host
    )
    desk = floor.sit("D1", 1)
    floor.serve("D1", desk)
    second = floor.sit("D2", 2)
    assert _checked(floor, second, "D2") == companion.label
    companion.refresh_from_db()
    assert (companion.step, companion.beside_at) == ("biometrics", None)


def host_joined(host: Ticket) -> object:
    host.refresh_from_db()
    # A microsecond is enough: at this step it is first in, first out.
    return host.joined_at.replace(microsecond=host.joined_at.microsecond + 1)


def _later(floor: Floor) -> Ticket:
    floor.after(1)
    return floor.old()


def _checked(floor: Floor, session: q.Session, label: str = "D1") -> str:
    floor.after(1)
    call = floor.serve(label, session)
    casework.check_documents(floor.by(label), call, "complete")
    return call.ticket.label


def _captured(floor: Floor, session: q.Session) -> str:
    call = floor.serve("B1", session)
    casework.capture(floor.by("B1"), call, PHOTO, FINGERS)
    return call.ticket.label
