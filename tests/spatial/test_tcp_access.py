"""A private cluster's door to the network: for named logins alone, by password, over TLS."""

from __future__ import annotations

import socket
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from spatial.errors import SetupError
from spatial.server import PrivateServer
from spatial.settings import Address, Settings

PASSWORD = "of this test only"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_named_logins_enter_and_nobody_else(open_folder: Path, port: int) -> None:
    server = PrivateServer(open_folder / "listening", Address("127.0.0.1", port))
    with server.lease() as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("CREATE ROLE gridwhistle_logins NOLOGIN")
            for name in ("known", "unknown"):
                connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
            connection.execute("GRANT gridwhistle_logins TO known")
            connection.execute(f"ALTER ROLE gridwhistle PASSWORD '{PASSWORD}'")
        there = make_conninfo(
            host="127.0.0.1", port=str(port), dbname="gridwhistle", password=PASSWORD
        )
        with psycopg.connect(there, user="known", sslmode="require") as connection:
            encrypted = connection.execute(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            ).fetchone()
            assert encrypted == (True,)
        for refused in (
            {"user": "unknown"},
            {"user": "gridwhistle"},
            {"user": "known", "password": "wrong"},
            {"user": "known", "sslmode": "disable"},
        ):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(there, **refused)
        # Another command finds the server by the port that it has.
        with (
            PrivateServer(open_folder / "listening").lease() as second,
            psycopg.connect(second) as connection,
        ):
            assert connection.execute("SHOW port").fetchone() == (str(port),)


@pytest.mark.parametrize("text", ["5433", "127.0.0.1:", "host:x", "host:70000", "a b:1", "'x':1"])
def test_nonsense_is_no_address(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GRIDWHISTLE_POSTGRESQL_LISTEN", text)
    with pytest.raises(SetupError, match="GRIDWHISTLE_POSTGRESQL_LISTEN"):
        Settings.from_environment()


def test_an_address_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWHISTLE_POSTGRESQL_LISTEN", "0.0.0.0:5433")
    assert Settings.from_environment().postgresql_listen == Address("0.0.0.0", 5433)
