"""The things on the map: hotspots, premises, sensors, incidents, responders."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.codes import (
    HOTSPOT_CLASSES,
    INCIDENT_STATES,
    PREMISES_KINDS,
    RESPONDER_MODES,
    SENSOR_KINDS,
    SENSOR_STATUSES,
)
from layers.entries.common import ADDRESS, AS_SURVEYED, DEPARTMENT, INSIDE, NAME

THINGS = (
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
        precision=AS_SURVEYED,
        fields=(
            NAME,
            Field("kind", Text("类型", "kind"), codes=PREMISES_KINDS),
            ADDRESS,
            Field("floor", Text("楼层", "floor")),
            INSIDE,
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
        precision=AS_SURVEYED,
        fields=(
            NAME,
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
        precision=AS_SURVEYED,
        fields=(
            NAME,
            Field("kind", Text("类型", "kind"), codes=SENSOR_KINDS),
            Field("status", Text("状态", "status"), codes=SENSOR_STATUSES),
            Field("last_seen", Text("最近在线", "last seen"), FieldType.DATE_TIME),
            Field("value", Text("最近读数", "latest reading"), FieldType.NUMBER),
            Field("unit", Text("读数单位(UCUM)", "unit of the reading (UCUM)")),
            INSIDE,
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
            DEPARTMENT,
            Field("state", Text("状态", "state"), codes=INCIDENT_STATES),
            Field("source", Text("来源", "source")),
            Field("occurred_at", Text("发生时间", "occurred at"), FieldType.DATE_TIME),
            Field("closed_at", Text("办结时间", "closed at"), FieldType.DATE_TIME),
            Field("h3", Text("H3 单元(11 级)", "H3 cell (resolution 11)")),
            INSIDE,
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
            DEPARTMENT,
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
