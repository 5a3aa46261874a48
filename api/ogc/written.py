"""Answers to a write: the feature's state, and the feature itself where that is asked for."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import override

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.entity_tags import validators_of
from api.ogc.items import GEOJSON
from api.ogc.links import ogc_url
from layers.catalogue import Entry


def answer_written(request: Request, body: str, status: HTTPStatus) -> Response:
    """With the feature where `Prefer: return=representation` asks for it (RFC 7240)."""
    preferences = {each.strip().lower() for each in request.headers.get("prefer", "").split(",")}
    headers = validators_of(body)
    if "return=representation" in preferences:
        headers["Preference-Applied"] = "return=representation"
        if status is HTTPStatus.NO_CONTENT:
            status = HTTPStatus.OK
        return Response(body, status, headers, GEOJSON)
    if status is HTTPStatus.NO_CONTENT:
        return Response(status_code=status, headers=headers)
    only_id = json.dumps({"id": json.loads(body)["id"]})
    return Response(only_id, status, headers, "application/json")


def answer_created(request: Request, entry: Entry, feature_id: int, body: str) -> Response:
    """201, and where the new feature is."""
    response = answer_written(request, body, HTTPStatus.CREATED)
    location = f"{ogc_url(request)}/collections/{entry.id}/items/{feature_id}"
    response.raw_headers.append((_AsWritten(b"Location"), location.encode()))
    return response


class _AsWritten(bytes):
    """A header's name that keeps its capitals where uvicorn makes all names small.

    Names are equal whatever their case, but QGIS 3.40 looks for `Location` in this one alone, and
    takes a feature for not created where it doesn't find it.
    """

    __slots__ = ()

    @override
    def lower(self) -> bytes:
        return self
