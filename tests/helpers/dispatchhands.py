"""What dispatchers and responders do by HTTP in the town that takes reports."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from reporttown import lonlat

NUMBERS = itertools.count()


@dataclass(frozen=True)
class ReportTown:
    """A served town that takes reports."""

    url: str
    conninfo: str
    clients: dict[str, httpx.Client]

    def __getitem__(self, name: str) -> httpx.Client:
        return self.clients[name]

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the owner, committed."""
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


def said(x: float = 1.2, y: float = 0.0, **more: Any) -> dict[str, Any]:
    lon, lat = lonlat(x, y)
    return {
        "source": "110", "source_id": f"n{next(NUMBERS)}", "lon": lon, "lat": lat,
        "datum": "wgs84", "category": "theft", "dispatch": "order",
    } | more  # fmt: skip


def report(client: httpx.Client, *place: float, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/reports", json=said(*place, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def move(client: httpx.Client, order: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/orders/{order['id']}/{action}", json=body)


def act(client: httpx.Client, incident: int, action: str, **body: Any) -> httpx.Response:
    known = client.get(f"/api/incidents/{incident}").json()
    body = {"revision": known.get("revision", 0)} | body
    return client.post(f"/api/incidents/{incident}/{action}", json=body)
