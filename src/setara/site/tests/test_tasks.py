"""When the worker does what: the sixth field of a schedule is its seconds, and the last, not the first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from procrastinate.contrib.django import app

from setara.site import tasks

#: Seconds that may pass between two runs.
PROMISED = {"messages": 2, "invitations": 10, "bills": 60, "sweep": 60, "windows": 600, "lapses": 600,
            "openings": 60, "overrides": 60}  # fmt: skip


def test_every_task_runs_as_often_as_people_count_on() -> None:
    assert tasks.messages.name.endswith("messages")
    known = app.periodic_registry.periodic_tasks
    seen = {}
    for (name, _id), periodic in known.items():
        # An hour from an odd minute, in which a schedule with its fields mixed up stands still.
        schedule = periodic.croniter
        schedule.set_current(datetime(2026, 3, 2, 9, 1, 30, tzinfo=UTC).timestamp())
        times = [schedule.get_next(float) for _ in range(30)]
        seen[name.rpartition(".")[2]] = max(b - a for a, b in pairwise(times))
    assert {name: timedelta(seconds=gap) for name, gap in seen.items()} == {
        name: timedelta(seconds=gap) for name, gap in PROMISED.items()
    }
