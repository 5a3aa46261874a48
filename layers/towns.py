"""Making the installation's town, and telling it where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import shapely
from psycopg import sql
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from layers.facts import villages_of
from layers.facts.store import save_facts
from layers.hotspots import refresh_published_hotspots
from spatial.crs import check_metric_srid, metric_srid_of
from spatial.errors import ConflictError, InputError
from spatial.time_zones import check_time_zone
from spatial.town import Town, find_town, read_town
from spatial.vectorfile import read_vector_file


@dataclass(frozen=True)
class TownPlan:
    """A town to be made.

    Attributes:
        outline: in EPSG:4326; None until streets or grids tell it.
        metric_srid: None takes the zone of the outline's centre as soon as there is one.
    """

    code: str
    name: str
    name_en: str
    time_zone: str
    outline: MultiPolygon | None = None
    metric_srid: int | None = None


# Names and code are facts; EPSG:4549 is the CRS that both towns' surveyors use.
_OFFICIAL = (
    TownPlan("330782100", "佛堂镇", "Fotang", "Asia/Shanghai", metric_srid=4549),
    TownPlan("330421111", "姚庄镇", "Yaozhuang", "Asia/Shanghai", metric_srid=4549),
)
_INSERT = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES (%(code)s, %(name)s, %(name_en)s, ST_GeomFromWKB(%(outline)s, 4326), %(time_zone)s,
        %(metric_srid)s, false)
RETURNING id
"""
_INSERT_UNIT = """
INSERT INTO grids.unit (town_id, code, level, parent_id, name, name_en, kind)
VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_FLAG = """
UPDATE layers.{table} AS thing
SET inside = coalesce(ST_Intersects(thing.geom, town.outline), true)
FROM spatial.town
WHERE town.id = %(town_id)s AND thing.town_id = town.id
  AND thing.inside <> coalesce(ST_Intersects(thing.geom, town.outline), true)
"""
_FLAGGED = ("building", "premises", "sensor", "responder", "incident")


def official_plan(code: str) -> TownPlan:
    """The plan of a town whose villages the program carries.

    Raises:
        NotFoundError: it carries none of that town.
    """
    villages_of(code)
    return next(plan for plan in _OFFICIAL if plan.code == code)


def make_town(connection: psycopg.Connection, plan: TownPlan) -> Town:
    """The town, its unit at the top, and its official villages where they are known.

    The villages have a code and a name; their shapes come with `import grids`.

    Raises:
        ConflictError: this installation has a town.
        InputError: the time zone or the metric CRS is unknown.
    """
    connection.execute("LOCK TABLE spatial.town IN EXCLUSIVE MODE")
    _refuse_second(find_town(connection))
    row = connection.execute(
        _INSERT,
        {
            "code": plan.code,
            "name": plan.name,
            "name_en": plan.name_en,
            "outline": plan.outline.wkb if plan.outline else None,
            "time_zone": check_time_zone(plan.time_zone),
            "metric_srid": _metric_srid(plan),
        },
    ).fetchone()
    save_facts(connection)
    _insert_units(connection, row[0] if row else 0, plan)
    return read_town(connection)


def _refuse_second(town: Town | None) -> None:
    if town is None:
        return
    kind = "the demo town" if town.synthetic else "the town"
    raise ConflictError(
        f"here is {kind} {town.name} already / 这里已有{town.name}",
        remedy="another town lives in another folder: ./gridwhistle --data DIR init …",
    )


def _metric_srid(plan: TownPlan) -> int | None:
    if plan.metric_srid is not None:
        return check_metric_srid(plan.metric_srid)
    if plan.outline is None:
        return None
    return metric_srid_of(plan.outline.centroid.x, plan.outline.centroid.y)


def _insert_units(connection: psycopg.Connection, town_id: int, plan: TownPlan) -> None:
    top = (town_id, plan.code, 1, None, plan.name, plan.name_en, None)
    row = connection.execute(_INSERT_UNIT, top).fetchone()
    if plan.code not in {official.code for official in _OFFICIAL}:
        return
    villages = [
        (
            town_id,
            village.code,
            2,
            row[0] if row else None,
            village.name,
            village.name_en,
            village.kind,
        )
        for village in villages_of(plan.code)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT_UNIT, villages)


def set_outline(connection: psycopg.Connection, town: Town, outline: BaseGeometry) -> Town:
    """Tell the town where it lies; what depends on its outline is made anew.

    Args:
        outline: Polygon or MultiPolygon in EPSG:4326.
    """
    srid = town.metric_srid or metric_srid_of(outline.centroid.x, outline.centroid.y)
    connection.execute(
        "UPDATE spatial.town SET outline = ST_Multi(ST_GeomFromWKB(%s, 4326)), metric_srid = %s "
        "WHERE id = %s",
        (outline.wkb, srid, town.id),
    )
    refresh_inside(connection, town)
    located = read_town(connection)
    refresh_published_hotspots(connection, located)
    return located


def refresh_inside(connection: psycopg.Connection, town: Town) -> None:
    """Flag each row anew as inside or outside of the stored outline; without one, as inside."""
    for table in _FLAGGED:
        connection.execute(sql.SQL(_FLAG).format(table=sql.Identifier(table)), {"town_id": town.id})


def outline_from_file(path: Path, crs: str | None, layer: str | None = None) -> MultiPolygon:
    """The union of a file's polygons, of one layer where it holds several.

    Raises:
        InputError: the file can't be read, or holds no sound polygon; with several layers names
            them.
    """
    shapes = read_vector_file(path, crs=crs, layer=layer).geometry.to_numpy()
    return as_outline(shapely.union_all([s for s in shapes if s is not None]), path.name)


def outline_from_bbox(text: str) -> MultiPolygon:
    """The rectangle `W,S,E,N` in degrees.

    Raises:
        InputError: not four numbers, or no rectangle on earth.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"--bbox {text}: four numbers W,S,E,N are wanted") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            f"--bbox {text}: no rectangle on earth", remedy="W,S,E,N in degrees: lon before lat"
        )
    return MultiPolygon([shapely.box(west, south, east, north)])


def as_outline(shape: BaseGeometry, name: str) -> MultiPolygon:
    """`shape` as a MultiPolygon.

    Raises:
        InputError: it is empty, not polygonal or crosses itself; `name` is where it came from.
    """
    if isinstance(shape, Polygon):
        shape = MultiPolygon([shape])
    if not isinstance(shape, MultiPolygon) or shape.is_empty:
        raise InputError(f"{name}: an outline is made of polygons, this is {shape.geom_type}")
    if not shape.is_valid:
        raise InputError(f"{name}: the outline crosses itself: {shapely.is_valid_reason(shape)}")
    return shape


def code_of_name(name: str) -> str:
    """A short code for a town that has no official one."""
    return re.sub(r"[\W_]+", "-", name.strip().lower()).strip("-") or "town"
