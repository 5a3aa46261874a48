"""A town backed up and restored beside itself is the same; a damaged archive changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

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


@pytest.fixture
def another(server: str, template: str) -> Iterator[Callable[[], str]]:
    """Makes clones of the migrated template; all are dropped in the end."""
    names: list[str] = []

    def make() -> str:
        names.append(f"clone_{uuid.uuid4().hex[:8]}")
        _on(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}"), names[-1], template)
        return make_conninfo(server, dbname=names[-1])

    yield make
    for name in names:
        _on(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)


def _on(server: str, statement: sql.SQL, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(*map(sql.Identifier, names)))


@pytest.fixture
def town(database: str, tmp_path: Path) -> tuple[str, Path]:
    """A filled database and a data folder with a key."""
    with psycopg.connect(database) as connection:
        connection.execute(FILL)
    folder = tmp_path / "town"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys/town.pem").write_text("secret")
    (folder / "postgresql").mkdir()
    (folder / "postgresql/PG_VERSION").write_text("15")
    return database, folder


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


def test_a_town_restored_beside_itself_is_the_same(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    conninfo, folder = town
    archive = tmp_path / "town.tar"
    made = back_up(conninfo, folder, archive)
    target = another()
    restored = restore(target, tmp_path / "beside", archive, replace=False)
    assert restored == made
    assert restored.town == "佛堂镇"
    assert contents(target) == contents(conninfo)
    assert (tmp_path / "beside/keys/town.pem").read_text() == "secret"
    assert not (tmp_path / "beside/postgresql").exists()
    assert archive.stat().st_mode & 0o077 == 0


def test_a_restored_town_goes_on_counting(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    """Identity columns continue where they stood."""
    back_up(*town, tmp_path / "town.tar")
    target = another()
    restore(target, tmp_path / "beside", tmp_path / "town.tar", replace=False)
    with psycopg.connect(target) as connection:
        row = connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name) "
            "SELECT id, false, 'places', 'again.csv' FROM spatial.town RETURNING id"
        ).fetchone()
    assert row == (2,)


def test_a_town_that_stands_is_kept_unless_given_up(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    conninfo, folder = town
    back_up(conninfo, folder, tmp_path / "town.tar")
    target = another()
    with psycopg.connect(target) as connection:
        connection.execute(FILL.replace("佛堂镇", "姚庄镇"))
    before = contents(target)
    beside = tmp_path / "beside"
    (beside / "keys").mkdir(parents=True)
    (beside / "keys/town.pem").write_text("older secret")
    with pytest.raises(ConflictError, match="姚庄镇"):
        restore(target, beside, tmp_path / "town.tar", replace=False)
    assert contents(target) == before
    restore(target, beside, tmp_path / "town.tar", replace=True)
    assert contents(target) == contents(conninfo)
    assert [file.read_text() for file in beside.glob("set-aside/*/keys/town.pem")] == [
        "older secret"
    ]


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9])
def test_a_cut_archive_changes_nothing(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path, server: str, share: float
) -> None:
    back_up(*town, tmp_path / "town.tar")
    whole = (tmp_path / "town.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * share)])
    target = another()
    before = databases(server)
    with pytest.raises(InputError, match=r"cut\.tar"):
        restore(target, tmp_path / "beside", tmp_path / "cut.tar", replace=False)
    assert databases(server) == before
    assert list((tmp_path / "beside").iterdir()) == []


def test_a_damaged_archive_is_noticed(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    back_up(*town, tmp_path / "town.tar")
    text = bytearray((tmp_path / "town.tar").read_bytes())
    text[len(text) // 2] ^= 0xFF
    (tmp_path / "bad.tar").write_bytes(text)
    with pytest.raises(InputError, match=r"damaged: database\.dump"):
        restore(another(), tmp_path / "beside", tmp_path / "bad.tar", replace=False)


def test_an_archive_from_a_later_server_is_refused(
    town: tuple[str, Path],
    another: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    back_up(*town, tmp_path / "town.tar")
    monkeypatch.setattr("layers.restore.major_version", lambda _connection: 14)
    with pytest.raises(SetupError, match="later"):
        restore(another(), tmp_path / "beside", tmp_path / "town.tar", replace=False)


def test_a_database_in_use_is_left_alone(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    back_up(*town, tmp_path / "town.tar")
    target = another()
    with psycopg.connect(target), pytest.raises(ConflictError, match="serve"):
        restore(target, tmp_path / "beside", tmp_path / "town.tar", replace=False)


def test_no_archive_is_written_over(town: tuple[str, Path], tmp_path: Path) -> None:
    (tmp_path / "town.tar").write_text("older")
    with pytest.raises(ConflictError, match="already"):
        back_up(*town, tmp_path / "town.tar")
    assert (tmp_path / "town.tar").read_text() == "older"


def test_a_backup_while_somebody_writes_is_of_one_moment(
    town: tuple[str, Path], another: Callable[[], str], tmp_path: Path
) -> None:
    conninfo, folder = town
    with psycopg.connect(conninfo) as writer:
        writer.execute("UPDATE spatial.town SET name = 'not committed'")
        back_up(conninfo, folder, tmp_path / "town.tar")
        writer.rollback()
    target = another()
    restore(target, tmp_path / "beside", tmp_path / "town.tar", replace=False)
    assert contents(target) == contents(conninfo)


def test_every_refusal_is_for_people(tmp_path: Path, another: Callable[[], str]) -> None:
    (tmp_path / "text.tar").write_text("no archive")
    with pytest.raises(GridwhistleError):
        restore(another(), tmp_path / "beside", tmp_path / "text.tar", replace=False)
