"""A town backed up and restored beside itself is the same; a damaged archive changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg import sql

from layers.backup import back_up, count_rows
from layers.restore import restore
from spatial.errors import ConflictError, GridwhistleError, InputError, SetupError

FILL = """
INSERT INTO spatial.town (code, name, name_en, time_zone, metric_srid, synthetic, outline)
VALUES ('t', '佛堂镇', 'Fotang', 'Asia/Shanghai', 4549, false,
        ST_Multi(ST_MakeEnvelope(120, 29, 120.1, 29.1, 4326)));
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, false, 'places', 'places.csv' FROM spatial.town;
"""


type NewDatabase = Callable[[], AbstractContextManager[str]]


class Town(NamedTuple):
    """Where a town is: what `back_up` is told first."""

    conninfo: str
    folder: Path


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A filled database and a data folder with a key; tests only read them."""
    folder = tmp_path_factory.mktemp("backup") / "town"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys/town.pem").write_text("secret")
    (folder / "postgresql").mkdir()
    (folder / "postgresql/PG_VERSION").write_text("15")
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(FILL)
        yield Town(conninfo, folder)


@pytest.fixture(scope="module")
def archive(town: Town) -> Path:
    """The town, backed up."""
    back_up(*town, town.folder.with_name("town.tar"))
    return town.folder.with_name("town.tar")


@pytest.fixture(scope="module")
def untouched(new_database: NewDatabase) -> Iterator[str]:
    """A migrated, empty database for all who are refused."""
    with new_database() as conninfo:
        yield conninfo


def contents(conninfo: str) -> dict[str, list[str]]:
    """All rows of all tables, as text."""
    with psycopg.connect(conninfo) as connection:
        return {
            name: sorted(
                row[0]
                for row in connection.execute(
                    sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(*name.split(".")))
                )
            )
            for name in count_rows(connection)
        }


def databases(server: str) -> set[str]:
    with psycopg.connect(server) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_town_restored_beside_itself_is_the_same_and_goes_on_counting(
    town: Town, archive: Path, database: str, tmp_path: Path
) -> None:
    restored = restore(database, tmp_path / "beside", archive, replace=False)
    assert restored.town == "佛堂镇"
    assert contents(database) == contents(town.conninfo)
    assert (tmp_path / "beside/keys/town.pem").read_text() == "secret"
    assert not (tmp_path / "beside/postgresql").exists()
    assert archive.stat().st_mode & 0o077 == 0
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name) "
            "SELECT id, false, 'places', 'again.csv' FROM spatial.town RETURNING id"
        ).fetchone()
    assert row == (2,)


def test_a_restore_tells_what_the_backup_told(town: Town, database: str, tmp_path: Path) -> None:
    """And what somebody else is writing meanwhile is in neither."""
    with psycopg.connect(town.conninfo) as writer:
        writer.execute("UPDATE spatial.town SET name = 'not committed'")
        made = back_up(*town, tmp_path / "town.tar")
        writer.rollback()
    assert restore(database, tmp_path / "beside", tmp_path / "town.tar", replace=False) == made
    assert contents(database) == contents(town.conninfo)


def test_a_town_that_stands_is_kept_unless_given_up(
    town: Town, archive: Path, database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(FILL.replace("佛堂镇", "姚庄镇"))
    before = contents(database)
    beside = tmp_path / "beside"
    (beside / "keys").mkdir(parents=True)
    (beside / "keys/town.pem").write_text("older secret")
    with pytest.raises(ConflictError, match="姚庄镇"):
        restore(database, beside, archive, replace=False)
    assert contents(database) == before
    restore(database, beside, archive, replace=True)
    assert contents(database) == contents(town.conninfo)
    assert [file.read_text() for file in beside.glob("set-aside/*/keys/town.pem")] == [
        "older secret"
    ]


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9])
def test_a_cut_archive_changes_nothing(
    archive: Path, untouched: str, tmp_path: Path, server: str, share: float
) -> None:
    whole = archive.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * share)])
    before = databases(server), contents(untouched)
    with pytest.raises(InputError, match=r"cut\.tar"):
        restore(untouched, tmp_path / "beside", tmp_path / "cut.tar", replace=False)
    assert (databases(server), contents(untouched)) == before
    assert list((tmp_path / "beside").iterdir()) == []


def test_a_damaged_archive_is_noticed(archive: Path, untouched: str, tmp_path: Path) -> None:
    text = bytearray(archive.read_bytes())
    text[len(text) // 2] ^= 0xFF
    (tmp_path / "bad.tar").write_bytes(text)
    with pytest.raises(InputError, match=r"damaged: database\.dump"):
        restore(untouched, tmp_path / "beside", tmp_path / "bad.tar", replace=False)


def test_an_archive_from_a_later_server_is_refused(
    archive: Path, untouched: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.restore.major_version", lambda _connection: 14)
    with pytest.raises(SetupError, match="later"):
        restore(untouched, tmp_path / "beside", archive, replace=False)


def test_a_database_in_use_is_left_alone(archive: Path, untouched: str, tmp_path: Path) -> None:
    with psycopg.connect(untouched), pytest.raises(ConflictError, match="serve"):
        restore(untouched, tmp_path / "beside", archive, replace=False)


def test_no_archive_is_written_over(town: Town, tmp_path: Path) -> None:
    (tmp_path / "town.tar").write_text("older")
    with pytest.raises(ConflictError, match="already"):
        back_up(*town, tmp_path / "town.tar")
    assert (tmp_path / "town.tar").read_text() == "older"


def test_every_refusal_is_for_people(tmp_path: Path, untouched: str) -> None:
    (tmp_path / "text.tar").write_text("no archive")
    with pytest.raises(GridwhistleError):
        restore(untouched, tmp_path / "beside", tmp_path / "text.tar", replace=False)
