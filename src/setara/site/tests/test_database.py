"""Roles, rights, names and addresses of the office's databases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

from setara.site import database, postgres
from setara.site.places import home

if TYPE_CHECKING:
    from setara.site.connections import Connection

LISTS = {
    "append_only": frozenset({"ledger_event"}),
    "insert_update": frozenset({"procrastinate_kept"}),
    "deletable": frozenset({"offices_staff_steps", "ledger_event"}),
}


@pytest.mark.parametrize(
    ("table", "rights"),
    [
        ("applications_application", "SELECT, INSERT, UPDATE"),
        ("ledger_event", "SELECT, INSERT"),  # append-only wins over everything
        ("offices_staff_steps", "SELECT, INSERT, UPDATE, DELETE"),
        ("django_session", "SELECT, INSERT, UPDATE, DELETE"),
        ("procrastinate_jobs", "SELECT, INSERT, UPDATE, DELETE"),
        ("procrastinate_kept", "SELECT, INSERT, UPDATE"),
        ("django_migrations", "SELECT"),
    ],
)
def test_rights_follow_from_the_lists(table: str, rights: str) -> None:
    assert database.privileges(table, LISTS) == rights


def test_the_office_may_do_what_it_needs_and_nothing_else(
    own_database: str, owner_connection: Connection, settings: Any
) -> None:
    for table in ("plain", "kept", "loose"):
        owner_connection.execute(f"CREATE TABLE {table} (n int)")
    settings.SETARA_APPEND_ONLY_TABLES = ["kept"]
    settings.SETARA_DELETABLE_TABLES = ["loose"]
    database.grant(own_database)
    refused = [
        "DELETE FROM plain", "DELETE FROM kept", "UPDATE kept SET n = 2", "TRUNCATE loose", "DROP TABLE plain",
        "ALTER TABLE plain ADD m int", "CREATE TABLE mine (n int)", "CREATE DATABASE mine",
        "DELETE FROM django_migrations", "SET ROLE setara_owner", "ALTER TABLE kept DISABLE TRIGGER ALL",
    ]  # fmt: skip
    with database.connect(own_database, "app") as app:
        for table in ("plain", "kept", "loose"):
            app.execute(f"INSERT INTO {table} VALUES (1)")  # noqa: S608
            assert app.execute(f"SELECT n FROM {table}").fetchall() == [(1,)]  # noqa: S608
        app.execute("UPDATE plain SET n = 2")
        app.execute("DELETE FROM loose")
        app.execute("DELETE FROM django_session")
        for statement in refused:
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)
        # The control: the same statement passes once the table is named, so it was the grant that refused.
        settings.SETARA_APPEND_ONLY_TABLES = []
        settings.SETARA_DELETABLE_TABLES = ["loose", "kept"]
        database.grant(own_database)
        app.execute("DELETE FROM kept")


def test_settings_are_computed_without_a_server(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = database.connection_settings()
    assert plain["NAME"] == "setara"
    assert plain["USER"] == "setara_app"
    assert "pool" not in plain["OPTIONS"]  # the tests' environment says so
    assert plain["CONN_MAX_AGE"] == 0
    pooled = database.connection_settings("other", pool=True)
    assert pooled["NAME"] == "other"
    assert pooled["OPTIONS"]["pool"]["max_size"] == 8
    monkeypatch.setenv("SETARA_DB_ROLE", "owner")
    monkeypatch.setenv("SETARA_DB_NAME", "named")
    assert database.connection_settings()["USER"] == "setara_owner"
    assert database.connection_settings()["NAME"] == "named"
    assert not postgres.running(own_home)
    assert not (own_home / "postgres").exists()


def test_a_database_is_prepared_once_and_swapped_whole(own_database: str) -> None:
    assert not database.prepare(own_database)  # a clone is up to date already
    fresh = f"{own_database}_fresh"
    database.clone(fresh)
    try:
        with database.connect(fresh) as owner:
            owner.execute("CREATE TABLE only_here (n int)")
        with database.connect(own_database, "app") as reader:
            database.swap(fresh, own_database)  # although somebody reads the old one
            with pytest.raises(psycopg.OperationalError):
                reader.execute("SELECT 1")
        with database.connect(own_database) as owner:
            assert owner.execute("SELECT count(*) FROM only_here").fetchone() == (0,)
        assert not database.exists(fresh)
    finally:
        database.drop(fresh)


@pytest.mark.slow
def test_somebody_elses_server(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With DATABASE_URL: that role migrates, the office works as setara_app through SET ROLE."""
    if database.external():
        pytest.skip("DATABASE_URL is set: all other tests show this already")
    place = postgres.layout(home())
    name = f"{own_database}_url"
    landlord, tenant = f"{name}_landlord", f"{name}_tenant"
    address = f"?host={place.socket}&port={place.port}"
    with database.connect("postgres", "admin") as admin:
        admin.execute(f"CREATE ROLE {landlord} LOGIN CREATEDB CREATEROLE")
        admin.execute(f"CREATE ROLE {tenant} LOGIN")
        admin.execute(f"GRANT setara_app TO {landlord} WITH ADMIN OPTION")
    monkeypatch.delenv("SETARA_DB_NAME", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{tenant}:secret@/{name}{address}")
    try:
        with pytest.raises(database.DatabaseError, match=f'GRANT setara_app TO "{tenant}"'):
            database.prepare()
        monkeypatch.setenv("DATABASE_OWNER_URL", f"postgresql://{landlord}@/{name}{address}")
        assert database.prepare()
        assert database.connection_settings()["NAME"] == name
        assert "secret" not in database.url()
        with psycopg.connect(database.url()) as app:
            found = app.execute("SELECT current_user, session_user, current_database()").fetchone()
            assert found == ("setara_app", tenant, name)
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("CREATE TABLE mine (n int)")
        database.drop(name)
    finally:
        monkeypatch.delenv("DATABASE_URL")
        monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
        with database.connect("postgres", "admin") as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            for role in (tenant, landlord):
                admin.execute(f"DROP OWNED BY {role} CASCADE")
                admin.execute(f"DROP ROLE {role}")


def test_the_address_is_one_that_psql_takes(own_database: str) -> None:
    assert os.environ["SETARA_DB_NAME"] == own_database
    with psycopg.connect(database.url()) as connection:
        found = connection.execute("SELECT current_user, current_database()").fetchone()
    assert found == ("setara_app", own_database)
