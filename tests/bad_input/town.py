"""One office with everybody in it, people at every stage of the way, and browsers for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.test import Client

from setara.applications.service import Application, answer, attach
from setara.applications.service import missing as missing_papers
from setara.applications.tests.making import ADULT, House, papers
from setara.booking.service import open_windows
from setara.casework import service as casework
from setara.casework.models import Case
from setara.kernel.clock import ManualClock
from setara.ledger.models import Event
from setara.ledger.service import By, system
from setara.offices.access import SESSION_APPLICATION
from setara.offices.operations import create_office
from setara.queueing import service as queueing
from setara.queueing.models import Ticket
from setara.queueing.tests.flooring import BOSS, FINGERS, PHOTO, Floor, stock
from setara.site.outside.process import Process

ENGLISH = {"accept-language": "en"}
INDONESIAN = {"accept-language": "id"}
LANGUAGES = (INDONESIAN, ENGLISH)


@cache
def _one_client() -> Client:
    """Each new one would read the list of static files again; cookies are what tells browsers apart."""
    return Client(raise_request_exception=False)


@dataclass
class Browser:
    """One browser: its cookies, on the one client that all share."""

    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        """The answer to a request."""
        client = _one_client()
        client.cookies.clear()
        for name, value in self.cookies.items():
            client.cookies[name] = value
        send = getattr(client, method.lower())
        answer = send(path, data, **more) if data is not None else send(path, **more)
        self.cookies = {name: one.value for name, one in client.cookies.items() if one.value}
        return answer

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        return self.ask("get", path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        """Send a form."""
        return self.ask("post", path, {} if data is None else data, **more)

    def session(self) -> Any:
        """The session behind the cookie."""
        client = _one_client()
        client.cookies.clear()
        for name, value in self.cookies.items():
            client.cookies[name] = value
        return client.session

    def keep(self, session: Any) -> None:
        """Carry this session's key from now on."""
        self.cookies["sessionid"] = session.session_key


@dataclass
class Town:
    """The office, its settings, and what was opened so far."""

    floor: Floor
    settings: Any
    outside: Callable[[], Process]
    seated: dict[str, Any] = field(default_factory=dict)

    @property
    def house(self) -> House:
        """The same office as the tests of applicants know it."""
        return House(self.floor.office, self.floor.staff["FD"], self.floor.clock)

    def opened(self) -> Floor:
        """The floor with its day open."""
        if self.floor.day() is None:
            self.floor.open()
        return self.floor

    def treasury_answers(self) -> None:
        """From now on the treasury (the simulator, a process of its own) answers."""
        process = self.outside()
        self.settings.SETARA_TREASURY_URL = process.base_url
        self.settings.SETARA_TREASURY_SECRET = process.secret

    def everybody(self) -> dict[str, Any]:
        """All officers at all counters, by label."""
        for number in COUNTERS:
            assert self.floor.counters[number]
        return {label: self.floor.staff[label] for label in OFFICERS}

    # Browsers

    def visitor(self) -> Browser:
        """Somebody from the street."""
        return Browser()

    def officer(self, label: str) -> Browser:
        """An officer, signed in."""
        client = _one_client()
        client.cookies.clear()
        client.force_login(self.floor.staff[label].account)
        return Browser({name: one.value for name, one in client.cookies.items()})

    def holder(self, made: Application) -> Browser:
        """Somebody who gave number and code of an application."""
        browser = Browser()
        session = browser.session()
        session[SESSION_APPLICATION] = str(made.pk)
        session.save()
        browser.keep(session)
        return browser

    # People

    def answered(self) -> Application:
        """A draft whose questions are answered."""
        made, by = self.house.draft()
        return answer(by, made, ADULT)

    def attach_all(self, made: Application) -> None:
        """Hand in every paper that is asked for."""
        by = self.house.officer
        for need in missing_papers(made):
            attach(By(by), made, need.code, papers())

    def complete(self) -> Application:
        """A draft that lacks nothing."""
        made = self.answered()
        self.attach_all(made)
        return Application.objects.get(pk=made.pk)

    def windows(self, days: int = 1) -> list[Any]:
        """The windows of a day to come."""
        if not self.seated.get("quota"):
            self.seated["quota"] = self.house.quota(per_day=8)
        return list(open_windows(BOSS, self.floor.office, self.day(days)))

    def day(self, days: int) -> date:
        """A day to come."""
        return self.floor.today + timedelta(days=days)

    # The hall

    def sit(self, label: str, number: int) -> queueing.Session:
        """An officer at a counter, once."""
        floor = self.opened()
        if label not in self.seated:
            self.seated[label] = floor.sit(label, number)
        session: queueing.Session = self.seated[label]
        return session

    def serve(self, label: str, number: int) -> queueing.Call:
        """The next one of the line, being served."""
        return self.floor.serve(label, self.sit(label, number))

    def arrive(self) -> Ticket:
        """Somebody comes."""
        return self.opened().arrive()

    def absent(self, call: queueing.Call) -> None:
        """Called as often as the rule asks, and not there."""
        for _again in range(2):
            self.floor.after(2)
            queueing.repeat_call(self.floor.by("D1"), call)
        self.floor.after(2)
        queueing.mark_absent(self.floor.by("D1"), call)

    def at_biometrics(self) -> queueing.Call:
        """Somebody whose papers are complete sits before the camera."""
        self.arrive()
        casework.check_documents(self.floor.by("D1"), self.serve("D1", 1), "complete")
        return self.serve("B1", 3)

    def interviewed(self) -> Case:
        """A file that waits for its adjudication."""
        call = self.at_biometrics()
        casework.capture(self.floor.by("B1"), call, PHOTO, FINGERS)
        casework.interview(self.floor.by("W1"), self.serve("W1", 4), "passed")
        found: Case = Case.objects.select_related("application__office").get(pk=call.ticket.application_id)
        return found

    def ready(self) -> Application:
        """Somebody whose passport lies ready."""
        found = self.interviewed()
        stock(self.floor)
        casework.adjudicate(self.floor.by("AJ"), found, "approved")
        found.refresh_from_db()
        casework.print_book(self.floor.by("PR"), found)
        found.refresh_from_db()
        casework.check_quality(self.floor.by("PR"), found, "passed")
        return Application.objects.get(pk=found.application_id)


#: Who works here: label, roles, steps.
OFFICERS = {
    "KA": (["supervisor", "head"], []), "FD": (["front_desk"], []), "AD": (["administrator"], []),
    "AU": (["auditor"], []), "D1": (["document_checker"], ["document_check"]),
    "D2": (["document_checker"], ["document_check"]), "B1": (["biometrics"], ["biometrics"]),
    "W1": (["interviewer"], ["interview"]), "AJ": (["adjudicator"], ["adjudication"]),
    "PR": (["printing"], ["printing", "quality_check"]), "HO": (["handover"], ["handover"]),
}  # fmt: skip
COUNTERS = {1: "document_check", 2: "document_check", 3: "biometrics", 4: "interview", 5: "handover"}


class _Hired(dict[str, Any]):
    """The staff by label; each is hired when first needed, because most tests need two or three of them."""

    floor: Floor

    def __missing__(self, label: str) -> Any:
        return self.floor.officer(label, *OFFICERS[label])


class _Placed(dict[int, Any]):
    """The counters by number; likewise."""

    floor: Floor

    def __missing__(self, number: int) -> Any:
        return self.floor.counter(number, [COUNTERS[number]])


def build(clock: ManualClock, settings: Any, outside: Callable[[], Process]) -> Town:
    """An office, its officers hired when they are needed; its day is not open yet."""
    staff, counters = _Hired(), _Placed()
    floor = Floor(create_office(BOSS, "uji", "Kantor uji"), clock, staff, counters)
    staff.floor = counters.floor = floor
    return Town(floor, settings, outside)


def events() -> int:
    """How many events there are."""
    return Event.objects.count()


SYSTEM = By(system("worker"))
