"""`nearest-responders`: who can be there first over the streets."""

from __future__ import annotations

from typing import Any

from api.ogc.processes.definition import Input, Inputs, Process
from api.services import Services
from layers.catalogue import Text
from layers.entries import CATALOGUE
from layers.nearest import nearest_responders
from layers.published import view_of
from layers.roles import Role
from spatial.database import Principal, transaction

RESPONDERS = CATALOGUE.entry("responders")


def _run(services: Services, principal: Principal, inputs: Inputs) -> dict[str, Any]:
    with services.threads_pool.connection() as connection:
        engine = services.engine.get(connection)
    with transaction(services.threads_pool, principal) as connection:
        answer = nearest_responders(
            connection,
            services.town,
            engine,
            lon=inputs["lon"],
            lat=inputs["lat"],
            k=inputs["k"],
            responders=view_of(RESPONDERS, Role(principal.role)),
        )
    return answer.as_json()


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
    output=Text("按到场时间排序的力量", "responders ordered by travel time"),
    run=_run,
    example={"inputs": {"lon": 120.02, "lat": 29.2, "k": 5}},
    reads=RESPONDERS,
)
