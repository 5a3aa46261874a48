"""Queryables and schemas against their standards: OGC 19-079r2 (Part 3) and 23-058r2 (Part 5).

Every layer, as several roles; each check names the requirement that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import product

import httpx
import pytest
from jsonschema import Draft202012Validator

from layers.entries import CATALOGUE
from layers.roles import Role
from liveonly import BEGIN_EMPTY

ROLES = (Role.ANONYMOUS, Role.DISPATCHER, Role.GIS_EDITOR)
ASKED = [
    (role, entry.id, kind)
    for role, kind in product(ROLES, ("queryables", "schema"))
    for entry in CATALOGUE.readable_by(role)
]
REL = "http://www.opengis.net/def/rel/ogc/1.0"
SHAPES = ("point", "linestring", "polygon")
FORMATS = {f"geometry-{name}" for name in ("any", *SHAPES, *(f"{s}-or-multi{s}" for s in SHAPES))}
QGIS = {"User-Agent": "Mozilla/5.0 QGIS/34006/Debian"}


@pytest.fixture(scope="module")
def clients(
    public_url: str, client_of_each: Callable[..., AbstractContextManager[dict[Role, httpx.Client]]]
) -> Iterator[dict[Role, httpx.Client]]:
    with client_of_each(f"{public_url}/ogc", ROLES) as made:
        yield made


@pytest.mark.parametrize(("role", "layer", "kind"), ASKED)
def test_a_document_is_as_the_standards_want_it(clients, role: Role, layer: str, kind: str):
    address = f"/collections/{layer}/{kind}"
    answer = clients[role].get(address, headers={"Accept": "application/schema+json"})
    document = answer.json()
    # returnables-and-receivables/op, queryables/op; schemas/json-schema
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/schema+json")
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["type"] == "object"
    assert document["$id"].endswith(f"/ogc{address}")
    assert clients[role].get(document["$id"]).json() == document
    for schema in document["properties"].values():
        check_property(schema)
    places = [each.get("x-ogc-propertySeq") for each in document["properties"].values()]
    known = [place for place in places if place is not None]
    assert len(set(known)) == len(known)


def check_property(schema: dict):
    """schemas/properties A to F, role, unit."""
    assert schema["title"]
    if schema.get("x-ogc-role") == "primary-geometry":
        assert schema["format"] in FORMATS
        assert not {"type", "$ref"} & set(schema)
        return
    assert schema["type"] in ("string", "integer", "number", "boolean")
    if "format" in schema:
        assert (schema["type"], schema["format"]) in {("string", "date"), ("string", "date-time")}
    assert isinstance(schema.get("x-ogc-unit", ""), str)


@pytest.mark.parametrize("layer", [each.id for each in CATALOGUE.readable_by(Role.ANONYMOUS)])
def test_a_collection_links_to_both(clients, layer: str):
    links = clients[Role.ANONYMOUS].get(f"/collections/{layer}?f=json").json()["links"]
    for kind in ("queryables", "schema"):
        found = [each["href"] for each in links if each["rel"] == f"{REL}/{kind}"]
        assert any(f"/{layer}/{kind}" in href for href in found)


@pytest.mark.parametrize(("role", "layer", "kind"), [each for each in ASKED if each[2] == "schema"])
def test_what_is_not_taken_is_read_only(clients, role: Role, layer: str, kind: str):
    """schemas/properties H."""
    properties = clients[role].get(f"/collections/{layer}/{kind}").json()["properties"]
    taken = {name for name, schema in properties.items() if not schema.get("readOnly")}
    assert bool(taken) == (role in CATALOGUE.entry(layer).writers)


@pytest.mark.parametrize(
    ("role", "layer"), [(role, layer) for role, layer, kind in ASKED if kind == "queryables"]
)
def test_filters_may_name_the_queryables_and_nothing_else(clients, role: Role, layer: str):
    """queryables/response G; queryables-query-parameters C and D."""
    client, items = clients[role], f"/collections/{layer}/items"
    document = client.get(f"/collections/{layer}/queryables").json()
    assert document["additionalProperties"] is False
    assert document["properties"]["id"]["x-ogc-role"] == "id"
    for name in document["properties"]:
        answer = client.get(items, params={"filter": f"{name} IS NULL", "limit": 1})
        assert answer.status_code == 200, answer.text
    for name in ("geom", "town_id", "cell", "nothing"):
        if name not in document["properties"]:
            assert client.get(items, params={"filter": f"{name} IS NULL"}).status_code == 400
    [one] = client.get(items, params={"limit": 1}).json()["features"] or [None]
    if one is None:
        assert layer in BEGIN_EMPTY
        return
    simple = {
        name: str(one["properties"][name]).lower() if schema["type"] == "boolean"
        else str(one["properties"][name])
        for name, schema in document["properties"].items()
        if name in one["properties"] and one["properties"][name] is not None
    } | {"id": str(one["id"])}  # fmt: skip
    found = client.get(items, params=simple)
    assert found.status_code == 200, found.text
    assert [each["id"] for each in found.json()["features"]] == [one["id"]]


def test_only_qgis_gets_the_reference_that_it_looks_for(clients):
    address, client = "/collections/grids/queryables", clients[Role.ANONYMOUS]
    answers = [client.get(address), client.get(address, headers=QGIS)]
    references = [each.json()["properties"]["geometry"].get("$ref") for each in answers]
    assert references == [None, "https://geojson.org/schema/Geometry.json"]
    assert all("user-agent" in each.headers["vary"].lower() for each in answers)


def test_the_classes_are_declared(clients):
    declared = clients[Role.ANONYMOUS].get("/conformance").json()["conformsTo"]
    names = {each.rsplit("/", 1)[-1] for each in declared if "/ogcapi-common-3/" in each}
    assert names == {"schemas", "returnables-and-receivables", "queryables"}
