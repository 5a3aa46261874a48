"""What grids have to look after, for the editor's live workload."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer
from grids.bands import DEFAULT_BANDS
from layers.boundaries.burdens import INCIDENT_DAYS, Weighted, read_burdens
from layers.roles import Role

# A decimetre: the counts need no more.
_DECIMALS = (6, 6, 1)


async def get_burdens(request: Request) -> Response:
    """GET /api/burdens: {"bands", "incident_days", "points": {kind: [lon, lat, amount, …]}}."""
    asked = Asked(request)

    def read() -> dict[str, Any]:
        with asked.desk.transaction(asked.principal) as connection:
            burdens = read_burdens(connection, asked.town, Role(asked.principal.role))
        return {kind: _flat(places) for kind, places in burdens.items()}

    points = await run_in_threadpool(read)
    bands = {level: [band.least, band.most] for level, band in DEFAULT_BANDS.items()}
    return answer({"bands": bands, "incident_days": INCIDENT_DAYS, "points": points})


def _flat(places: Weighted) -> list[float]:
    columns = [np.round(places[:, i], decimals) for i, decimals in enumerate(_DECIMALS)]
    flat: list[float] = np.column_stack(columns).ravel().tolist()
    return flat


ROUTES = [Route("/api/burdens", get_burdens, methods=["GET"])]
