"""The frame's answers: kept in memory, right for every language, format and address."""

from __future__ import annotations

import time

import httpx
import psycopg
import pytest

from api.ogc.answers import _KEPT_AT_MOST, Answer, Answers


@pytest.fixture(scope="module")
def ogc(public_url: str):
    with httpx.Client(base_url=f"{public_url}/ogc", timeout=30) as client:
        yield client


def test_answers_are_kept_by_all_that_they_depend_on(ogc: httpx.Client):
    for _again in range(2):
        assert ogc.get("/?lang=en").json()["title"].isascii()
        assert not ogc.get("/").json()["title"].isascii()
        assert ogc.get("/", headers={"accept-language": "en"}).json()["title"].isascii()
        assert ogc.get("/", headers={"accept": "text/html"}).text.startswith("<!doctype html>")
        assert ogc.get("/?f=jsonld").headers["content-type"].startswith("application/ld+json")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/html;q=0.1, application/json", "json"), ("text/html, */*;q=0.8", "html"),
        ("application/json;q=0.5, text/html", "html"), (",;q=", "json"),
        ("text/html;q=0, */*", "json"), ("*/*;q=0.8, text/html;q=0.9", "html"),
        ("application/geo+json;q=0", "json"), ("image/png", "json"), ("text/html;level=1", "html"),
        ("text/html;q=most", "html"), ("text/html;q=1e999, application/json", "html"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/collections", "/collections/premises/items", "/openapi"])
def test_forms_are_weighed_alike_everywhere(ogc: httpx.Client, path: str, accept: str, form: str):
    answer = ogc.get(path, headers={"accept": accept})
    assert answer.status_code == 200
    assert form in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("en;q=0.1, zh", "zh"), ("en;q=0", "zh"), ("fr, en;q=0.5, zh;q=0.4", "en"), ("fr", "zh"),
        ("EN-gb", "en"), ("*", "zh"), ("en;q=x", "en"), (";;,", "zh"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/collections/premises/items"])
def test_languages_are_weighed_alike_everywhere(
    ogc: httpx.Client, path: str, wish: str, language: str
):
    headers = {"accept": "text/html", "accept-language": wish}
    answer = ogc.get(path, headers=headers)
    assert answer.headers["content-language"].startswith(language)


def test_links_follow_the_address_by_which_the_client_came(ogc: httpx.Client):
    for host in ("a.example", "b.example:8080"):
        links = ogc.get("/collections", headers={"host": host}).json()["links"]
        assert {httpx.URL(each["href"]).netloc.decode() for each in links} == {host}


@pytest.mark.parametrize(
    "path",
    [
        "/", "/collections", "/collections/premises", "/collections/premises/tiles",
        "/TileMatrixSets", "/TileMatrixSets/WebMercatorQuad", "/processes", "/processes/echo",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "html"])
def test_every_page_has_both_forms(ogc: httpx.Client, path: str, form: str):
    answer = ogc.get(path, params={"f": form})
    assert answer.status_code == 200
    assert form in answer.headers["content-type"]


@pytest.mark.parametrize("query", ["f=xml", "lang=fr", "unknown=1", "limit=5"])
def test_what_nobody_would_look_at_is_refused(ogc: httpx.Client, query: str):
    answer = ogc.get(f"/?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "InvalidParameterValue"


def test_no_such_address_is_an_exception_document(ogc: httpx.Client):
    answer = ogc.get("/nothing-here")
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    # Who types the server's address alone into a client is told where the APIs are.
    lost = httpx.get(str(ogc.base_url).replace("/ogc", "/conformance"))
    assert (lost.status_code, "/ogc" in lost.json()["description"]) == (404, True)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/collections/nothing", 404, "没有这个图层"),
        ("/collections/nothing/items", 404, "没有这个图层"),
        ("/nothing-here", 404, "没有这一页"),
        ("/collections/premises/items?limit=x", 400, "请求有误"),
        ("/collections/premises/items/999999", 404, "没有这个要素"),
    ],
)  # fmt: skip
def test_a_person_gets_a_page_where_a_program_gets_a_document(
    ogc: httpx.Client, path: str, status: int, words: str
):
    page = ogc.get(path, headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert words in page.text
    document = ogc.get(path)
    assert (document.status_code, document.json()["status"]) == (status, status)


def test_what_a_page_quotes_is_text(ogc: httpx.Client):
    page = ogc.get("/collections/premises/items?<script>=1", headers={"accept": "text/html"})
    assert page.status_code == 400
    assert "<script>" not in page.text
    assert ogc.get("/?lang=fr", headers={"accept": "text/html"}).status_code == 400


def test_a_page_of_items_leads_to_its_files(ogc: httpx.Client):
    page = ogc.get("/collections/premises/items?lang=en&f=html&kind=shop&limit=2&offset=2").text
    for form in ("csv", "gpkg", "fgb"):
        assert f"/items?lang=en&amp;kind=shop&amp;f={form}" in page


def test_an_import_is_seen(new_database, serve_app):
    """What is kept is made anew when the makers of the data change."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid,"
                " synthetic, as_of) VALUES ('t', '小镇', 'Small', 'SRID=4326;MULTIPOLYGON(((120 29,"
                "120.1 29,120.1 29.1,120 29)))', 'Asia/Shanghai', 4549, true, '2026-06-30')"
            )
        with serve_app(conninfo) as base_url:
            url = f"{base_url}/ogc/collections/premises"
            assert httpx.get(url).json()["attribution"] == ""
            with psycopg.connect(conninfo) as connection:
                connection.execute(
                    "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name,"
                    " attribution) VALUES (1, true, 'premises', 's', 'a survey, CC BY')"
                )
                connection.execute(
                    "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)"
                    " VALUES (1, 'a', 'shop', '一', 'SRID=4326;POINT(120.05 29.05)', true, 1)"
                )
            _wait_until(lambda: httpx.get(url).json()["attribution"] == "a survey, CC BY")


def _wait_until(holds) -> None:
    for _ in range(100):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_old_answers_make_room():
    answers = Answers()
    for number in range(_KEPT_AT_MOST + 1):
        answers.keep(number, Answer(200, {}, b""))
        answers.get(0)
    assert answers.get(0) is not None
    assert answers.get(1) is None
