"""Orders: who was sent where."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Rows, Text
from layers.codes import ORDER_STATES
from layers.entries.common import updated
from layers.roles import Role


def _time(name: str, zh: str, en: str) -> Field:
    return Field(name, Text(zh, en), FieldType.DATE_TIME)


ORDERS = (
    Entry(
        id="orders",
        title=Text("处置指令", "Orders"),
        description=Text(
            "派往事件现场的力量及其进度,内部使用",
            "Who was sent to which incident, and how far they are; for internal use",
        ),
        geometry="Point",
        release=Release.INTERNAL,
        precision=Text("事件位置,仅限内部", "the incident's place, internal"),
        fields=(
            Field("incident", Text("事件编号", "incident"), expression="incident.number"),
            # Looked up and not joined: a position that moves is no change of an order.
            Field(
                "responder",
                Text("呼号", "call sign"),
                expression="(SELECT label FROM layers.responder"
                " WHERE responder.id = response_order.responder_id)",
            ),
            Field("department", Text("部门", "department"), expression="response_order.department"),
            Field("is_lead", Text("主办", "leads"), FieldType.BOOLEAN),
            Field(
                "state",
                Text("状态", "state"),
                codes=ORDER_STATES,
                expression="response_order.state",
            ),
            _time("ordered_at", "下达时间", "ordered at"),
            _time("accepted_at", "接单时间", "accepted at"),
            _time("arrived_at", "到场时间", "arrived at"),
            _time("ended_at", "结束时间", "ended at"),
            Field("eta_s", Text("预计到场", "expected after"), FieldType.NUMBER, unit="s"),
            updated("response_order.updated"),
        ),
        source="layers.response_order",
        relation="""
            layers.response_order
            JOIN layers.incident ON incident.id = response_order.incident_id
        """,
        id_column="response_order.id",
        town_column="response_order.town_id",
        geometry_column="incident.geom",
        made_from="layers.incident",
        readers={
            Role.OFFICER: Rows.OWN_DEPARTMENT,
            Role.DISPATCHER: Rows.OWN_DEPARTMENT,
            Role.ADMINISTRATOR: Rows.ALL,
            Role.SYSTEM: Rows.GRANTED,
        },
        department="response_order.department",
        time_field="ordered_at",
        min_zoom=9,
        visible=False,
    ),
)
