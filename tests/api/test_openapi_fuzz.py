"""Shows 7: whatever the OpenAPI document allows is answered as the document says, by no 5xx.

Schemathesis makes requests from the document, right and wrong ones, and looks at the answers.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from layers.accounts.demo import make_demo_accounts
from layers.demo.plan import Plan
from layers.demo.start import start_town
from layers.roles import Role

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# One that an editor writes; the long test takes them all.
SOME_LAYERS = ("premises",)
HOW = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=False
)


def operations(url: str, headers: dict[str, str]) -> Iterator[schemathesis.APIOperation]:
    document = f"{url}/ogc/openapi"
    schema = schemathesis.openapi.from_url(document, headers={**headers, "accept": "*/*"})
    # The stream of events has no end; tests of its own follow it.
    for found in schema.exclude(path_regex="/subscribe$").get_all_operations():
        yield found.ok()


def fuzz(operation: schemathesis.APIOperation, headers: dict[str, str], examples: int) -> None:
    @seed(0)
    @settings(HOW, max_examples=examples)
    @given(data=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def right(data: schemathesis.Case) -> None:
        ask(data, headers)

    @seed(0)
    @settings(HOW, max_examples=examples)
    @given(data=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def wrong(data: schemathesis.Case) -> None:
        ask(data, headers)

    right()
    if list(operation.iter_parameters()) or operation.body:
        wrong()


def ask(case: schemathesis.Case, headers: dict[str, str]) -> None:
    tame(case)
    response = case.call(headers=headers, timeout=60)
    case.validate_response(response, checks=CHECKS)


def tame(case: schemathesis.Case) -> None:
    """Leave out what is right and takes long by nature."""
    body = case.body if isinstance(case.body, dict) else {}
    inputs = body.get("inputs")
    if isinstance(inputs, dict):
        inputs.pop("pause", None)
        if isinstance(inputs.get("resolution"), int):
            inputs["resolution"] = min(inputs["resolution"], 8)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def is_of_some_layers(operation: schemathesis.APIOperation) -> bool:
    parts = operation.path.split("/")
    return parts[1] != "collections" or len(parts) < 3 or parts[2] in SOME_LAYERS


@pytest.mark.long
def test_answers_are_as_the_document_says(own_town):
    with own_town(synthetic=True) as town:
        for headers in ({}, basic("editor", town.password)):
            for operation in filter(is_of_some_layers, operations(town.url, headers)):
                fuzz(operation, headers, examples=1)


@pytest.mark.long
@pytest.mark.parametrize("who", ["anonymous", "editor"])
def test_answers_of_the_whole_demo_are_as_the_document_says(
    database: str, serve_app, demo_secret: bytes, demo_account, who: str
):
    with psycopg.connect(database) as connection:
        make_demo_accounts(connection, start_town(connection, Plan()).town, demo_secret)
    headers = {} if who == "anonymous" else basic(*demo_account(Role.GIS_EDITOR))
    with serve_app(database) as url:
        for operation in operations(url, headers):
            fuzz(operation, headers, examples=25)
