"""Who can be sent, and the ways that they went: internal layers that move by themselves."""

from __future__ import annotations

from dataclasses import replace

from layers.catalogue import Entry, Field, FieldType, Release, Rows, Text
from layers.codes import RESPONDER_MODES
from layers.entries.common import DEPARTMENT, INSIDE, updated
from layers.roles import Role

_FIX_AGE = (
    "layers.fix_age_s(fix_at, (SELECT as_of FROM spatial.town WHERE town.id = responder.town_id))"
)
# About 200 m: the log of changes is told of no smaller moves, which the stream of moves tells.
_TOLD_EVERY_DEG = 0.002


def _live(name: str, title: Text, kind: FieldType, unit: str | None = None) -> Field:
    return Field(name, title, kind, unit, live=True)


PEOPLE = (
    Entry(
        id="tracks",
        title=Text("轨迹", "Tracks"),
        description=Text(
            "处置力量近两小时的轨迹,内部使用;个人可在“我的账户”查看自己的",
            "Where responders went in the last two hours, for internal use; each finds the own "
            "under “My account”",
        ),
        geometry="LineString",
        release=Release.INTERNAL,
        precision=Text("定位精度,简化到 1 米", "as exact as the fixes, simplified to 1 m"),
        fields=(
            Field("label", Text("呼号", "call sign"), expression="responder.label"),
            Field("department", Text("部门", "department"), expression="responder.department"),
            Field("team", Text("班组", "team"), expression="responder.team"),
            Field("from_at", Text("起", "from"), FieldType.DATE_TIME),
            Field("to_at", Text("止", "to"), FieldType.DATE_TIME),
            Field("length_m", Text("长度", "length"), FieldType.NUMBER, unit="m"),
            Field("points", Text("定位数", "fixes"), FieldType.INTEGER, unit="{fix}"),
            updated("track.updated"),
        ),
        source="layers.track",
        relation="layers.track JOIN layers.responder ON responder.id = track.responder_id",
        id_column="track.responder_id",
        town_column="track.town_id",
        geometry_column="track.geom",
        made_from="layers.responder",
        readers={Role.DISPATCHER: Rows.OWN_DEPARTMENT, Role.ADMINISTRATOR: Rows.ALL},
        department="responder.department",
        time_field="to_at",
        min_zoom=11,
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
            Field("label", Text("呼号", "call sign"), editable=True, required=True),
            replace(DEPARTMENT, editable=True),
            Field("team", Text("班组", "team"), editable=True),
            Field(
                "mode",
                Text("出行方式", "mode"),
                codes=RESPONDER_MODES,
                editable=True,
                required=True,
            ),
            Field(
                "skills",
                Text("技能(代码,逗号分隔)", "skills (codes, separated by commas)"),
                expression="skill_list",
                editable=True,
            ),
            Field("on_duty", Text("在岗", "on duty"), FieldType.BOOLEAN, editable=True),
            Field("duty_since", Text("到岗时间", "on duty since"), FieldType.DATE_TIME),
            Field(
                "break_until",
                Text("休息至", "on a break until"),
                FieldType.DATE_TIME,
                editable=True,
            ),
            _live("fix_at", Text("定位时间", "time of the fix"), FieldType.DATE_TIME),
            Field(
                "fix_age_s",
                Text("定位距今", "age of the fix"),
                FieldType.NUMBER,
                unit="s",
                expression=_FIX_AGE,
                live=True,
            ),
            _live("received_at", Text("收到定位时间", "fix received"), FieldType.DATE_TIME),
            _live("accuracy_m", Text("定位精度", "accuracy"), FieldType.NUMBER, "m"),
            _live("speed_mps", Text("速度", "speed"), FieldType.NUMBER, "m/s"),
            _live("bearing_deg", Text("方向", "bearing"), FieldType.NUMBER, "deg"),
            INSIDE,
            Field("key", Text("编号", "identity")),
            updated(),
        ),
        source="layers.responder",
        relation="layers.responder",
        cell=True,
        readers={
            Role.OFFICER: Rows.OWN_DEPARTMENT,
            Role.DISPATCHER: Rows.OWN_DEPARTMENT,
            Role.ADMINISTRATOR: Rows.ALL,
            Role.SYSTEM: Rows.GRANTED,
        },
        department="department",
        editors=frozenset({Role.ADMINISTRATOR}),
        time_field="fix_at",
        told_every_deg=_TOLD_EVERY_DEG,
        min_zoom=9,
    ),
)
