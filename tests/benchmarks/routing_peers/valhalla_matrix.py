"""Valhalla's matrix; runs where pyvalhalla is installed.

python valhalla_matrix.py CONFIG.json QUESTIONS.json
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

import valhalla

sys.path[:0] = [str(Path(__file__).parents[1])]
from routing_peers.questions import Place, Questions, answer  # noqa: E402 - found above


def main(config: str, file: str) -> None:
    """Answer."""
    questions = Questions.read(Path(file))
    actor = valhalla.Actor(Path(config))
    sources = [{"lon": lon, "lat": lat} for lon, lat in questions.responders]

    def ask(incident: Place) -> list[float]:
        found = actor.matrix(
            {
                "sources": sources,
                "targets": [{"lon": incident[0], "lat": incident[1]}],
                "costing": "auto",
                "matrix_locations": questions.k,
                "verbose": False,
            }
        )
        times = [row[0] for row in found["sources_to_targets"]["durations"]]
        return [math.inf if time_s is None else time_s for time_s in times]

    print(json.dumps(asdict(answer(ask, questions, 3))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
