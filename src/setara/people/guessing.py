"""Limits on guessing: codes of applications, passwords of officers.

    attempt = guard("signin", username)      # raises Refused while the subject is blocked
    if right: attempt.passed()
    else:     left = attempt.failed()

Every attempt is counted as a failure *before* the guess is looked at, and taken back by ``passed()``. So a
thousand attempts at the same moment get no further than five, and an attempt that ends in an accident counts.
The count is written at once, in a transaction of its own: it must survive the refusal that follows.

The waits run on the database's own clock, not on the office's: a demo at sixty times the pace must not
shorten them. Subjects are stored as keyed hashes only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from setara.kernel.errors import Refused
from setara.ledger.service import in_operation
from setara.people import vault
from setara.people.models import Guess

#: Failures that cost no wait.
FREE: Final = 5
#: Wait after one failure too many, in seconds; doubled by each further one up to the longest wait.
FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 3600
#: Failures are forgotten after this long without one, in seconds.
MEMORY: Final = 24 * 3600

# One statement, so that two attempts cannot read the same count. A blocked subject is left as it is:
# trying during the wait does not lengthen it.
_COUNT = """
INSERT INTO people_guess AS g (subject, failures, last_at, blocked_until)
VALUES (%(subject)s, 1, clock_timestamp(), NULL)
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN g.last_at < clock_timestamp() - make_interval(secs => %(memory)s) THEN 1
                  ELSE g.failures + 1 END,
  last_at = clock_timestamp(),
  blocked_until = CASE
    WHEN g.failures + 1 < %(free)s THEN NULL
    WHEN g.last_at < clock_timestamp() - make_interval(secs => %(memory)s) THEN NULL
    ELSE clock_timestamp() + make_interval(
      secs => LEAST(%(longest)s, %(first)s * power(2, LEAST(g.failures + 1 - %(free)s, 20)))) END
WHERE g.blocked_until IS NULL OR g.blocked_until <= clock_timestamp()
RETURNING failures
"""
_LEFT = "SELECT EXTRACT(EPOCH FROM blocked_until - clock_timestamp()) FROM people_guess WHERE subject = %s"


@dataclass(frozen=True, slots=True)
class Guard:
    """One attempt that may go on. ``failures`` includes this one, until it has passed."""

    subject: bytes
    failures: int

    def failed(self) -> int:
        """Say that the guess was wrong; returns how many attempts are left before the next wait."""
        return max(0, FREE - self.failures)

    def passed(self) -> None:
        """Say that the guess was right: the subject starts anew."""
        Guess.objects.filter(pk=self.subject).update(failures=0, blocked_until=None)


def guard(kind: str, subject: str) -> Guard:
    """Count an attempt at ``subject`` and let it go on; :class:`Refused` while the subject must wait.

    Never inside an operation: its refusal would take the count back.
    """
    if in_operation():
        raise RuntimeError("attempts are counted before the operation starts, or a refusal would undo it")
    index = vault.guess_index(kind, subject.strip().casefold())
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "subject": index,
                "memory": MEMORY,
                "free": FREE,
                "first": FIRST_WAIT,
                "longest": LONGEST_WAIT,
            },
        )
        if (row := cursor.fetchone()) is not None:
            return Guard(index, int(row[0]))
        cursor.execute(_LEFT, [index])
        found = cursor.fetchone()
    raise _blocked(kind, 1 if found is None or found[0] is None else max(1, math.ceil(found[0])))


def _blocked(kind: str, seconds: int) -> Refused:
    minutes = math.ceil(seconds / 60)
    wait = (
        ngettext_lazy("Coba lagi setelah %(n)d detik.", "Coba lagi setelah %(n)d detik.", seconds)
        % {"n": seconds}
        if seconds < 60
        else ngettext_lazy("Coba lagi setelah %(n)d menit.", "Coba lagi setelah %(n)d menit.", minutes)
        % {"n": minutes}
    )
    return Refused(
        _("Terlalu banyak percobaan yang salah."),
        code=f"guess.blocked.{kind}",
        rule=_("Setelah lima kali salah, percobaan berikutnya harus menunggu, makin lama tiap kali."),
        remedy=wait,
    )
