"""The message gateway, and the telephone of whoever it writes to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from setara.kernel import clock
from setara.site.outside import pages
from setara.site.outside.http import AnswerError, Request, Response, Route, as_html, as_json

CHANNELS = ("sms", "whatsapp", "email")
_KEPT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived."""

    id: str
    to: str
    channel: str
    text: str
    at: datetime


class Messages:
    """Takes messages and shows the last 500; they live in memory only, as a demo's messages should."""

    def __init__(self) -> None:
        self._kept: deque[Message] = deque(maxlen=_KEPT)
        self._numbers = count(1)

    def routes(self) -> list[Route]:
        """What programs and visitors may ask; the inbox stays readable while the gateway is out."""
        return [
            Route("POST", "/messages", "messages", self._post),
            Route("GET", "/messages", "", self._inbox),
            Route("GET", "/messages.json", "", self._list),
        ]

    async def _post(self, request: Request) -> Response:
        wish = request.json()
        to, channel, text = wish.get("to_label"), wish.get("channel"), wish.get("text")
        if channel not in CHANNELS:
            raise AnswerError(400, "bad_channel", "Saluran ini tidak dikenal.", "This channel is not known.")
        if not isinstance(to, str) or not 0 < len(to) <= 120:
            raise AnswerError(
                400, "bad_to", "Alamat tujuan tidak dapat dipakai.", "The address cannot be used."
            )
        if not isinstance(text, str) or not 0 < len(text) <= 4000:
            raise AnswerError(400, "bad_text", "Isi pesan tidak dapat dipakai.", "The text cannot be used.")
        message = Message(f"M{next(self._numbers):08}", to, channel, text, clock.now())
        self._kept.append(message)
        return as_json({"id": message.id}, 202)

    def _found(self, request: Request) -> list[Message]:
        to = request.query.get("to", "").strip()
        return [message for message in reversed(self._kept) if not to or message.to == to]

    async def _inbox(self, request: Request) -> Response:
        return as_html(pages.inbox(self._found(request), request.query.get("to", "").strip()))

    async def _list(self, request: Request) -> Response:
        rows = [
            {"id": m.id, "to_label": m.to, "channel": m.channel, "text": m.text, "at": m.at.isoformat()}
            for m in self._found(request)
        ]
        return as_json({"messages": rows})
