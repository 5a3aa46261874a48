"""The rows that were not loaded, in a file that can be corrected and imported."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import shapely

from layers.importing.prepare import Reject
from layers.importing.source import Source
from spatial.tablefile import cell_text


def write_rejects(path: Path, source: Source, rejects: list[Reject]) -> None:
    """Write line, reason and the row as it stands in the file; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8-sig", newline="", opener=_private) as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", *map(str, source.rows.columns), "wgs84_wkt"])
        writer.writerows(_rows(source, rejects))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _rows(source: Source, rejects: list[Reject]) -> Iterator[list[str]]:
    broken = {line: cells for line, _, cells in source.broken}
    position = {int(line): i for i, line in enumerate(source.rows.index)}
    for reject in rejects:
        if reject.line in broken:
            yield [str(reject.line), reject.reason, *broken[reject.line]]
            continue
        at = position[reject.line]
        shape = source.geometries[at]
        cells = [cell_text(value) or "" for value in source.rows.iloc[at]]
        wkt = shapely.to_wkt(shape) if shape is not None else ""
        yield [str(reject.line), reject.reason, *cells, wkt]
