"""The ground under everything: water, buildings, streets, names."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.codes import BUILDING_USES
from layers.entries.common import ADDRESS, AS_SURVEYED, INSIDE, NAME, NAME_EN, STAFF, updated
from routing.modes import Mode


def mode_names(column: str) -> str:
    """SQL that names the modes whose bits are set, as `import streets` reads them."""
    names = (f"CASE WHEN {column} & {int(mode)} > 0 THEN '{mode.label}' END" for mode in Mode)
    return f"concat_ws(',', {', '.join(names)})"


GROUND = (
    Entry(
        id="water",
        title=Text("水系", "Water"),
        description=Text("河流、湖泊、池塘", "Rivers, lakes and ponds"),
        geometry="Geometry",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(NAME, Field("kind", Text("类型", "kind")), updated()),
        source="layers.water",
        relation="layers.water",
    ),
    Entry(
        id="buildings",
        title=Text("建筑", "Buildings"),
        description=Text("建筑轮廓", "Building footprints"),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(
            NAME,
            Field("use", Text("用途", "use"), codes=BUILDING_USES),
            Field("floors", Text("层数", "floors"), FieldType.INTEGER),
            Field("height_m", Text("高度", "height"), FieldType.NUMBER, unit="m"),
            ADDRESS,
            INSIDE,
            Field(
                "households",
                Text("户数", "households"),
                FieldType.INTEGER,
                unit="{household}",
                readers=STAFF,
            ),
            updated(),
        ),
        source="layers.building",
        relation="layers.building",
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
        precision=AS_SURVEYED,
        fields=(
            NAME,
            Field("ref", Text("编号", "reference number")),
            Field("class", Text("等级(OSM highway)", "class (OSM highway)")),
            Field("oneway", Text("单行", "one-way"), FieldType.BOOLEAN),
            Field("bridge", Text("桥梁", "bridge"), FieldType.BOOLEAN),
            Field("tunnel", Text("隧道", "tunnel"), FieldType.BOOLEAN),
            Field("level", Text("立体层级", "level above the ground"), FieldType.INTEGER),
            Field("length_m", Text("长度", "length"), FieldType.NUMBER, unit="m"),
            Field("speed_kph", Text("车速", "speed of cars"), FieldType.NUMBER, unit="km/h"),
            Field(
                "learned_kph",
                Text("实测学习车速", "speed of cars, learned from tracks"),
                FieldType.NUMBER,
                unit="km/h",
            ),
            Field(
                "learned_samples",
                Text("实测次数", "tracks that it was learned from"),
                FieldType.INTEGER,
            ),
            Field("from_node", Text("起点节点", "node where it starts"), FieldType.INTEGER),
            Field("to_node", Text("终点节点", "node where it ends"), FieldType.INTEGER),
            Field(
                "modes",
                Text("沿线方向可通行方式", "modes that may travel along the line"),
                expression=mode_names("forward_modes"),
            ),
            Field(
                "modes_back",
                Text("反方向可通行方式", "modes that may travel against it"),
                expression=mode_names("backward_modes"),
            ),
            updated(),
        ),
        source="routing.street",
        relation="routing.street",
    ),
    Entry(
        id="places",
        title=Text("地名", "Places"),
        description=Text("村、社区等地名", "Names of villages and quarters"),
        geometry="Point",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(NAME, NAME_EN, Field("kind", Text("类型", "kind")), updated()),
        source="layers.place",
        relation="layers.place",
        cell=True,
    ),
)
