"""The live process: boards and tickets over server-sent events, for as many followers as come.

``uvicorn setara.site.live:app``. One raw ASGI application without Django's request machinery, which costs a
thread for each open stream. Every change in an office is announced by the ledger (NOTIFY); this process then
reads the office's hall once, renders each followed fragment once, and hands the same bytes to all followers. What
phones follow is one message for all: the state of the office's whole queue, in which each finds itself.

    /live/<office>/hall   /live/<office>/home   /live/<office>/queue      ?lang=id|en

With ``Accept: text/event-stream`` a stream: the whole state at once, then again after each change. Without,
the fragment (for `queue` JSON) itself with an ETag, or 304. Nothing is lost when this process dies: pages fall
back to polling the web process, and the first frame after a new connection is the whole present state.
"""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
django.setup()

from setara.site.live.asgi import Live  # noqa: E402 - needs the settings above

app = Live()

__all__ = ["Live", "app"]
