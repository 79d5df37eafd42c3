"""Invitations by the system, answers apart from them, the page that asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application
from setara.applications.tests.making import MONDAY, House, house
from setara.casework.models import Case, Handover
from setara.feedback.models import Answer, Invitation
from setara.feedback.operations import RECENT
from setara.feedback.service import answer_survey, instrument, invite
from setara.kernel import clock
from setara.kernel.clock import ManualClock
from setara.kernel.errors import Conflict, Forbidden, Invalid, Refused
from setara.ledger.models import Event
from setara.ledger.service import VISITOR, By, system

SYSTEM = By(system("worker"))


@pytest.fixture
def kanim(db: None) -> Iterator[House]:
    with clock.using(ManualClock(MONDAY)) as source:
        yield house(source)


@pytest.fixture
def done(kanim: House) -> Application:
    made, _by = kanim.paid()
    Application.objects.filter(pk=made.pk).update(status=Application.Status.DONE)
    made.refresh_from_db()
    return made


def test_only_the_system_invites_once_and_only_after_the_service(kanim: House, done: Application) -> None:
    unfinished, _by = kanim.draft(nik="9901015708900003")
    with pytest.raises(Refused, match="selesai"):
        invite(SYSTEM, unfinished)
    with pytest.raises(Forbidden):
        invite(By(kanim.officer), done)
    invite(SYSTEM, done)
    with pytest.raises(Conflict):
        invite(SYSTEM, done)
    assert Invitation.objects.count() == Event.objects.filter(type="feedback.invited").count() == 1


def test_an_answer_knows_neither_person_nor_time_and_its_event_no_score(done: Application) -> None:
    invitation = invite(SYSTEM, done)
    answer = answer_survey(By(VISITOR), invitation, {"U1": 4, "U7": 2})
    assert answer.scores == {"U1": 4, "U7": 2}
    assert answer.month.day == 1
    assert {f.name for f in Answer._meta.fields} == {"id", "office", "instrument", "month", "scores"}
    event = Event.objects.get(type="feedback.answered")
    assert (event.application, event.ticket, event.payload) == (None, None, {"instrument": "skm-2017"})
    with pytest.raises(Refused, match="sudah dijawab"):
        answer_survey(By(VISITOR), invitation, {"U1": 1})


@pytest.mark.parametrize("scores", [{"U1": 0}, {"U1": 5}, {"U10": 2}, {}])
def test_scores_outside_the_instrument_are_refused_and_leave_the_invitation_open(
    done: Application, scores: dict[str, int]
) -> None:
    invitation = invite(SYSTEM, done)
    with pytest.raises(Invalid):
        answer_survey(By(VISITOR), invitation, scores)
    assert answer_survey(By(VISITOR), invitation, {"U1": 4}).scores == {"U1": 4}


def test_an_invitation_expires(kanim: House, done: Application) -> None:
    invitation = invite(SYSTEM, done)
    kanim.clock.advance(timedelta(days=31))
    with pytest.raises(Refused, match="lewat waktunya"):
        answer_survey(By(VISITOR), invitation, {"U1": 4})


def test_the_instrument_is_keyed_by_code_and_has_four_labels_each() -> None:
    skm = instrument("skm-2017")
    assert [e.code for e in skm.elements] == [f"U{n}" for n in range(1, 10)]
    assert all(len(e.labels_id) == len(e.labels_en) == 4 for e in skm.elements)


def test_the_page_asks_takes_the_answers_once_and_thanks(client: Client, done: Application) -> None:
    invitation = invite(SYSTEM, done)
    url = reverse("survey", args=[invitation.token])
    page = client.get(url)
    assert page.status_code == 200
    assert page.content.decode().count("<fieldset") == 9
    empty = client.post(url, {"idempotency_key": "a"})
    assert empty.status_code == 400
    sent = client.post(url, {"idempotency_key": "b", "U1": "4", "U9": "1"})
    again = client.post(url, {"idempotency_key": "b", "U1": "4", "U9": "1"})
    for answer in (sent, again):
        assert answer.status_code == 200
        assert "Terima kasih" in answer.content.decode()
    assert Answer.objects.count() == 1
    assert client.get(reverse("survey", args=["x" * 22])).status_code == 404


def test_the_worker_invites_whoever_was_handed_something_lately(kanim: House, done: Application) -> None:
    from setara.site.tasks import invitations

    invitations(0)
    assert not Invitation.objects.exists()  # done, but nothing was handed over
    case = Case.objects.create(application=done, office=kanim.office, step="handover", joined_at=MONDAY)
    given = Handover.objects.create(case=case, to="self", staff=kanim.front, at=MONDAY - RECENT)
    invitations(0)
    assert not Invitation.objects.exists()  # long ago
    given.at = MONDAY - timedelta(minutes=5)
    given.save()
    invitations(0)
    invitations(0)  # a task may run twice
    assert [one.application for one in Invitation.objects.all()] == [done]
    assert Event.objects.filter(type="feedback.invited", actor_kind="system").count() == 1
