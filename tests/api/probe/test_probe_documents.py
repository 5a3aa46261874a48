"""As each role: documents and legends name what the role may see, and nothing else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from layers.entries import CATALOGUE
from layers.roles import Role


@pytest.mark.parametrize("role", list(Role))
def test_documents_name_what_the_role_may_see_and_nothing_else(
    clients: dict[Role, httpx.Client], oracle: Any, role: Role
) -> None:
    client = clients[role]
    expected = {entry.id for entry in CATALOGUE.entries if entry.readable_by(role)}
    named = client.get("/ogc/collections?f=json").json()["collections"]
    assert {each["id"] for each in named} == expected
    legend = {each["id"]: each for each in client.get("/api/layers").json()}
    assert legend.keys() == expected
    openapi = client.get("/ogc/openapi?f=json").text
    for entry in CATALOGUE.entries:
        assert (f'"/collections/{entry.id}/items"' in openapi) is (entry.id in expected)
        if entry.id not in expected:
            for path in ("", "/queryables", "/schema", "/tiles", "/feature-schema", "/styles"):
                refused = client.get(f"/ogc/collections/{entry.id}{path}")
                assert refused.status_code == 404, (entry.id, path)
            continue
        assert {field["name"] for field in legend[entry.id]["fields"]} == oracle.columns(
            entry, role
        )
        # How many there are is a row's business too.
        assert legend[entry.id]["count"] == len(oracle.ids(entry, role))
        for path in ("queryables", "schema"):
            said = client.get(f"/ogc/collections/{entry.id}/{path}?f=json").json()["properties"]
            assert not oracle.hidden(entry, role) & said.keys(), (entry.id, path)
