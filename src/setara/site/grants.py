"""What the office's own role may do with each table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from setara.site.connections import APP, compose, connect, database_name

if TYPE_CHECKING:
    from setara.site.connections import Connection

# One key for everything that makes roles, databases or grants; any constant that nobody else uses.
ADVISORY_LOCK = 0x5E7A2A

# Tables of the framework and of the job queue in which rows come and go.
BOOKKEEPING = ("django_session", "auth_user_groups", "auth_user_user_permissions", "auth_group_permissions")
BOOKKEEPING_PREFIXES = ("procrastinate_", "account_", "mfa_", "socialaccount_", "usersessions_")
READ_ONLY = ("django_migrations",)


def grant(name: str | None = None) -> None:
    """Give ``setara_app`` exactly what the office needs in database ``name``, and take everything else.

    Each table gets SELECT, INSERT and UPDATE. The settings name the exceptions:
    SETARA_APPEND_ONLY_TABLES (no UPDATE), SETARA_DELETABLE_TABLES (DELETE too; the framework's
    bookkeeping and the job queue have it anyway) and SETARA_INSERT_UPDATE_TABLES (never DELETE,
    whatever the others say). Nothing is ever given TRUNCATE. One transaction: a running office sees all
    or nothing.
    """
    name = name or database_name()
    lists = _table_lists()
    with connect(name) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        grant_database(connection, name)
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for kind in ("TABLES", "SEQUENCES"):
            connection.execute(compose(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {{}}", APP))
        connection.execute(compose("GRANT USAGE ON SCHEMA public TO {}", APP))
        connection.execute(compose("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", APP))
        connection.execute(compose("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}", APP))
        tables = connection.execute(
            "SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        ).fetchall()
        for table, kind in tables:
            rights = privileges(table, lists) if kind in {"r", "p"} else "SELECT"
            connection.execute(compose(f"GRANT {rights} ON {{}} TO {{}}", table, APP))


def privileges(table: str, lists: dict[str, frozenset[str]]) -> str:
    """What ``setara_app`` may do with a table, as SQL; ``lists`` come from the settings (:func:`grant`)."""
    if table in READ_ONLY:
        return "SELECT"
    if table in lists["append_only"]:
        return "SELECT, INSERT"
    may_delete = table in lists["deletable"] or table in BOOKKEEPING or table.startswith(BOOKKEEPING_PREFIXES)
    if may_delete and table not in lists["insert_update"]:
        return "SELECT, INSERT, UPDATE, DELETE"
    return "SELECT, INSERT, UPDATE"


def grant_database(connection: Connection, name: str) -> None:
    """Rights on the database as a whole; a clone does not inherit them from its template."""
    connection.execute(compose("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
    connection.execute(compose("GRANT CONNECT ON DATABASE {} TO {}", name, APP))


def _table_lists() -> dict[str, frozenset[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    from django.conf import settings

    names = ("append_only", "insert_update", "deletable")
    return {name: frozenset(getattr(settings, f"SETARA_{name.upper()}_TABLES", ())) for name in names}
