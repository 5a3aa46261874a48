"""Streets from a file of any kind: OSM, GraphML, or a town's own road centre lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from routing.sources.from_graphml import read_graphml
from routing.sources.from_lines import streets_from_lines
from routing.sources.from_osm import read_streets
from routing.sources.line_table import LineColumns
from routing.streets import Streets
from spatial.osm_signs import read_signs
from spatial.osmfile import ATTRIBUTION as OSM_ATTRIBUTION
from spatial.osmfile import is_osm_file, read_highways
from spatial.vectorfile import open_vector_file


@dataclass(frozen=True)
class StreetFile:
    """What was read.

    Attributes:
        crs: what the file's coordinates were in.
        attribution: who made the data; None if the file doesn't tell.
        rejected: rows that are no street line.
        notes: what a person should know of the reading.
    """

    streets: Streets
    crs: str
    attribution: str | None = None
    rejected: int = 0
    notes: list[str] = field(default_factory=list)


def read_street_file(
    path: Path,
    *,
    columns: LineColumns | None = None,
    crs: str | None = None,
    layer: str | None = None,
) -> StreetFile:
    """Read streets; the file's name says its kind.

    Args:
        path: .osm.pbf, .osm, .graphml, or whatever GDAL reads lines from.
        columns: of centre lines; by default the usual names.
        crs: overrides what a GraphML or line file says.
        layer: of a line file that has several.

    Raises:
        InputError: the file can't be read, or there are no streets in it.
        DatumError: its CRS isn't known, or needs a licensed transformation.
    """
    if is_osm_file(path):
        streets, notes = read_streets(read_highways(path), path.name, read_signs(path))
        return StreetFile(streets, "EPSG:4326", OSM_ATTRIBUTION, notes=notes)
    if path.suffix.lower() in {".graphml", ".xml"}:
        streets, source_crs = read_graphml(path, crs)
        return StreetFile(streets, source_crs.label, OSM_ATTRIBUTION)
    file = open_vector_file(path, crs=crs, layer=layer)
    lines = streets_from_lines(file.features, columns or LineColumns(), path.name)
    return StreetFile(lines.streets, file.crs.label, None, lines.rejected, lines.notes)
