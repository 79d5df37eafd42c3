"""The same code under other rules: a small service without a fee, and rules that change while somebody fills in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from setara.applications.service import (
    access_code,
    answer,
    answers_of,
    attach,
    missing,
    pack_of_application,
    submit,
)
from setara.applications.tests.making import ADULT, TODAY, House, papers
from setara.booking.service import book, open_windows
from setara.kernel.errors import Invalid, Refused
from setara.ledger.service import By, system
from setara.offices import memory
from setara.offices.models import Office
from setara.payments.service import request_bill
from setara.rules import packs


def test_a_free_service_needs_no_payment_and_runs_through_the_same_pages(
    kanim: House, client: Client
) -> None:
    Office.objects.filter(pk=kanim.office.pk).update(service="legalisasi")
    kanim.office.refresh_from_db()
    memory.forget()
    made, by = kanim.draft()
    pack = pack_of_application(made)
    while (question := packs.next_question(pack, answers_of(made))) is not None:
        value = question.options[0].code if question.kind == "choice" else True
        answer(by, made, {question.code: value})
    for need in missing(made):
        attach(by, made, need.code, papers())
    submit(by, made)
    assert (made.status, made.fee, made.pack.split("/")[0]) == ("paid", 0, "legalisasi")
    with pytest.raises(Refused) as free:
        request_bill(by.actor, made)
    assert free.value.code == "payments.already_paid"
    client.post(reverse("resume"), {"reference": made.reference, "code": access_code(made)})
    assert "Tidak ada biaya" in client.get(reverse("bill")).content.decode()
    kanim.quota()
    window = open_windows(By(system("test")), kanim.office, TODAY + timedelta(days=1))[0]
    assert book(by, made, window).window == window


def test_a_draft_follows_the_rules_of_the_day_and_keeps_those_of_its_submission(kanim: House) -> None:
    kanim.clock.set(datetime(2024, 12, 16, 3, tzinfo=UTC))
    made, by = kanim.draft()
    assert made.pack == "paspor/2022-10-12"
    answer(by, made, {key: value for key, value in ADULT.items() if key != "validity"})
    for need in missing(made):
        attach(by, made, need.code, papers())
    with pytest.raises(Invalid) as asked:
        submit(by, made)
    assert set(asked.value.errors) == {"validity"}
    answer(by, made, {"validity": "10"})
    kanim.clock.set(datetime(2024, 12, 17, 3, tzinfo=UTC))
    submit(by, made)
    assert (made.pack, made.fee) == ("paspor/2024-12-17", 950_000)
    kanim.clock.set(datetime(2024, 12, 16, 3, tzinfo=UTC))
    old, by = kanim.draft()
    answer(by, old, ADULT)
    for need in missing(old):
        attach(by, old, need.code, papers())
    submit(by, old)
    assert (old.pack, old.fee) == ("paspor/2022-10-12", 650_000)
    kanim.clock.set(datetime(2025, 1, 6, 3, tzinfo=UTC))
    assert pack_of_application(old).id == "paspor/2022-10-12"
