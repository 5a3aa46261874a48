"""What the OGC APIs conform to; a class is listed when its requirements are met, not before."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.parameters import check_parameters

_BASE = "http://www.opengis.net/spec"
CONFORMANCE = (
    f"{_BASE}/ogcapi-common-1/1.0/conf/core",
    f"{_BASE}/ogcapi-common-2/1.0/conf/collections",
    f"{_BASE}/ogcapi-features-1/1.0/conf/core",
    f"{_BASE}/ogcapi-features-1/1.0/conf/geojson",
    f"{_BASE}/ogcapi-features-1/1.0/conf/html",
    f"{_BASE}/ogcapi-features-1/1.0/conf/oas30",
    f"{_BASE}/ogcapi-features-2/1.0/conf/crs",
    f"{_BASE}/ogcapi-features-3/1.0/conf/queryables",
    f"{_BASE}/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    f"{_BASE}/ogcapi-features-3/1.0/conf/filter",
    f"{_BASE}/ogcapi-features-3/1.0/conf/features-filter",
    # Array functions work on literals, but no layer has a property that is an array.
    *(
        f"{_BASE}/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    # The draft's name of basic-spatial-functions, the only one that QGIS 3.40 looks for.
    f"{_BASE}/cql2/0.0/conf/basic-spatial-operators",
    # Part 4 is a draft (OGC 20-002, 1.0.0-draft.1 and what its abstract tests say since).
    f"{_BASE}/ogcapi-features-4/1.0/conf/create-replace-delete",
    f"{_BASE}/ogcapi-features-4/1.0/conf/update",
    f"{_BASE}/ogcapi-features-4/1.0/conf/optimistic-locking-timestamps",
    f"{_BASE}/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    f"{_BASE}/ogcapi-features-4/1.0/conf/features",
    # Features Part 5 and Common Part 3 are one standard (OGC 23-058r2), of this name.
    f"{_BASE}/ogcapi-common-3/1.0/conf/schemas",
    f"{_BASE}/ogcapi-common-3/1.0/conf/returnables-and-receivables",
    f"{_BASE}/ogcapi-common-3/1.0/conf/queryables",
    f"{_BASE}/ogcapi-tiles-1/1.0/conf/core",
    f"{_BASE}/ogcapi-tiles-1/1.0/conf/tileset",
    f"{_BASE}/ogcapi-tiles-1/1.0/conf/tilesets-list",
    f"{_BASE}/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    f"{_BASE}/ogcapi-tiles-1/1.0/conf/mvt",
    f"{_BASE}/ogcapi-processes-1/1.0/conf/core",
    f"{_BASE}/ogcapi-processes-1/1.0/conf/ogc-process-description",
    f"{_BASE}/ogcapi-processes-1/1.0/conf/json",
    f"{_BASE}/ogcapi-processes-1/1.0/conf/job-list",
    f"{_BASE}/ogcapi-processes-1/1.0/conf/dismiss",
)


async def get_conformance(request: Request) -> Response:
    """GET /conformance."""
    check_parameters(request)
    if wants_html(request):
        return render(request, "conformance_classes.html", {"classes": CONFORMANCE})
    return JSONResponse({"conformsTo": CONFORMANCE})
