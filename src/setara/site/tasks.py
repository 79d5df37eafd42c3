"""What the worker does by itself. Every task is idempotent: a task may run twice, none may be needed for the
office to go on serving (windows are also opened when somebody looks, bills also expire when somebody pays).
The rooms are imported by the tasks themselves: every process of the office reads this file, few run a task."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from procrastinate import JobContext
from procrastinate.contrib.django import app

from setara.kernel import clock
from setara.kernel.errors import SetaraError
from setara.ledger.service import By, system

log = logging.getLogger(__name__)
STALLED_SECONDS = 30
DAYS_OPEN = 14


@app.periodic(cron="* * * * * */2")
@app.task(queueing_lock="messages", pass_context=False)
def messages(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
    """Turn new events into messages and send what waits."""
    from setara.notices import service as notices
    from setara.offices.service import Office

    for office in Office.objects.values_list("code", flat=True):
        while notices.collect(office):
            pass
    notices.deliver()


@app.periodic(cron="*/1 * * * *")
@app.task(queueing_lock="bills")
def bills(timestamp: int) -> None:  # noqa: ARG001
    """Let unpaid billing codes expire."""
    from setara.payments import service as payments

    for bill in payments.bills_to_expire(clock.now()):
        by = By(system("worker", bill.application.office_id))
        _try("payments", partial(payments.expire_bill, by, bill))


@app.periodic(cron="*/1 * * * *")
@app.task(queueing_lock="overrides")
def overrides(timestamp: int) -> None:  # noqa: ARG001
    """Let requests to call out of turn run out."""
    from setara.queueing import service as queueing

    for request in queueing.overrides_to_expire(clock.now()):
        by = By(system("worker", request.office_id))
        _try("queueing", partial(queueing.expire_override, by, request))


@app.periodic(cron="*/1 * * * *")
@app.task(queueing_lock="openings")
def openings(timestamp: int) -> None:  # noqa: ARG001
    """Draw the ranks of those who stood before the doors, in every office whose doors have opened."""
    from setara.offices.service import Office
    from setara.queueing import service as queueing

    for office in Office.objects.all():
        if queueing.draw_due(office, clock.now()):
            _try("queueing", partial(queueing.draw_opening, By(system("opening", office.pk)), office))


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="invitations")
def invitations(timestamp: int) -> None:  # noqa: ARG001
    """Invite to the survey everybody who was handed what they came for; no officer chooses whom."""
    from setara.feedback import service as feedback

    for application in feedback.to_invite(clock.now()):
        by = By(system("worker", application.office_id))
        _try("feedback", partial(feedback.invite, by, application))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="lapses")
def lapses(timestamp: int) -> None:  # noqa: ARG001
    """Note the days that ran out for applicants, so that they are told."""
    from setara.casework import service as casework
    from setara.offices.service import Office

    for office in Office.objects.all():
        by = By(system("worker", office.code))
        for case, kind in casework.to_note(office, clock.now()):
            _try("casework", partial(casework.note_lapse, by, case, kind))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="windows")
def windows(timestamp: int) -> None:  # noqa: ARG001
    """Open the windows of the coming working days."""
    from setara.booking import service as booking
    from setara.offices.service import Office, calendar_of, local_date

    for office in Office.objects.all():
        calendar = calendar_of(office)
        today = local_date(office, clock.now())
        for ahead in range(1, DAYS_OPEN + 1):
            day = today + timedelta(days=ahead)
            if calendar.is_working_day(day) and not booking.windows_of(office, day, day):
                by = By(system("worker", office.code))
                _try("booking", partial(booking.open_windows, by, office, day))


@app.periodic(cron="*/1 * * * *")
@app.task(queueing_lock="sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Put jobs of a worker that died back into the queue."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await app.job_manager.retry_job(job)


def _try(what: str, act: Callable[[], object]) -> None:
    """A refusal of one item must not stop the others; it is logged by its code only."""
    try:
        act()
    except SetaraError as error:
        log.warning("%s refused: %s", what, error.code)
