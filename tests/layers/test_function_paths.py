"""One search path for all functions in plpgsql, so that none is planned anew at every turn."""

from __future__ import annotations

import psycopg

_PATHS = """
SELECT n.nspname || '.' || p.proname, coalesce(array_to_string(p.proconfig, ';'), '')
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE l.lanname = 'plpgsql' AND n.nspname IN ('spatial', 'grids', 'routing', 'layers')
"""
# Pure arithmetic on every row of a map.
_WITHOUT = {"layers.gcj02", "layers.gcj02_point"}
# They write to the queue, whose tables have no schema before their names.
_WITH_QUEUE = {
    "grids.pass_time_to_draft",
    "grids.wake_for_draft",
    "layers.dismiss_job",
    "layers.enqueue_job",
}


def test_functions_that_call_each_other_have_one_search_path(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        paths = dict(connection.execute(_PATHS).fetchall())
    others = {
        name for name, path in paths.items() if path != "search_path=pg_catalog, public, pg_temp"
    }
    assert others == _WITHOUT | _WITH_QUEUE
    assert len(paths) > len(others)
