"""Grids out of the house: as files, as maps for the wall, and what a draft changes as a table."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import drafter_of, id_in_path
from api.services import services_of
from api.temporary_files import FileKind, answer_with_file
from layers.errands import Errand
from layers.gridfiles.changes import COUNTED_LAYERS
from layers.gridfiles.delivery import UnitsWanted, write_changes, write_maps, write_units
from layers.gridfiles.units import moment_of
from layers.mapsheets.paper import PAPERS
from layers.mapsheets.plan import LEVEL_OF_SHEET, Imprint, SheetPlan
from spatial.errors import AccessError, InputError

# What the processes need that write and read files: loaded once, where they are forked from.
FILE_MODULES = (
    "layers.gridfiles.change_table",
    "layers.gridfiles.delivery",
    "layers.gridfiles.export",
    "layers.importing.grid_draft",
    "layers.importing.upload",
    "layers.mapsheets.sheets",
)
# By what `f` says: how the file ends, and what it is.
_FORMATS = {
    "gpkg": FileKind("gpkg", "application/geopackage+sqlite3"),
    "shp": FileKind("zip", "application/zip"),
    "geojson": FileKind("geojson", "application/geo+json"),
    "dxf": FileKind("dxf", "image/vnd.dxf"),
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def get_export(request: Request) -> Response:
    """GET /api/grids/export?f=&crs=&at=|draft=: all levels in one file."""
    errand = errand_of(request)
    given = parameters_of(request, {"f", "crs", "at", "draft"})
    kind = _FORMATS[_one_of(given, "f", _FORMATS, "gpkg")]
    draft = given.get("draft")
    if draft is not None and "at" in given:
        raise InputError("a draft has no past: draft or at / draft 和 at 只能选一个")
    draft_id = None if draft is None else _number(draft)
    wanted = UnitsWanted(given.get("crs", "EPSG:4326"), _moment(errand, given), draft_id)
    label = re.sub(r"\W+", "-", wanted.crs.label)
    what = "grids" if draft_id is None else f"draft-{draft_id}"
    named = FileKind(f"{what}-{label}.{kind.name}", kind.media_type)
    return await answer_with_file(request, named, write_units, errand, wanted)


async def get_maps(request: Request) -> Response:
    """GET /api/grids/maps?per=&paper=&only=&at=: a PDF, or a zip where there are several."""
    errand = errand_of(request)
    given = parameters_of(request, {"per", "paper", "only", "at"})
    per = _one_of(given, "per", LEVEL_OF_SHEET, "village")
    paper = _one_of(given, "paper", PAPERS, "A3")
    at = _moment(errand, given)
    imprint = Imprint.of(services_of(request).settings, errand.town, at)
    if "only" in given or per == "town":
        kind = FileKind(f"map-{per}-{paper}.pdf", "application/pdf")
    else:
        kind = FileKind(f"maps-{per}-{paper}.zip", "application/zip")
    plan = SheetPlan(paper, per, (given["only"],) if "only" in given else ())
    return await answer_with_file(request, kind, write_maps, errand, at, plan, imprint)


async def get_change_table(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/change-table: 变更对照表 as .xlsx."""
    errand = errand_of(request)
    parameters_of(request, ())
    if not all(errand.principal.reaches(layer) for layer in COUNTED_LAYERS):
        raise AccessError(f"this key is not for {', '.join(COUNTED_LAYERS)} / 此密钥不含所需图层")
    draft_id = id_in_path(request, "draft_id")
    kind = FileKind(f"changes-{draft_id}.xlsx", _XLSX)
    return await answer_with_file(request, kind, write_changes, errand, draft_id)


def errand_of(request: Request) -> Errand:
    """Work on behalf of whoever asks, who has to be somebody who drafts."""
    services = services_of(request)
    return Errand(services.conninfo, drafter_of(request), services.town)


def parameters_of(request: Request, known: Collection[str]) -> dict[str, str]:
    """The query's parameters that say something.

    Raises:
        InputError: one is unknown, or there twice.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known or name in found:
            raise InputError(
                f"{name[:50]}: no such parameter, or twice / 参数不对",
                remedy=", ".join(sorted(known)) or "there is none",
            )
        if value:
            found[name] = value
    return found


def _one_of(given: dict[str, str], name: str, known: Collection[str], default: str) -> str:
    value = given.get(name, default)
    if value not in known:
        raise InputError(f"{name} is not {value[:50]} / 参数不对", remedy=", ".join(known))
    return value


def _moment(errand: Errand, given: dict[str, str]) -> datetime:
    return moment_of(given.get("at"), errand.town, "at")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputError(f"draft is a draft's number, not {text[:50]} / 草案编号不对")
    return int(text)


ROUTES = [
    Route("/api/grids/export", get_export, methods=["GET"]),
    Route("/api/grids/maps", get_maps, methods=["GET"]),
    Route("/api/drafts/{draft_id}/change-table", get_change_table, methods=["GET"]),
]
