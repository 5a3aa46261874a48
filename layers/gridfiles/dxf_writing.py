"""A drawing: a layer of closed polylines for each level, and one of texts that say the codes.

Each ring is a closed polyline, holes too. Each part of a unit holds a text with its code; code,
name, parent and kind are also extended entity data of the text, for programs. A drawing has no
CRS: it stands in a text beside the drawing's origin, and whoever imports it states it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import shapely
from ezdxf import units as dxf_units
from ezdxf.colors import rgb2int
from ezdxf.filemanagement import new
from ezdxf.layouts.layout import Modelspace
from shapely.geometry.base import BaseGeometry

from layers.gridfiles.dxf_names import APPLICATION, LAYERS, SHARE, TEXT_LAYERS, VALUES, share_text
from layers.gridfiles.look import LINES
from layers.gridfiles.units import UnitRow, by_level
from spatial.crs import SourceCrs

_STRING, _LONGEST_STRING_BYTES = 1000, 255
_TEXT_SHARE = 25.0  # a text is as high as a part's square root of area, divided by this


def write_dxf(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """Write it, in UTF-8 (AutoCAD 2007 and later)."""
    drawing = new("R2007", units=dxf_units.M)
    drawing.appids.add(APPLICATION)
    drawing.styles.add("CHINESE", font="simsun.ttc")
    drawing.header.custom_vars.append("CRS", crs.label)
    space = drawing.modelspace()
    for level, units in by_level(rows).items():
        color = rgb2int(LINES[level].rgb)
        for layer in (LAYERS[level], TEXT_LAYERS[level]):
            drawing.layers.add(layer, true_color=color)
        for unit in units:
            _add_unit(space, unit)
    drawing.saveas(path)
    return [path]


def _add_unit(space: Modelspace, unit: UnitRow) -> None:
    for ring in shapely.get_rings(shapely.get_parts(unit.shape)):
        space.add_lwpolyline(
            shapely.get_coordinates(ring)[:-1].tolist(),
            close=True,
            dxfattribs={"layer": LAYERS[unit.level]},
        )
    for part in shapely.get_parts(unit.shape):
        _add_code(space, unit, part)


def _add_code(space: Modelspace, unit: UnitRow, part: BaseGeometry) -> None:
    text = space.add_text(
        _on_one_line(unit.code),
        height=part.area**0.5 / _TEXT_SHARE,
        dxfattribs={"layer": TEXT_LAYERS[unit.level], "style": "CHINESE"},
    )
    text.set_placement(shapely.get_coordinates(shapely.point_on_surface(part))[0].tolist())
    values = unit.values
    data = [_on_one_line(f"{name}={values[name]}") for name in VALUES if values[name]]
    data += [_on_one_line(f"{SHARE}={share_text(each)}") for each in unit.shares]
    text.set_xdata(APPLICATION, [(_STRING, each[:_LONGEST_STRING_BYTES]) for each in data])


def _on_one_line(text: str) -> str:
    """A drawing is lines of tags: what goes on after a line's end would be taken for the next."""
    return " ".join(text.splitlines())
