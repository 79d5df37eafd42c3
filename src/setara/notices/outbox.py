"""From events to messages, and from messages to the gateway.

Notices are derived from the ledger: a cursor for each office says how far it was read, and rows and cursor move
in one transaction. The gateway is spoken to outside any transaction; a crash between its answer and our note
sends a message twice rather than never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from setara.applications.service import Application, pack_of_application
from setara.kernel import clock
from setara.kernel.errors import SetaraError, Unavailable
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.notices import letters
from setara.notices.channels import MessageGateway
from setara.notices.models import Cursor, Notice
from setara.notices.operations import TRIES, give_up, mark_sent, pause_after
from setara.offices.service import Office, local_date, pack_of
from setara.people.service import open_person
from setara.queueing.service import Ticket, waiting

BATCH = 500
Draft = tuple[Any, str, dict[str, str]]


def _about(kind: str, *fields: str) -> Callable[[Event], Iterator[Draft]]:
    def make(event: Event) -> Iterator[Draft]:
        yield event.application, kind, {f: str(event.payload[f]) for f in fields if event.payload.get(f)}

    return make


def _paid(event: Event) -> Iterator[Draft]:
    yield event.application, "surplus" if event.payload["surplus"] else "paid", {}


def _unserved(event: Event) -> Iterator[Draft]:
    tickets = Ticket.objects.filter(
        office_id=event.office, date=event.payload["date"], right_of_return__isnull=False
    )
    for application, until in tickets.values_list("application", "right_of_return"):
        if until is not None:
            yield application, "not_served", {"until": until.isoformat()}


def _hold(event: Event) -> Iterator[Draft]:
    """A file stands still: for papers that can be handed in without coming, which and until when."""
    said, about = (
        event.payload,
        Application.objects.select_related("office").filter(pk__in=[event.application]),
    )
    pack = pack_of_application(about.get())
    reason = said["reason"] if "reason" in said else said["hold"]
    if pack.step(said["step"]).kind == "back" and pack.hold(reason).papers:
        yield event.application, "papers", {"codes": ",".join(said["missing"]), "until": said["return_by"]}
    else:
        yield event.application, "hold", {}


#: Whoever has so many or fewer before them at the first step is told to come near, if the call was made just now.
NEARLY, FRESH = 5, timedelta(minutes=5)


def _nearly(event: Event) -> Iterator[Draft]:
    """A call at the first step: those whose turn is near now, each once a day. Later steps follow soon, and people
    are in the hall by then."""
    office, now = Office.objects.get(code=event.office), clock.now()
    pack = pack_of(office, local_date(office, event.occurred_at))
    if now - event.occurred_at > FRESH or event.payload["step"] != pack.steps[0].code:
        return
    for place, ticket in enumerate(
        waiting(office, local_date(office, now), event.payload["step"])[:NEARLY], 1
    ):
        told = Notice.objects.filter(
            kind="nearly", application=ticket.application_id, params__label=ticket.label
        )
        if not told.filter(params__date=ticket.date.isoformat()).exists():
            yield (
                ticket.application_id,
                "nearly",
                {"label": ticket.label, "n": str(place), "date": ticket.date.isoformat()},
            )


def _corrected(event: Event) -> Iterator[Draft]:
    """A wrong press was put right: what it came to in truth is told like any other."""
    if event.payload["came_to"] == "held":
        yield from _hold(event)
    elif event.payload["came_to"] == "ready":
        yield event.application, "ready", {}


# Which events tell the applicant something. Anything else is on the application's page.
SUBJECTS: dict[str, Callable[[Event], Iterator[Draft]]] = {
    "applications.started": _about("welcome"),
    "applications.code_renewed": _about("code"),
    "payments.paid": _paid,
    "booking.booked": _about("appointment", "starts"),
    "booking.moved": _about("appointment", "starts"),
    "casework.held": _hold,
    "casework.hold_placed": _hold,
    "casework.ready": _about("ready"),
    "casework.corrected": _corrected,
    "casework.cancelled": _about("cancelled"),
    "casework.return_lapsed": _about("return_lapsed", "until"),
    "casework.return_renewed": _about("return_renewed", "return_by"),
    "casework.collection_near": _about("collection_near", "until"),
    "casework.uncollected": _about("uncollected", "until"),
    "feedback.invited": _about("survey"),
    "queueing.called": _nearly,
    "queueing.called_out_of_turn": _nearly,
    "queueing.day_closed": _unserved,
}


def _told_already(draft: Draft, drafts: list[Draft]) -> bool:
    return draft[1] == "nearly" and any(one[:2] == draft[:2] for one in drafts)


def collect(office: str) -> int:
    """Turn the next events of an office into notices; returns how many events were read."""
    with transaction.atomic():
        Cursor.objects.get_or_create(office=office)
        cursor = Cursor.objects.select_for_update().get(office=office)
        events = list(Event.objects.filter(office=office, seq__gt=cursor.seq).order_by("seq")[:BATCH])
        if not events:
            return 0
        drafts: list[Draft] = []
        for event in events:
            if event.type in SUBJECTS:
                # Two calls of one batch make the same person nearly next, whom no row tells apart yet.
                drafts += [one for one in SUBJECTS[event.type](event) if not _told_already(one, drafts)]
        contacts = dict(
            Application.objects.filter(pk__in={d[0] for d in drafts}).values_list("pk", "contact")
        )
        now = clock.now()
        Notice.objects.bulk_create(
            Notice(
                application_id=pk,
                kind=kind,
                channel=contacts[pk],
                params=params,
                created_at=now,
                next_try_at=now,
            )
            for pk, kind, params in drafts
            # Who has neither phone nor e-mail holds the printed slip and asks at the desk.
            if contacts.get(pk) in {Application.Contact.SMS, Application.Contact.EMAIL}
        )
        cursor.seq = events[-1].seq
        cursor.save(update_fields=["seq"])
        return len(events)


def deliver(limit: int = 100) -> int:
    """Hand queued notices to the gateway, oldest first; returns how many it took. Stops when it is down."""
    if not settings.SETARA_MESSAGES_URL:
        return 0
    gateway = MessageGateway(settings.SETARA_MESSAGES_URL)
    now = clock.now()
    waiting = Notice.objects.filter(Q(next_try_at__lte=now), status=Notice.Status.QUEUED)
    sent = 0
    for notice in waiting.select_related("application__office", "application__person").order_by(
        "next_try_at", "pk"
    )[:limit]:
        by = By(system("worker", notice.application.office_id))
        try:
            message = _send(gateway, notice)
        except Unavailable:
            _try_later(notice)
            return sent
        except SetaraError:
            notice.attempts = TRIES
            give_up(by, notice)
            continue
        mark_sent(by, notice, message)
        sent += 1
    return sent


def _send(gateway: MessageGateway, notice: Notice) -> str:
    person = open_person(notice.application.person)
    text = letters.words(notice.kind, notice.application, notice.params)
    if notice.channel == Application.Contact.EMAIL:
        return gateway.send("email", person.email, text)
    return gateway.send("sms", person.phone, text)


def _try_later(notice: Notice) -> None:
    """Count a failed try. Not an operation: it changes nothing that anybody relies on, only when to try again."""
    attempts = notice.attempts + 1
    if attempts >= TRIES:
        notice.attempts = attempts
        give_up(By(system("worker", notice.application.office_id)), notice)
        return
    Notice.objects.filter(pk=notice.pk).update(
        attempts=attempts, next_try_at=clock.now() + pause_after(attempts)
    )
