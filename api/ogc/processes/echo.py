"""`echo`: gives back what it was given; for trying whether a client reaches us."""

from __future__ import annotations

from api.ogc.processes.definition import Input, Inputs, Process
from api.services import Services
from layers.catalogue import Text
from spatial.database import Principal


def _run(_services: Services, _principal: Principal, inputs: Inputs) -> dict[str, str]:
    return {"id": "echo", "value": inputs["message"]}


ECHO = Process(
    id="echo",
    title=Text("回声", "Echo"),
    description=Text("原样返回收到的消息", "Gives the message back as it came"),
    inputs={"message": Input(Text("消息", "message"), {"type": "string"}, required=True)},
    output=Text("收到的消息", "the message"),
    run=_run,
    example={"inputs": {"message": "网格吹哨"}},
)
