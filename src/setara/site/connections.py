"""Who connects to which database, and how: computed from the environment, starting nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from setara.site import postgres
from setara.site.places import home

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

    Connection = psycopg.Connection[tuple[Any, ...]]

Role = Literal["app", "owner", "admin"]

OWNER, APP = "setara_owner", "setara_app"
POOL = {"min_size": 2, "max_size": 8, "timeout": 10}


class DatabaseError(RuntimeError):
    """A database cannot be made, changed or reached; the text says why and what to do."""


def database_name() -> str:
    """The office's database: SETARA_DB_NAME, else the name in DATABASE_URL, else ``setara``."""
    if name := os.environ.get("SETARA_DB_NAME"):
        return name
    return str(_external("app").get("dbname") or "setara") if external() else "setara"


def external() -> bool:
    """Whether a server of somebody else is used (DATABASE_URL) and not the embedded one."""
    return bool(os.environ.get("DATABASE_URL"))


def _external(role: Role) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    address = os.environ["DATABASE_URL"]
    if role != "app":
        address = os.environ.get("DATABASE_OWNER_URL") or address
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(address))
    except ProgrammingError as error:
        raise DatabaseError(f"DATABASE_URL cannot be read: {error}") from error
    if role == "app":
        parts["options"] = f"{parts.get('options') or ''} -c role={APP}".strip()
    return parts


def parameters(name: str | None = None, role: Role = "app") -> dict[str, Any]:
    """libpq's keywords for a connection to database ``name`` as ``role``. Starts nothing."""
    if external():
        return _external(role) | {"dbname": name or database_name()}
    place = postgres.layout(home())
    user = {"app": APP, "owner": OWNER, "admin": postgres.SUPERUSER}[role]
    return {"host": str(place.socket), "port": place.port, "user": user, "dbname": name or database_name()}


def connection_settings(
    name: str | None = None, role: Role | None = None, pool: bool | None = None
) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``. Starts nothing: the server may come later.

    What is not given comes from the environment: SETARA_DB_NAME, SETARA_DB_ROLE (``app``),
    SETARA_DB_POOL (``0`` for one plain connection a thread; servers want the pool, commands do not).
    """
    if role is None:
        wanted = os.environ.get("SETARA_DB_ROLE", "app")
        role = "owner" if wanted == "owner" else "app"
    if pool is None:
        pool = os.environ.get("SETARA_DB_POOL", "1") != "0"
    parts = parameters(name, role)
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        "CONN_HEALTH_CHECKS": True,  # a restarted database costs a reconnection, not a failed page
        # Parameters bound by the server and statements prepared at their second use: planning, not execution,
        # is most of what a small query costs (measured: 1.0 ms of the server against 0.1 ms).
        "OPTIONS": parts | {"server_side_binding": True, "prepare_threshold": 2},
    }
    if pool:
        settings["OPTIONS"]["pool"] = dict(POOL)
    return settings


def url(name: str | None = None, role: Role = "app") -> str:
    """The connection address for psql or any other client, without a password. Starts nothing."""
    parts = parameters(name, role)
    parts.pop("password", None)
    user, dbname = parts.pop("user", ""), parts.pop("dbname")
    who = f"{quote(str(user))}@" if user else ""
    return f"postgresql://{who}/{quote(dbname)}?{urlencode(parts, quote_via=quote, safe='/')}"


def connect(name: str | None = None, role: Role = "owner") -> Connection:
    """A plain psycopg connection in autocommit. Raises psycopg.OperationalError."""
    import psycopg

    return psycopg.connect(**parameters(name, role), autocommit=True)


def compose(text: str, *names: str) -> sql.Composed:
    """SQL with quoted identifiers in place of the braces."""
    from psycopg import sql

    return sql.SQL(text).format(*map(sql.Identifier, names))


def one(connection: Connection, query: str, *values: object) -> Any:
    """The first column of the query's first row, None when there is none."""
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
