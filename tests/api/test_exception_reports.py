"""QGIS gets the reason of a refused edit as an OWS ExceptionReport, everybody else as JSON."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import httpx
import pytest

from api.ogc.processes.echo import ECHO

QGIS = "Mozilla/5.0 QGIS/34006/Debian GNU/Linux 13 (trixie)"
OWS = {"ows": "http://www.opengis.net/ows/1.1"}


def post(base_url: str, agent: str) -> httpx.Response:
    address = f"{base_url}/ogc/collections/nothing<&>/items"
    return httpx.post(address, json={}, headers={"User-Agent": agent})


def test_qgis_is_told_in_a_report(public_url: str):
    answer = post(public_url, QGIS)
    plain = post(public_url, "somebody else")
    assert answer.status_code == plain.status_code >= 400
    assert answer.headers["content-type"] == "application/xml"
    [exception] = ET.fromstring(answer.content).findall("ows:Exception", OWS)
    assert exception.get("exceptionCode") == plain.json()["code"]
    assert exception.findtext("ows:ExceptionText", namespaces=OWS) == plain.json()["description"]


@pytest.mark.parametrize("agent", ["curl/8.5.0", "GDAL/3.12", ""])
def test_others_are_told_in_json(public_url: str, agent: str):
    assert "description" in post(public_url, agent).json()


def test_reading_is_answered_in_json(public_url: str):
    answer = httpx.get(f"{public_url}/ogc/collections/nothing", headers={"User-Agent": QGIS})
    assert answer.status_code == 404
    assert "description" in answer.json()


def test_what_succeeds_is_left_alone(public_url: str):
    address = f"{public_url}/ogc/processes/echo/execution"
    body = dict(ECHO.example)
    as_qgis = httpx.post(address, json=body, headers={"User-Agent": QGIS})
    assert as_qgis.content == httpx.post(address, json=body).raise_for_status().content
