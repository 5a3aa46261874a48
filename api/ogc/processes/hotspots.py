"""`hotspots`: counts per H3 cell with their significance, for a window and categories."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from api.ogc.processes.definition import Input, Inputs, Process
from api.services import Services
from layers.catalogue import Text
from layers.incident_counts import RESOLUTIONS, Choice, Window
from spatial.database import Principal
from spatial.errors import InputError

_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _run(services: Services, _principal: Principal, inputs: Inputs) -> dict[str, Any]:
    # Imported by the first map: the geometry tables behind it take seconds to load.
    from layers.hotspots import compute_hotspots  # noqa: PLC0415

    window = Window(_day(inputs, "from"), _day(inputs, "to"))
    with services.threads_pool.connection() as connection:
        choice = Choice(services.town, window, inputs["categories"])
        cells = compute_hotspots(connection, choice, inputs["resolution"])
    collection: dict[str, Any] = json.loads(cells.to_json(drop_id=True))
    return collection


def _day(inputs: Inputs, name: str) -> date | None:
    text = inputs.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{name} has to be a date like 2026-06-30, not {text!r}") from None


HOTSPOTS = Process(
    id="hotspots",
    title=Text("热点分析", "Hotspots"),
    description=Text(
        "按 H3 单元统计一段时间内的事件,并判断聚集是否显著(精确零分布 Gi*,FDR 控制)",
        "Counts incidents per H3 cell over some days and tells concentration from noise "
        "(exact-null Gi*, FDR controlled)",
    ),
    inputs={
        "resolution": Input(
            Text("H3 级别", "H3 resolution"),
            {
                "type": "integer",
                "minimum": RESOLUTIONS.start,
                "maximum": RESOLUTIONS.stop - 1,
                "default": 9,
            },
        ),
        "from": Input(Text("起始日(含)", "first day, counted"), _DAY),
        "to": Input(Text("截止日(含)", "last day, counted"), _DAY),
        "categories": Input(
            Text("类别编码,空为全部", "category codes; empty for all"),
            {"type": "array", "items": {"type": "string"}, "default": []},
        ),
    },
    output=Text("GeoJSON 六边形", "hexagons as GeoJSON"),
    run=_run,
    example={"inputs": {"resolution": 9, "from": "2026-04-01", "to": "2026-06-30"}},
    media_type="application/geo+json",
)
