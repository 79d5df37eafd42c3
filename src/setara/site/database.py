"""The office's databases: roles, connection settings, making, granting, cloning and dropping.

Two roles. ``setara_owner`` owns the databases and runs migrations; ``setara_app`` is what the office works
as: it owns nothing, may not make anything, and may delete only where a table is named for it (so the
ledger is append-only for the program itself, whatever its code does). With ``DATABASE_URL`` set nothing is
started: that role (or the one in ``DATABASE_OWNER_URL``) stands in for the owner, and the office works as
``setara_app`` through ``SET ROLE``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from setara.site import postgres
from setara.site.connections import (
    APP,
    OWNER,
    DatabaseError,
    compose,
    connect,
    connection_settings,
    database_name,
    external,
    one,
    parameters,
    url,
)
from setara.site.grants import ADVISORY_LOCK, grant, grant_database, privileges
from setara.site.places import home

if TYPE_CHECKING:
    from setara.site.connections import Connection

PACKAGE = Path(__file__).resolve().parent.parent
TEMPLATE_PREFIX = "setara_template_"
DROP_TRIES = 8
TEMPLATES_KEPT = 3


def ensure_server() -> bool:
    """Start the embedded server when it is not up; True when this call started it."""
    if external() or postgres.running(home()):
        return False
    postgres.start(home())
    return True


@contextlib.contextmanager
def held(*, leave: bool) -> Iterator[None]:
    """Hold the embedded server up for a block, whoever else stops using it meanwhile; at its end it is stopped
    if this process started it, nobody else uses it and not ``leave``. An own server is left alone."""
    if external():
        yield
        return
    with postgres.using(home(), leave=leave or postgres.running(home())):
        yield


def exists(name: str) -> bool:
    """Whether the server has a database of this name."""
    with _maintenance() as connection:
        return _exists(connection, name)


def prepare(name: str | None = None, *, force: bool = False) -> bool:
    """Make database ``name`` ready for this version: server, roles, database, migrations, grants.

    Quick when nothing has changed (the database's comment holds the schema's digest); ``force`` migrates
    all the same. Any number of processes may call this at once. Returns whether anything was done.
    """
    name = name or database_name()
    ensure_server()
    with _maintenance(locked=True) as connection:
        if not force and _comment(connection, name) == _label():
            return False
        if external():
            _external_role(connection)
        if not _exists(connection, name):
            connection.execute(compose("CREATE DATABASE {}", name))
        bring_up_to_date(name)
    return True


def template() -> str:
    """The name of a migrated, empty database to clone from; made at first use for each schema."""
    ensure_server()
    name = TEMPLATE_PREFIX + schema_digest()[:16]
    with _maintenance(locked=True) as connection:
        if not _exists(connection, name):
            if external():
                _external_role(connection)
            draft = f"{name}_draft"
            connection.execute(compose("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft))
            connection.execute(compose("CREATE DATABASE {}", draft))
            bring_up_to_date(draft)
            connection.execute(compose("ALTER DATABASE {} RENAME TO {}", draft, name))
            connection.execute(compose("ALTER DATABASE {} ALLOW_CONNECTIONS false", name))
            _drop_old_templates(connection)
    return name


def clone(name: str, source: str | None = None) -> str:
    """Make database ``name`` as a copy of ``source`` (default: the template); returns ``name``.

    Raises psycopg.errors.DuplicateDatabase when it exists already.
    """
    source = source or template()
    with _maintenance() as connection:
        connection.execute(compose("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log", name, source))
        grant_database(connection, name)
        _set_comment(connection, name)
    return name


def drop(name: str) -> None:
    """Drop database ``name`` with whoever is connected to it; nothing happens when there is none."""
    from psycopg.errors import InsufficientPrivilege, ObjectInUse

    for attempt in range(DROP_TRIES):
        try:
            with _maintenance() as connection:
                connection.execute(compose("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
        except (InsufficientPrivilege, ObjectInUse):
            # An autovacuum worker of the server is in it; the owner may not end that one, but it leaves soon.
            if attempt == DROP_TRIES - 1:
                raise
            time.sleep(0.2 * (attempt + 1))
        else:
            return


def create(name: str) -> None:
    """Make an empty database, owned by the owner."""
    with _maintenance() as connection:
        connection.execute(compose("CREATE DATABASE {}", name))


def bring_up_to_date(name: str) -> None:
    """Migrate database ``name`` and give the grants. Raises DatabaseError when a migration fails."""
    _migrate(name)
    grant(name)
    with _maintenance() as connection:
        _set_comment(connection, name)


def swap(fresh: str, name: str) -> None:
    """Put database ``fresh`` in the place of ``name`` and drop the old one; connections to it are ended.

    Both renamings are one transaction: at any moment there is one whole database of that name.
    """
    with _maintenance(locked=True) as connection:
        if not _exists(connection, name):
            connection.execute(compose("ALTER DATABASE {} RENAME TO {}", fresh, name))
            return
        old = f"{name}_old_{secrets.token_hex(4)}"
        connection.execute(compose("ALTER DATABASE {} ALLOW_CONNECTIONS false", name))
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            with connection.transaction():
                connection.execute(compose("ALTER DATABASE {} RENAME TO {}", name, old))
                connection.execute(compose("ALTER DATABASE {} RENAME TO {}", fresh, name))
        except BaseException:
            connection.execute(compose("ALTER DATABASE {} ALLOW_CONNECTIONS true", name))
            raise
    drop(old)


def knows_migration(app: str, name: str) -> bool:
    """Whether this version has that migration; those of other packages are taken on trust."""
    folder = PACKAGE / app / "migrations"
    return not folder.is_dir() or (folder / f"{name}.py").is_file()


def status() -> dict[str, Any]:
    """Whether the office's database can be reached, and where, which version and how large it is."""
    import psycopg

    name = database_name()
    found: dict[str, Any] = {
        "up": False,
        "address": url(name),
        "server": None,
        "bytes": None,
        "current": None,
    }
    try:
        with connect(name) as connection:
            size = one(connection, "SELECT pg_database_size(current_database())")
            server, current = one(connection, "SHOW server_version"), _comment(connection, name) == _label()
    except psycopg.OperationalError:
        return found
    return found | {"up": True, "server": server, "bytes": size, "current": current}


def schema_digest() -> str:
    """SHA-256 over all that shapes a database: migrations, settings, this module, versions of packages."""
    digest = hashlib.sha256()
    files = [*PACKAGE.glob("**/migrations/*.py"), *(PACKAGE / "site").glob("settings*.py")]
    files += [PACKAGE / "site" / "grants.py", Path(__file__)]
    for path in sorted(files):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("django", "procrastinate"):
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()


def _label() -> str:
    return f"setara schema {schema_digest()}"


@contextlib.contextmanager
def _maintenance(*, locked: bool = False) -> Iterator[Connection]:
    """The owner's connection for work on whole databases; ``locked``: one process at a time."""
    import psycopg

    if not external():
        _embedded_roles()
    try:
        connection = connect("postgres")
    except psycopg.OperationalError:
        if not external():
            raise
        connection = connect()  # a server that keeps its maintenance database to itself
    with connection:
        if locked:  # given back when the connection closes
            connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        yield connection


def _embedded_roles() -> None:
    """The embedded server's superuser makes the two roles once; all further work is the owner's."""
    import psycopg

    with contextlib.suppress(psycopg.OperationalError), connect("postgres") as connection:
        if one(connection, "SELECT pg_has_role(%s, 'MEMBER')", APP):
            return
    with connect("postgres", "admin") as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        if not _role_exists(connection, OWNER):
            connection.execute(compose("CREATE ROLE {} LOGIN CREATEDB", OWNER))
            connection.execute(compose("CREATE ROLE {} LOGIN", APP))
        # Only a member may end the office's connections, which dropping and exchanging databases needs.
        connection.execute(compose("GRANT {} TO {}", APP, OWNER))


def _external_role(connection: Connection) -> None:
    """On a server of somebody else: make ``setara_app`` and let the office's login take it on."""
    import psycopg

    login = str(parameters().get("user") or "")
    try:
        if not _role_exists(connection, APP):
            connection.execute(compose("CREATE ROLE {} NOLOGIN", APP))
        if login and not one(connection, "SELECT pg_has_role(%s, %s, 'SET')", login, APP):
            connection.execute(compose("GRANT {} TO {}", APP, login))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"The role of DATABASE_URL may not make roles. Ask the server's administrator to run: "
            f'CREATE ROLE {APP} NOLOGIN; GRANT {APP} TO "{login}";'
        ) from error


def _migrate(name: str) -> None:
    """Migrate as the owner, in a process of its own: the caller's Django keeps its own connections."""
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "setara.site.settings"),
        "SETARA_DB_NAME": name,
        "SETARA_DB_ROLE": "owner",
        "SETARA_DB_POOL": "0",
        "PYTHONPATH": path,
    }
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DatabaseError(f"The database {name} could not be migrated:\n{done.stderr.strip()}")


def _drop_old_templates(connection: Connection) -> None:
    """Keep the newest few: another checkout or an earlier test run may be cloning from one."""
    import psycopg

    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s",
        [TEMPLATE_PREFIX.replace("_", r"\_") + "%", TEMPLATES_KEPT],
    ).fetchall()
    for (name,) in rows:
        with contextlib.suppress(psycopg.errors.ObjectInUse):
            connection.execute(compose("DROP DATABASE IF EXISTS {}", name))


def _exists(connection: Connection, name: str) -> bool:
    return bool(one(connection, "SELECT true FROM pg_database WHERE datname = %s", name))


def _role_exists(connection: Connection, name: str) -> bool:
    return bool(one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", name))


def _comment(connection: Connection, name: str) -> str | None:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    comment = one(connection, query, name)
    return str(comment) if comment else None


def _set_comment(connection: Connection, name: str) -> None:
    from psycopg import sql

    connection.execute(compose("COMMENT ON DATABASE {} IS ", name) + sql.Literal(_label()))


__all__ = [
    "APP",
    "OWNER",
    "DatabaseError",
    "bring_up_to_date",
    "clone",
    "connect",
    "connection_settings",
    "create",
    "database_name",
    "drop",
    "ensure_server",
    "exists",
    "external",
    "grant",
    "held",
    "knows_migration",
    "parameters",
    "prepare",
    "privileges",
    "schema_digest",
    "status",
    "swap",
    "template",
    "url",
]
