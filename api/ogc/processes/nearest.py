"""`nearest-responders`: who can be there first over the streets."""

from __future__ import annotations

from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.entries import CATALOGUE
from layers.jobs.context import Context
from layers.nearest import nearest_responders
from layers.published import view_of
from layers.roles import Role

RESPONDERS = CATALOGUE.entry("responders")


def _run(context: Context, inputs: Inputs) -> Outputs:
    with context.connection() as connection:
        engine = context.streets.get(connection)
    with context.transaction() as connection:
        answer = nearest_responders(
            connection,
            context.town,
            engine,
            lon=inputs["lon"],
            lat=inputs["lat"],
            k=inputs["k"],
            responders=view_of(RESPONDERS, Role(context.principal.role)),
        )
    return {"result": answer.as_json()}


NEAREST_RESPONDERS = Process(
    id="nearest-responders",
    title=Text("最快到场力量", "Nearest responders"),
    description=Text(
        "按路网行程时间,找出最先能到场的在岗力量,并给出路线和是否满足 3 分钟",
        "The responders on duty who can be there first over the streets, with their routes and "
        "whether 180 s holds",
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
    },
    outputs={"result": Output(Text("按到场时间排序的力量", "responders ordered by travel time"))},
    run=_run,
    example={"inputs": {"lon": 120.02, "lat": 29.2, "k": 5}},
    reads=RESPONDERS,
)
