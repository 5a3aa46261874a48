"""Whole layers as files: CSV as it is read, FlatGeobuf and GeoPackage once they are written."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from api.cancelling import cancelled_on_disconnect, run_in_process
from api.ogc.links import crs_uri, ogc_url
from api.services import reader_of, services_of
from api.temporary_files import ClosingResponse, pieces_of
from layers.catalogue import Entry
from layers.reading.csv import read_csv
from layers.reading.files import file_job, write_file
from layers.reading.items import reading_as
from layers.reading.query import ItemsQuery, parse_items_query
from spatial.database import copying_transaction

DOWNLOADS = {
    "csv": "text/csv; charset=utf-8; header=present",
    "fgb": "application/flatgeobuf",
    "gpkg": "application/geopackage+sqlite3",
}


async def download_items(request: Request, entry: Entry, form: str) -> Response:
    """The items that a request asks for, all of them where it has no limit, as a file."""
    query = parse_items_query(entry, request.query_params, reader_of(request), default_limit=None)
    headers = {
        "Content-Disposition": f'attachment; filename="{entry.id}.{form}"',
        "Content-Crs": f"<{crs_uri(ogc_url(request), query.crs)}>",
    }
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(services_of(request).download_slots)
        pieces = await (_csv if form == "csv" else _file)(request, entry, query, stack)
        return ClosingResponse(stack.pop_all(), pieces, media_type=DOWNLOADS[form], headers=headers)
    raise AssertionError  # no context of the stack swallows an error


async def _csv(
    request: Request, entry: Entry, query: ItemsQuery, stack: AsyncExitStack
) -> AsyncIterator[bytes]:
    services = services_of(request)
    principal = reading_as(services.principal(request), entry, query)
    connection = await stack.enter_async_context(copying_transaction(services.pool, principal))
    pieces = read_csv(connection, entry, query, principal)
    stack.push_async_callback(pieces.aclose)
    # What is wrong is known with the first piece, while the status can still say so.
    async with cancelled_on_disconnect(request, connection):
        first = await anext(pieces)
    return _chain(first, pieces)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _file(
    request: Request, entry: Entry, query: ItemsQuery, stack: AsyncExitStack
) -> AsyncIterator[bytes]:
    services = services_of(request)
    principal = reading_as(services.principal(request), entry, query)
    job = file_job(services.conninfo, entry, query, principal)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridwhistle-download-"))
    path = Path(folder) / f"{entry.id}.{request.query_params['f']}"
    await run_in_process(request, write_file, job, path)
    return pieces_of(path)
