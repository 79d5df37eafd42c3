"""Who may do what, as a page of the reference: ``python -m setara.site.permissions [--check]``.

Written from the marks of the views and from the declared permissions; a test holds page, marks and the answers
of the running site together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    from setara.site.commands.common import django_ready

    django_ready(prepare=False)

from setara.ledger.service import Permission, permissions
from setara.offices.service import Role
from setara.site.checks import Page, pages

FILE: Final = Path(__file__).resolve().parents[3] / "docs" / "reference" / "permissions.md"
VISITOR, APPLICANT = "visitor", "applicant"
#: Everybody for whom the matrix has a column: people without an account, then the roles.
ACTORS: Final = (VISITOR, APPLICANT, *Role.values)
YES, NO = "yes", "-"
#: Addresses that Django's admin has and nobody may use: nothing is deleted, and offices are made by `setara init`.
CLOSED: Final = ("/delete/", "/offices/office/add/")

_HEAD = """# Who may do what

Everything is denied unless it stands here. This page is written by `python -m setara.site.permissions` from the
marks of the views and from the permissions that the rooms declare; `tests/test_permissions.py` compares it with
both and with the answers of the running site.

- *visitor*: anybody. *applicant*: somebody who gave reference number and code, for that one application.
- A role opens a page; the operation behind it asks again, for the officer's own office and, where the permission
  belongs to a step, for a competence that is valid today.
- An administrator configures and never opens a file; an auditor reads events and changes nothing.

"""


def allowed(page: Page) -> frozenset[str]:
    """The actors for whom a page opens, by its mark."""
    if page.administration:
        return frozenset() if page.route.endswith(CLOSED) else frozenset({Role.ADMINISTRATOR.value})
    if page.access is None:
        return frozenset()
    if page.access.kind == "public":
        return frozenset(ACTORS)
    if page.access.kind == "applicant":
        return frozenset({APPLICANT})
    return frozenset().union(*(permission.roles for permission in page.access.permissions))


def matrix() -> dict[str, frozenset[str]]:
    """Route -> the actors for whom it opens, in the order of the addresses."""
    return {f"/{page.route}": allowed(page) for page in pages()}


def render() -> str:
    """The whole page."""
    return "".join([_HEAD, "## Pages\n\n", *_pages(), "\n## Permissions\n\n", *_permissions()])


def read(text: str) -> dict[str, frozenset[str]]:
    """The matrix that a written page holds; the other way round from :func:`render`."""
    found: dict[str, frozenset[str]] = {}
    for line in text.split("## Permissions", maxsplit=1)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `/") and len(cells) == len(ACTORS) + 1:
            marks = zip(ACTORS, cells[1:], strict=True)
            found[cells[0].strip("`").replace("\\|", "|")] = frozenset(
                who for who, cell in marks if cell == YES
            )
    return found


def _pages() -> Iterator[str]:
    yield "| Address | " + " | ".join(ACTORS) + " |\n"
    yield "|---" * (len(ACTORS) + 1) + "|\n"
    for route, who in matrix().items():
        # A bar inside an address would end the cell.
        address = route.replace("|", "\\|")
        yield f"| `{address}` | " + " | ".join(YES if actor in who else NO for actor in ACTORS) + " |\n"


def _permissions() -> Iterator[str]:
    yield "| Permission | Roles | Others | Bound to a step |\n|---|---|---|---|\n"
    for name, permission in permissions().items():
        roles = ", ".join(role for role in Role.values if role in permission.roles) or NO
        others = ", ".join(_others(permission)) or NO
        yield f"| `{name}` | {roles} | {others} | {YES if permission.step else NO} |\n"


def _others(permission: Permission) -> Iterator[str]:
    kinds = ("applicant", "visitor", "system", "outside")
    return (kind for kind in kinds if getattr(permission, kind))


def main() -> int:
    """Write the page; with ``--check`` only say whether it is current."""
    text = render()
    if "--check" in sys.argv[1:]:
        return 0 if FILE.is_file() and FILE.read_text(encoding="utf-8") == text else 1
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
