"""The faults of a file that was to become a draft, with their shapes, for a page to draw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shapely.geometry import mapping
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.errors import handle_ours
from layers.importing.grid_flaws import FaultyCoverageError, NamedFlaw

_MOST_TOLD = 500


async def handle_flaws(request: Request, error: Exception) -> Response:
    """The refusal, and what of the file would have to be repaired."""
    assert isinstance(error, FaultyCoverageError)
    refusal = await handle_ours(request, error)
    more = {
        "fault_count": len(error.flaws),
        "clean_width_m": error.repairing_width_m,
        "faults": _collection(error.flaws[:_MOST_TOLD]),
    }
    return JSONResponse(json.loads(bytes(refusal.body)) | more, refusal.status_code)


def _collection(flaws: Sequence[NamedFlaw]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [_feature(flaw) for flaw in flaws]}


def _feature(flaw: NamedFlaw) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": mapping(flaw.where),
        "properties": {
            "kind": flaw.kind.name.lower(),
            "level": flaw.level,
            "units": flaw.units,
            "width_m": round(flaw.width_m, 4),
            "area_m2": round(flaw.area_m2, 4),
            "place": list(flaw.place),
        },
    }
