"""One office with people, made through the operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from setara.ledger.service import By, system
from setara.offices.models import Account, Office, Role, Staff
from setara.offices.operations import add_staff, create_office

PASSWORD = "tujuh gajah menari"
BY = By(system("test", office="uji"))


@pytest.fixture
def office(db: None) -> Office:
    """An office named `uji` in WIB."""
    return create_office(BY, code="uji", name="Kantor Uji", zone="WIB")


@pytest.fixture
def hire(office: Office) -> Callable[..., Staff]:
    """Make a member of staff; with a password, which the contract does not need to see."""

    def make(username: str, *roles: Role, at: Office = office, **more: Any) -> Staff:
        staff = add_staff(
            By(system("test", office=at.pk)), at, username=username, label=more.pop("label", username[:12]),
            name=f"Contoh {username}", roles=roles, **more,
        )  # fmt: skip
        account = Account.objects.get(pk=staff.account_id)
        account.set_password(PASSWORD)
        account.save(update_fields=["password"])
        staff.account = account
        return staff

    return make


@pytest.fixture
def signed_in(hire: Callable[..., Staff]) -> Callable[..., Client]:
    """A browser in which somebody with these roles is signed in."""

    def make(*roles: Role, username: str = "contoh") -> Client:
        client = Client()
        client.force_login(hire(username, *roles).account)
        return client

    return make


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing slowly is tested by Django."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
