"""The demo town over real streets."""

from __future__ import annotations

from pathlib import Path

from layers.demo.plan import Plan
from layers.demo.site import Site
from spatial.errors import InputError


def site_from_file(plan: Plan, path: Path) -> Site:
    """The site that a file of streets describes."""
    raise InputError(
        f"{path.name}: laying the demo over real streets (seed {plan.seed}) is not there yet"
    )
