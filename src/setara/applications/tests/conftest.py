"""One office on a clock that stands still, for the tests of this room."""

from setara.applications.tests.fixtures import kanim, racing, still

__all__ = ["kanim", "racing", "still"]
