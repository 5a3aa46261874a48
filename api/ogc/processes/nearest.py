"""`nearest-responders`: who can be there first over the streets."""

from __future__ import annotations

from datetime import UTC, datetime

from api.dispatch.ranking_bodies import CODES, KEYS, WHAT_IF, rank_request
from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.dispatch.known_codes import refuse_unknown_codes
from layers.dispatch.nearest import rank
from layers.dispatch.reading import sources_for
from layers.entries import CATALOGUE
from layers.jobs.context import Context
from layers.roles import Role
from routing.modes import MODES_BY_NAME

RESPONDERS = CATALOGUE.entry("responders")


def _run(context: Context, inputs: Inputs) -> Outputs:
    with context.connection() as connection:
        engine = context.streets.get(connection)
        request = rank_request(dict(inputs), engine.graph, datetime.now(UTC))
        refuse_unknown_codes(connection, request)
    with context.transaction() as connection:
        sources = sources_for(Role(context.principal.role))
        answer = rank(connection, context.town, engine, request, sources)
    return {"result": answer.as_json()}


NEAREST_RESPONDERS = Process(
    id="nearest-responders",
    title=Text("最快到场力量", "Nearest responders"),
    description=Text(
        "按出动和路网行程时间,找出最先能到场的力量:几分钟、把握多大、为什么是这个顺序、谁没有算在内"
        "及原因;3 分钟内无人可到时给出最近者和邻镇力量。what_if 只作推演,不改变任何数据",
        "Who can be there first, by the time to set off and the way over the streets: in how many "
        "minutes, how sure, why in this order, who is left out and why; where nobody is there "
        "within 3 minutes, who is first and who of a neighbouring town could come. What what_if "
        "supposes changes nothing",
    ),
    inputs={
        "lon": Input(
            Text("经度(WGS 84)", "longitude (WGS 84)"),
            {"type": "number", "minimum": -180, "maximum": 180},
            required=True,
        ),
        "lat": Input(
            Text("纬度(WGS 84)", "latitude (WGS 84)"),
            {"type": "number", "minimum": -90, "maximum": 90},
            required=True,
        ),
        "k": Input(
            Text("人数", "how many"),
            {"type": "integer", "minimum": 1, "maximum": 100, "default": 5},
        ),
        "mode": Input(Text("出行方式", "only who travels so"), {"enum": [*MODES_BY_NAME]}),
        "skills": Input(Text("须具备的技能编码", "codes of skills that are needed"), CODES),
        "departments": Input(Text("部门编码,空为不限", "codes of departments; none: all"), CODES),
        "exclude": Input(Text("不派的力量编号", "keys of who is not to be sent"), KEYS),
        "what_if": Input(
            Text(
                "推演:移动、增加或移除力量,临时封路",
                "what is to be supposed: responders elsewhere, more or fewer, streets closed",
            ),
            WHAT_IF,
        ),
    },
    outputs={
        "result": Output(
            Text("按到场时间排序的力量", "responders ordered by when they can be there")
        )
    },
    run=_run,
    example={"inputs": {"lon": 120.02, "lat": 29.2, "k": 5}},
    reads=RESPONDERS,
)
