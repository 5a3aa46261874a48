"""The operations by which others keep up: changes, pulled or pushed, and a feature's history."""

from __future__ import annotations

from api.ogc.openapi.fields import collection_schema, feature_schema
from api.ogc.openapi.operations import (
    GEOJSON,
    JSON,
    About,
    Json,
    answer,
    in_header,
    in_query,
    operation,
    parameter_ref,
    schema_ref,
)
from layers.catalogue import Entry
from layers.changes.history import readers_of_history
from layers.changes.history_pages import MAX_LINES
from layers.changes.pull import DEFAULT_CHANGES, MAX_CHANGES
from layers.roles import Role

_TEXT: Json = {"type": "string"}
_ID: Json = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_TOKEN: Json = {"type": "string", "pattern": "^[0-9]{1,18}$"}
_JSON_ONLY = in_query("f", {"type": "string", "enum": ["json", "geojson"]})


def add_changes(paths: Json, entry: Entry, role: Role, language: str) -> None:
    """Add to a layer's paths how its changes are had."""
    base = f"/collections/{entry.id}"
    paths[f"{base}/changes"] = {"get": _changes(entry, feature_schema(entry, role, language))}
    about = About(f"{entry.id}.subscribe", "changes as they happen / 实时变化", entry.id)
    paths[f"{base}/subscribe"] = {"get": _subscription(about, [])}
    if role in readers_of_history(entry):
        paths[f"{base}/items/{{featureId}}/history"] = {"get": _history(entry)}


def subscription_paths() -> Json:
    """The changes of all layers at once."""
    names = in_query("collections", {"type": "array", "items": _TEXT}, "of these layers / 图层")
    about = About("subscribe", "changes as they happen / 实时变化", "server")
    return {"/subscribe": {"get": _subscription(about, [names])}}


def _changes(entry: Entry, feature: Json) -> Json:
    page = collection_schema(feature)
    page["properties"] |= {
        "deleted": {"type": "array", "items": {"type": "integer"}},
        "next": _TEXT,
        "more": {"type": "boolean"},
    }
    page["required"] += ["deleted", "next", "more"]
    limit = _limit(MAX_CHANGES, DEFAULT_CHANGES)
    since = in_query("since", _TOKEN, "the token of the last page; none: where to begin / 起点")
    return operation(
        About(f"{entry.id}.getChanges", "what changed since / 增量变化", entry.id),
        [since, limit, _JSON_ONLY],
        {"200": answer("what is there now, and what is gone / 变化", {GEOJSON: page})},
        ["404", "410"],
    )


def _history(entry: Entry) -> Json:
    lines = {"type": "array", "items": {"type": "object", "required": ["id", "at", "kind", "by"]}}
    links = {"type": "array", "items": schema_ref("link")}
    page = {
        "type": "object",
        "required": ["history", "links"],
        "properties": {"history": lines, "links": links},
    }
    before = in_query("before", _ID, "older than the line of this id / 更早")
    return operation(
        About(f"{entry.id}.getHistory", "who changed what, newest first / 变更记录", entry.id),
        [parameter_ref("featureId"), before, _limit(MAX_LINES, 100), _JSON_ONLY],
        {"200": answer("its changes / 变更记录", {JSON: page})},
        ["404"],
    )


def _subscription(about: About, own: list[Json]) -> Json:
    last = [
        in_header("Last-Event-ID", _TEXT, "go on after this event / 从此事件之后继续"),
        in_query("lastEventId", _TEXT, "the same, for whom can't set headers"),
    ]
    events = answer("server-sent events, without end / 事件流", {"text/event-stream": _TEXT})
    parameters = [*own, parameter_ref("bbox"), *last]
    return operation(about, parameters, {"200": events}, ["404", "410"])


def _limit(most: int, default: int) -> Json:
    # No maximum: a larger one is not refused.
    schema = {"type": "integer", "minimum": 1, "default": default}
    return in_query("limit", schema, f"how many; more than {most} is as {most} / 每页数量")
