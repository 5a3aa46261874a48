"""What is asked of every server: one question, in each server's own addresses."""

from __future__ import annotations

from dataclasses import dataclass

from layers.roles import Role
from ogc_speed.town import COLUMNS, FIRST_COLUMN, FIRST_ROW, LEVEL, ROWS, tile_box

_MATRIX_SET = "WebMercatorQuad"


@dataclass(frozen=True)
class Scenario:
    """One question, or a round of alike ones.

    Attributes:
        layer: ours; `table` is its name at the peers.
        queries: after `…/items`, alike for all servers.
        tiles: level, row and column; empty where items are asked for.
        target: of the ceiling's requests a second; None where none is set.
    """

    name: str
    role: Role
    layer: str
    table: str
    queries: tuple[str, ...] = ()
    tiles: tuple[tuple[int, int, int], ...] = ()
    target: float | None = None
    cached: bool = False

    @property
    def for_peers(self) -> bool:
        """Whether stock servers can be asked too: they know no roles, and keep no tiles."""
        return self.role is Role.ANONYMOUS and not self.cached

    def our_paths(self) -> list[str]:
        """At gridwhistle; the ceiling has the same addresses."""
        base = f"/ogc/collections/{self.layer}"
        return [f"{base}/items?{query}" for query in self.queries] + [
            f"{base}/tiles/{_MATRIX_SET}/{level}/{row}/{column}"
            for level, row, column in self.tiles
        ]

    def pygeoapi_paths(self) -> list[str]:
        """At pygeoapi, whose collections are called as ours."""
        base = f"/collections/{self.layer}"
        return [f"{base}/items?f=json&{query}" for query in self.queries] + [
            f"{base}/tiles/{_MATRIX_SET}/{level}/{row}/{column}?f=mvt"
            for level, row, column in self.tiles
        ]

    def tipg_paths(self) -> list[str]:
        """At tipg, whose collections are tables and whose tiles are named z/x/y."""
        base = f"/collections/layers.{self.table}"
        return [f"{base}/items?f=geojson&{query}" for query in self.queries] + [
            f"{base}/tiles/{_MATRIX_SET}/{level}/{column}/{row}"
            for level, row, column in self.tiles
        ]


def _tiles(level: int) -> tuple[tuple[int, int, int], ...]:
    """Tiles within the town, none of which touches its edge; more than there are connections."""
    scale = 2 ** (level - LEVEL)
    columns = range(FIRST_COLUMN * scale, (FIRST_COLUMN + COLUMNS) * scale)
    rows = range(FIRST_ROW * scale, (FIRST_ROW + ROWS) * scale)
    return tuple((level, row, column) for row in rows for column in columns)[:48]


def _boxes(share: float) -> tuple[str, ...]:
    """Boxes around the middles of tiles, each a share of a tile wide and high."""
    queries = []
    for level, row, column in _tiles(LEVEL):
        west, south, east, north = tile_box(level, column, row)
        x, y = (west + east) / 2, (south + north) / 2
        half_width, half_height = (east - west) * share / 2, (north - south) * share / 2
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        queries.append(f"limit=100&bbox={','.join(f'{each:.6f}' for each in box)}")
    return tuple(queries)


def scenarios() -> list[Scenario]:
    """All questions, as anonymous and as an officer who sees a department's rows."""
    return [
        each
        for role, layer, table in (
            (Role.ANONYMOUS, "premises", "premises"),
            (Role.OFFICER, "incidents", "incident"),
        )
        for each in (
            Scenario("items 10", role, layer, table, ("limit=10",), target=0.8),
            Scenario("items 1000", role, layer, table, ("limit=1000",), target=0.8),
            Scenario("1000 polygons", role, "buildings", "building", ("limit=1000",), target=0.8),
            # 0.23² of 1,904 points are 100.
            Scenario("bbox 100", role, layer, table, _boxes(0.23), target=0.7),
            Scenario("tile 119", role, layer, table, tiles=_tiles(14)),
            Scenario("tile 1904", role, layer, table, tiles=_tiles(12), target=0.9),
            Scenario("tile 1904 cached", role, layer, table, tiles=_tiles(12), cached=True),
        )
    ]
