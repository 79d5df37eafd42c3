"""The treasury's web service: billing codes, their state, and the notices of payment that it sends.

Nothing here is called inside a transaction, and nothing is retried: a caller that heard nothing may ask
for the same order again, and gets the code that the treasury already gave it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import quote

from setara.kernel import clock
from setara.kernel.errors import Forbidden, NotFound, Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.remote import Answer, Remote

#: Header of a notice: ``sha256=`` and the hexadecimal HMAC-SHA256 of its body.
SIGNATURE_HEADER = "X-Treasury-Signature"
#: 15 digits: 8, the date, a serial (DOMAIN §8 [S165][S166][D], one sample: so only a shape, no meaning).
BILLING_CODE = re.compile(r"\d{15}", re.ASCII)
#: 16 letters and digits (DOMAIN §8 [M]).
NTPN = re.compile(r"[0-9A-Z]{16}", re.ASCII)
#: No bill comes near it, and every column holds it; a larger number is a fault of whoever sends it.
MOST_RUPIAH = 10**12

State = Literal["open", "paid", "expired"]


@dataclass(frozen=True, slots=True)
class Bill:
    """A billing code; ``amount`` in rupiah, times aware."""

    code: str
    order: str
    amount: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BillState:
    """What the treasury knows of a code; the last three are None until it is paid."""

    code: str
    order: str
    amount: int
    state: State
    expires_at: datetime
    ntpn: str | None
    paid_at: datetime | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A payment as the treasury reports it; ``ntpn`` is its receipt number and names the payment once."""

    code: str
    order: str
    amount: int
    ntpn: str
    paid_at: datetime
    channel: str


class Treasury:
    """The office's side of the treasury at ``base_url``; ``secret`` is shared with it for its notices.

    All calls raise ``Unavailable`` (code ``treasury_down``) when it does not answer as agreed.
    """

    def __init__(self, base_url: str, secret: str, *, timeout: float = 5.0) -> None:
        if not secret:
            raise ValueError("without a secret every notice could be forged")
        self._secret = secret.encode()
        self._remote = _remote(base_url, timeout)

    def issue_bill(
        self,
        *,
        order: str,
        amount: int,
        payer_label: str,
        expires_at: datetime,
        issued_at: datetime | None = None,
        notify_url: str = "",
    ) -> Bill:
        """A billing code for ``order`` (unique for the office, no personal data; so is ``payer_label``).

        ``issued_at`` None means now. The same order again gives the same code. Raises ``Refused`` (code
        ``bill_refused``) if the treasury does not accept the order, such as one with another amount.
        """
        wish = {
            "order": order,
            "amount": amount,
            "payer_label": payer_label,
            "issued_at": (issued_at or clock.now()).isoformat(),
            "expires_at": expires_at.isoformat(),
            "notify_url": notify_url,
        }
        answer = self._remote.call("POST", "/treasury/bills", payload=wish)
        shape = _shape(self._remote, answer)
        if not answer.ok:
            raise Refused(
                _("Kas negara menolak tagihan ini: %(why)s", why=shape.get("message", answer.status)),
                code="bill_refused",
                remedy=_("Periksa jumlah dan nomor pesanannya, lalu minta kode lagi."),
            )
        state = _state(self._remote, shape)
        issued = _moment(self._remote, shape, "issued_at")
        return Bill(state.code, state.order, state.amount, issued, state.expires_at)

    def status(self, code: str, at: datetime | None = None) -> BillState:
        """What became of a code, as of ``at`` (None: now). Raises ``NotFound`` (code ``unknown_code``)."""
        moment = quote((at or clock.now()).isoformat())
        answer = self._remote.call("GET", f"/treasury/bills/{quote(code, safe='')}?at={moment}")
        if answer.status == 404:
            raise _unknown_code()
        if not answer.ok:
            raise self._remote.unavailable()
        return _state(self._remote, _shape(self._remote, answer))

    def verify_notice(self, body: bytes, signature: str) -> Notice:
        """Read a notice and prove that the treasury wrote it.

        ``body`` is the request's body untouched, ``signature`` the value of ``SIGNATURE_HEADER``. Raises
        ``Forbidden`` (code ``bad_signature``), or ``Refused`` (code ``bad_notice``) for a body that is
        signed but makes no sense. A notice may come twice: the receiver counts each ``ntpn`` once.
        """
        expected = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise Forbidden(
                _("Pemberitahuan ini tidak ditandatangani oleh kas negara."),
                code="bad_signature",
                remedy=_("Periksa kunci bersama antara kantor dan kas negara."),
            )
        try:
            shape = json.loads(body)
            notice = Notice(
                code=shape["billing_code"],
                order=shape["order"],
                amount=shape["amount"],
                ntpn=shape["ntpn"],
                paid_at=datetime.fromisoformat(shape["paid_at"]),
                channel=shape["channel"],
            )
            fits = (
                BILLING_CODE.fullmatch(notice.code)
                and NTPN.fullmatch(notice.ntpn)
                and isinstance(notice.order, str)
                and isinstance(notice.channel, str)
                and type(notice.amount) is int
                and 0 < notice.amount < MOST_RUPIAH
                and notice.paid_at.utcoffset() is not None
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _bad_notice() from error
        if not fits:
            raise _bad_notice()
        return notice


class SimulatedBank:
    """Pays bills at the simulator, for the demo and the day driver only: no real bank is spoken to."""

    def __init__(self, base_url: str, *, timeout: float = 5.0) -> None:
        self._remote = _remote(base_url, timeout)

    def pay(self, code: str, channel: str, paid_at: datetime) -> Notice:
        """Pay a code; paying twice gives the first receipt.

        Raises ``NotFound`` (``unknown_code``) or ``Refused`` (``expired_code``, ``payment_refused``).
        """
        path = f"/treasury/bills/{quote(code, safe='')}/pay"
        answer = self._remote.call("POST", path, payload={"channel": channel, "paid_at": paid_at.isoformat()})
        if answer.status == 404:
            raise _unknown_code()
        shape = _shape(self._remote, answer)
        if answer.status == 409:
            raise Refused(
                _("Kode billing ini sudah lewat batas waktunya."),
                code="expired_code",
                remedy=_("Minta kode billing yang baru."),
            )
        if not answer.ok:
            raise Refused(
                _("Bank menolak pembayaran ini."),
                code="payment_refused",
                remedy=_("Periksa waktu dan cara membayarnya."),
            )
        paid = _state(self._remote, shape)
        if paid.ntpn is None or paid.paid_at is None or paid.channel is None:
            raise self._remote.unavailable()
        return Notice(paid.code, paid.order, paid.amount, paid.ntpn, paid.paid_at, paid.channel)


def _remote(base_url: str, timeout: float) -> Remote:
    return Remote(
        base_url,
        code="treasury_down",
        message=_("Sistem kas negara sedang tidak menjawab."),
        remedy=_("Data Anda tersimpan. Coba lagi beberapa menit lagi."),
        timeout=timeout,
    )


def _unknown_code() -> NotFound:
    return NotFound(
        _("Kode billing ini tidak dikenal."),
        code="unknown_code",
        remedy=_("Periksa ke-15 angkanya, lalu coba lagi."),
        field="code",
    )


def _bad_notice() -> Refused:
    return Refused(
        _("Isi pemberitahuan pembayaran ini tidak lengkap."),
        code="bad_notice",
        remedy=_("Cocokkan pembayaran ini dengan laporan kas negara."),
    )


def _shape(remote: Remote, answer: Answer) -> dict[str, Any]:
    try:
        return answer.json()
    except ValueError as error:
        raise remote.unavailable() from error


def _moment(remote: Remote, shape: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(shape[name])
    except (KeyError, TypeError, ValueError) as error:
        raise remote.unavailable() from error
    if moment.utcoffset() is None:
        raise remote.unavailable()
    return moment


def _state(remote: Remote, shape: Mapping[str, Any]) -> BillState:
    code, order, amount, state = (shape.get(name) for name in ("billing_code", "order", "amount", "state"))
    if not (
        isinstance(code, str)
        and BILLING_CODE.fullmatch(code)
        and isinstance(order, str)
        and type(amount) is int
        and state in {"open", "paid", "expired"}
    ):
        raise remote.unavailable()
    paid = state == "paid"
    return BillState(
        code=code,
        order=order,
        amount=amount,
        state=cast(State, state),
        expires_at=_moment(remote, shape, "expires_at"),
        ntpn=str(shape.get("ntpn")) if paid else None,
        paid_at=_moment(remote, shape, "paid_at") if paid else None,
        channel=str(shape.get("channel")) if paid else None,
    )
