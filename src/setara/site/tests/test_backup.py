"""Backup while people write, restored in a second data folder: same rows, same digest, or nothing at all."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from setara.site import database
from setara.site.backup import BackupError, DataInTheWay, backup, restore
from setara.site.testing_database import vacate

pytestmark = pytest.mark.slow

EVENT = """
INSERT INTO ledger_event (id, office, seq, type, version, occurred_at, recorded_at, actor_kind, actor_id,
                          payload, operation, result, leaf_hash)
SELECT gen_random_uuid(), %s, n, 'test.tick', 1, now(), now(), 'system', 'test', '{}', 'test', '',
       sha256(n::text::bytea)
FROM generate_series(%s::bigint, %s::bigint) n
"""


class Writer(threading.Thread):
    """Records events as the office does, one transaction after another, until told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = threading.Event()
        self.written = 0

    def run(self) -> None:
        with database.connect(role="app") as office:
            while not self.enough.is_set():
                office.execute(EVENT, ["depok", self.written + 1, self.written + 1])
                self.written += 1


@pytest.fixture
def two_homes(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """A data folder with a prepared database, and a second one that is empty."""
    second = own_home.with_name(own_home.name + "_second")
    database.prepare()
    yield own_home, second
    vacate(second)
    assert not second.exists()


def contents() -> tuple[object, ...]:
    """Count and order of the ledger, asked with other means than the backup's own."""
    query = "SELECT count(*), max(seq), md5(string_agg(leaf_hash::text, ',' ORDER BY seq)) FROM ledger_event"
    with database.connect(role="app") as office:
        row = office.execute(query).fetchone()
    assert row is not None
    return row


def test_a_backup_under_writes_is_restored_whole_elsewhere(
    two_homes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_homes
    with database.connect(role="app") as office:
        office.execute(EVENT, ["bogor", 1, 3000])
    writer = Writer()
    writer.start()
    try:
        while writer.written < 50:
            assert writer.is_alive()
        before = writer.written
        manifest = backup(tmp_path / "office.tar")
        after = writer.written
    finally:
        writer.enough.set()
        writer.join()
    assert after > before  # people went on writing meanwhile
    assert 3000 + before <= manifest["tables"]["ledger_event"] <= 3000 + after + 1
    assert (tmp_path / "office.tar").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["office.tar"]

    monkeypatch.setenv("SETARA_HOME", str(second))
    restored = restore(tmp_path / "office.tar")
    for same in ("tables", "checksums", "ledger", "digest"):
        assert restored[same] == manifest[same]
    assert contents()[0] == manifest["tables"]["ledger_event"]
    assert not database.prepare()  # up to date, with its grants
    with database.connect(role="app") as office, pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.execute("DELETE FROM ledger_event")
    monkeypatch.setenv("SETARA_HOME", str(first))
    assert contents()[0] == 3000 + writer.written  # the office that was backed up is untouched


def test_data_in_the_way_damage_and_a_later_version_are_refused(
    two_homes: tuple[Path, Path], tmp_path: Path
) -> None:
    with database.connect(role="app") as office:
        office.execute(EVENT, ["depok", 1, 20])
    good = tmp_path / "good.tar"
    manifest = backup(good)
    with database.connect(role="app") as office:
        office.execute(EVENT, ["depok", 21, 30])
    now = contents()
    with pytest.raises(DataInTheWay, match=r"holds data .* --replace"):
        restore(good)

    wrong = dict(manifest, digest="0", checksums=manifest["checksums"] | {"ledger_event": "1"})
    later = dict(manifest, migrations=[*manifest["migrations"], "ledger.9999_from_the_future"])
    for change, message in ((wrong, "differs from the manifest: ledger_event"), (later, "a later version")):
        with pytest.raises(BackupError, match=message):
            restore(altered(good, tmp_path / "altered.tar", change), replace=True)
    (tmp_path / "torn.tar").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (tmp_path / "text.tar").write_text("no tar at all")
    for name in ("torn.tar", "text.tar"):
        with pytest.raises(BackupError):
            restore(tmp_path / name, replace=True)
    assert contents() == now  # nothing has been changed by any of it
    assert names() == {"postgres", "template0", "template1", "setara"}

    with database.connect(role="app") as reader:  # somebody works while the databases are exchanged
        restore(good, replace=True)
        with pytest.raises(psycopg.OperationalError):
            reader.execute("SELECT 1")
    assert contents()[0] == 20
    assert names() == {"postgres", "template0", "template1", "setara"}


def test_keys_travel_only_when_asked(
    two_homes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_homes
    key, name = bytes(range(32)), "keys/vault.key"
    for folder, content in ((first, key), (second, bytes(32))):
        (folder / "keys").mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    backup(tmp_path / "apart.tar")
    backup(tmp_path / "with.tar", with_keys=True)
    assert key not in (tmp_path / "apart.tar").read_bytes()

    monkeypatch.setenv("SETARA_HOME", str(second))
    assert "vault" in restore(tmp_path / "apart.tar")["keys_missing"]
    assert (second / name).read_bytes() == bytes(32)
    assert "vault" not in restore(tmp_path / "with.tar", replace=True)["keys_missing"]
    assert (second / name).read_bytes() == key
    assert (second / name).stat().st_mode & 0o777 == 0o600
    assert [old.read_bytes() for old in (second / "keys").glob("vault.replaced-*")] == [bytes(32)]


def names() -> set[str]:
    with database.connect("postgres") as owner:
        return {name for (name,) in owner.execute("SELECT datname FROM pg_database").fetchall()}


def altered(source: Path, target: Path, manifest: dict[str, object]) -> Path:
    """The same backup with another manifest."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            data = json.dumps(manifest).encode() if member.name == "manifest.json" else content.read()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target
