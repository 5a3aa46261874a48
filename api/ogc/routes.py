"""Every address below /ogc, in one table."""

from __future__ import annotations

from starlette.routing import Route

from api.ogc import (
    editing,
    executions,
    frame,
    items,
    jobs,
    schemas,
    styles,
    tile_matrix_sets,
    tiles,
    tilesets,
)
from api.ogc.changes import get_changes, get_history
from api.ogc.conformance import get_conformance
from api.ogc.feature_schema import get_feature_schema
from api.ogc.openapi.document import get_openapi
from api.ogc.shifted_crs import get_gcj02
from api.ogc.subscribe import subscribe, subscribe_collection

_LAYER = "/ogc/collections/{layer_id}"
_TILESET = f"{_LAYER}/tiles/{{matrix_set}}"

ROUTES = [
    # Routes are tried one by one: what is asked most comes first.
    Route(f"{_TILESET}/{{zoom}}/{{row}}/{{column}}", tiles.get_tile),
    Route(f"{_LAYER}/items", items.get_items),
    Route("/ogc", frame.get_landing_page),
    Route("/ogc/", frame.get_landing_page),
    Route("/ogc/openapi", get_openapi),
    Route("/ogc/conformance", get_conformance),
    Route("/ogc/crs/GCJ02", get_gcj02),
    Route("/ogc/collections", frame.get_collections),
    Route(_LAYER, frame.get_collections),
    Route(f"{_LAYER}/queryables", schemas.get_queryables),
    Route(f"{_LAYER}/schema", schemas.get_schema),
    Route(f"{_LAYER}/feature-schema", get_feature_schema),
    Route(f"{_LAYER}/items", editing.edit_items, methods=editing.METHODS),
    Route(f"{_LAYER}/items/{{feature_id}}", items.get_item),
    Route(f"{_LAYER}/items/{{feature_id}}", editing.edit_item, methods=editing.METHODS),
    Route(f"{_LAYER}/items/{{feature_id}}/history", get_history),
    Route(f"{_LAYER}/changes", get_changes),
    Route(f"{_LAYER}/subscribe", subscribe_collection),
    Route("/ogc/subscribe", subscribe),
    Route(f"{_LAYER}/tiles", tilesets.get_tilesets),
    Route(_TILESET, tilesets.get_tileset),
    Route(f"{_LAYER}/styles", styles.get_styles),
    Route(f"{_LAYER}/styles/{{style_id}}", styles.get_style),
    Route("/ogc/TileMatrixSets", tile_matrix_sets.get_tile_matrix_sets),
    Route("/ogc/TileMatrixSets/{matrix_set}", tile_matrix_sets.get_tile_matrix_set),
    Route("/ogc/processes", frame.get_processes),
    Route("/ogc/processes/{process_id}", frame.get_processes),
    Route("/ogc/processes/{process_id}/execution", executions.execute, methods=["POST"]),
    Route("/ogc/jobs", jobs.get_jobs),
    Route("/ogc/jobs/{job_id}", jobs.get_or_dismiss_job, methods=["GET", "DELETE"]),
    Route("/ogc/jobs/{job_id}/results", jobs.get_results),
]
