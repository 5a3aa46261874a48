"""`reach`: the area that is reached from a point in some seconds, or from where one is there."""

from __future__ import annotations

from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.jobs.context import Context
from layers.reach.areas import LONGEST_S, reach_areas
from routing.modes import MODES_BY_NAME
from routing.reach.field import Direction

_LON = {"type": "number", "minimum": -180, "maximum": 180}
_LAT = {"type": "number", "minimum": -90, "maximum": 90}
_SECONDS = {
    "type": "array",
    "items": {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_S},
    "minItems": 1,
    "maxItems": 9,
    "default": [60, 120, 180, 300],
}


def _run(context: Context, inputs: Inputs) -> Outputs:
    with context.connection() as connection:
        engine = context.streets.get(connection)
    areas = reach_areas(
        engine,
        context.town,
        inputs["lon"],
        inputs["lat"],
        mode=MODES_BY_NAME[inputs["mode"]],
        seconds=inputs["seconds"],
        direction=Direction(inputs["direction"]),
        at=context.town.real_now(),
    )
    return {"result": areas}


REACH = Process(
    id="reach",
    title=Text("可达范围", "Reach"),
    description=Text(
        "从一点出发(或到达一点)在若干秒内经道路可达的范围,逐级嵌套;只含实际可达道路两侧 30 米",
        "The areas reached over the streets from a point, or from which it is reached, within some "
        "seconds, each inside the next: what lies within 30 m of streets that are really reached",
    ),
    inputs={
        "lon": Input(Text("经度(WGS 84)", "longitude (WGS 84)"), _LON, required=True),
        "lat": Input(Text("纬度(WGS 84)", "latitude (WGS 84)"), _LAT, required=True),
        "mode": Input(Text("出行方式", "mode"), {"enum": [*MODES_BY_NAME], "default": "car"}),
        "seconds": Input(Text("秒数", "seconds"), _SECONDS),
        "direction": Input(
            Text("从该点出发 from,或到达该点 to", "away from the point, or to it"),
            {"enum": [each.value for each in Direction], "default": Direction.FROM.value},
        ),
    },
    outputs={
        "result": Output(
            Text("GeoJSON 范围", "areas as GeoJSON"), media_type="application/geo+json"
        )
    },
    run=_run,
    example={"inputs": {"lon": 120.02, "lat": 29.2, "seconds": [60, 120, 180, 300]}},
)
