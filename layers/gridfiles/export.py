"""All levels of the coverage in a file of the format that its name says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from layers.gridfiles.dxf_writing import write_dxf
from layers.gridfiles.geojson import write_geojson
from layers.gridfiles.geopackage import write_geopackage
from layers.gridfiles.shapefiles import write_shapefiles, write_zipped_shapefiles
from layers.gridfiles.units import UnitRow, in_crs
from spatial.crs import SourceCrs
from spatial.errors import InputError

type Writer = Callable[[Sequence[UnitRow], Path, SourceCrs], list[Path]]

_WRITERS: dict[str, Writer] = {
    ".gpkg": write_geopackage,
    ".shp": write_shapefiles,
    ".zip": write_zipped_shapefiles,
    ".geojson": write_geojson,
    ".json": write_geojson,
    ".dxf": write_dxf,
}


def export_units(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """Write units, which are in EPSG:4326, in `crs`.

    Returns:
        The files that were written.

    Raises:
        InputError: the name says no format, or there is something of that name already.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(
            f"{path.name}: which format? / 格式不明", remedy=f"FILE{', FILE'.join(_WRITERS)}"
        )
    if path.exists():
        raise InputError(f"{path} is there already / 文件已存在", remedy="another name")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder / 没有这个文件夹")
    return writer(in_crs(rows, crs), path, crs)
