"""Who acts, and who may: actors, permissions, and the one check that every operation makes.

Everything is denied unless a permission says otherwise. A permission names the roles that hold it and
is always bound to the actor's own office; where it belongs to a step of the service, the officer must
hold a dated competence for that step. Applicants hold permissions over their own application only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext_lazy as _

from setara.kernel.errors import Forbidden

Kind = Literal["applicant", "officer", "system", "outside", "visitor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts.

    ``id`` is the staff id of an officer, the application id of an applicant, the name of a process or of an
    outside system. ``steps`` are the steps that an officer may do on this day.
    """

    kind: Kind
    id: str
    office: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    steps: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_officer(self) -> bool:
        """True for a member of staff who signed in."""
        return self.kind == "officer"


VISITOR = Actor("visitor", "visitor")


def system(name: str, office: str | None = None) -> Actor:
    """A process of ours that acts by itself (expiry, day's end), by its name."""
    return Actor("system", name, office)


def outside(name: str, office: str | None = None) -> Actor:
    """A system outside the office (treasury), after its message was verified."""
    return Actor("outside", name, office)


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that may be done, and by whom. Made with :func:`permission`, listed by :func:`permissions`."""

    name: str
    roles: frozenset[str]
    applicant: bool = False
    visitor: bool = False
    system: bool = False
    outside: bool = False
    step: bool = False

    def allows(
        self, actor: Actor, *, office: str | None, application: str | None = None, step: str | None = None
    ) -> bool:
        """Whether ``actor`` holds this permission for the given office, application and step."""
        if actor.kind == "officer":
            return (
                bool(self.roles & actor.roles)
                and actor.office is not None
                and (office is None or actor.office == office)
                and (not self.step or step is None or step in actor.steps)
            )
        if actor.kind == "applicant":
            return self.applicant and application is not None and actor.id == application
        if actor.kind == "visitor":
            return self.visitor
        return self.system if actor.kind == "system" else self.outside


_permissions: dict[str, Permission] = {}


def permission(
    name: str,
    *roles: str,
    applicant: bool = False,
    visitor: bool = False,
    system: bool = False,
    outside: bool = False,
    step: bool = False,
) -> Permission:
    """Declare a permission. ``step`` binds officers to the steps of their competence as well."""
    if name in _permissions:
        raise ValueError(f"permission {name} is declared twice")
    made = Permission(name, frozenset(roles), applicant, visitor, system, outside, step)
    _permissions[name] = made
    return made


def permissions() -> dict[str, Permission]:
    """Every declared permission by name."""
    return dict(sorted(_permissions.items()))


_role_name: Callable[[str], object] = str


def name_roles(name: Callable[[str], object]) -> None:
    """Let refusals call roles by ``name`` (code of a role to its words); called once by the room that knows them."""
    global _role_name  # noqa: PLW0603 - per process, set when the site starts
    _role_name = name


def roles_in_words(wanted: Iterable[Permission]) -> str:
    """The roles that hold one of ``wanted``, in the reader's language; empty when no officer does."""
    codes = sorted({code for one in wanted for code in one.roles})
    return ", ".join(sorted(str(_role_name(code)) for code in codes))


def require(
    wanted: Permission,
    actor: Actor,
    *,
    office: str | None,
    application: str | None = None,
    step: str | None = None,
) -> None:
    """Raise :class:`Forbidden`, with the reason in words, unless ``actor`` holds ``wanted``."""
    if wanted.allows(actor, office=office, application=application, step=step):
        return
    if actor.is_officer and office is not None and actor.office != office:
        rule: object = _("Petugas hanya dapat bekerja pada kantornya sendiri.")
    elif actor.is_officer and wanted.roles & actor.roles:
        rule = _("Langkah ini memerlukan penugasan (kompetensi) yang berlaku hari ini.")
    elif who := roles_in_words([wanted]):
        rule = _("Tindakan ini hanya untuk peran: %(roles)s.") % {"roles": who}
    else:
        rule = _("Tindakan ini tidak dilakukan oleh petugas.")
    raise Forbidden(
        _("Anda tidak berwenang melakukan tindakan ini."),
        code="forbidden." + wanted.name,
        rule=rule,
        remedy=_("Minta petugas yang berwenang, atau masuk dengan akun yang sesuai."),
    )
