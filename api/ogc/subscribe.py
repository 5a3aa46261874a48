"""Push: changes as server-sent events, resumable from the last one received."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import override

import psycopg
from starlette.requests import Request
from starlette.responses import Response

from api.auth.gate import identity_of
from api.push.audience import INTERRUPTED, Subscription
from api.push.events import Selection, begin
from api.push.feed import ChangeFeed
from api.push.streaming import HEARTBEAT_S, LastingAnswer
from api.services import readable_entry, services_of
from layers.changes.log import Box, number_changes, parse_token, readable_layers
from layers.reading.crs import find_crs
from layers.reading.values import parse_bbox
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import InputError, NotFoundError

LOGGER = logging.getLogger(__name__)
_SHORTLY_S = 0.05
_PARAMETERS = frozenset({"collections", "bbox", "lastEventId", "f"})


async def subscribe(request: Request) -> Response:
    """GET /subscribe: the changes of every layer that the principal may read, or of some."""
    names = request.query_params.get("collections")
    return await _subscribe(request, names.split(",") if names else None)


async def subscribe_collection(request: Request) -> Response:
    """GET /collections/{layer_id}/subscribe."""
    return await _subscribe(request, [readable_entry(request).id])


async def _subscribe(request: Request, names: list[str] | None) -> Response:
    _check_parameters(request)
    feed: ChangeFeed = request.app.state.feed
    feed.audience.refuse_if_full()
    await feed.wait_ready()
    since = await _last_event(request)
    principal = services_of(request).principal(request)
    selection = Selection(frozenset(_layers(principal, names)), _bbox(request))
    subscription = Subscription(principal, selection, identity_of(request))
    return EventStream(feed, subscription, feed.last if since is None else since)


def _check_parameters(request: Request) -> None:
    unknown = sorted(set(request.query_params) - _PARAMETERS)
    if unknown:
        raise InputError(f"unknown parameter {unknown[0][:40]!r}")


def _layers(principal: Principal, names: list[str] | None) -> list[str]:
    """The layers asked for; a key for some layers hears of these alone."""
    layers = readable_layers(Role(principal.role), names)
    hidden = sorted(set(names or ()) - set(layers))
    if hidden:
        raise NotFoundError(f"there is no layer called {hidden[0][:40]} / 没有这个图层")
    return [each for each in layers if principal.reaches(each)]


def _bbox(request: Request) -> Box | None:
    text = request.query_params.get("bbox")
    return parse_bbox(text, find_crs(None, None)) if text else None


async def _last_event(request: Request) -> int | None:
    """Where to go on: a browser says so in a header, others may in a parameter."""
    text = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
    if not text:
        return None
    async with services_of(request).pool.connection() as connection:
        position = await number_changes(connection)
    return parse_token(text, position)


class EventStream(LastingAnswer):
    """The changes that a subscriber wants."""

    def __init__(self, feed: ChangeFeed, subscription: Subscription, since: int) -> None:
        super().__init__()
        self._feed = feed
        self._subscription = subscription
        self._since = since

    @override
    def _leave(self) -> None:
        self._feed.audience.leave(self._subscription)

    @override
    async def _texts(self) -> AsyncIterator[bytes]:
        yield begin(self._since)
        try:
            async for missed in self._missed():
                yield missed
        except psycopg.Error:
            LOGGER.warning("changes after %s can't be read for a subscriber", self._since)
            yield INTERRUPTED
            return
        while (text := await self._subscription.take(HEARTBEAT_S)) is not None:
            yield text

    async def _missed(self) -> AsyncIterator[bytes]:
        """What came since; then the subscriber joins, without a moment in between."""
        reached = self._since
        while self._feed.last < reached:  # it knows of a change that this process has yet to read
            await asyncio.sleep(_SHORTLY_S)
        while reached < self._feed.last:
            text, reached = await self._feed.read_missed(self._subscription, reached)
            if text:
                yield text
        self._feed.audience.join(self._subscription)
