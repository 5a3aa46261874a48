"""The published layers, one entry each, in the order of the legend."""

from __future__ import annotations

from layers.catalogue import Catalogue, Entry, Field, FieldType, Release, Text
from layers.codes import (
    BUILDING_USES,
    HOTSPOT_CLASSES,
    INCIDENT_STATES,
    PREMISES_KINDS,
    RESPONDER_MODES,
    SENSOR_KINDS,
    SENSOR_STATUSES,
    UNIT_KINDS,
)

_NAME = Field("name", Text("名称", "name"))
_NAME_EN = Field("name_en", Text("英文名称", "English name"))
_CODE = Field("code", Text("编码", "code"))
_INSIDE = Field("inside", Text("在镇域内", "inside the outline"), FieldType.BOOLEAN)
_ADDRESS = Field("address", Text("地址", "address"))
_DEPARTMENT = Field("department", Text("部门", "department"))
_AS_SURVEYED = Text("按来源精度", "as exact as its source")
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
            _CODE,
            _NAME,
            _NAME_EN,
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


_GROUND = (
    Entry(
        id="water",
        title=Text("水系", "Water"),
        description=Text("河流、湖泊、池塘", "Rivers, lakes and ponds"),
        geometry="Geometry",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(_NAME, Field("kind", Text("类型", "kind"))),
        source="layers.water",
        select="SELECT id, town_id, name, kind, geom FROM layers.water",
    ),
    Entry(
        id="buildings",
        title=Text("建筑", "Buildings"),
        description=Text("建筑轮廓", "Building footprints"),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(
            _NAME,
            Field("use", Text("用途", "use"), codes=BUILDING_USES),
            Field("floors", Text("层数", "floors"), FieldType.INTEGER),
            Field("height_m", Text("高度", "height"), FieldType.NUMBER, unit="m"),
            _ADDRESS,
            _INSIDE,
        ),
        source="layers.building",
        select="""
            SELECT id, town_id, name, use, floors, height_m, address, inside, geom
            FROM layers.building
        """,
        min_zoom=13,
    ),
    Entry(
        id="streets",
        title=Text("道路", "Streets"),
        description=Text(
            "路网:等级、单行、桥梁与限速", "The street network: class, one-way, bridges and speed"
        ),
        geometry="LineString",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(
            _NAME,
            Field("ref", Text("编号", "reference number")),
            Field("class", Text("等级(OSM highway)", "class (OSM highway)")),
            Field("oneway", Text("单行", "one-way"), FieldType.BOOLEAN),
            Field("bridge", Text("桥梁", "bridge"), FieldType.BOOLEAN),
            Field("tunnel", Text("隧道", "tunnel"), FieldType.BOOLEAN),
            Field("level", Text("立体层级", "level above the ground"), FieldType.INTEGER),
            Field("length_m", Text("长度", "length"), FieldType.NUMBER, unit="m"),
            Field("speed_kph", Text("车速", "speed of cars"), FieldType.NUMBER, unit="km/h"),
        ),
        source="routing.street",
        select="""
            SELECT id, town_id, name, ref, class, oneway, bridge, tunnel, level, length_m,
                   speed_kph, geom
            FROM routing.street
        """,
    ),
    Entry(
        id="places",
        title=Text("地名", "Places"),
        description=Text("村、社区等地名", "Names of villages and quarters"),
        geometry="Point",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(_NAME, _NAME_EN, Field("kind", Text("类型", "kind"))),
        source="layers.place",
        select="SELECT id, town_id, name, name_en, kind, geom FROM layers.place",
    ),
)

_COVERAGES = (
    Entry(
        id="town",
        title=Text("镇域", "Town"),
        description=Text("镇街范围", "The town's outline"),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=_COVERAGE_PRECISION,
        fields=(
            _CODE,
            _NAME,
            _NAME_EN,
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

_THINGS = (
    Entry(
        id="hotspots",
        title=Text("热点", "Hotspots"),
        description=Text(
            "近 90 天事件按 H3 单元的计数与显著性(精确零分布 Gi*,FDR 控制)",
            "Incidents of the last 90 days per H3 cell with their significance "
            "(exact-null Gi*, FDR controlled)",
        ),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=Text("H3 第 9 级单元(约 0.1 平方千米)", "H3 cells of resolution 9 (0.1 km²)"),
        fields=(
            Field("h3", Text("H3 单元", "H3 cell")),
            Field("resolution", Text("H3 级别", "H3 resolution"), FieldType.INTEGER),
            Field("category", Text("类别(all 为全部)", "category (all for every one)")),
            Field("from_date", Text("起始日", "first day"), FieldType.DATE),
            Field("to_date", Text("截止日(不含)", "end day (not counted)"), FieldType.DATE),
            Field("count", Text("事件数", "incidents"), FieldType.INTEGER, unit="{incident}"),
            Field(
                "neighbourhood_count",
                Text("单元及邻环事件数", "incidents in the cell and its ring"),
                FieldType.INTEGER,
                unit="{incident}",
            ),
            Field("z", Text("Gi* z 值", "Gi* z score"), FieldType.NUMBER),
            Field("p", Text("p 值", "p value"), FieldType.NUMBER),
            Field("class", Text("显著性", "significance class"), codes=HOTSPOT_CLASSES),
        ),
        source="layers.incident",
        select="""
            SELECT id, town_id, to_hex(cell) AS h3, resolution, category, from_date, to_date,
                   count, neighbourhood_count, z, p, class, geom
            FROM layers.hotspot
        """,
    ),
    Entry(
        id="premises",
        title=Text("场所", "Premises"),
        description=Text("企业、加工业、店面等场所", "Firms, workshops, shops and other premises"),
        geometry="Point",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(
            _NAME,
            Field("kind", Text("类型", "kind"), codes=PREMISES_KINDS),
            _ADDRESS,
            Field("floor", Text("楼层", "floor")),
            _INSIDE,
        ),
        source="layers.premises",
        select="""
            SELECT id, town_id, name, kind, address, floor, inside, geom FROM layers.premises
        """,
        min_zoom=12,
        visible=False,
    ),
    Entry(
        id="fields-of-view",
        title=Text("摄像头视域", "Fields of view"),
        description=Text("摄像头可见范围", "What each camera sees"),
        geometry="Polygon",
        release=Release.INTERNAL,
        precision=_AS_SURVEYED,
        fields=(
            _NAME,
            Field("bearing_deg", Text("朝向", "bearing"), FieldType.NUMBER, unit="deg"),
        ),
        source="layers.sensor",
        select="""
            SELECT id, town_id, name, bearing_deg, field_of_view AS geom FROM layers.sensor
            WHERE field_of_view IS NOT NULL
        """,
        min_zoom=13,
        visible=False,
    ),
    Entry(
        id="sensors",
        title=Text("感知设备", "Sensors"),
        description=Text(
            "摄像头、烟雾传感器、水质与空气监测站",
            "Cameras, smoke detectors, water and air stations",
        ),
        geometry="Point",
        release=Release.PUBLIC,
        precision=_AS_SURVEYED,
        fields=(
            _NAME,
            Field("kind", Text("类型", "kind"), codes=SENSOR_KINDS),
            Field("status", Text("状态", "status"), codes=SENSOR_STATUSES),
            Field("last_seen", Text("最近在线", "last seen"), FieldType.DATE_TIME),
            Field("value", Text("最近读数", "latest reading"), FieldType.NUMBER),
            Field("unit", Text("读数单位(UCUM)", "unit of the reading (UCUM)")),
            _INSIDE,
        ),
        source="layers.sensor",
        select="""
            SELECT id, town_id, name, kind, status, last_seen, value, unit, inside, geom
            FROM layers.sensor
        """,
        time_field="last_seen",
        min_zoom=12,
        visible=False,
    ),
    Entry(
        id="incidents",
        title=Text("事件", "Incidents"),
        description=Text("上报的事件,内部使用", "Reported incidents, for internal use"),
        geometry="Point",
        release=Release.INTERNAL,
        precision=Text("门牌级,仅限内部", "house precision, internal"),
        fields=(
            Field("category", Text("类别编码", "category code")),
            Field("category_name", Text("类别", "category")),
            _DEPARTMENT,
            Field("state", Text("状态", "state"), codes=INCIDENT_STATES),
            Field("source", Text("来源", "source")),
            Field("occurred_at", Text("发生时间", "occurred at"), FieldType.DATE_TIME),
            Field("closed_at", Text("办结时间", "closed at"), FieldType.DATE_TIME),
            Field("h3", Text("H3 单元(11 级)", "H3 cell (resolution 11)")),
            _INSIDE,
        ),
        source="layers.incident",
        select="""
            SELECT incident.id, town_id, category, category.name AS category_name,
                   category.department, state, source, occurred_at, closed_at,
                   to_hex(cell) AS h3, inside, geom
            FROM layers.incident
            JOIN layers.category ON category.code = incident.category
        """,
        time_field="occurred_at",
        min_zoom=12,
        visible=False,
    ),
    Entry(
        id="responders",
        title=Text("处置力量", "Responders"),
        description=Text("在岗力量的位置,内部使用", "Where responders are, for internal use"),
        geometry="Point",
        release=Release.INTERNAL,
        precision=Text("实时定位,仅限内部", "live positions, internal"),
        fields=(
            Field("label", Text("呼号", "call sign")),
            _DEPARTMENT,
            Field("mode", Text("出行方式", "mode"), codes=RESPONDER_MODES),
            Field("on_duty", Text("在岗", "on duty"), FieldType.BOOLEAN),
            Field("fix_at", Text("定位时间", "time of the fix"), FieldType.DATE_TIME),
            Field("accuracy_m", Text("定位精度", "accuracy"), FieldType.NUMBER, unit="m"),
        ),
        source="layers.responder",
        select="""
            SELECT id, town_id, label, department, mode, on_duty, fix_at, accuracy_m, geom
            FROM layers.responder
        """,
        time_field="fix_at",
        min_zoom=9,
    ),
)

CATALOGUE = Catalogue((*_GROUND, *_COVERAGES, *_THINGS))
