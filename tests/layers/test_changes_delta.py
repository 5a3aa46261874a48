"""Changes as signed files: a GeoPackage elsewhere follows; what is not genuine changes nothing."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psycopg
import pyogrio
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.cli import cli
from layers.changes.delta import DeltaPlan, make_delta
from layers.changes.delta_file import Manifest, public_pem, read_public_key
from layers.changes.mirror_file import apply_delta, verify
from layers.facts.store import save_facts
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import AccessError, ConflictError, GridwhistleError
from spatial.town import read_town

TOWN = """
INSERT INTO spatial.town (id, code, name, name_en, time_zone, synthetic)
OVERRIDING SYSTEM VALUE VALUES (1, 't', '小镇', 'Small', 'Asia/Shanghai', false);
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside)
SELECT 1, n::text, 'shop', '店' || n, ST_SetSRID(ST_MakePoint(120 + n / 100.0, 29), 4326), true
FROM generate_series(1, 30) AS n;
INSERT INTO layers.sensor (town_id, key, kind, name, value, last_seen, field_of_view, geom, inside)
SELECT 1, n::text, 'camera', 'c' || n, n, '2026-01-01', 'SRID=4326;POLYGON((0 0,1 0,1 1,0 0))',
       'SRID=4326;POINT(120 29)', true
FROM generate_series(1, 9) AS n;
"""
NEW_FIRM = """
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside)
VALUES (1, gen_random_uuid()::text, 'firm', 'new', 'SRID=4326;POINT(121 29)', true)
"""
CHANGES = [
    "UPDATE layers.premises SET name = '改', geom = ST_Translate(geom, 0, 1) WHERE id % 3 = 0",
    "DELETE FROM layers.premises WHERE id % 7 = 1",
    NEW_FIRM,
    "UPDATE layers.sensor SET field_of_view = NULL WHERE id = 2 + random()::int",
    "UPDATE layers.sensor SET value = value + 1, status = 'online' WHERE id < 4",
    "DELETE FROM layers.sensor WHERE id = 9",
]
Make = Callable[..., Manifest]


@pytest.fixture
def town(database: str) -> str:
    """Conninfo of a small town."""
    with psycopg.connect(database) as connection:
        connection.execute(TOWN)
        save_facts(connection)
    return database


@pytest.fixture
def make(town: str, tmp_path: Path) -> Make:
    """`make(name, since)`: a delta in the test's folder."""

    def make(
        name: str, since: int | None = None, role: Role = Role.PLANNER, *layers: str
    ) -> Manifest:
        with psycopg.connect(town) as connection:
            there = read_town(connection)
        plan = DeltaPlan(Principal(role, 1), layers, None if since is None else str(since))
        return make_delta(town, tmp_path / "data", there, plan, tmp_path / name)

    return make


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PublicKey:
    file = tmp_path / "town.pem"
    file.write_text(public_pem(tmp_path / "data"))
    return read_public_key(file)


def change(database: str, *statements: str) -> None:
    with psycopg.connect(database) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def contents(file: Path, layer: str) -> list[tuple]:
    """Rows by id, geometry included, without GDAL's own numbers."""
    shapes = pyogrio.read_dataframe(file, layer=layer)
    frame = pd.DataFrame(shapes.drop(columns="geometry")).assign(
        shape=shapes.geometry.to_wkb(hex=True)
    )
    return sorted(frame.astype(str).itertuples(index=False, name=None))


def test_a_mirror_follows_by_files(make: Make, key, town, tmp_path):
    """After several rounds it equals what is made anew, and its spatial index works."""
    chance = random.Random(5)
    last, names = make("0.zip").until, ["0.zip"]
    for number in range(1, 5):
        change(town, CHANGES[0], *chance.sample(CHANGES[1:], 2))
        names.append(f"{number}.zip")
        last = make(names[-1], last).until
    files = [tmp_path / name for name in names]
    assert [each.until for each in verify(files, key)][-1] == last
    mirror, anew = tmp_path / "mirror.gpkg", tmp_path / "anew.gpkg"
    for file in files:
        apply_delta(file, key, mirror)
    make("whole.zip")
    apply_delta(tmp_path / "whole.zip", key, anew)
    for layer in ("premises", "sensors", "fields-of-view", "incidents"):
        assert contents(mirror, layer) == contents(anew, layer)
        info = pyogrio.read_info(mirror, layer=layer)
        assert info["features"] == len(contents(mirror, layer))
    near, whole = (
        pyogrio.read_dataframe(file, layer="premises", bbox=(119, 29.5, 122, 40))
        for file in (mirror, anew)
    )
    assert len(near)
    assert sorted(near["id"]) == sorted(whole["id"])


def forgeries(folder: Path, genuine: Path) -> list[Path]:
    """What an adversary, or a bad line, makes of a delta."""
    with zipfile.ZipFile(genuine) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"]) | {"until": 99_999}
    made = {
        "package.zip": members | {"delta.gpkg": members["delta.gpkg"][:-1] + b"x"},
        "manifest.zip": members | {"manifest.json": json.dumps(manifest).encode()},
        "signature.zip": members | {"manifest.sig": bytes(64)},
        "more.zip": members | {"more.txt": b""},
        "less.zip": {name: members[name] for name in members if name != "delta.gpkg"},
    }
    for name, parts in made.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, content in parts.items():
                archive.writestr(member, content)
    whole = genuine.read_bytes()
    half = len(whole) // 2
    broken = {
        "cut.zip": whole[:half],
        "middle.zip": whole[:half] + bytes(8) + whole[half + 8 :],
        "empty.zip": b"",
        "text.zip": b"no zip",
    }
    for name, content in broken.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in (*made, *broken, "missing.zip")]


def test_what_is_not_genuine_is_refused_and_changes_nothing(make: Make, key, town, tmp_path):
    last = make("0.zip").until
    change(town, NEW_FIRM)
    make("1.zip", last)
    mirror = tmp_path / "m.gpkg"
    apply_delta(tmp_path / "0.zip", key, mirror)
    before = mirror.read_bytes()
    for forged in forgeries(tmp_path, tmp_path / "1.zip"):
        with pytest.raises(GridwhistleError, match=forged.name):
            verify([forged], key)
        with pytest.raises(GridwhistleError, match=forged.name):
            apply_delta(forged, key, mirror)
    assert mirror.read_bytes() == before
    (tmp_path / "other.pem").write_text(public_pem(tmp_path / "other data"))
    with pytest.raises(GridwhistleError, match="not signed by this key"):
        verify([tmp_path / "0.zip"], read_public_key(tmp_path / "other.pem"))


def test_deltas_are_taken_in_their_order(make: Make, key, town, tmp_path):
    names, last = ["0.zip"], make("0.zip").until
    for number in (1, 2):
        change(town, NEW_FIRM)
        names.append(f"{number}.zip")
        last = make(names[-1], last).until
    first, second, third = (tmp_path / name for name in names)
    make("officers.zip", None, Role.OFFICER)
    mirror = tmp_path / "m.gpkg"
    with pytest.raises(ConflictError, match="made without --since"):
        apply_delta(second, key, mirror)
    assert not mirror.exists()
    apply_delta(first, key, mirror)
    for wrong in (first, third, tmp_path / "officers.zip"):
        with pytest.raises(ConflictError, match=wrong.name):
            apply_delta(wrong, key, mirror)
    for wrong_order in ([first, third], [second, first]):
        with pytest.raises(ConflictError):
            verify(wrong_order, key)
    apply_delta(second, key, mirror)
    apply_delta(third, key, mirror)
    assert len(contents(mirror, "premises")) == 32


def test_a_delta_holds_what_the_role_may_see(make: Make, key, tmp_path):
    with pytest.raises(AccessError, match="does not read incidents"):
        make("x.zip", None, Role.ANONYMOUS, "incidents")
    assert not (tmp_path / "x.zip").exists()
    make("0.zip", None, Role.ANONYMOUS)
    mirror = tmp_path / "m.gpkg"
    apply_delta(tmp_path / "0.zip", key, mirror)
    layers = {name for name, _ in pyogrio.list_layers(mirror)}
    assert "premises" in layers
    assert not layers & {"incidents", "responders", "fields-of-view"}
    assert "key" not in pyogrio.read_info(mirror, layer="premises")["fields"]
    secret = tmp_path / "data" / "keys" / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600


def test_by_the_command_line(town: str, tmp_path: Path):
    """Makes, applies, and refuses in one line."""
    environment = {"DATABASE_URL": town, "GRIDWHISTLE_DATA": str(tmp_path / "data")}

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(cli, ["delta", *map(str, arguments)], env=environment)

    (tmp_path / "town.pem").write_text(public_pem(tmp_path / "data"))
    made = run("make", "--layer", "premises", "--output", tmp_path / "0.zip")
    assert "30 features, 0 deleted in 1 layers\nnext: --since " in made.stdout
    apply = ("apply", tmp_path / "0.zip", "--key", tmp_path / "town.pem")
    assert run(*apply, "--mirror", tmp_path / "m.gpkg").exit_code == 0
    refused = run(*apply, "--mirror", tmp_path / "m.gpkg")
    assert isinstance(refused.exception, ConflictError)
    assert len(str(refused.exception).splitlines()) == 1
    assert "0.zip begins after None" in str(refused.exception)
