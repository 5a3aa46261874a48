"""Shows 7: whatever the OpenAPI document allows is answered as the document says, by no 5xx.

Schemathesis makes requests from the document, right and wrong ones, and looks at the answers; what
it is told is in `schemathesis.toml`. Its coverage phase goes through every parameter of every
operation of every layer; what it draws beyond that is a few requests for each operation, since the
layers differ in their properties alone, and more for one layer that an editor writes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from layers.accounts.demo import make_demo_accounts
from layers.demo.plan import Plan
from layers.demo.start import start_town
from layers.roles import Role

CONFIG = Path(__file__).with_name("schemathesis.toml")
# One that an editor writes, and what is no layer.
THOROUGHLY = r"^/(collections/premises/items|processes/|jobs)"
LONGEST_S = 3600


def run_schemathesis(url: str, account: tuple[str, str] | None, options: Sequence[str]) -> str:
    """What Schemathesis says of the document at `url`; it found nothing."""
    credentials = ["--auth", ":".join(account)] if account else []
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
    done = subprocess.run(
        [*command, *credentials, *options, "--no-color", f"{url}/ogc/openapi"],
        check=False,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [None, "editor"])
def test_answers_of_a_small_town_are_as_the_document_says(own_town, name: str | None):
    with own_town(synthetic=True) as town:
        account = (name, town.password) if name else None
        some = ["--include-path-regex", "^/(collections/premises/|jobs|processes/echo)"]
        run_schemathesis(town.url, account, [*some, "--phases=fuzzing", "--max-examples=1"])


@pytest.fixture(scope="module")
def demo_town(new_database, serve_app, demo_secret: bytes):
    """A demo town of these tests alone: they write to it."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            make_demo_accounts(connection, start_town(connection, Plan()).town, demo_secret)
        with serve_app(conninfo) as url:
            yield url


@pytest.mark.long
@pytest.mark.parametrize("role", [None, Role.GIS_EDITOR])
def test_answers_of_the_whole_demo_are_as_the_document_says(
    demo_town: str, demo_account, role: Role | None
):
    account = demo_account(role) if role else None
    print(run_schemathesis(demo_town, account, []))
    more = ["--include-path-regex", THOROUGHLY, "--phases=fuzzing", "--max-examples=30"]
    print(run_schemathesis(demo_town, account, more))
