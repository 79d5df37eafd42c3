"""The state of a whole queue as one message, the same for every phone in the hall: each finds itself in it.

So a call costs one reading and one message however many people follow, and the server need not know who they are. The
keys are documented in docs/reference/public-data.md and read by ``ticket.js``.
"""

from __future__ import annotations

from typing import Any

from setara.queueing.models import Ticket
from setara.queueing.passing import passing_words, passings
from setara.queueing.picture import Picture
from setara.queueing.showing import running, said_to_all
from setara.queueing.tickets import call_times, span_of

#: One that waits: label, calls before it, minutes (few, many) or None, and by reason those who had come later.
Entry = tuple[str, int, int | None, int | None, dict[str, int]]


def state(picture: Picture) -> dict[str, Any]:
    """The message, in the reader's language.

    ``office``, ``date``; ``waiting``: step -> entries in the order of the rule (an entry's place is its position);
    ``called``: label, step, counter, number of repeats, whether service has begun; ``absent`` and ``sent_back``:
    labels that may still come back today; ``words``: the reasons that entries name; ``said``: announcements.
    What a label is not in is over for today.
    """
    waiting = {step: _entries(picture, step) for step in picture.order}
    codes = {code for entries in waiting.values() for entry in entries for code in entry[4]}
    away = [one for one in picture.tickets.values() if one.closed_at is None]
    return {
        "office": picture.office.pk,
        "date": picture.date.isoformat(),
        "waiting": waiting,
        "called": [
            [
                picture.tickets[c.ticket_id].label,
                c.step,
                c.counter__number,
                c.repeats,
                c.started_at is not None,
            ]
            for c in running(picture)
        ],
        "absent": sorted(one.label for one in away if one.status == Ticket.Status.ABSENT),
        "sent_back": sorted(one.label for one in away if one.status == Ticket.Status.SENT_BACK),
        "words": {code: str(passing_words(picture.pack, code)) for code in sorted(codes)},
        "said": said_to_all(picture),
    }


def _entries(picture: Picture, step: str) -> list[Entry]:
    passed, times = passings(picture, step), call_times(picture, step)
    found = []
    for position, label in enumerate(picture.order[step], 1):
        low, high = span_of(times, position)
        one = passed[label]
        found.append((label, one.called_before, low, high, one.by_reason))
    return found
