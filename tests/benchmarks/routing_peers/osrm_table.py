"""OSRM's table; runs where osrm-bindings is installed.

python osrm_table.py CH|MLD DATA.osrm QUESTIONS.json
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

import osrm

sys.path[:0] = [str(Path(__file__).parents[1])]
from routing_peers.questions import Place, Questions, answer  # noqa: E402 - found above


def main(algorithm: str, data: str, file: str) -> None:
    """Answer."""
    questions = Questions.read(Path(file))
    engine = osrm.OSRM(algorithm=algorithm, storage_config=data, use_shared_memory=False)
    count = len(questions.responders)

    def ask(incident: Place) -> list[float]:
        table = osrm.TableParameters(
            coordinates=[*map(tuple, questions.responders), tuple(incident)],
            sources=list(range(count)),
            destinations=[count],
            annotations=["duration"],
        )
        times = [row[0] for row in engine.Table(table)["durations"]]
        return [math.inf if time_s is None else time_s for time_s in times]

    print(json.dumps(asdict(answer(ask, questions, 3))))


if __name__ == "__main__":
    main(*sys.argv[1:])
