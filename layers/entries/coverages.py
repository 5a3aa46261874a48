"""The ground divided: the town, its villages, grids and micro-grids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.codes import UNIT_KINDS
from layers.entries.common import CODE, MOMENT, NAME, NAME_EN, updated
from layers.roles import Role

_COVERAGE_PRECISION = Text("边界节点 1 毫米", "boundary vertices to 1 mm")


def _coverage(layer_id: str, level: int, title: Text, description: Text, min_zoom: int) -> Entry:
    """A level of the grid coverage: the versions that hold now, or at the moment asked for."""
    return Entry(
        id=layer_id,
        title=title,
        description=description,
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=_COVERAGE_PRECISION,
        fields=(
            _drafted("code", Text("编码", "code"), "version.code"),
            _drafted("name", Text("名称", "name"), "version.name"),
            _drafted("name_en", Text("英文名称", "English name"), "version.name_en"),
            _drafted("kind", Text("类型", "kind"), "version.kind", UNIT_KINDS),
            _drafted("parent", Text("上级编码", "code of the parent"), "parent.code"),
            Field(
                "valid_from",
                Text("生效时间", "valid from"),
                FieldType.DATE_TIME,
                expression="lower(version.valid)",
            ),
            updated("version.updated"),
        ),
        source="grids.version",
        relation=f"""
            grids.version
            JOIN grids.unit ON unit.id = version.unit_id
            JOIN spatial.town ON town.id = version.town_id
            LEFT JOIN grids.version AS parent
                ON parent.unit_id = version.parent_id AND parent.valid @> {MOMENT}
        """,
        condition=f"unit.level = {level} AND version.valid @> {MOMENT}",
        id_column="unit.id",
        town_column="version.town_id",
        geometry_column="version.geom",
        drafters=frozenset({Role.GIS_EDITOR, Role.ADMINISTRATOR}),
        level=level,
        moves_with_time=True,
        keeps_versions=True,
        min_zoom=min_zoom,
    )


def _drafted(
    name: str, title: Text, expression: str, codes: Mapping[str, Text] = MappingProxyType({})
) -> Field:
    return Field(name, title, expression=expression, codes=codes, editable=True)


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
            updated(),
        ),
        source="spatial.town",
        relation="spatial.town",
        town_column="id",
        geometry_column="outline",
        made_from="grids.version",
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
