"""Reads of this room."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from setara.applications import events
from setara.applications.models import Application, Document
from setara.kernel import clock, ids
from setara.kernel.errors import NotFound, Refused
from setara.ledger.models import Event
from setara.ledger.service import Actor
from setara.offices.service import local_date, pack_by_id, pack_of
from setara.people.service import guard, open_blob
from setara.rules import packs
from setara.rules.packs import Pack, Requirement

#: What an officer opens of one application within this time is one look.
ONE_LOOK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement of an application, and the document that stands for it now, if any."""

    requirement: Requirement
    document: Document | None

    @property
    def code(self) -> str:
        """The requirement's code."""
        return self.requirement.code

    @property
    def required(self) -> bool:
        """Whether the application cannot be handed in without it."""
        return self.requirement.required

    @property
    def missing(self) -> bool:
        """Required and not there."""
        return self.required and self.document is None


def pack_of_application(application: Application) -> Pack:
    """The rules of this application: those of today for a draft, from handing in on those of that day."""
    office = application.office
    if application.status == Application.Status.DRAFT:
        return pack_of(office, local_date(office, clock.now()))
    return pack_by_id(office, application.pack)


def answers_of(application: Application) -> dict[str, Any]:
    """All answers by question, those that are personal (sealed in the vault) included. JSON-plain."""
    answers = dict(application.answers)
    if application.private is not None:
        answers |= json.loads(open_blob(application.private))
    return answers


def needs_of(application: Application) -> list[Requirement]:
    """The papers of this application by its answers, in order."""
    return packs.requirements(pack_of_application(application), answers_of(application))


def requirements_of(application: Application) -> list[Need]:
    """Each requirement with its current document or None."""
    there = {
        document.requirement: document
        for document in Document.objects.filter(application=application, superseded=False)
    }
    return [Need(requirement, there.get(requirement.code)) for requirement in needs_of(application)]


def missing(application: Application) -> list[Need]:
    """The required papers that are not there yet."""
    return [need for need in requirements_of(application) if need.missing]


def outstanding(application: Application) -> list[str]:
    """The codes of the papers that the office asked for once more and that have not come yet."""
    return [code for code, came in application.asked.items() if came is None]


def papers_came_at(application: Application) -> datetime | None:
    """When the last of the papers that the office asked for once more came; None while one has not."""
    if not application.asked or outstanding(application):
        return None
    return max(datetime.fromisoformat(came) for came in application.asked.values())


def may_hand_in(application: Application, requirement: str) -> bool:
    """Whether this paper can be handed in now: any of a draft, and of one that was returned the papers that
    the office named, or any if it named none."""
    if application.status == Application.Status.RETURNED:
        return requirement in application.asked or not application.asked
    return application.status == Application.Status.DRAFT


def access_code(application: Application) -> str:
    """The code that, with the reference, opens this application: derived, stored nowhere."""
    return ids.access_code(_code_key(), str(application.pk), application.code_generation)


def find(reference: str, code: str) -> Application:
    """The application that somebody names by reference and code.

    Raises ``Invalid`` (field ``reference``) for a reference that cannot be one, ``Refused`` (field ``code``,
    ``applications.wrong_code``) for a pair that does not fit, whichever of the two is wrong, and ``Refused``
    (``guess.blocked.application``) after too many wrong ones.
    """
    tidy = ids.parse_reference(reference)
    attempt = guard("application", tidy)
    found = Application.objects.select_related("office").filter(reference=tidy).first()
    # The same work for a reference that does not exist: how long the answer takes must tell nothing.
    expected = ids.access_code(
        _code_key(), str(found.pk if found else UUID(int=0)), found.code_generation if found else 1
    )
    if not ids.same_code(code, expected) or found is None:
        left = attempt.failed()
        raise Refused(
            _("Nomor permohonan dan kode ini tidak cocok."),
            code="applications.wrong_code",
            rule=_("Permohonan hanya terbuka dengan nomor dan kode yang benar."),
            remedy=ngettext_lazy(
                "Periksa lagi keduanya. Masih %(n)d percobaan sebelum harus menunggu.",
                "Periksa lagi keduanya. Masih %(n)d percobaan sebelum harus menunggu.",
                left,
            )
            % {"n": left}
            if left
            else _("Percobaan berikutnya harus menunggu. Meja depan kantor dapat memberi kode baru."),
            field="code",
        )
    attempt.passed()
    return found


def by_id(application: UUID) -> Application:
    """The application with this id, with its office, the person and the sealed answers; ``NotFound``."""
    rows = Application.objects.select_related("office", "person", "private")
    found = rows.filter(pk=application).first()
    if found is None:
        raise _not_found()
    return found


def by_reference(reference: str, office: str) -> Application:
    """The application of this office with this reference; ``NotFound`` for one of another office too."""
    tidy = ids.parse_reference(reference)
    rows = Application.objects.select_related("office", "person", "private")
    found = rows.filter(reference=tidy, office=office).first()
    if found is None:
        raise _not_found()
    return found


def looked_lately(officer: Actor, application: Application) -> bool:
    """Whether it is on record that this officer has the application's pages open."""
    return Event.objects.filter(
        application=application.pk,
        type=events.Looked.NAME,
        actor_id=officer.id,
        occurred_at__gt=clock.now() - ONE_LOOK,
    ).exists()


def _not_found() -> NotFound:
    return NotFound(
        _("Permohonan ini tidak ada di kantor ini."),
        code="applications.not_found",
        remedy=_("Periksa nomornya huruf demi huruf."),
        field="reference",
    )


def _code_key() -> bytes:
    path = Path(settings.SETARA_VAULT_KEY_FILE)
    return _derived(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _derived(path: str, _changed: int) -> bytes:
    """A key of its own for access codes, from the vault's: who sees the database alone can open nothing."""
    return hmac.new(Path(path).read_bytes(), b"setara/access-codes/1", sha256).digest()
