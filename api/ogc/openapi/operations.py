"""How an operation of the document is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]
JSON = "application/json"
HTML = "text/html"
JSON_LD = "application/ld+json"
GEOJSON = "application/geo+json"
# An answer may always be one of these: the address asked too often, the database is busy.
_ALWAYS = ("400", "401", "429", "503", "default")


class About(NamedTuple):
    """Name (operationId), summary and tag of an operation."""

    name: str
    summary: str
    tag: str


def operation(
    about: About,
    parameters: Iterable[Json],
    answers: Mapping[str, Json],
    refusals: Iterable[str] = (),
) -> Json:
    """An operation.

    Args:
        answers: status → response.
        refusals: statuses besides those that every operation may answer with.
    """
    codes = sorted({*_ALWAYS, *refusals})
    return {
        "operationId": about.name,
        "summary": about.summary,
        "tags": [about.tag],
        "parameters": list(parameters),
        "responses": {**answers, **{code: response_ref(f"refused-{code}") for code in codes}},
    }


def answer(description: str, contents: Mapping[str, Json], headers: Json | None = None) -> Json:
    """A response: media type → schema."""
    found: Json = {
        "description": description,
        "content": {media_type: {"schema": schema} for media_type, schema in contents.items()},
    }
    return {**found, "headers": headers} if headers else found


def page(description: str, contents: Mapping[str, Json]) -> Json:
    """The response 200 of what can be had for machines and for people: media type → schema."""
    return {"200": answer(description, {**contents, HTML: {"type": "string"}})}


def parameter_ref(name: str) -> Json:
    """A reference to one of the shared parameters."""
    return {"$ref": f"#/components/parameters/{name}"}


def schema_ref(name: str) -> Json:
    """A reference to one of the shared schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def response_ref(name: str) -> Json:
    """A reference to one of the shared responses."""
    return {"$ref": f"#/components/responses/{name}"}


def in_path(name: str, schema: Json, description: str = "") -> Json:
    """A parameter in the path."""
    return _parameter(name, "path", schema, description, required=True)


def in_query(name: str, schema: Json, description: str = "") -> Json:
    """A parameter in the query; lists are written with commas."""
    return {**_parameter(name, "query", schema, description), "style": "form", "explode": False}


def in_header(name: str, schema: Json, description: str = "") -> Json:
    """A request header."""
    return _parameter(name, "header", schema, description)


def _parameter(
    name: str, where: str, schema: Json, description: str, *, required: bool = False
) -> Json:
    found = {"name": name, "in": where, "required": required, "schema": schema}
    return {**found, "description": description} if description else found
