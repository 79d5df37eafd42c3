"""One office on a clock that stands still, for the tests of this room."""

from setara.applications.tests.fixtures import kanim, racing, simulator, still, treasury

__all__ = ["kanim", "racing", "simulator", "still", "treasury"]
