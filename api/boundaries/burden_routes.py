"""What grids have to look after, for the editor's live workload."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer
from layers.boundaries.burdens import (
    INCIDENT_DAYS,
    Weighted,
    read_burdens,
    read_visible_burdens,
)
from layers.boundaries.desk import DRAFTERS
from layers.boundaries.rule_documents import bands_json
from layers.boundaries.rules import read_bands
from layers.boundaries.shown import reading
from layers.roles import Role

# A decimetre: the counts need no more.
_DECIMALS = (6, 6, 1)


async def get_burdens(request: Request) -> Response:
    """GET /api/burdens: {"bands", "incident_days", "points": {kind: [lon, lat, amount, …]}}."""
    asked = Asked(request)
    role = Role(asked.principal.role)
    read_points = read_burdens if role in DRAFTERS else read_visible_burdens

    def read() -> dict[str, Any]:
        with reading(asked.desk.pool, asked.principal) as connection:
            bands = read_bands(connection, asked.town)
            burdens = read_points(connection, asked.town, role)
        points = {kind: _flat(places) for kind, places in burdens.items()}
        return {"bands": bands_json(bands), "incident_days": INCIDENT_DAYS, "points": points}

    return answer(await run_in_threadpool(read))


def _flat(places: Weighted) -> list[float]:
    columns = [np.round(places[:, i], decimals) for i, decimals in enumerate(_DECIMALS)]
    flat: list[float] = np.column_stack(columns).ravel().tolist()
    return flat


ROUTES = [Route("/api/burdens", get_burdens, methods=["GET"])]
