"""The other engines' programs, and what they make of a file of streets beforehand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_PACKAGES = ("pyvalhalla", "osrm-bindings", "numpy")


def install(cache: Path) -> Path:
    """A virtual environment with both; made once."""
    folder = cache / "routing-peers"
    if not (folder / "installed").exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "install", "-q", "-p", folder, *_PACKAGES], check=True)
        (folder / "installed").touch()
    return folder


def prepare_osrm(environment: Path, osm: Path, folder: Path) -> Path:
    """Contract the streets for cars; the data's name."""
    package = _package(environment, "osrm")
    copy = folder / "streets.osm.pbf"
    copy.write_bytes(osm.read_bytes())
    data = folder / "streets.osrm"
    profile = package / "share" / "profiles" / "car.lua"
    for program, *arguments in (
        ("osrm-extract", "-p", profile, copy),
        ("osrm-contract", data),
    ):
        subprocess.run([package / "bin" / program, *arguments], check=True, capture_output=True)
    return data


def prepare_valhalla(environment: Path, osm: Path, folder: Path) -> Path:
    """Build the tiles; the file of its settings."""
    config = folder / "valhalla.json"
    tiles = folder / "tiles"
    tiles.mkdir(exist_ok=True)
    made = subprocess.run(
        [environment / "bin" / "valhalla_build_config", "--mjolnir-tile-dir", tiles],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    settings = json.loads(made.stdout)
    settings["service_limits"]["auto"]["max_matrix_location_pairs"] = 10_000_000
    settings["service_limits"]["auto"]["max_matrix_distance"] = 10_000_000
    config.write_text(json.dumps(settings))
    program = _package(environment, "valhalla") / "bin" / "valhalla_build_tiles"
    subprocess.run([program, "-c", config, osm], check=True, capture_output=True)
    return config


def _package(environment: Path, name: str) -> Path:
    (folder,) = environment.glob(f"lib/python*/site-packages/{name}")
    return folder
