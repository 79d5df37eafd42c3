"""Pages as an officer uses them: signed in, sending forms with the key that recognises a retry."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from setara.kernel.ids import uuid7
from setara.queueing.tests.flooring import Floor


def signed_in(floor: Floor, label: str) -> Client:
    """A browser in which this officer is signed in."""
    client = Client()
    client.force_login(floor.staff[label].account)
    return client


def send(client: Client, name: str, *args: object, key: str = "", **data: object) -> Any:
    """The answer to a form sent to the page ``name``; a new key unless one is given."""
    return client.post(reverse(name, args=args), {"idempotency_key": key or str(uuid7()), **data})


def words(response: Any) -> str:
    """The page as text."""
    return str(response.content.decode())
