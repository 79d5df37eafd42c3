"""The message for all phones: what it counts is what the page of each ticket names, in any hall."""

from __future__ import annotations

import json
from collections import Counter as Tally
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from setara.queueing import following, tickets
from setara.queueing import service as q
from setara.queueing.passing import passings, place_on
from setara.queueing.picture import CallRow, Picture, TicketRow
from setara.queueing.tests.flooring import MONDAY, Floor

MINUTE = timedelta(minutes=1)
minutes = st.integers(0, 60).map(lambda n: MONDAY + n * MINUTE)
LANES = ("booked", "priority")


@st.composite
def halls(draw: st.DrawFn) -> Any:
    """Some people at one step, calls of some of them, and in any order who waits still."""
    rows: dict[UUID, TicketRow] = {}
    for n in range(draw(st.integers(1, 12))):
        joined = draw(minutes)
        rows[UUID(int=n)] = TicketRow(
            UUID(int=n), f"A-{n:03d}", draw(st.sampled_from(LANES)), "s", "waiting", joined, joined,
            draw(st.none() | minutes), draw(st.none() | st.integers(1, 9)),
            draw(st.sampled_from(["", "missed", "returned"])), None, 0, draw(st.integers(0, 1)), None, "", None,
            draw(st.none() | minutes),
        )  # fmt: skip
    calls = []
    for n, pk in enumerate(draw(st.lists(st.sampled_from(sorted(rows)), max_size=20))):
        joined = rows[pk].joined_at
        out = draw(st.booleans())
        calls.append(
            CallRow(
                UUID(int=100 + n), pk, UUID(int=99) if out else pk, draw(st.sampled_from(["s", "t"])), 1, joined,
                joined + draw(st.integers(0, 60)) * MINUTE, None, None,
                draw(st.sampled_from(["", "undone", "recused"])),
                "urgent" if out else None, 0, 0, draw(st.sampled_from(["proven", "unproven"])), "approved",
            )
        )  # fmt: skip
    waiting = draw(st.permutations([one.label for one in rows.values()]))
    rule = SimpleNamespace(order=draw(st.sampled_from(["window", "joined"])), late_grace=10 * MINUTE)
    pack = SimpleNamespace(lanes=[], override_reasons=[], queue_rule=lambda _step: rule)
    return Picture(
        None, MONDAY, MONDAY.date(), pack, None, rows, tuple(calls), (), {"s": list(waiting)}, (), 0  # type: ignore[arg-type]
    )  # fmt: skip


@given(halls())
@settings(max_examples=150, deadline=None)
def test_what_is_counted_for_all_is_what_is_named_for_each(hall: Picture) -> None:
    counted = passings(hall, "s")
    assert set(counted) == set(hall.order["s"])
    for ticket in hall.tickets.values():
        place = place_on(hall, ticket)
        mine = counted[ticket.label]
        assert mine.called_before == place.called_before
        assert mine.by_reason == Tally(one.reason for one in place.exceptions)


def test_each_phone_finds_itself_in_the_one_message(floor: Floor, client: Client) -> None:
    people = [floor.arrive() for _n in range(5)]
    session, other = floor.sit("D1", 1), floor.sit("D2", 2)
    floor.after(1)
    floor.serve("D1", session)
    call = q.call_next(floor.by("D2"), other)
    old = floor.old()
    picture = q.load(floor.office, floor.clock.now())
    said = json.loads(json.dumps(following.state(picture)))
    assert [entry[0] for entry in said["waiting"]["document_check"]] == [
        entry.label for entry in q.waiting(floor.office, floor.today, "document_check")
    ]
    assert {entry[0]: entry[1] for entry in said["waiting"]["document_check"]}[people[4].label] == 2
    assert [call.ticket.label, "document_check", 2, 0, False] in said["called"]
    assert [people[0].label, "document_check", 1, 0, True] in said["called"]
    # Lanes of the old go before by the rule, and the message says how many and why.
    floor.after(1)
    q.undo_call(floor.by("D2"), call)
    before = q.call_next(floor.by("D2"), other)
    assert before.ticket_id in {old.pk, people[1].pk}
    while before.ticket_id != old.pk:
        before.__class__.objects.filter(pk=before.pk).update(ended_at=floor.clock.now(), outcome="served")
        before = q.call_next(floor.by("D2"), other)
    said = following.state(q.load(floor.office, floor.clock.now()))
    last = said["waiting"]["document_check"][-1]
    assert last[4] == {"lane.priority": 1}
    assert said["words"]["lane.priority"].startswith("Giliran jalur Prioritas")
    # The page of a ticket carries the key that its script makes of the message.
    for one, key in (
        (people[4], "waiting document_check"),
        (people[0], "serving document_check 1"),
        (old, "called.0 document_check 2"),
    ):
        assert f'data-key="{key}"' in client.get(f"/tiket/{one.token}/").content.decode()
    picture = q.load(floor.office, floor.clock.now())
    gone = picture.tickets[people[4].pk]._replace(status="absent")
    assert tickets.state_key(gone, None) == "absent"
    assert tickets.state_key(gone._replace(closed_at=MONDAY), None) == "gone"
