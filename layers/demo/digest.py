"""One hash of everything that was made: SHA-256 over canonical bytes of every table."""

from __future__ import annotations

import hashlib
from typing import Protocol

import numpy as np
import pandas as pd
import shapely

from layers.demo.frame import Geometries
from layers.demo.town import DemoTown

_DECIMALS_OF_A_DEGREE = 7
_DECIMALS_OF_A_NUMBER = 3


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def digest_town(town: DemoTown) -> str:
    """The same for the same seed, day and versions of the libraries; on any day, in any process."""
    digest = hashlib.sha256(f"{town.plan}\n{town.name}\n{town.metric_srid}".encode())
    digest.update(f"{town.estates}\n".encode())
    tables = {
        "units": town.units.table,
        "nodes": town.streets.nodes,
        "streets": town.streets.streets,
        "water": town.water,
        "places": town.places,
        "buildings": town.buildings,
        "rental_rooms": town.rental_rooms,
        "premises": town.premises,
        "sensors": town.sensors,
        "responders": town.responders,
        "incidents": town.incidents,
        "lamp_posts": town.lamp_posts,
    }
    for name, table in tables.items():
        digest.update(f"\n{name} {len(table)}\n".encode())
        _add_table(digest, pd.DataFrame(table))
    return digest.hexdigest()


def _add_table(digest: _Hash, table: pd.DataFrame) -> None:
    for column in sorted(table.columns):
        digest.update(f"{column}:".encode())
        values = table[column]
        if column in ("geom", "geometry", "field_of_view"):
            digest.update(_shape_bytes(values.to_numpy()))
        elif values.dtype.kind == "f":
            rounded = np.round(values.to_numpy(), _DECIMALS_OF_A_NUMBER) + 0.0  # no minus zero
            digest.update(rounded.astype("<f8").tobytes())
        elif values.dtype.kind in "iub":
            digest.update(values.to_numpy().astype("<i8").tobytes())
        elif values.dtype.kind == "M":
            digest.update(values.to_numpy().astype("datetime64[s]").astype("<i8").tobytes())
        else:
            digest.update("\x1f".join(map(str, values.tolist())).encode())


def _shape_bytes(shapes: Geometries) -> bytes:
    """Coordinates rounded to centimetres as whole numbers, with the number of each shape's."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    whole = np.round(coordinates * 10**_DECIMALS_OF_A_DEGREE).astype("<i8")
    return bytes(whole.tobytes() + index.astype("<i8").tobytes())
