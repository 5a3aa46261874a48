"""`echo`: gives back what it was given, after a pause; for trying whether a client reaches us."""

from __future__ import annotations

from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.jobs.context import Context

_STEP_S = 0.25
_STRING = {"type": "string", "maxLength": 10_000}
_NUMBERS = {"type": "array", "items": {"type": "integer"}, "maxItems": 1000}
_EITHER = {"oneOf": [_STRING, {"type": "object"}]}
# OGC API Processes, Part 1, table 13: the format says what the object is (schema bbox.yaml).
_BBOX = {
    "allOf": [
        {"format": "ogc-bbox"},
        {
            "type": "object",
            "required": ["bbox"],
            "properties": {
                "bbox": {
                    "type": "array",
                    "items": {"type": "number"},
                    "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                },
                "crs": {"type": "string"},
            },
        },
    ]
}
_NOTE = {"type": "string", "contentMediaType": "text/plain", "maxLength": 10_000}
# A synchronous answer has to come before clients give up, which some do after ten seconds.
_PAUSE = {"type": "integer", "minimum": 0, "maximum": 8, "default": 0}


def _run(context: Context, inputs: Inputs) -> Outputs:
    steps = int(inputs["pause"] / _STEP_S)
    for step in range(steps):
        context.progress(100 * step // steps, "waiting / 等待中")
        context.wait(_STEP_S)
    return {name: inputs[name] for name in ECHO.outputs if name in inputs}


ECHO = Process(
    id="echo",
    title=Text("回声", "Echo"),
    description=Text(
        "稍候片刻,原样返回收到的内容", "Waits for a while and gives back what it was given"
    ),
    inputs={
        "message": Input(Text("消息", "message"), _STRING, required=True),
        "numbers": Input(Text("整数", "integers"), _NUMBERS),
        "area": Input(Text("范围", "bounding box"), _BBOX),
        "thing": Input(Text("文字或对象", "a text or an object"), _EITHER),
        "note": Input(Text("纯文本", "plain text"), _NOTE),
        "pause": Input(Text("等待秒数", "seconds to wait"), _PAUSE),
    },
    outputs={
        "message": Output(Text("消息", "message"), _STRING, "text/plain"),
        "numbers": Output(Text("整数", "integers"), _NUMBERS),
        "area": Output(Text("范围", "bounding box"), _BBOX),
        "thing": Output(Text("文字或对象", "a text or an object"), _EITHER),
        "note": Output(Text("纯文本", "plain text"), _NOTE, "text/plain"),
    },
    run=_run,
    example={"inputs": {"message": "网格吹哨"}},
)
