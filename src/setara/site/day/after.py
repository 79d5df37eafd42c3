"""After the hall: adjudication, printing, quality check and handover on the working days that follow."""

from __future__ import annotations

from datetime import date, time, timedelta

from setara.applications.service import Application
from setara.casework import service as casework
from setara.casework.service import Case
from setara.feedback import service as feedback
from setara.ledger.service import system
from setara.site.day import cast as traits
from setara.site.day import hall
from setara.site.day.play import Play
from setara.site.day.stage import Process

DESKS = 4  # back-office work is interleaved as if so many sat side by side


def adjudication(play: Play, day: date) -> Process:
    """Every file that waits for adjudication is decided; a few are held for a second look."""
    yield play.at(day, time(8, 30))
    for case in casework.waiting_cases(play.office, "adjudication"):
        given = casework.assigned(case)
        actor = play.officer(given.staff if given else play.cast.adjudicator)
        yield play.now + timedelta(seconds=150 // DESKS)
        person = play.people.get(str(case.pk))
        hold = (
            person is not None
            and person.rng.random() < traits.HELD_AT_ADJUDICATION
            and not case.holds.exists()
        )
        if hold:
            play.attempt(
                casework.adjudicate,
                actor,
                case,
                "examination",
                note=hall.SIMULATED,
                hold_reason="centre_check",
            )
        else:
            play.attempt(casework.adjudicate, actor, case, "approved")


def printing(play: Play, day: date) -> Process:
    """Books are taken from stock, printed and checked; a spoiled one is printed again."""
    yield play.at(day, time(10))
    actor = play.officer(play.cast.printer)
    for case in casework.waiting_cases(play.office, "printing"):
        yield play.now + timedelta(seconds=240 // DESKS)
        if play.attempt(casework.print_book, actor, case) is None:
            continue
        yield play.now + timedelta(seconds=90 // DESKS)
        person = play.people.get(str(case.pk))
        spoiled = person is not None and person.rng.random() < traits.SPOILED_BOOK
        case.refresh_from_db()
        note = hall.SIMULATED if spoiled else ""
        play.do(casework.check_quality, actor, case, "failed" if spoiled else "passed", note=note)
        if spoiled:
            yield play.now + timedelta(seconds=240 // DESKS)
            case.refresh_from_db()
            play.do(casework.print_book, actor, case)
            case.refresh_from_db()
            play.do(casework.check_quality, actor, case, "passed")


def released(play: Play, day: date) -> Process:
    """Files on hold since yesterday go on."""
    yield play.at(day, time(8, 10))
    for case in casework.held_cases(play.office):
        person = play.people.get(str(case.pk))
        if person is not None and case.step == "adjudication":
            play.attempt(casework.release_hold, play.officer(play.cast.adjudicator), case)


def collecting(play: Play, day: date, turn: int) -> Process:
    """Those whose book is ready come for it on this day, unless they come later or never."""
    yield play.at(day, time(7))
    for application in ready(play):
        person = play.people[str(application.pk)]
        if not person.never_collects and person.collects_after <= turn:
            play.stage.start(hall.pickup(play, person, application, day))


def invitations(play: Play, day: date) -> Process:
    """The system invites those served to the survey."""
    yield play.at(day, time(18))
    for application in Application.objects.filter(
        office=play.office, status=Application.Status.DONE, invitation__isnull=True, pk__in=list(play.people)
    ).order_by("case__handover__at", "started_at"):
        # In the demo office its worker may have been quicker.
        play.attempt(feedback.invite, system("worker", play.office.code), application)


def ready(play: Play) -> list[Application]:
    """Applications of this play whose book is ready, in the order of the case's own history."""
    cases = Case.objects.filter(office=play.office, application__status=Application.Status.READY)
    return [
        c.application
        for c in cases.select_related("application").order_by("joined_at")
        if str(c.pk) in play.people
    ]
