"""Registered events: frozen pydantic models with a dotted name and a version.

An event that is not registered cannot be recorded, and a name and version once used keep their shape:
a changed shape is a new version. Events carry no personal data: people appear as the ids of their
application or ticket, officers as the id of their staff row.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict


class _Ref:
    """Marks a field that differs between two runs with the same seed (ids, tokens, references)."""

    def __repr__(self) -> str:
        return "Ref"


REF = _Ref()
#: An id as text. Part of the event and of its hash, but not of the reproducible digest of a run.
Ref = Annotated[str, REF]

_events: dict[tuple[str, int], type[Event]] = {}


class Event(BaseModel):
    """Base of all events. Subclass with ``class Called(Event, name="queueing.called", version=1)``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 0

    def __init_subclass__(cls, **_kwargs: Any) -> None:
        """Keep the name and version, meant for pydantic's own hook below, from Python's, which takes none."""
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, *, name: str = "", version: int = 1, **kwargs: Any) -> None:
        """Register the subclass; a second class under the same name and version is a programming error."""
        super().__pydantic_init_subclass__(**kwargs)
        if not name or "." not in name:
            raise TypeError(f"{cls.__name__} needs a dotted event name")
        if not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a docstring: it is what the reference prints")
        if (name, version) in _events:
            raise TypeError(f"event {name} v{version} is registered twice")
        cls.NAME, cls.VERSION = name, version
        _events[name, version] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as plain JSON data."""
        return self.model_dump(mode="json")

    @classmethod
    def reproducible(cls, payload: dict[str, Any]) -> dict[str, Any]:
        """``payload`` without the fields that differ between two runs with the same seed."""
        return {k: v for k, v in payload.items() if k not in cls.refs()}

    @classmethod
    def refs(cls) -> frozenset[str]:
        """Names of the fields marked as ids."""
        return frozenset(
            name
            for name, field in cls.model_fields.items()
            if REF in field.metadata or _holds_ref(field.annotation)
        )


def _holds_ref(annotation: Any) -> bool:
    """Whether an annotation such as ``Ref | None`` or ``list[Ref]`` is made of ids."""
    return any(part is REF or _holds_ref(part) for part in get_args(annotation))


def registered() -> dict[tuple[str, int], type[Event]]:
    """Every registered event by (name, version), in order of name."""
    return dict(sorted(_events.items()))


def event_class(name: str, version: int) -> type[Event]:
    """The class of a stored event; KeyError when it was never registered."""
    return _events[name, version]
