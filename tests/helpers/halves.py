"""How two processes share the tests: each begins at an end of them, and in the middle they meet.

So what costs long to make, the demo town above all, is mostly made in one of them alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# Rooms whose tests stay in one process: they share a browser and what is installed once.
STAY_TOGETHER = ("tests/clients/", "tests/page/")


class FromBothEnds(LoadFileScheduling):
    """Files stay whole, and some rooms too."""

    def _split_scope(self, nodeid: str) -> str:
        together = nodeid.startswith(STAY_TOGETHER)
        return "clients and page" if together else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node is not self.nodes[0]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def in_order(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """First what stays together, then the files that need the demo town, then the others."""
    items = list(items)
    in_demo_town = {item.path for item in items if _needs_demo_town(item)}

    def rank(item: pytest.Item) -> int:
        if item.nodeid.startswith(STAY_TOGETHER):
            return 0
        return 1 if item.path in in_demo_town else 2

    return sorted(items, key=rank)


def _needs_demo_town(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    # Some tests of arcs are given their coverage by its fixture's name.
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    names = [each for each in given if isinstance(each, str)]
    return "generated_town" in item.fixturenames or "demo_town" in names
