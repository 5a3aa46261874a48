"""The private server: leases, recovery from every kind of sudden end, and folders."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from spatial.errors import SetupError
from spatial.server import PrivateServer

HOLDER = """
import sys, time
from pathlib import Path
from spatial.server import PrivateServer
with PrivateServer(Path(sys.argv[1])).lease():
    print("leased", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(open_folder: Path) -> Path:
    """A folder for one server."""
    mine = Path(tempfile.mkdtemp(dir=open_folder))
    mine.chmod(0o755)
    return mine / "postgresql"


@pytest.fixture
def hold(folder: Path) -> Callable[[], subprocess.Popen[str]]:
    """Another process that holds a lease until it is killed."""

    def start() -> subprocess.Popen[str]:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "leased\n"
        return holder

    return start


def answer(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT 1").fetchone()
    assert row is not None
    return int(row[0])


def kill_postmaster(server: PrivateServer) -> None:
    pid = int((server.cluster / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    while server.is_up():
        time.sleep(0.02)


def test_the_server_lives_as_long_as_somebody_needs_it(folder: Path) -> None:
    server = PrivateServer(folder)
    with server.lease() as first:
        with PrivateServer(folder).lease() as second:
            assert answer(first) == answer(second) == 1
        assert answer(first) == 1
    assert not server.is_up()


def test_data_stays_and_the_second_start_finds_it(folder: Path) -> None:
    with (
        PrivateServer(folder).lease() as conninfo,
        psycopg.connect(conninfo, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with PrivateServer(folder).lease() as conninfo, psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_killed_holder_leaves_no_lease_behind(
    folder: Path, hold: Callable[[], subprocess.Popen[str]]
) -> None:
    holder = hold()
    server = PrivateServer(folder)
    holder.kill()
    holder.wait()
    assert server.is_up()  # nobody could stop it
    with server.lease() as conninfo:
        assert answer(conninfo) == 1
    assert not server.is_up()


def test_a_killed_server_recovers(folder: Path) -> None:
    server = PrivateServer(folder)
    with server.lease() as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        kill_postmaster(server)
    with server.lease() as conninfo, psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_server_that_dies_while_it_is_needed_is_started_again(folder: Path) -> None:
    server = PrivateServer(folder)
    with server.lease() as conninfo:
        kill_postmaster(server)
        deadline = time.monotonic() + 60
        while True:
            try:
                assert answer(conninfo) == 1
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.1)


def test_another_programs_process_number_is_not_taken_for_the_server(folder: Path) -> None:
    server = PrivateServer(folder)
    with server.lease():
        record = (server.cluster / "postmaster.pid").read_text()
    lines = record.splitlines()
    (server.cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
    assert not server.is_up()
    with server.lease() as conninfo:
        assert answer(conninfo) == 1


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    unfinished = folder / "cluster-unfinished"
    server = PrivateServer(folder)
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("15\n")
    with server.lease() as conninfo:
        assert answer(conninfo) == 1
    assert not unfinished.exists()


def test_a_cluster_of_another_version_says_how_to_go_on(folder: Path) -> None:
    server = PrivateServer(folder)
    server.cluster.mkdir()
    (server.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(SetupError, match=r"PostgreSQL 9 .*backup"), server.lease():
        pass


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder.parent / ("long-" * 12) / ("longer-" * 12) / "postgresql"
    deep.parent.mkdir(parents=True)
    for _ in range(2):  # the second start follows the pointer of the first
        with PrivateServer(deep).lease() as conninfo:
            assert answer(conninfo) == 1
    pointer = deep / "socket-moved-to"
    Path(pointer.read_text().strip()).rmdir()  # /tmp was swept
    with PrivateServer(deep).lease() as conninfo:
        assert answer(conninfo) == 1
    Path(pointer.read_text().strip()).rmdir()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="data folder"):
        PrivateServer(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root meets other people's folders")
def test_somebody_elses_folder_is_refused(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(SetupError, match="belongs to 12345"):
        PrivateServer(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_below_a_closed_folder_the_cluster_lies_elsewhere(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    server = PrivateServer(closed / "postgresql")
    home = server.cluster.parent
    try:
        assert closed not in home.parents
        assert PrivateServer(closed / "postgresql").cluster == server.cluster
        with server.lease() as conninfo:
            assert answer(conninfo) == 1
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)
    with pytest.raises(SetupError, match="gone"):
        PrivateServer(closed / "postgresql")


def test_the_database_holds_chinese(folder: Path) -> None:
    with PrivateServer(folder).lease() as conninfo, psycopg.connect(conninfo) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT length('桃源新邨')").fetchone() == (4,)
