"""Queries that operations ask over and over, composed once.

For a small query on a primary key, Django spends ten times as long on composing the SQL as PostgreSQL spends on
answering it. A :class:`Prepared` composes at its first use and afterwards only sends the values:

    LOCKED = Prepared(lambda pk: Thing.objects.select_for_update().select_related("office").filter(pk=pk))
    thing = LOCKED.get(pk)

The queryset is an ordinary one; where its shape would depend on the values, use it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Composed:
    """The SQL of a query, and how an object is made of a row of its answer.

    ``constants`` are its parameters without the values, ``places`` where among them the values go.
    """

    sql: str
    constants: tuple[Any, ...]
    places: tuple[int, ...]
    names: tuple[str, ...]
    columns: slice
    converters: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]
    related: tuple[Any, ...]


class Prepared(Generic[M]):
    """A query of which only the values change.

    ``build`` makes the queryset from the values, which must reach the database as they are and each in exactly
    one place; constants may stand beside them. Another shape is a programming error: TypeError at the first use.
    """

    __slots__ = ("_build", "_composed", "_model")

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self._build = build
        self._composed: _Composed | None = None
        self._model: type[M] | None = None

    def rows(self, *values: Any) -> list[M]:
        """The rows for these values."""
        composed = self._composed or self._compose(values)
        return [self._object(composed, row) for row in _ask(composed, values)]

    def tuples(self, *values: Any) -> list[Row]:
        """The rows of a query with ``values_list``, as plain sequences."""
        composed = self._composed or self._compose(values)
        return _ask(composed, values)

    def first(self, *values: Any) -> M | None:
        """The first row, or None."""
        return next(iter(self.rows(*values)), None)

    def get(self, *values: Any) -> M:
        """The first row; raises the model's DoesNotExist when there is none."""
        found = self.first(*values)
        if found is None:
            missing: type[Exception] = getattr(self._model, "DoesNotExist", ObjectDoesNotExist)
            raise missing("the row is not there")
        return found

    def again(self, known: M, *values: Any) -> M:
        """Read ``known`` again into itself (values: its primary key), as ``refresh_from_db`` does."""
        fresh = self.get(*(values or (known.pk,)))
        for field in known._meta.concrete_fields:
            setattr(known, field.attname, getattr(fresh, field.attname))
            if isinstance(field, models.ForeignKey):
                if field.is_cached(fresh):
                    field.set_cached_value(known, field.get_cached_value(fresh))
                elif field.is_cached(known):
                    field.delete_cached_value(known)
        for relation in known._meta.related_objects:
            if relation.is_cached(known):
                relation.delete_cached_value(known)
        known._prefetched_objects_cache = {}  # type: ignore[attr-defined]
        return known

    def _compose(self, values: tuple[Any, ...]) -> _Composed:
        queryset = self._build(*values)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, given = compiler.as_sql()
        places = [[n for n, one in enumerate(given) if one is value] for value in values]
        if any(len(found) != 1 for found in places):
            raise TypeError(f"not each of {values} has its one place in {given}")
        # The same steps as in django.db.models.query.ModelIterable, which takes them at each use.
        select, info = compiler.select, compiler.klass_info
        chosen = info["select_fields"] if info else []
        columns = slice(chosen[0], chosen[-1] + 1) if chosen else slice(0, 0)
        found = compiler.get_converters([one[0] for one in select])
        self._model = queryset.model
        self._composed = _Composed(
            sql,
            tuple(given),
            tuple(found[0] for found in places),
            tuple(one[0].target.attname for one in select[columns]),
            columns,
            tuple((place, tuple(convert), column) for place, (convert, column) in found.items()),
            # (the type stubs describe a later Django)
            tuple(get_related_populators(info, select, DEFAULT_DB_ALIAS)) if info else (),  # type: ignore[call-arg]
        )
        return self._composed

    def _object(self, composed: _Composed, row: Row) -> M:
        assert self._model is not None  # noqa: S101 - composed together
        made = self._model.from_db(DEFAULT_DB_ALIAS, composed.names, row[composed.columns])
        for one in composed.related:
            one.populate(row, made)
        return made


def _ask(composed: _Composed, values: tuple[Any, ...]) -> list[Row]:
    parameters = list(composed.constants)
    for place, value in zip(composed.places, values, strict=True):
        parameters[place] = value
    with connection.cursor() as cursor:
        cursor.execute(composed.sql, parameters)
        rows: list[Row] = cursor.fetchall()
    if not composed.converters:
        return rows
    return [_converted(composed, row) for row in rows]


def _converted(composed: _Composed, row: Row) -> Row:
    cells = list(row)
    for place, converters, column in composed.converters:
        for convert in converters:
            cells[place] = convert(cells[place], column, connection)
    return cells
