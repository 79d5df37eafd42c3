"""The rule over a day again: 1,000 tickets and about 6,000 calls, from recorded events to the list of exceptions.

Timed is `setara.rules.replay.replay` alone: events that lie in memory as the ledger gives them, every line rebuilt,
the rule asked at each call, its answer compared with the record; in seconds of one processor.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import common
from benchmarks.common import Report, Result

from setara.rules.replay import Answer, replay
from setara.rules.tests import recording

SECONDS = 0.5
TICKETS, QUICK_TICKETS = 1000, 60
# So many come back once or more (missed calls, papers, wrong presses) that a ticket is called six times.
MISSES = 0.5
RUNS = 5


def lines(report: Report, quick: bool) -> None:
    """Record a day, replay it, and tell how long that took."""
    tickets = QUICK_TICKETS if quick else TICKETS
    hall, planted = recording.whole_day(1, tickets, MISSES)
    times = []
    answer = Answer()
    for _ in range(1 if quick else RUNS):
        began = time.process_time()
        answer = replay(hall.events, recording.PACK)
        times.append(time.process_time() - began)
    found = [call.seq for call in answer.not_rules_choice]
    note = f"{len(answer.calls)} calls, {len(hall.events)} events; median of {len(times)}"
    report.add(
        Result(f"the rule over a day of {tickets} tickets", common.median(times), "s", SECONDS, note=note)
    )
    wrong = len(set(found) ^ set(planted)) + len(answer.disagreements)
    report.add(
        Result(
            "calls listed wrongly, records that disagree", wrong, "", 0, note=f"{len(planted)} out of turn"
        )
    )


if __name__ == "__main__":
    wanted = common.options("floor-replay", __doc__, None)
    alone = Report("floor-replay", wanted.quick)
    common.heading(alone)
    lines(alone, wanted.quick)
    sys.exit(alone.finish(wanted.json))
