"""Ways to reach a person: the message gateway."""

from __future__ import annotations

from typing import Literal, Protocol

from setara.kernel.errors import Refused
from setara.kernel.phrase import phrase as _
from setara.kernel.remote import Remote

ChannelName = Literal["sms", "whatsapp", "email"]


class Channel(Protocol):
    """Anything that delivers a message."""

    def send(self, channel: ChannelName, to: str, text: str) -> str:
        """Hand over one message and return the carrier's number for it."""
        ...


class MessageGateway:
    """The gateway for SMS, WhatsApp and e-mail at ``base_url``."""

    def __init__(self, base_url: str, *, timeout: float = 5.0) -> None:
        self._remote = Remote(
            base_url,
            code="gateway_down",
            message=_("Gerbang pesan sedang tidak menjawab."),
            remedy=_("Pesan tetap dalam antrean dan dikirim lagi; kode dapat dicetak di loket."),
            timeout=timeout,
        )

    def send(self, channel: ChannelName, to: str, text: str) -> str:
        """Hand over one message; returns its number at the gateway.

        Raises ``Unavailable`` (``gateway_down``) and ``Refused`` (``message_refused``). After
        ``Unavailable`` the message may have gone out: sending it again may double it.
        """
        wish = {"to_label": to, "channel": channel, "text": text}
        answer = self._remote.call("POST", "/messages", payload=wish)
        if 400 <= answer.status < 500:
            raise Refused(
                _("Gerbang pesan menolak pesan ini."),
                code="message_refused",
                remedy=_("Periksa nomor atau alamat tujuannya."),
            )
        try:
            number = answer.json().get("id")
        except ValueError as error:
            raise self._remote.unavailable() from error
        if not answer.ok or not isinstance(number, str):
            raise self._remote.unavailable()
        return number
