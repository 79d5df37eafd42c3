"""Prepared queries give what Django's own give, and refuse shapes in which values could be mixed up."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from setara.applications.models import Application
from setara.applications.service import answer
from setara.applications.tests.making import ADULT, House
from setara.kernel import ids
from setara.ledger.service import Prepared

S = Application.Status


def whole(pk: object) -> QuerySet[Application]:
    return (
        Application.objects.select_for_update(of=("self",)).select_related("office", "private").filter(pk=pk)
    )


def state(application: Application) -> dict[str, object]:
    return {name: value for name, value in vars(application).items() if name[0] != "_"}


def test_rows_are_those_of_django_with_their_relations(kanim: House) -> None:
    made, by = kanim.draft()
    other, _by = kanim.draft()
    query = Prepared(whole)
    assert query.get(made.pk).private is None
    answer(by, made, ADULT)
    for one in (made, other, made):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = query.get(one.pk)
            relations = (found.office.name, found.private and found.private.pk)
        assert len(asked) == 1
        assert "FOR UPDATE" in asked[0]["sql"]
        expected = whole(one.pk).get()
        assert state(found) == state(expected)
        assert relations == (expected.office.name, expected.private and expected.private.pk)
        assert not found._state.adding
    assert query.rows(ids.uuid7()) == []
    with pytest.raises(Application.DoesNotExist):
        query.get(ids.uuid7())


def test_an_object_read_again_forgets_what_it_knew(kanim: House) -> None:
    made, _by = kanim.draft()
    query = Prepared(whole)
    stale = Application.objects.select_related("office").get(pk=made.pk)
    stale.office.name = "no longer so"
    stale.case = None  # type: ignore[assignment]
    Application.objects.filter(pk=made.pk).update(status=S.CANCELLED, answers={"type": "new"})
    again = query.again(stale)
    assert again is stale
    assert (stale.status, stale.answers) == (S.CANCELLED, {"type": "new"})
    assert stale.office.name == made.office.name
    assert not Application._meta.get_field("case").is_cached(stale)
    again.save()  # an object like any other


def test_values_find_their_places_among_constants_or_are_refused(kanim: House) -> None:
    made, _by = kanim.draft()
    by_office = Prepared(
        lambda reference, office: Application.objects.filter(
            status=S.DRAFT, office_id=office, reference=reference
        ).values_list("pk", "answers")
    )
    for reference, office, found in (
        (made.reference, made.office_id, [(made.pk, {})]),
        ("K7HF-3MTX", made.office_id, []),
        (made.reference, "elsewhere", []),
    ):
        assert [tuple(row) for row in by_office.tuples(reference, office)] == found
    lost = Prepared(lambda pk, _language: Application.objects.filter(pk=pk))
    with pytest.raises(TypeError):
        lost.rows(made.pk, "id")
    changed = Prepared(lambda text: Application.objects.filter(reference=text.upper()))
    with pytest.raises(TypeError):
        changed.rows("k7hf-3mtx")
