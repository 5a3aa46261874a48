"""A served town whose boundaries map clients redraw, each into a draft of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import psycopg
import shapely

from layers.boundaries.arc_store import store_missing_arcs
from polygon_client import QGIS_AGENT, Json
from spatial.town import read_town
from worker import make_effective

PASSWORD = "a password for tests"


def jitter(points: np.ndarray) -> np.ndarray:
    """Corners inside the town somewhere beside the squares' own, with all their digits."""
    inside = ((points > [120.001, 29.001]) & (points < [120.099, 29.099])).all(axis=1)
    moved = points + 0.003 * np.sin(
        points.round(3) * [7919.0, 6007.0] + points[:, ::-1].round(3) * 997.0
    )
    return np.where(inside[:, None], moved, points)


@dataclass
class DrawnTown:
    """A served town of 16 micro-grids, and clients of the people in it."""

    url: str
    conninfo: str
    ids: dict[str, int]
    clients: dict[tuple[str | None, str], httpx.Client] = field(default_factory=dict)

    def client(self, name: str | None, agent: str = QGIS_AGENT) -> httpx.Client:
        if (name, agent) not in self.clients:
            auth = (name, PASSWORD) if name else None
            headers = {"User-Agent": agent}
            self.clients[name, agent] = httpx.Client(
                base_url=self.url, auth=auth, headers=headers, timeout=30
            )
        return self.clients[name, agent]

    def ask(
        self, method: str, path: str, body: Any = None, *, by: str = "editor", status: int = 200
    ) -> Any:
        """Of the routes of drafts."""
        answer = self.client(by, "page").request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def draft(self, client: str, by: str = "editor") -> Json:
        """The open draft of a client."""
        found = self.ask("GET", "/api/drafts?state=open", by=by)
        mine = [each for each in found["drafts"] if each["author"] == found["account"]]
        [draft] = [each for each in mine if (each["client"] or "").startswith(client)]
        return draft

    def submit(self, draft: int, status: int = 200, by: str = "editor", **more: Any) -> Any:
        revision = self.ask("GET", f"/api/drafts/{draft}", by=by)["draft"]["revision"]
        body = {"revision": revision, **more}
        return self.ask("POST", f"/api/drafts/{draft}/submit", body, by=by, status=status)

    def take_effect(self, draft: int, by: str = "bert") -> None:
        """Approved by somebody else, and done by the worker."""
        self.ask("POST", f"/api/drafts/{draft}/approve", {}, by=by)
        assert make_effective(self.conninfo) == 1

    def stored(self) -> dict[int, bytes]:
        """The shapes that hold, of all levels, by unit."""
        with psycopg.connect(self.conninfo) as connection:
            rows = connection.execute(
                "SELECT unit_id, ST_AsBinary(geom) FROM grids.version WHERE valid @> now()"
            ).fetchall()
        return dict(rows)


def corner(x: float, y: float) -> tuple[float, float]:
    lon, lat = jitter(np.array([[x, y]]))[0].tolist()
    return lon, lat


def bend_squares(connection: psycopg.Connection) -> None:
    """Give the square micro-grids corners with all their digits, and their arcs."""
    rows = connection.execute("SELECT id, ST_AsBinary(geom) FROM grids.version").fetchall()
    for number, wkb in rows:
        moved = shapely.transform(shapely.from_wkb(wkb), jitter)
        connection.execute(
            "UPDATE grids.version SET geom = ST_GeomFromWKB(%s, 4326) WHERE id = %s",
            (moved.wkb, number),
        )
    store_missing_arcs(connection, read_town(connection))
