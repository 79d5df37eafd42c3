"""A demo that was stopped in the middle of its day goes on with the next one."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoDbBlocker, Settings

from setara.kernel import clock
from setara.site.outside import process

STOPPED_AT = 10


class Stopped(Exception):  # noqa: N818 - a power cut, not an error of the play
    """What a signal does to the player, at a moment of our choice."""


@pytest.mark.slow
def test_a_demo_stopped_while_serving_is_taken_up_again(
    own_database: str, django_db_blocker: DjangoDbBlocker, settings: Settings
) -> None:
    from setara.offices.service import OfficeDay
    from setara.queueing.service import Call, Ticket
    from setara.site.day import demo, demo_office, run

    day = date(2026, 3, 3)

    def after_each_operation(_count: int) -> None:
        now = clock.now().astimezone(ZoneInfo("Asia/Jakarta"))
        serving = Call.objects.filter(ended_at=None, started_at__isnull=False)
        if now.date() == day and now.hour >= STOPPED_AT and serving.exists():
            raise Stopped

    with django_db_blocker.unblock(), process.running() as outside:
        settings.SETARA_TREASURY_URL = settings.SETARA_DEVICE_URL = outside.base_url
        settings.SETARA_TREASURY_SECRET = outside.secret
        demo._prepare(day, 12)
        with pytest.raises(Stopped):
            run.play_day(run.Plan(day, 12, seed=1), demo_office.load(demo.COUNTERS), after_each_operation)
        assert OfficeDay.objects.get(date=day).status == OfficeDay.Status.OPEN
        assert Call.objects.filter(ended_at=None, started_at__isnull=False).exists()

        following = demo._next_day()
        assert following > day + timedelta(days=1)
        demo._prepare(following, 12)
        assert OfficeDay.objects.get(date=day).status == OfficeDay.Status.CLOSED
        assert not Ticket.objects.filter(closed_at=None).exists()
        assert Ticket.objects.filter(date=day, right_of_return__gt=day).exists()
