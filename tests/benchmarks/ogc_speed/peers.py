"""Stock servers, each installed in a folder of its own, that publish the same tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from ogc_speed.processes import Server, free_port, running
from ogc_speed.town import town_box

PYGEOAPI = ("pygeoapi", "pygeoapi==0.24.0", "pygeofilter[backend-sqlalchemy]", "starlette",
            "psycopg2-binary", "sqlalchemy", "geoalchemy2")  # fmt: skip
TIPG = ("tipg", "tipg==1.6.1")
_UVICORN = "uvicorn[standard]"  # with uvloop and httptools, as gridwhistle has it
_LAYERS = {"premises": "premises", "buildings": "building"}


def install(cache: Path, name: str, *packages: str) -> Path:
    """A virtual environment of these packages; made once."""
    folder = cache / name
    if not (folder / "installed").exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "-q", "-p", folder, _UVICORN, *packages], check=True)
        (folder / "installed").touch()
    return folder


@contextmanager
def pygeoapi(cache: Path, conninfo: str, folder: Path) -> Iterator[Server]:
    """Stock pygeoapi under Starlette."""
    environment = install(cache, *PYGEOAPI)
    port = free_port()
    config, openapi = folder / "pygeoapi.json", folder / "pygeoapi-openapi.json"
    config.write_text(json.dumps(_pygeoapi_config(conninfo, port)))
    variables = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = ["openapi", "generate", str(config), "--output-file", str(openapi), "-f", "json"]
    subprocess.run(
        [environment / "bin" / "pygeoapi", *generate],
        env=os.environ | variables, check=True, capture_output=True,
    )  # fmt: skip
    with _uvicorn(
        "pygeoapi", environment, "pygeoapi.starlette_app:APP", port, variables, folder
    ) as it:
        yield it


@contextmanager
def tipg(cache: Path, conninfo: str, folder: Path) -> Iterator[Server]:
    """Stock tipg."""
    environment = install(cache, *TIPG)
    database = conninfo_to_dict(conninfo)
    user, host = database["user"], quote(str(database["host"]), safe="")
    port = f":{database['port']}" if "port" in database else ""
    password = f":{quote(str(database['password']))}" if "password" in database else ""
    variables = {
        "DATABASE_URL": f"postgresql://{user}{password}@{host}{port}/{database['dbname']}",
        "TIPG_DB_SCHEMAS": '["layers"]',
        "TIPG_DB_TABLES": json.dumps([f"layers.{table}" for table in _LAYERS.values()]),
    }
    with _uvicorn("tipg", environment, "tipg.main:app", free_port(), variables, folder) as it:
        yield it


@contextmanager
def _uvicorn(  # noqa: PLR0917 - what a server is started with
    name: str,
    environment: Path,
    app: str,
    port: int,
    variables: Mapping[str, str],
    folder: Path,
) -> Iterator[Server]:
    command = [
        str(environment / "bin" / "uvicorn"), app, "--port", str(port), "--no-access-log",
        "--log-level", "warning", "--no-proxy-headers",
    ]  # fmt: skip
    log = folder / f"{name}.log"
    with running(name, command, port, os.environ | dict(variables), log) as server:
        yield server


def _pygeoapi_config(conninfo: str, port: int) -> dict[str, Any]:
    text = "benchmark"
    url = f"http://127.0.0.1:{port}"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": url, "mimetype": "application/json",
            "encoding": "utf-8", "language": "en-US", "gzip": False, "cors": False,
            "pretty_print": False, "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": f"{url}/", "attribution": text},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text, "description": text, "keywords": [text], "url": url,
                "keywords_type": "theme", "terms_of_service": text,
            },
            "license": {"name": text, "url": url},
            "provider": {"name": text, "url": url},
            "contact": {"name": text},
        },
        "resources": {
            layer: _resource(layer, table, conninfo) for layer, table in _LAYERS.items()
        },
    }  # fmt: skip


def _resource(layer: str, table: str, conninfo: str) -> dict[str, Any]:
    database = conninfo_to_dict(conninfo)
    data = {name: database[name] for name in ("host", "port", "user", "password", "dbname")
            if name in database} | {"search_path": ["layers", "public"]}  # fmt: skip
    common = {"data": data, "id_field": "id", "table": table, "geom_field": "geom"}
    mvt = {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"}
    return {
        "type": "collection",
        "title": layer, "description": layer, "keywords": [layer], "links": [],
        "extents": {
            "spatial": {
                "bbox": list(town_box()), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            },
        },
        "providers": [
            {"type": "feature", "name": "PostgreSQL", **common},
            {
                "type": "tile", "name": "MVT-postgresql", **common, "format": mvt,
                "options": {"zoom": {"min": 0, "max": 18}},
            },
        ],
    }  # fmt: skip
