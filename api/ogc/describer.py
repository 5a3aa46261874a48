"""The processor class by which pygeoapi describes every process; our own route executes them."""

from __future__ import annotations

from typing import Any

from pygeoapi.process.base import BaseProcessor

from api.ogc.processes.registry import describe, find_process


class Describer(BaseProcessor):  # type: ignore[misc]
    """A process's metadata."""

    def __init__(self, processor_def: dict[str, Any]) -> None:
        super().__init__(processor_def, describe(find_process(processor_def["process"])))
