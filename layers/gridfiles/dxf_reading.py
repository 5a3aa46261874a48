"""A drawing's lines and texts as units.

The lines of a level, whether they are closed polylines, one for each unit, or single lines that
neighbours share, divide the plane into faces; the text that stands in a face says whose it is.
Faces with the same code are parts of one unit; faces without a text are holes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from ezdxf.document import Drawing
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.filemanagement import readfile
from ezdxf.lldxf.const import DXFError
from ezdxf.path import make_path
from shapely.geometry.base import BaseGeometry

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.dxf_names import APPLICATION
from layers.gridfiles.fields import LEVEL_TITLES
from spatial.crs import Geometries
from spatial.errors import InputError

_LINES = "LWPOLYLINE POLYLINE LINE ARC SPLINE CIRCLE ELLIPSE"
_TEXTS = "TEXT MTEXT INSERT"
_LONGEST_CODE = 40
_CHORD = 0.01  # in the drawing's units


@dataclass(frozen=True)
class Label:
    """A text: what it says, and the values that hang on it."""

    values: dict[str, str]
    place: shapely.Point


@dataclass(frozen=True)
class DrawnUnits:
    """The units of a drawing.

    Attributes:
        rows: columns level, code and what the texts carry.
        shapes: MultiPolygons in the drawing's coordinates.
    """

    rows: pd.DataFrame
    shapes: Geometries


def read_drawing(path: Path, level: int | None) -> DrawnUnits:
    """The units of a drawing.

    Args:
        level: of all lines; None takes the layers that are called as a level.

    Raises:
        InputError: it is no drawing, no layer is a level's, lines don't close, or a face has two
            codes; says where.
    """
    drawing = _opened(path)
    lines, labels = _by_level(drawing, level)
    if not lines:
        names = ", ".join(layer.dxf.name for layer in drawing.layers)
        raise InputError(
            f"{path.name}: no layer is called as a level / 没有网格图层",
            remedy=f"--level villages|grids|micro-grids takes all lines; layers: {names[:200]}",
        )
    records, shapes = [], []
    for number in sorted(lines):
        for values, shape in _units(lines[number], labels[number], path.name):
            records.append({"level": LEVEL_NAMES[number], **values})
            shapes.append(shape)
    if not records:
        raise InputError(f"{path.name}: no text says a code inside of lines / 没有编码文字")
    return DrawnUnits(pd.DataFrame(records), np.asarray(shapes, dtype=object))


def _opened(path: Path) -> Drawing:
    try:
        return readfile(path)
    except (OSError, DXFError, ValueError, LookupError, StopIteration) as error:
        # The last three where the file ends in the middle of something.
        reason = str(error).split("\n", 1)[0][:150] or "it is cut / 文件不完整"
        raise InputError(f"{path.name}: no DXF that can be read: {reason}") from error


def level_of_layer(name: str) -> int | None:
    """The level whose name is in a layer's; the longest one decides (微网格 holds 网格)."""
    spellings = [(text, level) for level, text in LEVEL_NAMES.items()]
    spellings += [(text.zh, level) for level, text in LEVEL_TITLES.items()]
    spellings += [("社区", 2), ("行政村", 2)]
    found = [(len(text), level) for text, level in spellings if text in name.lower()]
    return max(found)[1] if found else None


def _by_level(
    drawing: Drawing, level: int | None
) -> tuple[dict[int, list[BaseGeometry]], dict[int, list[Label]]]:
    lines: dict[int, list[BaseGeometry]] = defaultdict(list)
    labels: dict[int, list[Label]] = defaultdict(list)
    for entity in drawing.modelspace().query(f"{_LINES} {_TEXTS}"):
        number = level or level_of_layer(entity.dxf.layer)
        if number is None:
            continue
        if entity.dxftype() in _TEXTS:
            labels[number] += _labels(entity)
        else:
            lines[number] += _line(entity)
    return lines, labels


def _line(entity: Any) -> Iterator[BaseGeometry]:
    """A line by its vertices; arcs and curves become chords that stray at most a centimetre."""
    coordinates = [(point.x, point.y) for point in make_path(entity).flattening(_CHORD)]
    if len(set(coordinates)) > 1:
        yield shapely.LineString(coordinates)


def _labels(entity: Any) -> Iterator[Label]:
    """A text, or a block whose attributes are called as our fields."""
    kind = entity.dxftype()
    if kind == "INSERT":
        values = {each.dxf.tag.lower(): each.dxf.text for each in entity.attribs}
        place = entity.dxf.insert
    else:
        text = entity.plain_text().strip() if kind == "MTEXT" else entity.dxf.text.strip()
        values = {"code": text} | _extended(entity)
        place = entity.dxf.insert if kind == "MTEXT" else entity.get_placement()[1]
    if values.get("code") and len(values["code"]) <= _LONGEST_CODE:
        yield Label(values, shapely.Point(place.x, place.y))


def _extended(entity: DXFEntity) -> dict[str, str]:
    if not entity.has_xdata(APPLICATION):
        return {}
    texts = [str(tag.value) for tag in entity.get_xdata(APPLICATION) if tag.code == 1000]
    return dict(text.split("=", 1) for text in texts if "=" in text)


def _units(
    lines: list[BaseGeometry], labels: list[Label], name: str
) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
    faces = _faces(lines, name)
    tree = shapely.STRtree(faces)
    points = np.asarray([label.place for label in labels], dtype=object)
    label_of_face: dict[int, Label] = {}
    for number, face in tree.query(points, predicate="within").T.tolist():
        other = label_of_face.setdefault(face, labels[number])
        if other.values["code"] != labels[number].values["code"]:
            x, y = labels[number].place.x, labels[number].place.y
            raise InputError(
                f"{name}: {other.values['code']} and {labels[number].values['code']} stand in"
                f" one face near {x:.10g}, {y:.10g}: a line is missing or doesn't close"
            )
    parts: dict[str, list[int]] = defaultdict(list)
    for face, label in label_of_face.items():
        parts[label.values["code"]].append(face)
    for members in parts.values():
        polygons = [part for face in members for part in shapely.get_parts(faces[face])]
        yield label_of_face[members[0]].values, shapely.MultiPolygon(polygons)


def _faces(lines: list[BaseGeometry], name: str) -> Geometries:
    """The faces between lines; vertices stay as they are."""
    noded = shapely.union_all(np.asarray(lines, dtype=object))
    faces, cuts, dangles, crossed = shapely.polygonize_full(shapely.get_parts(noded))
    left_over = np.asarray([cuts, dangles, crossed], dtype=object)
    loose = [each for each in shapely.get_parts(left_over) if not each.is_empty]
    if loose:
        x, y = shapely.get_coordinates(loose[0])[0]
        raise InputError(
            f"{name}: {len(loose)} lines end openly or cross themselves, the first near"
            f" {x:.10g}, {y:.10g} / 线未闭合"
        )
    return shapely.get_parts(faces)
