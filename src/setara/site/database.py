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
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
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
PACKAGE = Path(__file__).resolve().parent.parent
# One key for everything that makes roles, databases or grants; any constant that nobody else uses.
ADVISORY_LOCK = 0x5E7A2A
TEMPLATE_PREFIX = "setara_template_"
TEMPLATES_KEPT = 3

# Tables of the framework and of the job queue in which rows come and go.
BOOKKEEPING = ("django_session", "auth_user_groups", "auth_user_user_permissions", "auth_group_permissions")
BOOKKEEPING_PREFIXES = ("procrastinate_", "account_", "mfa_", "socialaccount_", "usersessions_")
READ_ONLY = ("django_migrations",)


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
        "OPTIONS": parts,
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


def ensure_server() -> bool:
    """Start the embedded server when it is not up; True when this call started it."""
    if external() or postgres.running(home()):
        return False
    postgres.start(home())
    return True


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
            connection.execute(_compose("CREATE DATABASE {}", name))
        _bring_up_to_date(connection, name)
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
            connection.execute(_compose("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft))
            connection.execute(_compose("CREATE DATABASE {}", draft))
            _bring_up_to_date(connection, draft)
            connection.execute(_compose("ALTER DATABASE {} RENAME TO {}", draft, name))
            connection.execute(_compose("ALTER DATABASE {} ALLOW_CONNECTIONS false", name))
            _drop_old_templates(connection)
    return name


def clone(name: str, source: str | None = None) -> str:
    """Make database ``name`` as a copy of ``source`` (default: the template); returns ``name``.

    Raises psycopg.errors.DuplicateDatabase when it exists already.
    """
    source = source or template()
    with _maintenance() as connection:
        connection.execute(_compose("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log", name, source))
        _grant_database(connection, name)
        _set_comment(connection, name)
    return name


def drop(name: str) -> None:
    """Drop database ``name`` with whoever is connected to it; nothing happens when there is none."""
    with _maintenance() as connection:
        connection.execute(_compose("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def rename(old: str, new: str) -> None:
    """Rename a database, ending its connections first. Raises psycopg.Error when that is refused."""
    with _maintenance() as connection:
        connection.execute(_compose("ALTER DATABASE {} ALLOW_CONNECTIONS false", old))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [old])
        connection.execute(_compose("ALTER DATABASE {} RENAME TO {}", old, new))
        connection.execute(_compose("ALTER DATABASE {} ALLOW_CONNECTIONS true", new))


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
            size = _one(connection, "SELECT pg_database_size(current_database())")
            server, current = _one(connection, "SHOW server_version"), _comment(connection, name) == _label()
    except psycopg.OperationalError:
        return found
    return found | {"up": True, "server": server, "bytes": size, "current": current}


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
    with _maintenance() as connection:
        _grant_database(connection, name)
    with connect(name) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for kind in ("TABLES", "SEQUENCES"):
            connection.execute(_compose(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {{}}", APP))
        connection.execute(_compose("GRANT USAGE ON SCHEMA public TO {}", APP))
        connection.execute(_compose("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", APP))
        connection.execute(_compose("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}", APP))
        tables = connection.execute(
            "SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
        ).fetchall()
        for table, kind in tables:
            rights = privileges(table, lists) if kind in {"r", "p"} else "SELECT"
            connection.execute(_compose(f"GRANT {rights} ON {{}} TO {{}}", table, APP))


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


def schema_digest() -> str:
    """SHA-256 over all that shapes a database: migrations, settings, this module, versions of packages."""
    digest = hashlib.sha256()
    files = [*PACKAGE.glob("**/migrations/*.py"), *(PACKAGE / "site").glob("settings*.py"), Path(__file__)]
    for path in sorted(files):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("django", "procrastinate"):
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()


def _label() -> str:
    return f"setara schema {schema_digest()}"


def _table_lists() -> dict[str, frozenset[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setara.site.settings")
    from django.conf import settings

    names = ("append_only", "insert_update", "deletable")
    return {name: frozenset(getattr(settings, f"SETARA_{name.upper()}_TABLES", ())) for name in names}


def _compose(text: str, *names: str) -> sql.Composed:
    """SQL with quoted identifiers in place of the braces."""
    from psycopg import sql

    return sql.SQL(text).format(*map(sql.Identifier, names))


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

    with contextlib.suppress(psycopg.OperationalError), connect("postgres"):
        return
    with connect("postgres", "admin") as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        if not _role_exists(connection, OWNER):
            connection.execute(_compose("CREATE ROLE {} LOGIN CREATEDB", OWNER))
            connection.execute(_compose("CREATE ROLE {} LOGIN", APP))


def _external_role(connection: Connection) -> None:
    """On a server of somebody else: make ``setara_app`` and let the office's login take it on."""
    import psycopg

    login = str(_external("app").get("user") or "")
    try:
        if not _role_exists(connection, APP):
            connection.execute(_compose("CREATE ROLE {} NOLOGIN", APP))
        if login and not _one(connection, "SELECT pg_has_role(%s, %s, 'SET')", login, APP):
            connection.execute(_compose("GRANT {} TO {}", APP, login))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"The role of DATABASE_URL may not make roles. Ask the server's administrator to run: "
            f'CREATE ROLE {APP} NOLOGIN; GRANT {APP} TO "{login}";'
        ) from error


def _bring_up_to_date(connection: Connection, name: str) -> None:
    _migrate(name)
    grant(name)
    _set_comment(connection, name)


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


def _grant_database(connection: Connection, name: str) -> None:
    """Rights on the database as a whole; a clone does not inherit them from its template."""
    connection.execute(_compose("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
    connection.execute(_compose("GRANT CONNECT ON DATABASE {} TO {}", name, APP))


def _drop_old_templates(connection: Connection) -> None:
    """Keep the newest few: another checkout or an earlier test run may be cloning from one."""
    import psycopg

    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s",
        [TEMPLATE_PREFIX.replace("_", r"\_") + "%", TEMPLATES_KEPT],
    ).fetchall()
    for (name,) in rows:
        with contextlib.suppress(psycopg.errors.ObjectInUse):
            connection.execute(_compose("DROP DATABASE IF EXISTS {}", name))


def _one(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _exists(connection: Connection, name: str) -> bool:
    return bool(_one(connection, "SELECT true FROM pg_database WHERE datname = %s", name))


def _role_exists(connection: Connection, name: str) -> bool:
    return bool(_one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", name))


def _comment(connection: Connection, name: str) -> str | None:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    comment = _one(connection, query, name)
    return str(comment) if comment else None


def _set_comment(connection: Connection, name: str) -> None:
    from psycopg import sql

    connection.execute(_compose("COMMENT ON DATABASE {} IS ", name) + sql.Literal(_label()))
