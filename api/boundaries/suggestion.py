"""The job that makes a draft of the least-change rebalance; asked for at /api/drafts/suggest."""

from __future__ import annotations

from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.jobs.apart import run_apart
from layers.jobs.context import Context


def _run(context: Context, inputs: Inputs) -> Outputs:
    return run_apart(_compute, context, inputs)


def _compute(context: Context, inputs: Inputs) -> Outputs:
    # Only the process that computes needs the coverage and what divides it.
    from layers.boundaries.suggestion.suggesting import suggest_draft  # noqa: PLC0415

    name = inputs.get("name") or f"均衡建议 {context.town.now():%Y-%m-%d}"
    return {"result": suggest_draft(context, inputs["villages"], name)}


SUGGESTION = Process(
    id="suggest-draft",
    title=Text("均衡建议", "Suggested rebalance"),
    description=Text(
        "以最小调整使各网格户数进入目标区间,生成草案供审阅",
        "Brings every grid into its band, moving as few households as it can; makes a draft of it",
    ),
    inputs={
        "villages": Input(
            Text("仅这些村社,空为全部", "only these villages; empty for all"),
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
                "maxItems": 10_000,
                "default": [],
            },
        ),
        "name": Input(Text("草案名称", "name of the draft"), {"type": "string", "minLength": 1}),
    },
    outputs={"result": Output(Text("草案与说明", "the draft and what it does"))},
    run=_run,
    example={"inputs": {"villages": []}},
)
