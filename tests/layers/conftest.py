"""What the tests of layers share."""

from __future__ import annotations

import pytest

from layers.demo.plan import Plan
from layers.demo.start import generate
from layers.demo.town import DemoTown


@pytest.fixture(scope="session")
def generated_town() -> tuple[DemoTown, str]:
    """The default demo town and its digest, made once; tests only read it."""
    return generate(Plan())
