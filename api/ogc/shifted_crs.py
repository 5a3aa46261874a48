"""What the URI of GCJ-02 leads to: that it is shifted, how, and how exact."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import crs_uri, link, ogc_url
from api.ogc.parameters import check_parameters
from api.services import services_of
from layers.catalogue import Text
from layers.reading.crs import GCJ02
from spatial.errors import NotFoundError

_NAME = Text("GCJ-02(偏移坐标,不是真正的坐标参考系)", "GCJ-02 (shifted; no true CRS)")
_ABOUT = (
    Text(
        "中国互联网地图(高德、腾讯、微信等)所用的偏移坐标,由存储坐标(WGS 84,与 CGCS2000 视为相同)"
        "按公开流传的公式逐点移动而得。没有任何机构公布该偏移,EPSG 也未收录。",
        "The shifted coordinates of Chinese web maps (AMap, Tencent, WeChat): stored coordinates "
        "(WGS 84, taken as equal to CGCS2000), each vertex moved by the formula that became public "
        "in 2010. No authority publishes the shift, and it is not in the EPSG registry.",
    ),
    Text(
        "精度:与该公式一致到 1e-9 度;未与各家地图自己的转换作过比对。"
        "公式在境内的偏移量为 40 至 690 米,范围之外不偏移。不得用于测量:距离、面积、方位均失真。",
        "Exactness: equal to that formula to 1e-9 degrees; not compared with the conversions of "
        "the map services themselves. By the formula the shift is 40 to 690 metres in China and "
        "nothing outside its box. Not for measuring: distances, areas and bearings are bent.",
    ),
    Text(
        "坐标次序:经度、纬度(度)。可用于 crs、bbox-crs、filter-crs 参数与矢量切片;"
        "GRIDWHISTLE_GCJ02=off 关闭。",
        "Axis order: longitude, latitude, in degrees. For the parameters crs, bbox-crs and "
        "filter-crs, and for vector tiles; GRIDWHISTLE_GCJ02=off turns it off.",
    ),
)


async def get_gcj02(request: Request) -> Response:
    """GET /crs/GCJ02.

    Raises:
        NotFoundError: the installation doesn't offer it.
    """
    check_parameters(request)
    if not services_of(request).settings.gcj02:
        raise NotFoundError("GCJ-02 is turned off here / 本平台未提供 GCJ-02")
    language = preferred_language(request)
    document = _describe(ogc_url(request), language)
    if wants_html(request):
        return render(request, "shifted_crs.html", {"crs": document})
    return JSONResponse(document, headers={"Content-Language": language})


def _describe(base: str, language: str) -> dict[str, Any]:
    uri = crs_uri(base, GCJ02)
    return {
        "id": uri,
        "title": in_language(_NAME, language),
        "description": [in_language(each, language) for each in _ABOUT],
        "isTrueCrs": False,
        "shiftedFrom": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "axes": ["longitude", "latitude"],
        "unit": "degree",
        "links": [
            link(uri, "self", "application/json", "this description / 本说明"),
            link(f"{uri}?f=html", "alternate", "text/html", "as HTML"),
        ],
    }
