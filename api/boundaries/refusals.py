"""Refusals of edits, with what a page needs to show where and what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from shapely.geometry import shape
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.boundaries.flaws import handle_flaws
from api.errors import handle_ours, ogc_exception
from grids.arcs.rules import BrokenRuleError
from layers.boundaries.clients.settling import UncleanDraftError
from layers.boundaries.disputes import dispute_json
from layers.boundaries.proceedings import FaultyDraftError
from layers.boundaries.rebase import DisputeError
from layers.boundaries.rule_documents import BadRulesError
from layers.importing.grid_flaws import FaultyCoverageError


async def _handle_broken_rule(request: Request, error: Exception) -> Response:
    assert isinstance(error, BrokenRuleError)
    place = list(error.place) if error.place else None
    more = {"rule": error.rule.name.lower(), "place": place, "units": list(error.units)}
    return _with(await handle_ours(request, error), more)


async def _handle_dispute(request: Request, error: Exception) -> Response:
    assert isinstance(error, DisputeError)
    return _with(await handle_ours(request, error), {"conflict": dispute_json(error)})


async def _handle_faults(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaultyDraftError)
    faults = {"type": "FeatureCollection", "features": error.faults}
    return _with(await handle_ours(request, error), {"faults": faults})


async def _handle_bad_rules(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRulesError)
    return _with(await handle_ours(request, error), {"fields": error.faults})


async def _handle_unclean(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UncleanDraftError)
    first = error.faults[0]
    unit = first["properties"]["unit"]
    where = first["geometry"] and shape(first["geometry"]).representative_point()
    more = {
        "rule": first["properties"]["rule"],
        "place": [where.x, where.y] if where else None,
        "units": first["properties"].get("units") or [each for each in [unit] if each],
        "faults": {"type": "FeatureCollection", "features": error.faults},
        "repair_width_m": error.repair_width_m,
    }
    refusal = ogc_exception(HTTPStatus.UNPROCESSABLE_ENTITY, "UnprocessableContent", str(error))
    return _with(refusal, more)


def _with(response: Response, more: Mapping[str, Any]) -> Response:
    return JSONResponse(json.loads(bytes(response.body)) | more, response.status_code)


HANDLERS = {
    BrokenRuleError: _handle_broken_rule,
    DisputeError: _handle_dispute,
    BadRulesError: _handle_bad_rules,
    FaultyDraftError: _handle_faults,
    UncleanDraftError: _handle_unclean,
    FaultyCoverageError: handle_flaws,
}
