"""pytest plugin: real PostgreSQL for every test that wants a database, nothing started for the others.

One embedded server in ``<data folder>/test`` serves all test runs of this checkout, also several at once; the
last run to finish stops it, and its templates stay for the next. Each pytest process clones a database of
its own from the template and works on it as ``setara_app``, with exactly the rights the office has.

* ``@pytest.mark.django_db`` (or the fixture ``db``): the test runs in a transaction that is rolled back.
* ``own_database``: a fresh database for this test alone, in which commits are real and other threads and
  processes can take part (races, crashes). Yields its name; environment and Django point to it.
* ``owner_connection``: a psycopg connection as the owner to whichever of the two the test uses.
* ``own_home``: an empty data folder (and so an own server, if one is started) for this test.

With DATABASE_URL set, that server is used instead.
"""

import os
import sys
from collections.abc import Iterator

import pytest

from setara.site.places import home

# Before anything reads the settings: tests never touch the developer's own data folder. Workers of xdist
# inherit the environment, hence the mark.
os.environ.setdefault("SETARA_TEST_HOME", str(home() / "test"))
os.environ["SETARA_HOME"] = os.environ["SETARA_TEST_HOME"]
os.environ["SETARA_DB_POOL"] = "0"
os.environ.pop("SETARA_DB_NAME", None)
os.environ.pop("SETARA_DB_ROLE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures late, so that they replace pytest-django's of the same name."""
    from setara.site import testing_database, testing_order

    config.pluginmanager.register(testing_database, "setara-database")
    config.pluginmanager.register(testing_order, "setara-order")


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What a process remembers must not outlive the test that made it so: the configuration of an office, and the
    language in which the last page was answered (Django keeps it for the thread)."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    if (memory := sys.modules.get("setara.offices.memory")) is not None:
        memory.forget()
    if (translation := sys.modules.get("django.utils.translation")) is not None:
        translation.deactivate()
