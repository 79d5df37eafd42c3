"""Shared counter PCs lock themselves: after ``settings.SETARA_IDLE_SECONDS`` without a sign of life.

The page warns and locks by itself (lock.js); what counts is here, so that it also holds without JavaScript.
Idle time is real time: an office that plays a day at sixty times the pace must not lock sixty times sooner.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from setara.kernel.clock import RealClock

LOCKED: Final = "locked"
TOUCHED: Final = "touched"
#: Boards that refresh themselves say so in this header: they are no sign of life.
LIVE_HEADER: Final = "X-Setara-Live"
# A sign of life is written down this often at most, as a part of the idle time: a session row is not
# rewritten with every click.
_GRAIN: Final = 30


def watch(request: HttpRequest) -> None:
    """Lock the session of an officer who was away too long, else take the request as a sign of life."""
    session = request.session
    if SESSION_KEY not in session or session.get(LOCKED):
        return
    if (touched := session.get(TOUCHED)) is None:
        begin(session)
        return
    away, limit = _now() - float(touched), settings.SETARA_IDLE_SECONDS
    if away >= limit:
        lock(session)
    elif LIVE_HEADER not in request.headers and away >= limit / _GRAIN:
        begin(session)


def begin(session: SessionBase) -> None:
    """The officer has just proved who they are."""
    session.pop(LOCKED, None)
    session[TOUCHED] = _now()


def lock(session: SessionBase) -> None:
    """Lock the session; only a password, or signing in anew, opens it."""
    session[LOCKED] = True


def locked(request: HttpRequest) -> bool:
    """Whether this session belongs to an officer and is locked."""
    return SESSION_KEY in request.session and bool(request.session.get(LOCKED))


def _now() -> float:
    return RealClock().now().timestamp()
