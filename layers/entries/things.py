"""The things on the map: hotspots, premises, sensors, incidents."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Rows, Text
from layers.codes import (
    HOTSPOT_CLASSES,
    INCIDENT_STATES,
    PREMISES_KINDS,
    SENSOR_KINDS,
    SENSOR_STATUSES,
)
from layers.entries.common import (
    AS_SURVEYED,
    EDITABLE_NAME,
    EDITORS,
    INSIDE,
    NAME,
    STAFF,
    key,
    updated,
)
from layers.roles import Role

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
            Field("h3", Text("H3 单元", "H3 cell"), expression="to_hex(cell)"),
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
            updated(),
        ),
        source="layers.hotspot",
        relation="layers.hotspot",
        made_from="layers.incident",
    ),
    Entry(
        id="premises",
        title=Text("场所", "Premises"),
        description=Text("企业、加工业、店面等场所", "Firms, workshops, shops and other premises"),
        geometry="Point",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(
            EDITABLE_NAME,
            Field("kind", Text("类型", "kind"), codes=PREMISES_KINDS, editable=True, required=True),
            Field("address", Text("地址", "address"), editable=True),
            Field("entrance", Text("单元", "entrance"), editable=True),
            Field("floor", Text("楼层", "floor"), editable=True),
            INSIDE,
            key(),
            updated(),
        ),
        source="layers.premises",
        relation="layers.premises",
        cell=True,
        editors=EDITORS,
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
            updated(),
        ),
        source="layers.sensor",
        relation="layers.sensor",
        condition="field_of_view IS NOT NULL",
        geometry_column="field_of_view",
        readers=dict.fromkeys(STAFF, Rows.ALL) | {Role.SYSTEM: Rows.GRANTED},
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
            EDITABLE_NAME,
            Field("kind", Text("类型", "kind"), codes=SENSOR_KINDS, editable=True, required=True),
            Field("status", Text("状态", "status"), codes=SENSOR_STATUSES, editable=True),
            Field("last_seen", Text("最近在线", "last seen"), FieldType.DATE_TIME, editable=True),
            Field("value", Text("最近读数", "latest reading"), FieldType.NUMBER, editable=True),
            Field("unit", Text("读数单位(UCUM)", "unit of the reading (UCUM)"), editable=True),
            Field(
                "bearing_deg",
                Text("朝向", "bearing"),
                FieldType.NUMBER,
                unit="deg",
                readers=STAFF,
                editable=True,
            ),
            INSIDE,
            key(),
            updated(),
        ),
        source="layers.sensor",
        relation="layers.sensor",
        cell=True,
        editors=EDITORS,
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
            Field("category", Text("类别编码", "category code"), expression="incident.category"),
            Field("category_name", Text("类别", "category"), expression="category.name"),
            Field(
                "department",
                Text("部门", "department"),
                expression="coalesce(incident.department, category.department)",
            ),
            Field("number", Text("事件编号", "number"), expression="incident.number"),
            Field("state", Text("状态", "state"), codes=INCIDENT_STATES),
            Field("severity", Text("等级(1 最急)", "severity (1 is urgent)"), FieldType.INTEGER),
            Field("source", Text("来源", "source"), readers=STAFF - {Role.PLANNER}),
            Field("occurred_at", Text("发生时间", "occurred at"), FieldType.DATE_TIME),
            Field("closed_at", Text("办结时间", "closed at"), FieldType.DATE_TIME),
            Field(
                "micro_grid",
                Text("微网格编码", "micro-grid code"),
                expression="coalesce(share.code, version.code)",
            ),
            Field("grid", Text("网格编码", "grid code"), expression="grid_version.code"),
            Field("grid_name", Text("网格", "grid"), expression="grid_version.name"),
            Field(
                "h3", Text("H3 单元(11 级)", "H3 cell (resolution 11)"), expression="to_hex(cell)"
            ),
            INSIDE,
            updated("incident.updated"),
        ),
        source="layers.incident",
        relation="""
            layers.incident
            JOIN layers.category ON category.code = incident.category
            LEFT JOIN grids.version ON version.id = incident.grid_version_id
            LEFT JOIN grids.share_version ON share_version.id = incident.share_version_id
            LEFT JOIN grids.share ON share.id = share_version.share_id
            LEFT JOIN grids.version AS grid_version
                ON grid_version.unit_id = version.parent_id
                AND grid_version.valid @> coalesce(lower(version.valid), '-infinity')
        """,
        id_column="incident.id",
        town_column="incident.town_id",
        geometry_column="incident.geom",
        cell=True,
        readers={
            Role.GRID_MEMBER: Rows.OWN_GRID,
            Role.OFFICER: Rows.OWN_DEPARTMENT,
            Role.DISPATCHER: Rows.OWN_DEPARTMENT,
            Role.PLANNER: Rows.ALL,
            Role.ADMINISTRATOR: Rows.ALL,
            Role.SYSTEM: Rows.GRANTED,
        },
        department="coalesce(incident.department, category.department)",
        grid="version.parent_id",
        time_field="occurred_at",
        min_zoom=14,
        visible=False,
    ),
)
