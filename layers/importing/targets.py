"""What each layer takes from a file: its fields, by which names they go, and what they may hold.

Only these fields are ever read. Nothing that tells of a person (姓名, 电话, 身份证, a caller's
address) is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layers.catalogue import Text
from layers.codes import (
    BUILDING_USES,
    IMPORTED_STATES,
    PREMISES_KINDS,
    RESPONDER_MODES,
    SENSOR_KINDS,
    SENSOR_STATUSES,
)
from layers.facts import skills
from layers.importing.values import (
    NUMBER,
    TEXT,
    WHOLE_NUMBER,
    YES_OR_NO,
    Kind,
    code_of,
    moment,
    ranged,
    several_codes,
)

UNCLASSIFIED = "unclassified"
_COUNT = ranged(WHOLE_NUMBER, 0, 2_000_000_000, "a number of things, 0 or more")
_LENGTH_M = ranged(NUMBER, 0, 10_000, "metres, 0 or more")


@dataclass(frozen=True)
class Field:
    """A column of the layer's table that a file can fill.

    Attributes:
        name: the column.
        names: what it is called in files, besides its own name.
        required: the file must have it, and every row a value.
        default: where a row has no value; None stores NULL.
        lookup: the table whose codes it holds; unknown ones are added.
        identifies: whether it tells rows apart that have no key of their own.
    """

    name: str
    names: tuple[str, ...]
    kind: Kind = TEXT
    required: bool = False
    default: Any = None
    lookup: str | None = None
    identifies: bool = True


@dataclass(frozen=True)
class Target:
    """A layer that files fill."""

    layer: str
    table: str
    geometry: str
    fields: tuple[Field, ...]


_NAME_NAMES = ("名称", "店名", "单位名称", "企业名称", "名字", "title", "名", "标题")
_ADDRESS = Field("address", ("地址", "addr", "详细地址", "住所", "经营地址"))
_PREMISES_WORDS = {
    "企业": "firm", "工业": "firm", "工厂": "firm", "factory": "firm", "company": "firm",
    "农村加工点": "workshop", "加工点": "workshop", "作坊": "workshop",
    "店铺": "shop", "商铺": "shop", "门店": "shop", "经营户": "shop", "store": "shop",
}  # fmt: skip
_SENSOR_WORDS = {
    "摄像头": "camera", "视频监控": "camera", "监控": "camera", "烟感": "smoke",
    "烟感报警器": "smoke", "smoke detector": "smoke", "水质": "water", "空气": "air",
    "空气质量": "air", "大气": "air",
}  # fmt: skip
_STATUS_WORDS = {"正常": "online", "ok": "online", "离线": "offline", "故障": "offline",
                 "告警": "alarm"}  # fmt: skip
_MODE_WORDS = {
    "walk": "foot", "walking": "foot", "on foot": "foot", "步巡": "foot",
    "bike": "ebike", "e-bike": "ebike", "电瓶车": "ebike", "电动自行车": "ebike",
    "drive": "car", "driving": "car", "vehicle": "car", "车": "car", "车巡": "car",
    "巡逻车": "car",
}  # fmt: skip
_STATE_WORDS = {"已结案": "closed", "办结": "closed", "处理中": "open", "待处理": "open",
                "未处理": "open"}  # fmt: skip

PREMISES = Target(
    "premises",
    "premises",
    "Point",
    (
        Field("name", _NAME_NAMES, required=True),
        Field(
            "kind",
            ("类型", "类别", "种类", "type", "category"),
            code_of(PREMISES_KINDS, _PREMISES_WORDS, "other"),
            default="other",
        ),
        _ADDRESS,
        Field("entrance", ("单元", "单元号", "楼门")),
        Field("floor", ("楼层", "所在楼层")),
    ),
)
BUILDINGS = Target(
    "buildings",
    "building",
    "MultiPolygon",
    (
        Field("name", (*_NAME_NAMES, "楼名", "建筑名称")),
        Field(
            "use",
            ("用途", "建筑用途", "类型", "building", "type", "usage"),
            code_of(BUILDING_USES, {"居住": "residential", "工业": "industrial"}, "other"),
        ),
        Field("floors", ("层数", "楼层数", "levels", "building:levels", "storeys"),
              ranged(WHOLE_NUMBER, 0, 300, "a number of floors")),
        Field("height_m", ("高度", "height", "楼高", "建筑高度"), _LENGTH_M),
        _ADDRESS,
        Field("households", ("户数", "住户数"), _COUNT),
    ),
)  # fmt: skip
LAMP_POSTS = Target(
    "lamp-posts",
    "lamp_post",
    "Point",
    (
        Field(
            "number",
            ("编号", "灯杆编号", "灯杆号", "杆号", "路灯编号", "code", "id"),
            required=True,
        ),
        Field("street", ("道路", "路名", "所在道路", "道路名称", "road")),
    ),
)
PLACE_ALIASES = Target(
    "place-aliases",
    "place_alias",
    "Point",
    (
        Field("name", ("别称", "别名", "俗称", "alias", *_NAME_NAMES), required=True),
        Field("note", ("说明", "备注", "标准名称", "remark")),
    ),
)
_SENSOR_FIELDS = (
    Field("name", (*_NAME_NAMES, "positionname", "站点名称", "监测点", "station", "设备名称",
                   "stationcode", "设备编号", "编号", "code", "id"), required=True),
    Field("kind", ("类型", "设备类型", "种类", "type"),
          code_of(SENSOR_KINDS, _SENSOR_WORDS, "other"), default="other"),
    Field("status", ("状态", "设备状态", "state"),
          code_of(SENSOR_STATUSES, _STATUS_WORDS, "unknown"), default="unknown"),
    Field("value", ("数值", "读数", "监测值", "pm2_5", "pm25", "pm2.5"), NUMBER),
    Field("unit", ("单位", "计量单位", "uom")),
    Field("bearing_deg", ("bearing", "朝向", "方位角", "heading", "azimuth"),
          ranged(NUMBER, 0, 360, "degrees from north, 0 to 360")),
)  # fmt: skip
_RESPONDER_FIELDS = (
    Field("label", ("呼号", "call_sign", "callsign", "unit", "name", "名称", "编号", "code", "id"),
          required=True),
    Field("department", ("部门", "所属部门", "dept", "agency", "单位"), lookup="department"),
    Field("mode", ("出行方式", "交通方式", "方式", "vehicle", "transport"),
          code_of(RESPONDER_MODES, _MODE_WORDS, None), default="car"),
    Field("on_duty", ("在岗", "是否在岗", "值班", "duty", "onduty"), YES_OR_NO, default=True),
    Field("accuracy_m", ("accuracy", "精度", "定位精度"), _LENGTH_M),
    Field("team", ("班组", "队伍", "小组", "中队", "crew", "squad"), identifies=False),
    Field("skills", ("技能", "资质", "专长", "装备", "qualifications", "capabilities", "equipment"),
          several_codes({each.code: Text(each.name, each.name_en) for each in skills()}),
          default="{}", identifies=False),
)  # fmt: skip


def sensors(time_zone: str, time_format: str | None) -> Target:
    """Sensors; times are the town's."""
    seen = Field("last_seen", ("时间", "最后在线时间", "更新时间", "timepoint", "time", "timestamp",
                               "updated_at"), moment(time_zone, time_format))  # fmt: skip
    return Target("sensors", "sensor", "Point", (*_SENSOR_FIELDS, seen))


def responders(time_zone: str, time_format: str | None) -> Target:
    """Responders; times are the town's."""
    fix_at = Field("fix_at", ("定位时间", "时间", "time", "timestamp"),
                   moment(time_zone, time_format))  # fmt: skip
    return Target("responders", "responder", "Point", (*_RESPONDER_FIELDS, fix_at))


def incidents(time_zone: str, time_format: str | None) -> Target:
    """Incidents; times are the town's."""
    when = moment(time_zone, time_format)
    fields = (
        Field("category", ("类别", "类型", "事件类别", "事件类型", "分类", "type", "title", "标题"),
              default=UNCLASSIFIED, lookup="category"),
        Field("occurred_at", ("时间", "发生时间", "上报时间", "发现时间", "时间戳", "time",
                              "timestamp", "datetime", "date_single", "date", "日期", "reported_at",
                              "created_at"), when, required=True),
        Field("closed_at", ("办结时间", "结案时间", "closed", "closed_date"), when),
        Field("state", ("状态", "办理状态", "status"),
              code_of(IMPORTED_STATES, _STATE_WORDS, None), default="closed"),
        Field("source", ("来源", "事件来源", "渠道", "channel")),
    )  # fmt: skip
    return Target("incidents", "incident", "Point", fields)


def find_target(layer: str, time_zone: str, time_format: str | None) -> Target:
    """The target called `layer`, one of those that `import` names."""
    timed = {"sensors": sensors, "responders": responders, "incidents": incidents}
    if layer in timed:
        return timed[layer](time_zone, time_format)
    others = (PREMISES, BUILDINGS, LAMP_POSTS, PLACE_ALIASES)
    return {target.layer: target for target in others}[layer]
