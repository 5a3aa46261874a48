"""A drawing's lines and texts as units.

The lines of a level, whether they are closed polylines, one for each unit, or single lines that
neighbours share, divide the plane into faces; the text that stands in a face says whose it is.
Faces with the same code are parts of one unit; faces without a text are holes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
from ezdxf.lldxf.encoding import decode_dxf_unicode, has_dxf_unicode
from ezdxf.path import Path as DrawnPath
from ezdxf.path import from_hatch, make_path
from shapely.geometry.base import BaseGeometry

from grids.codes import LONGEST_CODE
from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.dxf_limits import (
    VertexBudget,
    check_crossings,
    check_entities,
    check_text,
)
from layers.gridfiles.dxf_names import APPLICATION, SHARE
from layers.gridfiles.fields import CODE_NAMES, LEVEL_TITLES
from spatial.crs import Geometries
from spatial.errors import InputError

_LINES = ("LWPOLYLINE", "POLYLINE", "LINE", "ARC", "SPLINE", "CIRCLE", "ELLIPSE")
_TEXTS = ("TEXT", "MTEXT", "INSERT")
_CHORD, _ROUNDING = 0.01, 1e-6  # in the drawing's units


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
        notes: what to tell the person.
    """

    rows: pd.DataFrame
    shapes: Geometries
    notes: tuple[str, ...] = ()


def read_drawing(path: Path, level: int | None) -> DrawnUnits:
    """The units of a drawing.

    Args:
        level: of all lines; None takes the layers that are called as a level.

    Raises:
        InputError: it is no drawing, no layer is a level's, lines don't close, or a face has two
            codes; says where.
    """
    drawing = _opened(path)
    check_entities(drawing, path.name)
    lines, labels = _by_level(drawing, level, VertexBudget(path.name, _CHORD))
    if not lines:
        names = ", ".join(_decoded(layer.dxf.name) for layer in drawing.layers)
        raise InputError(
            f"{path.name}: no layer is called as a level / 没有网格图层",
            remedy=f"--level villages|grids|micro-grids takes all lines; layers: {names[:200]}",
        )
    records, shapes = [], []
    notes: list[str] = []
    for number in sorted(lines):
        faces = _faces(lines[number], path.name)
        label_of_face = _labelled(faces, labels[number], path.name)
        notes += _nobodys(faces, label_of_face, LEVEL_NAMES[number])
        for values, shape in _units(faces, label_of_face):
            records.append({"level": LEVEL_NAMES[number], **values})
            shapes.append(shape)
    if not records:
        raise InputError(
            f"{path.name}: no text says a code inside of lines / 没有编码文字",
            remedy="codes as texts on the layers of the lines, or as attribute 编码 of a block",
        )
    return DrawnUnits(pd.DataFrame(records), np.asarray(shapes, dtype=object), tuple(notes))


def _opened(path: Path) -> Drawing:
    try:
        check_text(path)
        return readfile(path)
    except (OSError, DXFError, ValueError, LookupError, StopIteration) as error:
        # The last three where the file ends in the middle of something.
        reason = str(error).split("\n", 1)[0][:150] or "it is cut / 文件不完整"
        raise InputError(
            f"{path.name}: no DXF that can be read: {reason} / 不是完整的 DXF",
            remedy="save it again as DXF",
        ) from error


def level_of_layer(name: str) -> int | None:
    """The level whose name is in a layer's; the longest one decides (微网格 holds 网格)."""
    found = _levels_in(name)
    return max(found)[1] if found else None


def only_level_of_name(name: str) -> int | None:
    """The level below the town whose name is in another one; None where several are, or none."""
    found = [each for each in _levels_in(name) if each[1] > 1]
    if not found:
        return None
    _, level, spelling = max(found)
    rest = _plain(name).replace(spelling, " ")
    return None if any(each[1] > 1 for each in _levels_in(rest)) else level


def _levels_in(name: str) -> list[tuple[int, int, str]]:
    """Length, level and spelling of each name of a level within a name."""
    spellings = [(text, level) for level, text in LEVEL_NAMES.items()]
    spellings += [(text.zh, level) for level, text in LEVEL_TITLES.items()]
    spellings += [("社区", 2), ("行政村", 2), ("microgrid", 4)]
    return [(len(text), level, text) for text, level in spellings if text in _plain(name)]


def _plain(name: str) -> str:
    return re.sub(r"[\s_]", "-", name.lower())  # a FileGDB has no hyphens in names


def _by_level(
    drawing: Drawing, level: int | None, budget: VertexBudget
) -> tuple[dict[int, list[BaseGeometry]], dict[int, list[Label]]]:
    lines: dict[int, list[BaseGeometry]] = defaultdict(list)
    hatches: dict[int, list[BaseGeometry]] = defaultdict(list)
    labels: dict[int, list[Label]] = defaultdict(list)
    for entity in _entities(drawing.modelspace()):
        number = level or level_of_layer(_decoded(entity.dxf.layer))
        if number is None:
            continue
        kind = entity.dxftype()
        if kind in _TEXTS:
            labels[number] += _labels(entity)
        elif kind == "HATCH":
            hatches[number] += [
                line for path in from_hatch(entity) for line in _line_of(path, budget)
            ]
        elif kind in _LINES:
            lines[number] += _line_of(make_path(entity), budget)
    return hatches | lines, labels  # where a level has lines, hatches only fill them


def _entities(space: Iterable[Any]) -> Iterator[Any]:
    """What is drawn, in blocks too but for their layer 0, which is how symbols are drawn."""
    for entity in space:
        yield entity
        if entity.dxftype() == "INSERT" and not entity.attribs:
            inside = _entities(entity.virtual_entities())
            yield from (each for each in inside if each.dxf.layer != "0")


def _decoded(text: str) -> str:
    """A text, with characters that an old drawing's encoding lacks: \\U+7F51 is 网."""
    return decode_dxf_unicode(text) if has_dxf_unicode(text) else text


def _line_of(path: DrawnPath, budget: VertexBudget) -> Iterator[BaseGeometry]:
    """A line by its vertices; arcs and curves become chords that stray at most a centimetre."""
    budget.spend(path)
    coordinates = [(point.x, point.y) for point in path.flattening(_CHORD)]
    if path.has_curves and path.start.distance(path.end) < _ROUNDING:  # as circles end
        coordinates[-1] = coordinates[0]
    if len(set(coordinates)) > 1:
        yield shapely.LineString(coordinates)


def _labels(entity: Any) -> Iterator[Label]:
    """A text, or a block whose attributes are called as our fields."""
    kind = entity.dxftype()
    if kind == "INSERT":
        values = {
            _field(_decoded(each.dxf.tag)): _decoded(each.dxf.text).strip()
            for each in entity.attribs
        }
        place = entity.dxf.insert
    else:
        text = entity.plain_text().strip() if kind == "MTEXT" else entity.dxf.text.strip()
        values = {"code": _decoded(text)} | _extended(entity)
        place = entity.dxf.insert if kind == "MTEXT" else entity.get_placement()[1]
    if values.get("code") and len(values["code"]) <= LONGEST_CODE:
        yield Label(values, shapely.Point(place.x, place.y))


def _field(tag: str) -> str:
    name = tag.lower()
    return "code" if name in CODE_NAMES else name


def _extended(entity: DXFEntity) -> dict[str, str]:
    if not entity.has_xdata(APPLICATION):
        return {}
    texts = [_decoded(str(tag.value)) for tag in entity.get_xdata(APPLICATION) if tag.code == 1000]
    values = dict(text.split("=", 1) for text in texts if "=" in text)
    shares = [text.removeprefix(f"{SHARE}=") for text in texts if text.startswith(f"{SHARE}=")]
    return values | ({SHARE: "\n".join(shares)} if shares else {})


def _labelled(faces: Geometries, labels: list[Label], name: str) -> dict[int, Label]:
    """Whose each face is, by its number."""
    tree = shapely.STRtree(faces)
    points = np.asarray([label.place for label in labels], dtype=object)
    label_of_face: dict[int, Label] = {}
    for number, face in tree.query(points, predicate="within").T.tolist():
        other = label_of_face.setdefault(face, labels[number])
        if other.values["code"] != labels[number].values["code"]:
            x, y = labels[number].place.x, labels[number].place.y
            raise InputError(
                f"{name}: {other.values['code']} and {labels[number].values['code']} stand in"
                f" one face near {x:.10g}, {y:.10g}: a line is missing or doesn't close",
                remedy="draw the line; texts that are no codes belong on another layer",
            )
    return label_of_face


def _nobodys(faces: Geometries, label_of_face: dict[int, Label], level: str) -> Iterator[str]:
    """Faces without a text: holes that are meant, or codes that were forgotten."""
    without = np.setdiff1d(np.arange(len(faces)), list(label_of_face))
    if len(without):
        largest = max(faces[without].tolist(), key=lambda face: face.area)
        place = shapely.point_on_surface(largest)
        yield (
            f"{level}: {len(without)} faces have no code and are nobody's, the largest near"
            f" {place.x:.10g}, {place.y:.10g} / 无编码的面"
        )


def _units(
    faces: Geometries, label_of_face: dict[int, Label]
) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
    parts: dict[str, list[int]] = defaultdict(list)
    for face, label in label_of_face.items():
        parts[label.values["code"]].append(face)
    for members in parts.values():
        polygons = [part for face in members for part in shapely.get_parts(faces[face])]
        yield label_of_face[members[0]].values, shapely.MultiPolygon(polygons)


def _faces(lines: list[BaseGeometry], name: str) -> Geometries:
    """The faces between lines; vertices stay as they are."""
    check_crossings(lines, name)
    noded = shapely.union_all(np.asarray(lines, dtype=object))
    faces, cuts, dangles, crossed = shapely.polygonize_full(shapely.get_parts(noded))
    left_over = np.asarray([cuts, dangles, crossed], dtype=object)
    loose = [each for each in shapely.get_parts(left_over) if not each.is_empty]
    if loose:
        x, y = shapely.get_coordinates(loose[0])[0]
        raise InputError(
            f"{name}: {len(loose)} lines end openly or cross themselves, the first near"
            f" {x:.10g}, {y:.10g} / 线未闭合",
            remedy="let it end exactly on a vertex or line of the same layer",
        )
    return shapely.get_parts(faces)
