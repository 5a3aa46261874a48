"""pygeoapi's configuration, made from the catalogue as a dict; no file is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.ogc.links import crs_uri
from api.ogc.processes.registry import PROCESSES
from layers.catalogue import Catalogue, Entry, Text
from layers.reading.crs import CRS84, supported_crs
from layers.reading.query import DEFAULT_LIMIT, MAX_LIMIT
from layers.roles import Role
from spatial.town import Town

# Links are made for this address and rewritten to the one by which the client came.
PLACEHOLDER_URL = "http://gridwhistle.invalid/ogc"
TEMPLATES = Path(__file__).parent / "templates"


def pygeoapi_config(town: Town, catalogue: Catalogue, role: Role, *, gcj02: bool) -> dict[str, Any]:
    """The whole configuration of what `role` may see.

    Args:
        gcj02: whether the installation offers that datum.
    """
    all_crs = [
        crs_uri(PLACEHOLDER_URL, crs) for crs in supported_crs(town.metric_srid, gcj02=gcj02)
    ]
    layers = {
        entry.id: _collection(entry, town, role, all_crs) for entry in catalogue.readable_by(role)
    }
    # A layer and a process may share a name, which pygeoapi's one table of resources forbids.
    processes = {f"process:{name}": each for name, each in process_config().items()}
    return {
        "server": {
            "url": PLACEHOLDER_URL,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["zh", "en"],
            "limits": {"default_items": DEFAULT_LIMIT, "max_items": MAX_LIMIT},
            "map": {"url": "", "attribution": ""},
            "templates": {"path": str(TEMPLATES)},
        },
        "logging": {"level": "CRITICAL"},
        "metadata": _metadata(town),
        "resources": layers | processes,
    }


def process_config() -> dict[str, Any]:
    """Process id → how pygeoapi is told of it."""
    return {
        process.id: {
            "type": "process",
            "processor": {"name": "api.ogc.describer.Describer", "process": process.id},
        }
        for process in PROCESSES
    }


def town_title(town: Town) -> Text:
    """The town's name, with the label that a synthetic town always carries."""
    if town.synthetic:
        return Text(f"{town.name}(演示数据)", f"{town.name_en} (synthetic data)")
    return Text(town.name, town.name_en)


def api_title(town: Town) -> Text:
    """What the town offers here."""
    title = town_title(town)
    return Text(f"{title.zh}空间数据", f"Spatial data of {title.en}")


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _metadata(town: Town) -> dict[str, Any]:
    title = town_title(town)
    description = Text("镇街治理的空间数据:开放接口", "Spatial data of a town's governance")
    return {
        "identification": {
            "title": _both(api_title(town)),
            "description": _both(description),
            "keywords": {"zh": ["网格", "治理"], "en": ["grid", "governance"]},
            "keywords_type": "theme",
            "terms_of_service": PLACEHOLDER_URL,
            "url": PLACEHOLDER_URL,
        },
        "license": {"name": "", "url": ""},
        "provider": {"name": title.zh, "url": PLACEHOLDER_URL},
        "contact": {"name": title.zh, "email": ""},
    }


def _collection(entry: Entry, town: Town, role: Role, all_crs: list[str]) -> dict[str, Any]:
    spatial = {"bbox": list(town.bounds()), "crs": CRS84}
    return {
        "type": "collection",
        "title": _both(entry.title),
        "description": _both(entry.description),
        "keywords": {"zh": [entry.title.zh], "en": [entry.title.en]},
        "links": [_described_by(entry)],
        "extents": {"spatial": spatial},
        "providers": [
            {
                "type": "feature",
                "name": "api.ogc.provider.CatalogueProvider",
                "data": entry.id,
                "role": role,
                "id_field": "id",
                "time_field": entry.time_field,
                "crs": all_crs,
            },
            {
                "type": "tile",
                "name": "api.ogc.provider.CatalogueTiles",
                "data": entry.id,
                "role": role,
                "options": {"zoom": {"min": entry.min_zoom, "max": entry.max_zoom}, "schemes": []},
                "format": {"name": "mvt", "mimetype": "application/vnd.mapbox-vector-tile"},
            },
        ],
    }


def _described_by(entry: Entry) -> dict[str, str]:
    return {
        "type": "application/schema+json",
        "rel": "describedby",
        "title": "Schema of a GeoJSON feature",
        "href": f"{PLACEHOLDER_URL}/collections/{entry.id}/feature-schema",
    }
