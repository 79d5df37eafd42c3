"""What people type is personal: it may be on the page in front of them, never in a log."""

from __future__ import annotations

import logging

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import Application, access_code
from setara.applications.tests.making import House
from setara.applications.tests.test_applicant_pages import START, WHO

SECRETS = [WHO["name"], WHO["phone"], "9901015708900001", WHO["nik"], "Agustus 1990", "1990-08-17"]


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Which of the secrets stand in what was logged."""
    return [secret for secret in SECRETS if secret in caplog.text]


def test_what_people_type_is_in_no_log(
    kanim: House, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # more than an office writes, less than a developer asks for
    client.raise_request_exception = False
    assert client.post(START, WHO | {"nik": "123"}).status_code == 422
    assert client.post(START, WHO).status_code == 302
    made = Application.objects.get()
    for code in ("AAAA AAAA", access_code(made)):
        client.post(reverse("resume"), {"reference": made.reference, "code": code})
    assert client.get(reverse("person")).status_code == 200
    assert client.get("/permohonan/tidak-ada/").status_code == 404
    assert caplog.records, "something was logged at all"
    assert said(caplog) == []
    assert access_code(made) not in caplog.text
    # The control: the search finds what is there.
    logging.getLogger("setara.test").info("%s", WHO)
    assert said(caplog) == [WHO["name"], WHO["phone"], WHO["nik"], "Agustus 1990"]
