"""A defect's answer names a number; under it the served app's log says what happened."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time

import httpx
import psycopg

ITEMS = "/ogc/collections/premises/items"


def hang_up_in_a_body(url: httpx.URL, path: str) -> None:
    """Send half a body and be gone."""
    with socket.create_connection((url.host, url.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        time.sleep(0.2)  # until it is read


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
                hang_up_in_a_body(httpx.URL(url), "/api/session")
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
    assert told.count("Traceback") == 1  # who hangs up is no defect
    assert "psycopg.errors.UndefinedTable 42P01" in told
    # What was asked for, and what the error says, may be about somebody.
    assert "13800000000" not in told
    assert "does not exist" not in told
