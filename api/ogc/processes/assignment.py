"""`assignment`: who had best go where, when several incidents are open at once."""

from __future__ import annotations

from typing import Any

from api.dispatch.ranking_bodies import WHAT_IF
from api.ogc.processes.coverage import what_is_supposed
from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.assignment.asking import ask_assignment
from layers.assignment.document import as_json
from layers.catalogue import Text
from layers.jobs.context import Context
from layers.reach.members import RESPONDERS


def suggested(context: Context, inputs: Inputs) -> dict[str, Any]:
    """The suggestion for checked inputs of the process."""
    return as_json(
        ask_assignment(context, inputs.get("incidents"), what_is_supposed(context, inputs))
    )


def _run(context: Context, inputs: Inputs) -> Outputs:
    return {"result": suggested(context, inputs)}


ASSIGNMENT = Process(
    id="assignment",
    title=Text("多事件统筹派单", "Assignment of several incidents"),
    description=Text(
        "同时有多起事件时谁去哪里最好: 先使超时最少(按紧急程度加权), 再使总时间最短, "
        "并给出每个其他选择的代价; 只建议, 不派单",
        "Who had best go where when several incidents are open: the fewest too late, weighted by "
        "urgency, then the least time, with the price of every other choice. Nobody is sent",
    ),
    inputs={
        "incidents": Input(
            Text("事件,空为全部", "ids of incidents; empty for all where nobody is yet"),
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": 2**53},
                "maxItems": 100,
            },
        ),
        "what_if": Input(Text("假设", "what if"), WHAT_IF),
    },
    outputs={"result": Output(Text("建议", "suggestion"))},
    run=_run,
    example={"inputs": {}},
    reads=RESPONDERS,
)
