"""The OpenAPI document: valid, self-contained, and of every address that there is."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from openapi_spec_validator import validate

from api.ogc.openapi.json_schema import in_openapi
from api.ogc.routes import ROUTES
from layers.reading.query import PARAMETERS

# What a document says of itself by other means.
NOT_DESCRIBED = {"HEAD", "OPTIONS"}
NAMES = {
    "layer_id": "premises", "feature_id": "{featureId}", "matrix_set": "{tileMatrixSetId}",
    "zoom": "{tileMatrix}", "row": "{tileRow}", "column": "{tileCol}", "process_id": "echo",
    "job_id": "{jobId}", "style_id": "{styleId}",
}  # fmt: skip


@pytest.fixture(scope="module")
def documents(guarded):
    """As anybody and as an editor see it."""
    address = f"{guarded.url}/ogc/openapi"
    anybody = httpx.get(address, timeout=30)
    editor = httpx.get(address, auth=("editor", guarded.password), timeout=30)
    assert anybody.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    return anybody.json(), editor.json()


def test_it_is_valid_and_self_contained(documents):
    for document in documents:
        validate(document)
        references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(document))
        assert references
        assert all(each.startswith("#/") for each in references)


def test_operations_have_names_of_their_own(documents):
    for document in documents:
        names = [
            operation["operationId"]
            for path in document["paths"].values()
            for operation in path.values()
        ]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.path} {sorted(route.methods)}")
def test_every_address_is_described(documents, route):
    path = re.sub(r"{(\w+)}", lambda match: NAMES.get(match[1], match[0]), route.path)
    path = path.removeprefix("/ogc") or "/"
    _, editor = documents
    described = {method.upper() for method in editor["paths"].get(path, {})}
    mine = {each.upper() for each in route.methods} - NOT_DESCRIBED
    # One route takes all that writes, at the items and at one of them.
    if route.endpoint.__name__ in {"edit_items", "edit_item"}:
        assert described & mine
    else:
        assert mine <= described


def test_only_editors_are_told_how_to_write(documents):
    anybody, editor = (set(each["paths"]["/collections/premises/items"]) for each in documents)
    assert anybody == {"get"}
    assert editor == {"get", "post"}


def test_what_clients_look_for(documents):
    document = documents[0]
    shared = document["components"]["parameters"]
    assert {"cql2-text", "cql2-json", "cql-text"} == set(shared["filter-lang"]["schema"]["enum"])
    items = document["paths"]["/collections/premises/items"]["get"]["parameters"]
    named = {each.get("name") or each["$ref"].rpartition("/")[2] for each in items}
    assert named >= PARAMETERS


def test_json_schema_in_openapi_s_words():
    schema = {
        "type": ["integer", "null"], "const": 3, "exclusiveMinimum": 2, "$schema": "x",
        "allOf": [{"properties": {"const": {"const": "a"}}}],
    }  # fmt: skip
    assert in_openapi(schema) == {
        "type": "integer", "nullable": True, "enum": [3], "minimum": 2, "exclusiveMinimum": True,
        "allOf": [{"properties": {"const": {"enum": ["a"]}}}],
    }  # fmt: skip
