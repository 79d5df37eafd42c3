"""The state treasury: billing codes, payments, and the notice to the office that somebody has paid."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from setara.kernel import clock
from setara.site.outside.http import AnswerError, Request, Response, Route, as_json
from setara.site.outside.journal import Journal

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: The treasury keeps its days in western Indonesian time.
WIB = timezone(timedelta(hours=7), "WIB")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: How a visitor of the demo may say that they paid; programs may name any channel of up to 20 characters.
CHANNELS = {"bank": "Bank / ATM", "pos": "Kantor pos · post office", "ecommerce": "Toko daring · e-commerce"}


@dataclass(slots=True)
class Payment:
    """Money received; ``ntpn`` is the treasury's receipt number."""

    ntpn: str
    paid_at: datetime
    channel: str


@dataclass(slots=True)
class Bill:
    """A billing code and what became of it; ``received_at`` is the simulator's own time of issue."""

    code: str
    order: str
    amount: int
    payer_label: str
    issued_at: datetime
    expires_at: datetime
    received_at: datetime
    notify_url: str
    payment: Payment | None = None
    notified: bool = False
    saving: asyncio.Task[None] | None = None

    def shape(self, at: datetime) -> dict[str, Any]:
        """What the treasury tells about the bill at the moment ``at``."""
        state = "paid" if self.payment else "expired" if at >= self.expires_at else "open"
        shape: dict[str, Any] = {
            "billing_code": self.code,
            "order": self.order,
            "amount": self.amount,
            "payer_label": self.payer_label,
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "state": state,
        }
        if self.payment:
            paid = self.payment
            shape |= {"ntpn": paid.ntpn, "paid_at": paid.paid_at.isoformat(), "channel": paid.channel}
        return shape


class Treasury:
    """Bills in memory, each change first in the journal. One instance, one event loop."""

    def __init__(
        self, journal: Journal, *, seed: int, notify_url: str, notify: Callable[[Bill], None]
    ) -> None:
        self._journal = journal
        self._seed = str(seed).encode()
        self._notify_url = notify_url
        self._notify = notify
        self._bills: dict[str, Bill] = {}
        self._by_order: dict[str, Bill] = {}
        self._serials: dict[str, int] = {}
        for record in journal.replay():
            self._replay(record)

    def resume(self) -> None:
        """Send the notices that were owed when the process stopped; call once, in the event loop."""
        for bill in self._bills.values():
            if bill.payment and bill.notify_url and not bill.notified:
                self._notify(bill)

    def routes(self) -> list[Route]:
        """What programs may ask."""
        return [
            Route("POST", "/treasury/bills", "treasury", self._post_bill),
            Route("GET", "/treasury/bills/{code}", "treasury", self._get_bill),
            Route("POST", "/treasury/bills/{code}/pay", "treasury", self._post_payment),
        ]

    async def issue(self, wish: dict[str, Any]) -> Bill:
        """A billing code for an order; the same order with the same amount gets the code it has."""
        order, amount = _text(wish, "order", 64), wish.get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= 10**12:
            raise _bad("amount")
        received = clock.now()
        issued = _moment(wish, "issued_at") if wish.get("issued_at") else received
        expires = _moment(wish, "expires_at")
        if expires <= issued:
            raise _bad("expires_at")
        notify_url = _loopback(wish.get("notify_url") or self._notify_url)
        bill = self._by_order.get(order)
        if bill is None:
            day = f"{issued.astimezone(WIB):%Y%m%d}"
            serial = self._serials.get(day, 0) + 1
            if serial > 999_999:
                raise AnswerError(
                    503, "no_codes", "Kode billing hari ini habis.", "No more billing codes today."
                )
            payer = _text(wish, "payer_label", 80)
            bill = Bill(f"8{day}{serial:06}", order, amount, payer, issued, expires, received, notify_url)
            self._keep(bill)
            bill.saving = asyncio.create_task(self._journal.append(_issued(bill)))
        elif bill.amount != amount:
            raise AnswerError(
                409,
                "other_amount",
                "Pesanan ini sudah ada dengan jumlah lain.",
                "This order has another amount.",
            )
        await _saved(bill)
        return bill

    async def find(self, code: str) -> Bill:
        """The bill, as far as it is on disk."""
        bill = self._bills.get(code)
        if bill is None:
            raise AnswerError(
                404, "unknown_code", "Kode billing ini tidak dikenal.", "This billing code is not known."
            )
        await _saved(bill)
        return bill

    def time_for(self, bill: Bill) -> datetime:
        """The office's present time for this bill: on a virtual clock that clock, else time since issue."""
        now = clock.now()
        if isinstance(clock.source(), clock.VirtualClock):
            # This process's clock may be a moment behind the office's, but a bill that is here has been issued.
            return max(now, bill.issued_at)
        # Nor has less than no time passed: this process may just have started again, on another clock than before.
        return bill.issued_at + max(now - bill.received_at, timedelta(0))

    async def pay(self, code: str, channel: str, paid_at: datetime | None) -> Bill:
        """Take the money; a bill that is paid already answers with the receipt it has."""
        bill = await self.find(code)
        if bill.payment is None:
            at = paid_at or self.time_for(bill)
            if at < bill.issued_at:
                raise _bad("paid_at")
            if at >= bill.expires_at:
                raise AnswerError(
                    409,
                    "expired_code",
                    "Kode billing ini sudah lewat batas waktunya. Mintalah kode baru kepada kantor.",
                    "This billing code has expired. Ask the office for a new one.",
                )
            bill.payment = Payment(self._ntpn(code), at, channel)
            record = {"paid": code, "ntpn": bill.payment.ntpn, "at": at.isoformat(), "channel": channel}
            bill.saving = asyncio.create_task(self._journal.append(record))
            await _saved(bill)
            if bill.notify_url:
                self._notify(bill)
        await _saved(bill)
        return bill

    async def delivered(self, code: str) -> None:
        """The office has acknowledged the notice."""
        self._bills[code].notified = True
        await self._journal.append({"notified": code})

    def _ntpn(self, code: str) -> str:
        """16 letters and digits, the same for the same seed and code, so that a day can be repeated."""
        number = int.from_bytes(hmac.new(self._seed, code.encode(), hashlib.sha256).digest())
        letters = ""
        for _ in range(16):
            number, rest = divmod(number, len(_LETTERS))
            letters += _LETTERS[rest]
        return letters

    def _keep(self, bill: Bill) -> None:
        self._bills[bill.code] = self._by_order[bill.order] = bill
        day = bill.code[1:9]
        self._serials[day] = max(self._serials.get(day, 0), int(bill.code[9:]))

    def _replay(self, record: dict[str, Any]) -> None:
        if "bill" in record:
            read: dict[str, Any] = {
                name: datetime.fromisoformat(value) if name.endswith("_at") else value
                for name, value in record.items()
            }
            self._keep(Bill(code=read.pop("bill"), **read))
        elif "paid" in record:
            paid_at = datetime.fromisoformat(record["at"])
            self._bills[record["paid"]].payment = Payment(record["ntpn"], paid_at, record["channel"])
        elif "notified" in record:
            self._bills[record["notified"]].notified = True

    async def _post_bill(self, request: Request) -> Response:
        bill = await self.issue(request.json())
        return as_json(bill.shape(bill.issued_at), 201)

    async def _get_bill(self, request: Request) -> Response:
        bill = await self.find(request.arguments["code"])
        at = _moment(request.query, "at") if "at" in request.query else self.time_for(bill)
        return as_json(bill.shape(at))

    async def _post_payment(self, request: Request) -> Response:
        wish = request.json()
        paid_at = _moment(wish, "paid_at") if wish.get("paid_at") else None
        bill = await self.pay(request.arguments["code"], _text(wish, "channel", 20), paid_at)
        return as_json(bill.shape(bill.issued_at))


def notice_of(bill: Bill) -> bytes:
    """The body of the notice to the office: who paid what, when, and the receipt number."""
    if bill.payment is None:
        raise ValueError("an unpaid bill has no notice")
    names = ("billing_code", "order", "amount", "ntpn", "paid_at", "channel")
    shape = bill.shape(bill.issued_at)
    return json.dumps({name: shape[name] for name in names}, separators=(",", ":")).encode()


def _issued(bill: Bill) -> dict[str, Any]:
    return {
        "bill": bill.code,
        "order": bill.order,
        "amount": bill.amount,
        "payer_label": bill.payer_label,
        "notify_url": bill.notify_url,
        "issued_at": bill.issued_at.isoformat(),
        "expires_at": bill.expires_at.isoformat(),
        "received_at": bill.received_at.isoformat(),
    }


async def _saved(bill: Bill) -> None:
    """Wait for the disk. A reader that hangs up does not stop the writing."""
    if bill.saving is not None:
        await asyncio.shield(bill.saving)


def _text(wish: dict[str, Any], name: str, longest: int) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise _bad(name)
    return value


def _moment(wish: dict[str, Any] | dict[str, str], name: str) -> datetime:
    try:
        value = datetime.fromisoformat(str(wish.get(name)))
    except ValueError as error:
        raise _bad(name) from error
    if value.utcoffset() is None:
        raise _bad(name)
    return value


def _loopback(url: object) -> str:
    """Only an office on this machine can be notified: the simulator calls nobody else."""
    if not url:
        return ""
    try:
        parts = urlsplit(str(url))
        if parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK and parts.port != 0:
            return str(url)
    except ValueError:  # a port that is no number
        pass
    raise _bad("notify_url")


def _bad(name: str) -> AnswerError:
    return AnswerError(
        400, f"bad_{name}", f"Isian {name} tidak dapat dipakai.", f"The field {name} cannot be used."
    )
