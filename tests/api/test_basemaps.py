"""Pictures under the editor: fetched from a real server that also fails, hangs and lies."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.auth.settings import AuthSettings
from api.basemaps.pictures import Tile, read_pictures, tile_address
from spatial.datum import gcj02_offset_m
from spatial.errors import SetupError
from spatial.settings import Settings
from tileserver import FAULTS, PACKED, TileServer, red_pixel

KEY = "a-key-that-nobody-sees"
PASSWORD = "a password for tests"


@pytest.fixture(scope="module")
def tiles() -> Iterator[TileServer]:
    server = TileServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.awake.set()
    server.shutdown()


@pytest.fixture(scope="module")
def url(
    tiles: TileServer,
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[str]:
    names = (*FAULTS, *PACKED, "ok", "hang", "drip", "redirect")
    stated = [f"{name}={tiles.url}/{quote(name)}/{{z}}/{{x}}/{{y}}?tk={KEY}" for name in names]
    stated.append(f"高德[gcj02, max=17]={tiles.url}/ok/{{z}}/{{x}}/{{y}}")
    stated.append("silent=http://127.0.0.1:9/{z}/{x}/{y}?tk=" + KEY)
    installed = {
        "basemaps": tuple(stated),
        "tianditu_key": KEY,
        "tianditu_url": tiles.url,
        "basemap_timeout_s": 0.5,
    }
    with new_database() as conninfo:
        fill_town(conninfo)
        how = {"only_this_machine": True, "auth": auth_settings, "installed": installed}
        with serve_app(conninfo, **how) as base:
            yield base


@pytest.fixture(scope="module")
def editor(url: str) -> Iterator[httpx.Client]:
    with _signed_in(url, "editor") as client:
        yield client


@contextmanager
def _signed_in(url: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as client:
        body = {"name": name, "password": PASSWORD}
        assert client.post("/api/session", json=body).status_code == 201
        yield client


@pytest.fixture(scope="module")
def sources(editor: httpx.Client) -> dict[str, str]:
    """The address of each picture's first tile, by its title."""
    pictures = editor.get("/api/basemaps").json()["pictures"]
    return {each["title"]: each["tiles"][0].format(z=14, x=13600, y=6780) for each in pictures}


def test_a_tile_comes_through_and_stays_a_day(
    editor: httpx.Client, sources: dict[str, str], tiles: TileServer
) -> None:
    answer = editor.get(sources["ok"])
    assert answer.status_code == 200, answer.text
    assert answer.content == red_pixel()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=86400"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert tiles.asked[-1] == f"/ok/14/13600/6780?tk={KEY}"


def test_a_packed_tile_comes_through_too(
    editor: httpx.Client, sources: dict[str, str], tiles: TileServer
) -> None:
    assert editor.get(sources["packed"]).content == red_pixel()


def test_tianditu_is_asked_for_pictures_and_names_in_web_mercator(
    editor: httpx.Client, tiles: TileServer
) -> None:
    pictures = {each["id"]: each for each in editor.get("/api/basemaps").json()["pictures"]}
    for name, layers in (("tianditu-vector", ("vec", "cva")), ("tianditu-imagery", ("img", "cia"))):
        for template, layer in zip(pictures[name]["tiles"], layers, strict=True):
            assert editor.get(template.format(z=14, x=13600, y=6780)).status_code == 200
            path, _, query = tiles.asked[-1].partition("?")
            assert path == f"/{layer}_w/wmts"
            assert dict(each.split("=") for each in query.split("&")) == {
                "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": layer,
                "STYLE": "default", "TILEMATRIXSET": "w", "FORMAT": "tiles", "TILEMATRIX": "14",
                "TILEROW": "6780", "TILECOL": "13600", "tk": KEY,
            }  # fmt: skip


@pytest.mark.parametrize(
    ("picture", "status", "words"),
    [
        ("html", 502, "不是图片"), ("json", 502, "不是图片"), ("lie", 502, "不是图片"),
        ("gone", 404, "没有底图"), ("refuse", 502, "403.*密钥"), ("break", 502, "500"),
        ("large", 502, "过大"), ("redirect", 502, "302"), ("silent", 502, "连不上"),
        ("hang", 504, "及时应答"), ("drip", 504, "及时应答"),
        ("bomb", 502, "过大"), ("bomb in a bomb", 502, "编码不支持"), ("broken", 502, "损坏"),
    ],
)  # fmt: skip
def test_whose_fault_it_is(
    editor: httpx.Client, sources: dict[str, str], picture: str, status: int, words: str
) -> None:
    begun = time.monotonic()
    answer = editor.get(sources[picture])
    assert answer.status_code == status
    assert time.monotonic() - begun < 4.5  # the server would hang for 5 s
    assert re.search(words, answer.json()["description"])
    assert "tk=" not in answer.text
    assert KEY not in answer.text


def test_no_answer_and_no_log_has_a_key_or_a_foreign_address(
    editor: httpx.Client,
    sources: dict[str, str],
    tiles: TileServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = editor.get("/api/basemaps")
        for picture in ("ok", "break", "silent"):
            editor.get(sources[picture])
    ours = [record for record in caplog.records if "/api/" not in record.getMessage()]
    said = answer.text + "".join(record.getMessage() for record in ours)
    assert KEY not in said
    assert tiles.url not in answer.text
    assert KEY not in repr(Settings.from_environment()) + repr(
        read_pictures(Settings(data_folder=None, tianditu_key=KEY))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "place", ["14/16384/1", "14/1/16384", "19/0/0", "-1/0/0", "1/1.5/0", f"{10**30}/0/0", "14/a/b"]
)
def test_a_tile_has_to_be_one(
    editor: httpx.Client, sources: dict[str, str], tiles: TileServer, place: str
) -> None:
    asked = len(tiles.asked)
    source = sources["ok"].rsplit("/", 3)[0]
    assert editor.get(f"{source}/{place}").status_code == 404
    assert editor.get("/api/basemaps/nothing/1/1/1").status_code == 404
    assert len(tiles.asked) == asked


def test_only_who_drafts_gets_one(url: str, sources: dict[str, str]) -> None:
    with httpx.Client(base_url=url) as anybody:
        for path in ("/api/basemaps", sources["ok"]):
            assert anybody.get(path).status_code == 401
    with _signed_in(url, "planner") as planner:
        for path in ("/api/basemaps", sources["ok"]):
            assert planner.get(path).status_code == 403


def test_a_shifted_picture_says_by_how_much(editor: httpx.Client) -> None:
    pictures = {each["title"]: each for each in editor.get("/api/basemaps").json()["pictures"]}
    assert pictures["高德"]["shift_m"] == pytest.approx(gcj02_offset_m(120.05, 29.05), abs=1)
    assert 400 < pictures["高德"]["shift_m"] < 700
    assert pictures["高德"]["max_zoom"] == 17
    assert pictures["ok"]["shift_m"] == 0


def test_without_settings_there_is_no_picture() -> None:
    assert read_pictures(Settings(data_folder=None)).pictures == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("https://a/{z}/{x}/{y}.png", "https://a/3/4/1.png"),
        ("https://a/{z}/{x}/{-y}", "https://a/3/4/6"),
        (
            "https://a/{TileMatrix}/{TileRow}/{TileCol}?REQUEST=GetTile",
            "https://a/3/1/4?REQUEST=GetTile",
        ),
    ],
)
def test_templates(template: str, address: str) -> None:
    assert tile_address(template, Tile(3, 4, 1)) == address


@pytest.mark.parametrize(
    "entry",
    [
        "https://host/{z}/{x}/{y}", "名=ftp://host/{z}/{x}/{y}", "名=https://{x}.host/{z}/{x}/{y}",
        "名=https://host/{z}/{x}", "名=https://host/{z}/{x}/{y}/{s}", "名=file:///{z}/{x}/{y}",
        "名[bd09]=https://host/{z}/{x}/{y}", "名[max=99]=https://host/{z}/{x}/{y}", "=",
    ],
)  # fmt: skip
def test_a_wrong_setting_is_said_at_the_start(entry: str) -> None:
    settings = Settings(data_folder=None, basemaps=(f"{entry}",))  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="GRIDWHISTLE_BASEMAPS") as raised:
        read_pictures(settings)
    assert "host" not in raised.value.message.replace("://host", "")


def test_settings_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv(
        "GRIDWHISTLE_BASEMAPS", "甲=https://a/{z}/{x}/{y} | 乙=https://b/{z}/{x}/{y}"
    )
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("GRIDWHISTLE_TIANDITU_KEY_FILE", str(tmp_path / "key"))
    settings = Settings.from_environment()
    assert settings.tianditu_key == KEY
    titles = [each.title.zh for each in read_pictures(settings).pictures]
    assert titles == ["天地图·矢量", "天地图·影像", "甲", "乙"]
