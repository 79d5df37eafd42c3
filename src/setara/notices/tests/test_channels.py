"""The message gateway, against the simulator as a real process."""

from __future__ import annotations

import pytest

from setara.kernel.errors import Refused, Unavailable
from setara.kernel.remote import Remote
from setara.notices.channels import Channel, MessageGateway
from setara.site.outside.process import running


def test_a_message_is_handed_over_or_its_fate_is_said() -> None:
    with running() as process:
        gateway: Channel = MessageGateway(process.base_url)
        first = gateway.send("sms", "+62 800-1", "Kode: 123456")
        second = gateway.send("whatsapp", "+62 800-1", "Giliran Anda")
        assert first != second
        inbox = (
            Remote(process.base_url, code="x", message="x", remedy="x").call("GET", "/messages.json").json()
        )
        assert [(m["id"], m["channel"], m["text"]) for m in inbox["messages"]] == [
            (second, "whatsapp", "Giliran Anda"),
            (first, "sms", "Kode: 123456"),
        ]
        with pytest.raises(Refused) as refused:
            gateway.send("sms", "", "Kode")
        assert refused.value.code == "message_refused"
    with pytest.raises(Unavailable) as down:
        gateway.send("sms", "+62 800-1", "Kode")
    assert down.value.code == "gateway_down"
