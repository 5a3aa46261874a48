"""`hotspots`: counts per H3 cell with their significance, for a window and categories."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import shapely

from api.ogc.processes.definition import Input, Inputs, Output, Outputs, Process
from layers.catalogue import Text
from layers.incident_counts import RESOLUTIONS, Choice, Window
from layers.jobs.apart import run_apart
from layers.jobs.context import Context
from layers.jobs.outputs import JsonText, to_json
from spatial.errors import InputError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _run(context: Context, inputs: Inputs) -> Outputs:
    return run_apart(_compute, context, inputs)


def _compute(context: Context, inputs: Inputs) -> Outputs:
    # Only the process that computes needs the geometry tables, which take seconds to load.
    from layers.hotspots import compute_hotspots  # noqa: PLC0415

    window = Window(_day(inputs, "from"), _day(inputs, "to"))
    choice = Choice(context.town, window, inputs["categories"])
    with context.connection() as connection:
        # Counts per cell are for everybody, whoever may see the incidents themselves.
        cells = compute_hotspots(
            connection, choice, inputs["resolution"], progress=context.progress
        )
    context.progress(90, "writing / 输出")
    return {"result": _as_geojson(cells)}


def _as_geojson(cells: GeoDataFrame) -> JsonText:
    """The table as a FeatureCollection; tens of thousands of hexagons take a second."""
    shapes = shapely.to_geojson(cells.geometry.array)
    rows = cells.drop(columns="geometry").to_dict("records")
    features = ",".join(
        f'{{"type":"Feature","properties":{to_json(row)},"geometry":{shape}}}'
        for row, shape in zip(rows, shapes, strict=True)
    )
    return JsonText(f'{{"type":"FeatureCollection","features":[{features}]}}')


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
    outputs={
        "result": Output(
            Text("GeoJSON 六边形", "hexagons as GeoJSON"), media_type="application/geo+json"
        )
    },
    run=_run,
    example={"inputs": {"resolution": 9, "from": "2026-04-01", "to": "2026-06-30"}},
)
