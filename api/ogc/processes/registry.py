"""All processes, and how pygeoapi is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.boundaries.suggestion import SUGGESTION
from api.ogc.processes.assignment import ASSIGNMENT
from api.ogc.processes.coverage import COVERAGE
from api.ogc.processes.definition import Process
from api.ogc.processes.echo import ECHO
from api.ogc.processes.hotspots import HOTSPOTS
from api.ogc.processes.nearest import NEAREST_RESPONDERS
from api.ogc.processes.reach import REACH
from api.ogc.processes.standby import STANDBY
from layers.jobs.errors import NoSuchProcessError

PROCESSES = (NEAREST_RESPONDERS, REACH, COVERAGE, STANDBY, ASSIGNMENT, HOTSPOTS, ECHO)
# Jobs of our own pages, which no client is offered.
OUR_OWN = (SUGGESTION,)
# What processes load that compute in a process of their own.
HEAVY_MODULES = (__name__, "layers.hotspots", "layers.boundaries.suggestion.suggesting")


def find_process(process_id: str) -> Process:
    """The process called `process_id`, of those that are offered.

    Raises:
        NoSuchProcessError: there is none.
    """
    return _find(PROCESSES, process_id)


def process_of_job(process_id: str) -> Process:
    """The process that a job runs: one that is offered, or one of our own pages'.

    Raises:
        NoSuchProcessError: there is none.
    """
    return _find((*PROCESSES, *OUR_OWN), process_id)


def _find(processes: Iterable[Process], process_id: str) -> Process:
    for process in processes:
        if process.id == process_id:
            return process
    raise NoSuchProcessError(f"there is no process called {process_id} / 没有这个处理")


def describe(process: Process) -> dict[str, Any]:
    """The process in the words of OGC API Processes, both languages in each text."""
    return {
        "id": process.id,
        "version": process.version,
        "title": {"zh": process.title.zh, "en": process.title.en},
        "description": {"zh": process.description.zh, "en": process.description.en},
        "keywords": list(process.keywords),
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [],
        "inputs": {
            name: {
                "title": f"{each.title.zh} / {each.title.en}",
                "schema": dict(each.schema),
                "minOccurs": 1 if each.required else 0,
                "maxOccurs": 1,
            }
            for name, each in process.inputs.items()
        },
        "outputs": {
            name: {
                "title": f"{each.title.zh} / {each.title.en}",
                "schema": {**each.schema, "contentMediaType": each.media_type},
            }
            for name, each in process.outputs.items()
        },
        "example": dict(process.example),
    }
