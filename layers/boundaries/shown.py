"""The coverage of today as everybody reads it who may read its layers, drafting or not."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from psycopg_pool import ConnectionPool

from layers.boundaries.answers import CoverageAnswer
from layers.boundaries.cache import DraftCache
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.redraw import Coverage
from layers.entries import CATALOGUE
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.errors import AccessError, ConflictError
from spatial.town import Town

LAYERS = ("villages", "grids", "micro-grids")
# As the layers write it: a tenth of a millimetre.
_DIGITS = 9


@dataclass(frozen=True)
class Shown:
    """The JSON of a coverage.

    Attributes:
        packed: the same by gzip.
        tag: another one for other bytes.
    """

    content: bytes
    packed: bytes
    tag: str


class ShownCoverage:
    """The JSON of today's coverage, made once for all who ask until it changes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[Coverage, Shown] | None = None

    def today(self, connection: Connection, cache: DraftCache, town: Town) -> Shown:
        """`{"began", "arcs", "units"}`.

        Args:
            connection: see `reading`.

        Raises:
            ConflictError: there are no grids yet.
        """
        began = began_at(connection, town)
        if began is None:
            raise ConflictError(
                "there are no grids yet / 还没有网格", remedy="./gridwhistle import grids FILE"
            )
        coverage = cache.base(connection, town, began)
        with self._lock:  # the second of two who ask at once waits for the first's
            if self._kept is None or self._kept[0] is not coverage:
                self._kept = coverage, _shown(began.astimezone(UTC), coverage)
            return self._kept[1]


@contextmanager
def reading(pool: ConnectionPool[Any], principal: Principal) -> Iterator[Connection]:
    """A transaction as somebody who reads the coverage.

    Raises:
        AccessError: a layer of it isn't the role's to read, or the key is for others.
    """
    for layer in LAYERS:
        readable = CATALOGUE.entry(layer).readable_by(Role(principal.role))
        if not (readable and principal.reaches(layer)):
            raise AccessError(f"{layer} is not yours to read / 无权读取该图层")
    with transaction(pool, principal) as connection:
        yield connection


def _shown(began: datetime, coverage: Coverage) -> Shown:
    document = {"began": began.isoformat()} | coverage_json(coverage)
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    packed = gzip.compress(content, compresslevel=6, mtime=0)
    return Shown(content, packed, hashlib.sha256(content).hexdigest()[:32])


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """All arcs and units, to be looked at: coordinates to a tenth of a millimetre."""
    answer = CoverageAnswer(coverage)
    arcs = answer.arcs()
    for arc in arcs:
        arc["coords"] = coverage.topology.arcs[arc["id"]].coords.round(_DIGITS).tolist()
    return {"arcs": arcs, "units": answer.units()}
