"""A GeoPackage that follows the layers of a town, brought up to date by deltas."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import shapely
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from shapely.geometry.base import BaseGeometry

from layers.changes.delta_file import Manifest, unpack
from spatial.errors import ConflictError, InputError

_STATE = "gridwhistle_mirror"
# What follows the header of a GeoPackage's geometry, by the kind of its envelope (OGC 12-128r18,
# 2.1.3): none, xy, xyz, xym, xyzm.
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)


@dataclass(frozen=True)
class State:
    """Of which town a mirror is, as whom it was read, and up to which token it goes."""

    town: str
    role: str
    until: int


def verify(deltas: Sequence[Path], key: Ed25519PublicKey) -> list[Manifest]:
    """The manifests of deltas that are genuine and follow each other.

    Raises:
        InputError: one is not.
        ConflictError: one doesn't begin where the one before it ends.
    """
    manifests: list[Manifest] = []
    for delta in deltas:
        with tempfile.TemporaryDirectory() as work:
            manifest, _ = unpack(delta, key, Path(work))
        if manifests:
            _check_next(_state_after(manifests[-1]), manifest, delta)
        manifests.append(manifest)
    return manifests


def apply_delta(delta: Path, key: Ed25519PublicKey, mirror: Path) -> Manifest:
    """Bring a mirror up to date: all of the delta, or nothing where it fails.

    A mirror that isn't there yet begins with a delta of everything.

    Raises:
        InputError: the delta is not genuine, or `mirror` is no mirror.
        ConflictError: the delta is of another town or role, or doesn't begin where the mirror ends.
    """
    with tempfile.TemporaryDirectory(prefix=".delta-", dir=mirror.absolute().parent) as work:
        manifest, package = unpack(delta, key, Path(work))
        try:
            if mirror.exists():
                _merge(mirror, package, manifest, delta)
            else:
                _begin(mirror, package, manifest, delta)
        except sqlite3.Error as error:
            raise InputError(f"{mirror}: can't be brought up to date: {error}") from error
    return manifest


def _begin(mirror: Path, package: Path, manifest: Manifest, delta: Path) -> None:
    if manifest.since is not None:
        raise ConflictError(
            f"{delta.name} begins after {manifest.since}, and there is no {mirror.name} yet",
            remedy="begin with a delta that was made without --since",
        )
    with closing(sqlite3.connect(package)) as database, database:
        database.execute(f"CREATE TABLE {_STATE} (town TEXT, role TEXT, until INTEGER)")
        database.execute(
            f"INSERT INTO {_STATE} VALUES (?, ?, ?)",  # noqa: S608 - our own name
            (manifest.town, manifest.role, manifest.until),
        )
    shutil.move(package, mirror)


def _merge(mirror: Path, package: Path, manifest: Manifest, delta: Path) -> None:
    with closing(sqlite3.connect(mirror)) as database:
        _check_next(_read_state(database, mirror), manifest, delta)
        _teach_geometry(database)
        database.execute("ATTACH ? AS delta", (str(package),))
        with database:
            for layer, part in manifest.layers.items():
                _merge_layer(database, layer, part.deleted)
            database.execute(f"UPDATE {_STATE} SET until = ?", (manifest.until,))  # noqa: S608 - our own name


def _merge_layer(database: sqlite3.Connection, layer: str, deleted: list[int]) -> None:
    """What the delta brings replaces what was there by the same id."""
    columns = _columns(database, "main", layer)
    if columns != _columns(database, "delta", layer):
        raise ConflictError(
            f"{layer} has other columns than in the mirror",
            remedy="begin anew with a delta that was made without --since",
        )
    names = ", ".join(f'"{name}"' for name in columns if name != "fid")
    database.executemany(f'DELETE FROM main."{layer}" WHERE id = ?', ((each,) for each in deleted))  # noqa: S608 - as signed
    database.execute(
        f'DELETE FROM main."{layer}" WHERE id IN (SELECT id FROM delta."{layer}")'  # noqa: S608 - as signed
    )
    database.execute(
        f'INSERT INTO main."{layer}" ({names}) SELECT {names} FROM delta."{layer}"'  # noqa: S608 - as signed
    )
    database.execute(
        "UPDATE main.gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
        "WHERE table_name = ?",
        (layer,),
    )


def _columns(database: sqlite3.Connection, schema: str, layer: str) -> list[str]:
    rows = database.execute("SELECT name FROM pragma_table_info(?, ?)", (layer, schema))
    return [row[0] for row in rows]


def _read_state(database: sqlite3.Connection, mirror: Path) -> State:
    try:
        row = database.execute(f"SELECT town, role, until FROM {_STATE}").fetchone()  # noqa: S608 - our own name
    except sqlite3.Error as error:
        raise InputError(f"{mirror}: not a mirror made by `delta apply`") from error
    return State(*row)


def _state_after(manifest: Manifest) -> State:
    return State(manifest.town, manifest.role, manifest.until)


def _check_next(state: State, manifest: Manifest, delta: Path) -> None:
    """Whether a delta continues where something ends."""
    if (manifest.town, manifest.role) != (state.town, state.role):
        raise ConflictError(
            f"{delta.name} is of {manifest.town} as {manifest.role}, not of {state.town} as"
            f" {state.role} / 不是同一镇街或角色的数据"
        )
    if manifest.since != state.until:
        raise ConflictError(
            f"{delta.name} begins after {manifest.since}, but what there is ends with"
            f" {state.until} / 增量文件顺序不对",
            remedy="take the deltas in the order in which they were made, none left out",
        )


def _teach_geometry(database: sqlite3.Connection) -> None:
    """The functions that a GeoPackage's spatial index asks for (OGC 12-128r18, F.3)."""
    database.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)
    for number, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        database.create_function(name, 1, _Bound(number), deterministic=True)


@dataclass(frozen=True)
class _Bound:
    """One of west, south, east, north of a geometry."""

    number: int

    def __call__(self, blob: bytes | None) -> float | None:
        return None if _is_empty(blob) or blob is None else _shape(blob).bounds[self.number]


def _is_empty(blob: bytes | None) -> bool | None:
    return None if blob is None else bool(_shape(blob).is_empty)


def _shape(blob: bytes) -> BaseGeometry:
    kind = (blob[3] >> 1) & 7
    shape: BaseGeometry = shapely.from_wkb(blob[8 + _ENVELOPE_BYTES[kind] :])
    return shape
