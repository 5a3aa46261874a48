"""Files of grids: asked for, sent, and redrawn in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pyogrio
import shapely

PASSWORD = "a password for tests"
ENDING_OF = {"gpkg": ".gpkg", "shp": ".zip", "geojson": ".geojson", "dxf": ".dxf"}
CORNER = (120.025, 29.025)  # of four micro-grids of one grid
MOST_BYTES = 4 * 2**20


@contextmanager
def signed_in(url: str, name: str) -> Iterator[httpx.Client]:
    """Like the page of somebody."""
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=120) as client:
        body = {"name": name, "password": PASSWORD}
        assert client.post("/api/session", json=body).status_code == 201
        yield client


def export(client: httpx.Client, path: Path, **asked: Any) -> Path:
    """What the town answers, in a file."""
    answer = client.get("/api/grids/export", params=asked)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    path.write_bytes(answer.content)
    return path


def upload(client: httpx.Client, path: Path, status: int = 201, **said: Any) -> Any:
    """What the town answers to a file."""
    asked = {"file": path.name, **said}
    answer = client.post("/api/grids/import", params=asked, content=path.read_bytes())
    assert answer.status_code == status, answer.text
    return answer.json()


def redraw(package: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Path:
    """Change the micro-grids of a package, as somebody does elsewhere."""
    table = pyogrio.read_dataframe(package, layer="micro-grids")
    path = package.with_name("redrawn.gpkg")
    pyogrio.write_dataframe(change(table), path, layer="micro-grids")
    return path


def moved_corner(
    to: tuple[float, float], only: int | None = None
) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """The corner of four, moved in all of them or in one alone."""

    def move(coordinates: Any) -> Any:
        at_corner = np.abs(coordinates - CORNER).max(axis=1) < 1e-9
        coordinates[at_corner] = to
        return coordinates

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows = table.index if only is None else table.index[only : only + 1]
        table.loc[rows, "geometry"] = shapely.transform(table.geometry[rows].to_numpy(), move)
        return table

    return change


@dataclass
class Files:
    """Those that an editor has asked a town for: each of them once."""

    editor: httpx.Client
    _contents: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put(self, folder: Path, form: str, crs: str = "EPSG:4326") -> Path:
        """The file of today's grids."""
        path = folder / f"grids{ENDING_OF[form]}"
        if (form, crs) not in self._contents:
            self._contents[form, crs] = export(self.editor, path, f=form, crs=crs).read_bytes()
        path.write_bytes(self._contents[form, crs])
        return path


@dataclass(frozen=True)
class FilesTown:
    """A served town of squares, and what its editor has got of it."""

    url: str
    conninfo: str
    files: Files
