"""A page of a layer as GeoJSON that PostgreSQL makes, in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import psycopg

from layers.catalogue import Entry
from layers.reading.paging import Position
from layers.reading.query import ItemsQuery
from layers.reading.statements import EXACT_COUNT, feature_statement, page_statement
from layers.roles import Role
from spatial.database import AnyConnection, Principal, fetch_row
from spatial.errors import InputError


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        features: GeoJSON features joined by commas, ready to be put between brackets.
        returned: how many of them are in this page.
        matched: how many features the whole query has.
        is_estimated: `matched` is the planner's guess; there are more than EXACT_COUNT.
        following: where the next page begins; None where there is none.
        preceding: where the previous page ends; None where there is none.
    """

    features: str
    returned: int
    matched: int
    is_estimated: bool
    following: Position | None
    preceding: Position | None


def reading_as(principal: Principal, entry: Entry, query: ItemsQuery | None = None) -> Principal:
    """The principal with the time that a query of this layer may take, and the moment it is of.

    A layer that keeps its versions shows those of one moment, so that each feature is there once:
    of an interval its end, of a day its last moment.
    """
    moment = query.overlay.moment if query and query.overlay else None
    if entry.keeps_versions and query and query.interval and query.interval.end:
        moment = query.interval.end - timedelta(microseconds=1)
    return replace(principal, timeout_ms=entry.timeout_ms, moment=moment)


async def read_page(
    connection: AnyConnection, entry: Entry, query: ItemsQuery, principal: Principal
) -> Page:
    """One page, read on the event loop.

    Raises:
        InputError: the filter can't be computed for some row.
    """
    assert query.limit is not None  # a page has an end
    statement = page_statement(entry, Role(principal.role), query)
    with refusing_impossible_values():
        row = await fetch_row(connection, principal, statement.query, statement.values)
    assert row is not None  # an aggregate has always one row
    features, read, first, last, matched, planned = row
    following, preceding = _ends(query, first, last, more=read > query.limit)
    return Page(
        features=features or "",
        returned=min(read, query.limit),
        matched=matched if planned is None else max(planned, EXACT_COUNT + 1),
        is_estimated=planned is not None,
        following=following,
        preceding=preceding,
    )


async def read_feature(
    connection: AnyConnection, entry: Entry, query: ItemsQuery, principal: Principal
) -> str | None:
    """The GeoJSON feature called `query.feature_id`, or None."""
    statement = feature_statement(entry, Role(principal.role), query)
    row = await fetch_row(connection, principal, statement.query, statement.values)
    return row[0] if row else None


@contextmanager
def refusing_impossible_values() -> Iterator[None]:
    """Values that fit their types and yet can't be computed with are the request's fault.

    Numbers overflow, a cursor was tampered with, GEOS gives up on a geometry. What PostgreSQL says
    of it may show a row's values, so it isn't repeated.

    Raises:
        InputError: in place of PostgreSQL's error.
    """
    try:
        yield
    except (psycopg.DataError, psycopg.errors.InternalError_) as error:
        raise InputError(
            "the query can't be computed for some feature",
            remedy="look for powers that grow too large, and for geometries that cross themselves",
        ) from error


def _ends(
    query: ItemsQuery, first: str | None, last: str | None, *, more: bool
) -> tuple[Position | None, Position | None]:
    """Where the pages after and before this one stand.

    `first` and `last` are in the order of reading, which is the other way round on a page that was
    read backward.
    """
    if first is None:
        return None, None
    begun = query.position is not None or query.offset > 0
    if query.position is not None and query.position.backward:
        return _after(first), _before(last) if more else None
    return _after(last) if more else None, _before(first) if begun else None


def _after(keys: str | None) -> Position | None:
    return None if keys is None else Position(tuple(json.loads(keys)), backward=False)


def _before(keys: str | None) -> Position | None:
    return None if keys is None else Position(tuple(json.loads(keys)), backward=True)
