"""A small town for tests: a square of 0.1°, and a coverage of 16 squares in it."""

from __future__ import annotations

import psycopg
import shapely

SMALL_TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('t', '小镇', 'Small', ST_Multi(ST_MakeEnvelope(120, 29, 120.1, 29.1, 4326)),
        'Asia/Shanghai', 4549, %s)
RETURNING id
"""
ONE_BATCH = """
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, synthetic, 'premises', 'synthetic' FROM spatial.town WHERE id = %s
"""


def add_town(connection: psycopg.Connection, *, synthetic: bool = False) -> int:
    """Its number; with one batch and nothing else."""
    (town_id,) = connection.execute(SMALL_TOWN, (synthetic,)).fetchone()  # type: ignore[misc]
    connection.execute(ONE_BATCH, (town_id,))
    return int(town_id)


def add_square_grids(connection: psycopg.Connection, town_id: int) -> dict[str, int]:
    """Into the small town: 16 micro-grids, 4 grids, 2 villages and the town, all of shared squares.

    The n-th micro-grid stands in column n // 4 and row n % 4.
    """
    step, ids = 0.025, {}
    columns = "town_id, code, level, parent_id"

    def add(code: str, level: int, parent: str | None, cells: list[tuple[int, int]]) -> None:
        (ids[code],) = connection.execute(  # type: ignore[misc]
            f"INSERT INTO grids.unit ({columns}) VALUES (%s, %s, %s, %s) RETURNING id",
            (town_id, code, level, ids[parent] if parent else None),
        ).fetchone()
        boxes = [
            shapely.box(120 + x * step, 29 + y * step, 120 + (x + 1) * step, 29 + (y + 1) * step)
            for x, y in cells
        ]
        connection.execute(
            "INSERT INTO grids.version (town_id, unit_id, name, kind, geom, valid, batch_id)"
            " SELECT %s, %s, %s, NULL, ST_Multi(ST_GeomFromWKB(%s, 4326)), '[2020-01-01,)', min(id)"
            " FROM spatial.batch",
            (town_id, ids[code], f"单元{code}", shapely.coverage_union_all(boxes).wkb),
        )

    everywhere = [(x, y) for x in range(4) for y in range(4)]
    add("t", 1, None, everywhere)
    for village in (1, 2):
        add(f"t{village}", 2, "t", [(x, y) for x, y in everywhere if x // 2 == village - 1])
    for grid in (1, 2, 3, 4):
        block = ((grid - 1) // 2, (grid - 1) % 2)
        cells = [(x, y) for x, y in everywhere if (x // 2, y // 2) == block]
        add(f"t{block[0] + 1}{grid:02d}", 3, f"t{block[0] + 1}", cells)
    for x, y in everywhere:
        grid = x // 2 * 2 + y // 2 + 1
        add(f"t{x // 2 + 1}{grid:02d}{x * 4 + y:02d}", 4, f"t{x // 2 + 1}{grid:02d}", [(x, y)])
    return ids
