"""Puts people at every stage of the way at once, through the operations, so that every page has something on it."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from PIL import Image

from setara.applications import service as applications
from setara.applications.models import Application
from setara.booking import service as booking
from setara.booking.operations import open_windows
from setara.casework import service as casework
from setara.casework.devices import Capture
from setara.casework.models import Case
from setara.feedback.models import Invitation
from setara.feedback.service import invite
from setara.kernel import clock
from setara.ledger.service import VISITOR, Actor, By, outside, system
from setara.offices import service as offices
from setara.payments import service as payments
from setara.people.service import PersonData
from setara.queueing import service as queueing
from setara.queueing.models import Ticket
from setara.site.day import demo_office
from setara.site.day.cast import draw

#: The stages in order; somebody put at one has passed all before it.
STAGES = (
    "draft", "answered", "complete", "submitted", "paid", "booked", "waiting", "checked", "captured",
    "interviewed", "approved", "printed", "ready", "done",
)  # fmt: skip
ADULT = {
    "type": "new", "applicant": "adult", "special": "none", "purpose": "tourism", "book": "electronic",
    "validity": "10",
}  # fmt: skip
PHOTO = Capture(b"\xff\xd8\xff photo", "image/jpeg", 88, "uji")
FINGERS = Capture(b"fingers", "application/octet-stream", 71, "uji")
AT = {"document_check": 1, "biometrics": 4, "interview": 6, "handover": 9}


def by(username: str) -> By:
    """An officer of the play, who has each step as a competence."""
    staff = offices.Staff.objects.select_related("office").get(account__username=username)
    return By(offices.actor_for(staff))


class Stage:
    """One office; counters are opened when they are first needed."""

    def __init__(self, office: offices.Office) -> None:
        self.office = office
        self.sessions: dict[str, Any] = {}
        self.number = Application.objects.count()
        self.cast = demo_office.load(8)
        picture = io.BytesIO()
        Image.new("RGB", (640, 420), (200, 210, 215)).save(picture, "JPEG", quality=60)
        self.paper = applications.clean(picture.getvalue())

    @property
    def today(self) -> date:
        """The office's date."""
        return offices.local_date(self.office, clock.now())

    def open(self) -> None:
        """Open the day unless it is."""
        if offices.day_of(self.office, self.today) is None:
            offices.open_day(by("rekaan-pengawas"), self.office, self.today)

    def somebody(self, stage: str, *, channel: str = "online", born: date | None = None) -> Application:
        """A new applicant who has come as far as ``stage``."""
        self.number += 1
        data: PersonData = draw(11, self.number, date(2026, 3, 2)).data
        if born is not None:
            data = data.model_copy(update={"birth_date": born})
        upto = STAGES.index(stage)
        starter = By(VISITOR) if channel == "online" else by("rekaan-depan")
        contact = "sms" if channel == "online" else "slip"
        made = applications.start(
            starter, self.office, data, contact=contact, language="id", channel=channel, simulated=True
        )
        who = By(Actor("applicant", str(made.pk))) if channel == "online" else starter
        for step in STAGES[1 : upto + 1]:
            made = Application.objects.select_related("office", "person").get(pk=made.pk)
            getattr(self, f"_{step}")(made, who)
        return Application.objects.get(pk=made.pk)

    def _answered(self, made: Application, who: By) -> None:
        applications.answer(who, made, ADULT)

    def _complete(self, made: Application, who: By) -> None:
        for need in applications.missing(made):
            applications.attach(who, made, need.code, self.paper)

    def _submitted(self, made: Application, who: By) -> None:
        applications.submit(who, made, confirmed_aloud=who.actor.is_officer)

    def _paid(self, made: Application, who: By) -> None:
        bill = payments.request_bill(who.actor, made)
        ntpn = f"{self.number:016d}"
        payments.record_payment(By(outside("treasury", self.office.code)), bill.code, ntpn, clock.now())

    def _booked(self, made: Application, who: By) -> None:
        if made.channel == Application.Channel.WALK_IN:
            return
        windows = booking.windows_of(self.office, self.today, self.today)
        if not windows:
            open_windows(By(system("worker", self.office.code)), self.office, self.today)
            windows = booking.windows_of(self.office, self.today, self.today)
        booking.book(who, made, next(w.window for w in windows if w.free))

    def _waiting(self, made: Application, who: By) -> None:
        self.open()
        if made.channel == Application.Channel.WALK_IN:
            queueing.check_in_walk_in(by("rekaan-depan"), made, "elderly", "date_of_birth")
        else:
            queueing.check_in(by("rekaan-depan"), booking.Appointment.objects.get(application=made), "qr")

    def _checked(self, made: Application, who: By) -> None:
        call = self.serve("document_check")
        casework.check_documents(by("loket1"), call, "complete")

    def _captured(self, made: Application, who: By) -> None:
        casework.capture(by("loket4"), self.serve("biometrics"), PHOTO, FINGERS)

    def _interviewed(self, made: Application, who: By) -> None:
        casework.interview(by(f"loket{AT['interview']}"), self.serve("interview"), "passed")

    def _approved(self, made: Application, who: By) -> None:
        casework.adjudicate(by("rekaan-adjudikator"), Case.objects.get(application=made), "approved")

    def _printed(self, made: Application, who: By) -> None:
        casework.print_book(by("rekaan-cetak"), Case.objects.get(application=made))

    def _ready(self, made: Application, who: By) -> None:
        casework.check_quality(by("rekaan-cetak"), Case.objects.get(application=made), "passed")

    def _done(self, made: Application, who: By) -> None:
        queueing.check_in_pickup(by("rekaan-depan"), made, "name")
        casework.hand_over(by("loket9"), self.serve("handover"), "self")
        made.refresh_from_db()
        if not Invitation.objects.filter(application=made).exists():
            invite(By(system("worker", self.office.code)), made)

    def call(self, step: str) -> queueing.Call:
        """The next one of the line of ``step`` is called."""
        number = AT[step]
        officer = by(f"loket{number}")
        if step not in self.sessions:
            counter = offices.Counter.objects.get(office=self.office, number=number)
            staff = offices.Staff.objects.get(account__username=f"loket{number}")
            self.sessions[step] = queueing.open_session(staff) or queueing.open_counter(officer, counter)
        return queueing.call_next(officer, self.sessions[step])

    def serve(self, step: str) -> queueing.Call:
        """The same, and service begins."""
        number = AT[step]
        return queueing.start_service(by(f"loket{number}"), self.call(step))


def put(office: offices.Office, *stages: str, **more: Any) -> dict[str, Any]:
    """Somebody at each of ``stages``; their reference, ids and tokens, by stage."""
    stage = Stage(office)
    found: dict[str, Any] = {}
    # Who has gone further goes first, so that each line holds one person when somebody is called from it.
    for name in sorted(set(stages), key=STAGES.index, reverse=True):
        made = stage.somebody(name, **more)
        found[name] = facts(made)
    return found


def facts(made: Application) -> dict[str, Any]:
    """What a test may want to know of an application."""
    ticket = Ticket.objects.filter(application=made).order_by("-arrived_at").first()
    invitation = Invitation.objects.filter(application=made).first()
    seat = booking.Appointment.objects.filter(application=made).order_by("-booked_at").first()
    document = made.documents.first()
    return {
        "reference": made.reference,
        "pk": str(made.pk),
        "code": applications.access_code(made),
        "ticket": str(ticket.pk) if ticket else "",
        "label": ticket.label if ticket else "",
        "ticket_token": ticket.token if ticket else "",
        "appointment": seat.token if seat else "",
        "survey": invitation.token if invitation else "",
        "document": str(document.pk) if document else "",
    }
