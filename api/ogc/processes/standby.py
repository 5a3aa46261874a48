"""`standby`: where idle teams would stand best, and what one more would gain."""

from __future__ import annotations

from typing import Any

from api.dispatch.ranking_bodies import WHAT_IF
from api.ogc.processes.coverage import what_is_supposed
from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.jobs.context import Context
from layers.reach.areas import LONGEST_S
from layers.reach.live import LiveCoverage
from layers.reach.members import RESPONDERS
from layers.reach.standby import MOST_TEAMS
from routing.modes import MODES_BY_NAME


def suggest(live: LiveCoverage, context: Context, inputs: Inputs) -> dict[str, Any]:
    """The suggestion for checked inputs of the process."""
    mode = inputs.get("mode")
    return live.standby(
        context,
        inputs["teams"],
        inputs["seconds"],
        MODES_BY_NAME[mode] if mode else None,
        what_is_supposed(context, inputs),
    )


def _run(context: Context, inputs: Inputs) -> Outputs:
    return {"result": suggest(LiveCoverage(context.grounds), context, inputs)}


STANDBY = Process(
    id="standby",
    title=Text("待命点建议", "Standby positions"),
    description=Text(
        "空闲力量站在哪里能覆盖最多的预期事件(最大覆盖选址,附上界),以及再增加一队能多覆盖多少",
        "Where idle teams would cover most of the expected incidents (maximal covering location, "
        "with its bound), and what one more team would gain",
    ),
    inputs={
        "teams": Input(
            Text("可调动的队数", "teams that may be moved"),
            {"type": "integer", "minimum": 0, "maximum": MOST_TEAMS, "default": 3},
        ),
        "seconds": Input(
            Text("秒数", "seconds"),
            {"type": "integer", "minimum": 1, "maximum": LONGEST_S, "default": 180},
        ),
        "mode": Input(
            Text("出行方式,空为最多者", "mode; empty for the most common"),
            {"enum": [*MODES_BY_NAME]},
        ),
        "what_if": Input(Text("假设", "what if"), WHAT_IF),
    },
    outputs={"result": Output(Text("待命点", "positions"))},
    run=_run,
    example={"inputs": {"teams": 3, "seconds": 180}},
    reads=RESPONDERS,
)
