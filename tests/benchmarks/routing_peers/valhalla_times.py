"""Valhalla's own way between places and its time on a given way; runs where pyvalhalla is.

    python valhalla_times.py CONFIG.json PAIRS.json

Prints for each pair what it says of the given line and of its own: seconds in all, those of them
that it adds where one edge goes over into the next, metres, and its own line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import valhalla

type Line = list[list[float]]

_SHARE_OF_DEGREE = 1e6
# Its way is the cheapest, not the quickest. What it adds for other things than time is left out
# (0.5 is neither for nor against); the seconds that it adds for turning stay.
_BY_TIME = {
    "costing": "auto",
    "costing_options": {
        "auto": {
            "maneuver_penalty": 0,
            "service_penalty": 0,
            "service_factor": 1,
            "destination_only_penalty": 0,
            "use_highways": 0.5,
            "use_tracks": 0.5,
            "use_living_streets": 0.5,
        }
    },
}


def decoded(text: str) -> Line:
    """Longitudes and latitudes of an encoded polyline with six digits."""
    numbers, shift, value = [], 0, 0
    for letter in text:
        bits = ord(letter) - 63
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            shift = value = 0
    lat = lon = 0
    line = []
    for step_lat, step_lon in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + step_lat, lon + step_lon
        line.append([lon / _SHARE_OF_DEGREE, lat / _SHARE_OF_DEGREE])
    return line


def time_along(actor: valhalla.Actor, line: Line) -> dict[str, float] | None:
    """What it says of a line; None where it finds no streets under it."""
    shape = [{"lon": lon, "lat": lat} for lon, lat in line]
    wanted = {"shape": shape, "shape_match": "walk_or_snap", **_BY_TIME}
    try:
        edges = actor.trace_attributes(wanted)["edges"]
    except RuntimeError:
        return None
    ends = [edge["end_node"] for edge in edges if "end_node" in edge]
    return {
        "time_s": max(end.get("elapsed_time", 0.0) for end in ends),
        "between_edges_s": sum(end.get("transition_time", 0.0) for end in ends),
        "length_m": 1000 * sum(edge["length"] for edge in edges),
    }


def own_way(actor: valhalla.Actor, start: list[float], end: list[float]) -> Line | None:
    """Its own line from one place to another."""
    places = [{"lon": lon, "lat": lat} for lon, lat in (start, end)]
    try:
        found = actor.route({"locations": places, **_BY_TIME})
    except RuntimeError:
        return None
    return decoded(found["trip"]["legs"][0]["shape"])


def main(config: str, file: str) -> None:
    """Answer."""
    actor = valhalla.Actor(Path(config))
    answers: list[dict[str, Any]] = []
    for pair in json.loads(Path(file).read_text()):
        own = own_way(actor, pair["start"], pair["end"])
        answers.append(
            {
                "given": time_along(actor, pair["line"]),
                "own": time_along(actor, own) if own else None,
                "line": own,
            }
        )
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
