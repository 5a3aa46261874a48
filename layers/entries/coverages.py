"""The ground divided: the town, its villages, grids and micro-grids."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.codes import UNIT_KINDS
from layers.entries.common import CODE, NAME, NAME_EN

_COVERAGE_PRECISION = Text("边界节点 1 毫米", "boundary vertices to 1 mm")


def _coverage(layer_id: str, level: int, title: Text, description: Text, min_zoom: int) -> Entry:
    """A level of the grid coverage: the versions that hold now."""
    return Entry(
        id=layer_id,
        title=title,
        description=description,
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=_COVERAGE_PRECISION,
        fields=(
            CODE,
            NAME,
            NAME_EN,
            Field("kind", Text("类型", "kind"), codes=UNIT_KINDS),
            Field("parent", Text("上级编码", "code of the parent")),
            Field("valid_from", Text("生效时间", "valid from"), FieldType.DATE_TIME),
        ),
        source="grids.version",
        select=f"""
            SELECT unit.id, version.town_id, unit.code, version.name, version.name_en,
                   version.kind, parent.code AS parent, lower(version.valid) AS valid_from,
                   version.geom
            FROM grids.version
            JOIN grids.unit ON unit.id = version.unit_id
            JOIN spatial.town ON town.id = version.town_id
            LEFT JOIN grids.unit AS parent ON parent.id = unit.parent_id
            WHERE unit.level = {level} AND version.valid @> coalesce(town.as_of, now())
        """,  # noqa: S608 - the level is a number of ours
        min_zoom=min_zoom,
    )


COVERAGES = (
    Entry(
        id="town",
        title=Text("镇域", "Town"),
        description=Text("镇街范围", "The town's outline"),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=_COVERAGE_PRECISION,
        fields=(
            CODE,
            NAME,
            NAME_EN,
            Field("synthetic", Text("演示数据", "synthetic"), FieldType.BOOLEAN),
        ),
        source="grids.version",
        select="""
            SELECT id, id AS town_id, code, name, name_en, synthetic, outline AS geom
            FROM spatial.town
        """,
        min_zoom=0,
    ),
    _coverage(
        "villages",
        2,
        Text("社区和行政村", "Communities and villages"),
        Text("社区、行政村界线", "Boundaries of communities and villages"),
        min_zoom=8,
    ),
    _coverage(
        "grids",
        3,
        Text("网格", "Grids"),
        Text("基层治理网格", "Governance grids"),
        min_zoom=11,
    ),
    _coverage(
        "micro-grids",
        4,
        Text("微网格", "Micro-grids"),
        Text("最小治理单元", "The smallest unit of governance"),
        min_zoom=13,
    ),
)
