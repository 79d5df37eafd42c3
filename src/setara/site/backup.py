"""Backup and restore of a whole office, both possible while it runs.

A backup is one tar file: ``manifest.json`` (what is inside, with a row count and a checksum for each table),
``database.dump`` (pg_dump's custom format, so other tools can read it) and, only when asked for, the keys.
Dump and manifest come from the same snapshot. A restore goes into a new database beside the old one, is
checked against the manifest there, and takes the old one's place by renaming; an error changes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
import subprocess
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.conninfo import make_conninfo

from setara.kernel.clock import RealClock
from setara.site import database, postgres, supervisor
from setara.site.output import atomic
from setara.site.places import home

if TYPE_CHECKING:
    from setara.site.connections import Connection

FORMAT = 1
DUMP, MANIFEST, KEYS = "database.dump", "manifest.json", "keys/"
# Tables that a freshly migrated database fills by itself, or that hold no more than who is signed in.
NOT_DATA = ("django_", "auth_", "procrastinate_", "ledger_clockrow")

Manifest = dict[str, Any]


class BackupError(RuntimeError):
    """A backup cannot be made, read or trusted; the text says why. Nothing has been changed."""


class DataInTheWay(RuntimeError):  # noqa: N818 - an answer, not a fault
    """The database to restore into holds data already."""


def backup(file: Path, *, with_keys: bool = False) -> Manifest:
    """Write the backup to ``file`` (mode 0600, there whole or not at all); returns its manifest.

    Raises BackupError when pg_dump fails, OSError when the file cannot be written.
    """
    database.ensure_server()
    name = database.database_name()
    if not database.exists(name):
        raise BackupError(f"There is no database {name} to back up.")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.dump")
    try:
        with database.connect(name) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                row = connection.execute("SELECT pg_export_snapshot()").fetchone()
                snapshot = row[0] if row else ""
                _client("pg_dump", name, "--format=custom", "--no-owner", "--no-privileges",
                        f"--snapshot={snapshot}", f"--file={draft}")  # fmt: skip
                manifest = _describe(connection) | {
                    "format": FORMAT,
                    "setara": version("setara"),
                    # When the file was made, not the office's own time: that stands still or runs in a demo.
                    "made_at": RealClock().now().isoformat(),
                    "server": connection.info.parameter_status("server_version"),
                    "keys": _fingerprints(),
                    "with_keys": with_keys,
                }
        with atomic(file) as target:
            os.fchmod(target.fileno(), 0o600)
            with tarfile.open(fileobj=target, mode="w") as tar:
                text = json.dumps(manifest, indent=2, sort_keys=True).encode()
                _add(tar, MANIFEST, len(text), io.BytesIO(text))
                _add(tar, DUMP, draft.stat().st_size, draft.open("rb"))
                if with_keys:
                    for key in _key_files():
                        _add(tar, KEYS + key.name, key.stat().st_size, key.open("rb"))
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def restore(file: Path, *, replace: bool = False) -> Manifest:
    """Bring the backup back; returns its manifest with ``keys_missing``, the keys that do not fit it.

    Raises DataInTheWay when the database holds data and ``replace`` is not given; BackupError when the file
    is no backup, comes from a later version, or what was restored differs from the manifest.
    """
    database.ensure_server()
    name = database.database_name()
    if not replace and (rows := _rows_of_data(name)):
        raise DataInTheWay(
            f"The database {name} holds data ({rows} rows). To replace them: setara restore --replace {file}"
        )
    fresh = f"{name}_restore_{secrets.token_hex(4)}"
    work = home() / "restore" / fresh
    work.mkdir(parents=True, mode=0o700)
    try:
        manifest = _unpack(file, work)
        database.create(fresh)
        _client("pg_restore", fresh, "--no-owner", "--no-privileges", "--exit-on-error", str(work / DUMP))
        with database.connect(fresh) as connection:
            _compare(manifest, _describe(connection))
        database.bring_up_to_date(fresh)
        database.swap(fresh, name)
        _put_keys(work / KEYS)
    except BaseException:
        with contextlib.suppress(psycopg.Error):
            database.drop(fresh)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    supervisor.renew(home())
    mine = _fingerprints()
    missing = sorted(key for key, print_ in manifest["keys"].items() if mine.get(key) != print_)
    return manifest | {"keys_missing": missing}


def _describe(connection: Connection) -> Manifest:
    """Row counts and checksums of all tables, the ledger's digest, and one digest over all of it.

    A table's checksum is the sum of 60 bits of each row's MD5, so that the order of rows does not matter.
    """
    # A row's text must not depend on the session.
    connection.execute(
        "SET LOCAL TimeZone = 'UTC'" if _in_transaction(connection) else "SET TimeZone = 'UTC'"
    )
    found = connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'r' ORDER BY c.relname COLLATE \"C\""
    ).fetchall()
    tables: dict[str, int] = {}
    checksums: dict[str, str] = {}
    for (table,) in found:
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0) FROM {} t"
        ).format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        tables[table], checksums[table] = (int(row[0]), str(row[1])) if row else (0, "0")
    body: Manifest = {
        "tables": tables,
        "checksums": checksums,
        "ledger": _ledger_digest(connection) if "ledger_event" in tables else None,
        "migrations": [".".join(row) for row in _migrations(connection)],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    return body | {"digest": hashlib.sha256(text).hexdigest()}


def _ledger_digest(connection: Connection) -> str:
    """SHA-256 over the leaf hashes of all events, office by office in the order of their sequence."""
    digest = hashlib.sha256()
    query = 'SELECT leaf_hash FROM ledger_event ORDER BY office COLLATE "C", seq'
    with connection.transaction(), connection.cursor("ledger") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query)
        for (leaf,) in cursor:
            digest.update(bytes(leaf))
    return digest.hexdigest()


def _migrations(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return [(app, name) for app, name in rows]


def _in_transaction(connection: Connection) -> bool:
    return connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE


def _compare(manifest: Manifest, found: Manifest) -> None:
    if manifest["digest"] == found["digest"]:
        return
    tables = manifest["tables"].keys() | found["tables"].keys()
    wrong = [
        f"{table} ({found['tables'].get(table)} of {manifest['tables'].get(table)} rows)"
        for table in sorted(tables)
        if manifest["checksums"].get(table) != found["checksums"].get(table)
    ]
    raise BackupError(f"What was restored differs from the manifest: {', '.join(wrong) or 'the ledger'}.")


def _rows_of_data(name: str) -> int:
    if not database.exists(name):
        return 0
    with database.connect(name) as connection:
        tables = _describe(connection)["tables"] if _has_tables(connection) else {}
    return sum(rows for table, rows in tables.items() if not table.startswith(NOT_DATA))


def _has_tables(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _unpack(file: Path, work: Path) -> Manifest:
    """Take the known members out of the tar file, and nothing else. Raises BackupError."""
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                known = member.name in {DUMP, MANIFEST} or (
                    member.name.startswith(KEYS) and Path(member.name).name == member.name[len(KEYS) :]
                )
                source = tar.extractfile(member) if known and member.isfile() else None
                if source is None:
                    raise BackupError(f"{file} is no backup of setara: it holds {member.name}.")
                target = work / member.name
                target.parent.mkdir(exist_ok=True, mode=0o700)
                with target.open("wb") as out:
                    shutil.copyfileobj(source, out)
        manifest: Manifest = json.loads((work / MANIFEST).read_text())
    except (tarfile.TarError, ValueError, FileNotFoundError) as error:
        raise BackupError(f"{file} is no backup of setara, or it is damaged: {error}") from error
    if manifest.get("format") != FORMAT or not (work / DUMP).exists():
        raise BackupError(
            f"{file} has another format ({manifest.get('format')}); this version reads {FORMAT}."
        )
    later = [entry for entry in manifest["migrations"] if not database.knows_migration(*entry.split(".", 1))]
    if later:
        raise BackupError(
            f"{file} comes from a later version of setara (it knows {later[-1]}): install that."
        )
    return manifest


def _client(program: str, name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore on database ``name`` as the owner."""
    parts = database.parameters(name, "owner")
    password = parts.pop("password", None)
    path = postgres.layout(home()).binary(program)
    command = [str(path) if path.exists() else program, f"--dbname={make_conninfo(**parts)}", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if password:
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")


def _add(tar: tarfile.TarFile, name: str, size: int, source: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(RealClock().now().timestamp())
    with source:
        tar.addfile(entry, source)


def _key_files() -> list[Path]:
    return sorted((home() / "keys").glob("*.key"))


def _fingerprints() -> dict[str, str]:
    """What tells two keys apart without telling anything about them (keys are 32 random bytes)."""
    return {
        key.stem: hashlib.sha256(b"setara key fingerprint\0" + key.read_bytes()).hexdigest()[:16]
        for key in _key_files()
    }


def _put_keys(folder: Path) -> None:
    """Put the backup's keys in place; a different key that is there stays beside it under another name."""
    for key in sorted(folder.glob("*.key")) if folder.exists() else []:
        place = home() / "keys" / key.name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if place.exists() and place.read_bytes() != key.read_bytes():
            place.rename(place.with_suffix(f".replaced-{secrets.token_hex(4)}"))
        with atomic(place) as target:
            os.fchmod(target.fileno(), 0o600)
            target.write(key.read_bytes())


__all__ = ["BackupError", "DataInTheWay", "Manifest", "backup", "restore"]
