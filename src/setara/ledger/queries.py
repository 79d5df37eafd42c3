"""Reading the ledger."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from setara.ledger.models import Event


def events_of_office(office: str) -> QuerySet[Event]:
    """All events of an office in order."""
    return Event.objects.filter(office=office).order_by("seq")


def events_of_application(application: uuid.UUID) -> QuerySet[Event]:
    """All events about one application, in order."""
    return Event.objects.filter(application=application).order_by("seq")


def events_of_ticket(ticket: uuid.UUID) -> QuerySet[Event]:
    """All events about one ticket, in order."""
    return Event.objects.filter(ticket=ticket).order_by("seq")
