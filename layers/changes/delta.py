"""Making a delta: what changed of some layers since a token, as somebody sees it."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from layers.catalogue import FieldType
from layers.changes.delta_file import (
    FORMAT,
    PACKAGE,
    LayerDelta,
    Manifest,
    pack,
    sha256_of,
    signing_key,
)
from layers.changes.log import (
    changes_statement,
    number_changes_now,
    parse_token,
    readable_layers,
)
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reading.files import FileJob, write_file
from layers.reading.statements import Statement
from layers.roles import Role
from spatial.database import Principal, become
from spatial.errors import AccessError
from spatial.town import Town

_ROWS = sql.SQL("SELECT id, {columns}, ST_AsBinary(geom) FROM {view} WHERE {condition} ORDER BY id")


@dataclass(frozen=True)
class DeltaPlan:
    """What is asked for.

    Attributes:
        principal: as whom the layers are read.
        layers: which; empty for all that the principal reads.
        since: a token; None for everything there is, with which a copy begins.
    """

    principal: Principal
    layers: tuple[str, ...]
    since: str | None


def make_delta(
    conninfo: str, data_folder: Path, town: Town, plan: DeltaPlan, target: Path
) -> Manifest:
    """Write a signed delta.

    Args:
        conninfo: of the database's owner.

    Raises:
        AccessError: the role doesn't read one of the layers.
        GoneError: what changed since is no longer known.
        ConflictError: `target` is there already.
    """
    layers = _layers(plan)
    with (
        psycopg.connect(conninfo) as connection,
        tempfile.TemporaryDirectory(prefix=".delta-", dir=target.absolute().parent) as work,
    ):
        position = number_changes_now(connection)
        since = None if plan.since is None else parse_token(plan.since, position)
        package = Path(work) / PACKAGE
        deltas = {}
        for layer in layers:
            changed = None
            if since is not None:
                changed = _changed(connection, plan.principal, layer, (since, position.last))
            # Read after the log: what is newer than `until` comes once more in the next delta.
            there = _write(conninfo, plan.principal, layer, changed, package)
            deltas[layer] = LayerDelta(len(there), sorted((changed or set()) - there))
        manifest = Manifest(
            FORMAT,
            datetime.now(UTC).isoformat(timespec="seconds"),
            town.code,
            Role(plan.principal.role).short_name,
            since,
            position.last,
            deltas,
            {PACKAGE: sha256_of(package)},
        )
        pack(target, manifest, package, signing_key(data_folder))
    return manifest


def _layers(plan: DeltaPlan) -> list[str]:
    role = Role(plan.principal.role)
    for name in plan.layers:
        if not CATALOGUE.entry(name).readable_by(role):
            raise AccessError(f"{role.short_name} does not read {name}")
    return readable_layers(role, plan.layers or None)


def _changed(
    connection: psycopg.Connection, principal: Principal, layer: str, span: tuple[int, int]
) -> set[int]:
    """The ids of all that changed, be it there or not."""
    values = {"layers": [layer], "since": span[0], "until": span[1], "limit": None}
    with connection.transaction():
        become(connection, principal)
        rows = connection.execute(changes_statement(Role(principal.role)), values).fetchall()
    return {row[2] for row in rows}


def _write(
    conninfo: str, principal: Principal, layer: str, ids: set[int] | None, package: Path
) -> set[int]:
    """Add a layer to the GeoPackage, of all its features or of some; the ids written."""
    entry, role = CATALOGUE.entry(layer), Role(principal.role)
    fields = entry.fields_for(role)
    query = _ROWS.format(
        columns=sql.SQL(", ").join(sql.Identifier(each.name) for each in fields),
        view=view_of(entry, role),
        condition=sql.SQL("true" if ids is None else "id = ANY (%(ids)s)"),
    )
    job = FileJob(
        conninfo,
        principal,
        Statement(query.as_bytes(), {"ids": sorted(ids or ())}),
        layer,
        {"id": FieldType.INTEGER} | {each.name: each.type for each in fields},
        "Point" if entry.geometry == "Point" else "Unknown",
        4326,
    )
    write_file(job, package)
    with closing(sqlite3.connect(package)) as written:
        return {row[0] for row in written.execute(f'SELECT id FROM "{layer}"')}  # noqa: S608 - a layer's id
