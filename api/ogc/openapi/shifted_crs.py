"""The operation that says what GCJ-02 is here, where it is offered."""

from __future__ import annotations

from api.ogc.openapi.operations import JSON, About, Json, operation, page, parameter_ref


def shifted_crs_paths() -> Json:
    """The address by which the datum is named."""
    summary = "GCJ-02, which is no true CRS / GCJ-02 说明"
    both = (parameter_ref("f-json-html"), parameter_ref("lang"))
    found = page(summary, {JSON: {"type": "object"}})
    about = About("getGcj02", summary, "server")
    return {"/crs/GCJ02": {"get": operation(about, both, found, ["404"])}}
