"""The other engines' programs, and what they make of a file of streets beforehand.

What they make is kept beside a digest of the file, since it takes minutes: a second run on the
same streets begins at once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
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


def folder_for(cache: Path, osm: Path) -> Path:
    """Where what is made of a file is kept."""
    folder = cache / "prepared" / sha256(osm.read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prepare_osrm(environment: Path, osm: Path, folder: Path, algorithm: str) -> Path:
    """Make the streets ready for cars; the data's name.

    Args:
        environment: of `install`.
        osm: the streets.
        folder: of `folder_for`.
        algorithm: CH (contracted) or MLD (partitioned and customized).
    """
    package = _package(environment, "osrm")
    data = folder / algorithm.lower() / "streets.osrm"
    if not _begin(data.parent):
        return data
    copy = data.with_suffix(".osm.pbf")
    shutil.copyfile(osm, copy)
    programs = {"CH": ("osrm-contract",), "MLD": ("osrm-partition", "osrm-customize")}
    _run(package / "bin" / "osrm-extract", "-p", package / "share" / "profiles" / "car.lua", copy)
    for program in programs[algorithm]:
        _run(package / "bin" / program, data)
    (data.parent / "done").touch()
    return data


def prepare_valhalla(environment: Path, osm: Path, folder: Path) -> Path:
    """Build the tiles; the file of its settings."""
    home = folder / "valhalla"
    config = home / "valhalla.json"
    if not _begin(home):
        return config
    tiles = home / "tiles"
    tiles.mkdir()
    made = subprocess.run(
        [environment / "bin" / "valhalla_build_config", "--mjolnir-tile-dir", tiles],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    settings = json.loads(made.stdout)
    limits = settings["service_limits"]
    limits["auto"] |= {
        "max_matrix_location_pairs": 10_000_000,
        "max_matrix_distance": 10_000_000,
        "max_locations": 10_000,
    }
    # one search from the incident; its other algorithm searches from each responder
    settings["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    limits["trace"] |= {"max_distance": 10_000_000, "max_shape": 1_000_000}
    config.write_text(json.dumps(settings))
    _run(_package(environment, "valhalla") / "bin" / "valhalla_build_tiles", "-c", config, osm)
    (home / "done").touch()
    return config


def _begin(folder: Path) -> bool:
    """Whether there is something to make; what a killed run has left is cleared away."""
    if (folder / "done").exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return True


def _run(program: Path, *arguments: str | Path) -> None:
    """Run, and say how long it took: it may be minutes."""
    start = time.perf_counter()
    print(f"  {program.name} …", end=" ", flush=True)
    command: Sequence[str | Path] = [program, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    print(f"{time.perf_counter() - start:.0f} s", flush=True)
    if done.returncode:
        sys.exit(f"{program.name} failed: {(done.stderr or done.stdout)[-2000:]}")


def _package(environment: Path, name: str) -> Path:
    (folder,) = environment.glob(f"lib/python*/site-packages/{name}")
    return folder
