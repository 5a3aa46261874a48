"""A defect's answer names a number; under it the served app's log says what happened."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import httpx
import psycopg

ITEMS = "/ogc/collections/premises/items"


def test_the_log_tells_of_a_defect(small_town, tmp_path):
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--no-worker"]
    log = tmp_path / "log"
    with small_town() as conninfo, log.open("w") as errors:
        folder = str(tmp_path / "data")
        environment = os.environ | {"DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": folder}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().split()[-1].rstrip("/")
                with psycopg.connect(conninfo) as connection:
                    connection.execute("DROP VIEW published.premises CASCADE")
                answer = httpx.get(
                    f"{url}/ogc/collections/premises/items?q=13800000000", timeout=30
                )
            finally:
                process.terminate()
    assert answer.status_code == 500
    number = re.search(r"number is (\w+)", answer.json()["description"])
    assert number
    told = log.read_text()
    assert f"defect {number[1]} at GET /ogc/collections/{{layer_id}}/items" in told
    assert "Traceback" in told
    assert "psycopg.errors.UndefinedTable 42P01" in told
    # What was asked for, and what the error says, may be about somebody.
    assert "13800000000" not in told
    assert "does not exist" not in told
