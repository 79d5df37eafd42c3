"""Puts the outside systems together into one ASGI application, with the switch for outages."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from setara.kernel import clock
from setara.site.outside import http, pages
from setara.site.outside.devices import Devices, LowQualityError
from setara.site.outside.http import AnswerError, Request, Response, Route, as_html, as_json, see
from setara.site.outside.journal import Journal
from setara.site.outside.messages import Messages
from setara.site.outside.notifier import Notifier
from setara.site.outside.treasury import CHANNELS, Bill, Treasury, notice_of

_CSS = Path(__file__).with_name("outside.css").read_bytes()

_OUTAGE = AnswerError(503, "outage", "Sistem ini sedang terganggu.", "This system is out of order.")
_NO_DISK = AnswerError(503, "no_disk", "Catatan tidak dapat disimpan.", "The record cannot be kept.")


@dataclass(frozen=True, slots=True)
class Settings:
    """How the simulator is set up; ``state`` None forgets everything at the end."""

    secret: str
    notify_url: str = ""
    seed: int = 1
    state: Path | None = None
    retake_rate: float = 0.0


class Outside:
    """The application: ``Outside(settings)`` is what the ASGI server runs."""

    def __init__(self, settings: Settings) -> None:
        self._outages: dict[str, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._owed: set[asyncio.Task[None]] = set()
        self._notifier = Notifier(
            settings.secret, delivered=self._delivered, paused=lambda: self._out("treasury") > 0
        )
        journal = Journal(settings.state / "treasury.jsonl" if settings.state else None)
        self._treasury = Treasury(
            journal, seed=settings.seed, notify_url=settings.notify_url, notify=self._notify
        )  # fmt: skip
        self._router = http.Router(
            [
                *self._treasury.routes(),
                *Devices(seed=settings.seed, retake_rate=settings.retake_rate).routes(),
                *Messages().routes(),
                Route("GET", "/bank", "treasury", self._get_bank),
                Route("POST", "/bank", "treasury", self._post_bank),
                Route("GET", "/", "", self._home),
                Route("GET", "/health", "", self._health),
                Route("POST", "/outage", "", self._outage),
                Route("POST", "/clock", "", self._clock),
                Route("GET", "/outside.css", "", self._css),
            ]
        )

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        """Answer one HTTP request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await http.answer(await self._respond(scope, receive), send)

    async def _lifespan(self, receive: http.Receive, send: http.Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._loop = asyncio.get_running_loop()
                self._treasury.resume()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _respond(self, scope: http.Scope, receive: http.Receive) -> Response:
        page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        try:
            request = await http.read(scope, receive)
            route = self._router.find(request)
            if left := self._out(route.system):
                return self._refuse(_OUTAGE, page, left)
            return await route.handler(request)
        except AnswerError as error:
            return self._refuse(error, page)
        except OSError:
            return self._refuse(_NO_DISK, page, 60)

    def _refuse(self, error: AnswerError, page: bool, wait: float = 0) -> Response:
        if page:
            response = as_html(pages.failure(error.message, error.english), error.status)
        else:
            shape: dict[str, Any] = {
                "code": error.code,
                "message": error.message,
                "message_en": error.english,
            }
            if isinstance(error, LowQualityError):
                shape["quality"] = error.quality
            response = as_json(shape, error.status)
        if wait:
            response.headers["retry-after"] = str(int(wait) + 1)
        return response

    def _out(self, system: str) -> float:
        """Seconds of outage left, 0 if the system is up."""
        return max(0.0, self._outages.get(system, 0.0) - time.monotonic())

    def _notify(self, bill: Bill) -> None:
        self._notifier.post(bill.code, bill.notify_url, notice_of(bill))

    def _delivered(self, code: str) -> None:
        """Called in the notifier's thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._remember, code)

    def _remember(self, code: str) -> None:
        task = asyncio.ensure_future(self._treasury.delivered(code))
        self._owed.add(task)
        task.add_done_callback(self._owed.discard)

    async def _get_bank(self, request: Request) -> Response:
        code = "".join(request.query.get("code", "").split())
        if not code:
            return as_html(pages.ask_code())
        try:
            bill = await self._treasury.find(code)
        except AnswerError as error:
            return as_html(pages.ask_code(code, (error.message, error.english)), error.status)
        return as_html(pages.bill_page(bill, self._treasury.time_for(bill), CHANNELS))

    async def _post_bank(self, request: Request) -> Response:
        form = request.form()
        code, channel = form.get("code", ""), form.get("channel", "")
        if channel not in CHANNELS:
            raise AnswerError(400, "bad_channel", "Pilih cara membayar.", "Choose how to pay.")
        try:
            bill = await self._treasury.pay(code, channel, None)
        except AnswerError as error:
            return as_html(pages.ask_code(code, (error.message, error.english)), error.status)
        return see(f"/bank?code={bill.code}")

    async def _home(self, _: Request) -> Response:
        return as_html(pages.switchboard(self._outages_left()))

    async def _health(self, _: Request) -> Response:
        return as_json({"ok": True, "time": clock.now().isoformat(), "outages": self._outages_left()})

    async def _outage(self, request: Request) -> Response:
        wish: dict[str, Any] = dict(request.form()) if request.is_form else request.json()
        system = wish.get("system")
        try:
            seconds = float(wish.get("seconds", ""))
        except (TypeError, ValueError):
            seconds = -1.0
        if not 0 <= seconds <= 86_400:
            raise AnswerError(
                400, "bad_seconds", "Lama gangguan 0–86400 detik.", "An outage lasts 0–86400 seconds."
            )
        if system != "all" and system not in pages.SYSTEMS:
            raise AnswerError(400, "bad_system", "Sistem ini tidak dikenal.", "This system is not known.")
        until = time.monotonic() + seconds
        for name in pages.SYSTEMS if system == "all" else (str(system),):
            self._outages[name] = until
        return see("/") if request.is_form else as_json({"outages": self._outages_left()})

    def _outages_left(self) -> dict[str, float]:
        return {name: round(left, 1) for name in self._outages if (left := self._out(name))}

    async def _clock(self, request: Request) -> Response:
        """The office tells its virtual time: ``start`` at the real moment ``anchor`` (now), at ``rate``."""
        wish = request.json()
        try:
            start = datetime.fromisoformat(str(wish["start"]))
            anchor = datetime.fromisoformat(wish["anchor"]) if wish.get("anchor") else clock.RealClock().now()
            clock.install(clock.VirtualClock(start, anchor, float(wish.get("rate", 1))))
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerError(
                400, "bad_clock", "Jam ini tidak dapat dipakai.", "This clock cannot be used."
            ) from error
        return as_json({"time": clock.now().isoformat()})

    async def _css(self, _: Request) -> Response:
        return Response(200, _CSS, "text/css; charset=utf-8")
