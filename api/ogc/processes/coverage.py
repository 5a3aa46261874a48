"""`coverage`: how much of the town the responders on duty reach in time, once and twice."""

from __future__ import annotations

from datetime import UTC, datetime

from api.dispatch.ranking_bodies import WHAT_IF, supposed_from
from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.dispatch.asked import Supposed
from layers.jobs.context import Context
from layers.reach.areas import LONGEST_S
from layers.reach.coverage import SECONDS
from layers.reach.live import LiveCoverage
from layers.reach.members import RESPONDERS

LIMITS = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": LONGEST_S},
    "minItems": 1,
    "maxItems": 9,
    "default": list(SECONDS),
}


def what_is_supposed(context: Context, inputs: Inputs) -> Supposed | None:
    """The input `what_if`, its closures laid on the present streets."""
    if not inputs.get("what_if"):
        return None
    with context.connection() as connection:
        graph = context.streets.get(connection).graph
    return supposed_from(inputs["what_if"], graph, datetime.now(UTC))


def _run(context: Context, inputs: Inputs) -> Outputs:
    supposed = what_is_supposed(context, inputs)
    coverage = LiveCoverage(context.grounds).supposing(context, inputs["seconds"], supposed)
    context.progress(70, "drawing / 绘制")
    return {"result": coverage.as_json(), "areas": coverage.areas()}


COVERAGE = Process(
    id="coverage",
    title=Text("力量覆盖", "Coverage"),
    description=Text(
        "在岗力量在若干秒内(含出动时间)能到达全镇多少场所、出租房间和预期事件;单重与双重覆盖;"
        "可假设封路或调动力量",
        "How many premises, rented rooms and expected incidents the responders on duty reach in "
        "some seconds, turnout included; by one and by two of them; also if streets were closed or "
        "responders stood elsewhere",
    ),
    inputs={
        "seconds": Input(Text("秒数", "seconds"), LIMITS),
        "what_if": Input(Text("假设", "what if"), WHAT_IF),
    },
    outputs={
        "result": Output(Text("覆盖率与数量", "shares and counts")),
        "areas": Output(
            Text("GeoJSON 范围(H3 单元)", "areas of H3 cells as GeoJSON"),
            media_type="application/geo+json",
        ),
    },
    run=_run,
    example={"inputs": {"seconds": [60, 120, 180, 300]}},
    reads=RESPONDERS,
)
