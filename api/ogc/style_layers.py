"""How a layer is drawn, in the words of the Mapbox style specification, made from its entry.

Only what MapLibre, OpenLayers and QGIS all understand: no sprite, no font file.
"""

from __future__ import annotations

from typing import Any

from api.ogc.languages import in_language
from layers.catalogue import Entry, Field, Text

Json = dict[str, Any]

# Told apart by people who confuse red and green too; the map page has the same.
_COLOURS = (
    "#2f5fb3", "#8a4fa3", "#0d7f78", "#a9641b", "#b03a68", "#5c7a1f", "#4a5a8a", "#6b6b6b",
)  # fmt: skip
_OTHER = "#6b737b"
# Codes whose colour says something by itself.
_COLOUR_OF_CODE = {
    "alarm": "#c8102e",
    "offline": "#8b9298",
    "closed": "#8b9298",
    "open": "#c8102e",
    "hot_99": "#b2182b",
    "hot_95": "#e2583e",
    "hot_90": "#f6a274",
    "not_significant": "#d5d9dc",
    "cold_90": "#9cc6e3",
    "cold_95": "#4f94c9",
    "cold_99": "#2065ab",
}
_INK = "#2c363d"
_PAPER = "#ffffff"
# Fonts of the reader's machine; MapLibre reads the weight from the first name.
_FONT = ["Medium", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
# From so many levels on a feature has room for its name.
_NAMED_AFTER = 3
_NAMES = ("name", "label")
# What the ground is painted with, where a colour is expected of it.
_GROUND = {"water": "#9dc1d9", "buildings": "#cfcabf", "streets": "#8d8778", "town": "#5d6b73"}
# Coverages lie over everything: they are drawn by their borders.
_BORDERS_ONLY = frozenset({"town", "villages", "grids", "micro-grids", "micro-grid-shares"})


def draw(entry: Entry, fields: tuple[Field, ...], language: str) -> list[Json]:
    """The style layers of a catalogue layer, from the ground up.

    Args:
        fields: what the reader sees of it.
    """
    drawn = {"Point": _points, "LineString": _lines}.get(entry.geometry, _areas)
    name = next((each.name for each in fields if each.name in _NAMES), None)
    labels = [_label(entry, name)] if name else []
    in_layer = {"source": entry.id, "source-layer": entry.id}
    return [each | in_layer for each in [*drawn(entry, fields, language), *labels]]


def _points(entry: Entry, fields: tuple[Field, ...], language: str) -> list[Json]:
    """Bins with their number from afar, one circle a feature near by."""
    many = ["has", "count"]
    return [
        {
            "id": f"{entry.id}-bins",
            "type": "circle",
            "metadata": _title(Text("聚合", "bins"), language),
            "maxzoom": entry.min_zoom,
            "filter": many,
            "paint": {
                "circle-color": _COLOURS[0],
                "circle-opacity": 0.75,
                "circle-radius": ["step", ["get", "count"], 8, 10, 11, 100, 14, 1000, 18],
                "circle-stroke-color": _PAPER,
                "circle-stroke-width": 1.5,
            },
        },
        {
            "id": f"{entry.id}-bin-counts",
            "type": "symbol",
            "maxzoom": entry.min_zoom,
            "filter": many,
            "layout": {
                "text-field": ["to-string", ["get", "count"]],
                "text-font": _FONT,
                "text-size": 11,
                "text-allow-overlap": True,
            },
            "paint": {"text-color": _PAPER},
        },
        {
            "id": f"{entry.id}-points",
            "type": "circle",
            "minzoom": entry.min_zoom,
            "filter": ["!", many],
            "paint": {
                "circle-color": _colour(entry, fields),
                "circle-radius": _by_zoom((10, 3), (14, 4.5), (18, 8)),
                "circle-stroke-color": _PAPER,
                "circle-stroke-width": 1,
            },
        },
    ]


def _lines(entry: Entry, fields: tuple[Field, ...], _language: str) -> list[Json]:
    return [
        {
            "id": f"{entry.id}-lines",
            "type": "line",
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {
                "line-color": _colour(entry, fields),
                "line-width": _by_zoom((8, 0.5), (12, 1), (15, 2.5), (18, 8)),
            },
        }
    ]


def _areas(entry: Entry, fields: tuple[Field, ...], _language: str) -> list[Json]:
    """Filled, with an outline; a layer of mixed geometry has its lines drawn too."""
    colour = _colour(entry, fields)
    outline: Json = {
        "id": f"{entry.id}-outlines",
        "type": "line",
        "layout": {"line-join": "round"},
        "paint": {"line-color": colour, "line-width": _by_zoom((8, 0.5), (14, 1.2), (18, 2.5))},
    }
    if entry.id in _BORDERS_ONLY:
        return [outline]
    fill: Json = {
        "id": f"{entry.id}-areas",
        "type": "fill",
        "paint": {"fill-color": colour, "fill-opacity": 0.6},
    }
    if entry.geometry == "Geometry":
        fill["filter"] = ["==", ["geometry-type"], "Polygon"]
    return [fill, outline]


def _label(entry: Entry, name: str) -> Json:
    placement = {"symbol-placement": "line"} if entry.geometry == "LineString" else {}
    offset = {"text-offset": [0, 0.8], "text-anchor": "top"} if entry.geometry == "Point" else {}
    return {
        "id": f"{entry.id}-names",
        "type": "symbol",
        "minzoom": min(entry.min_zoom + _NAMED_AFTER, entry.max_zoom),
        "filter": ["has", name],
        "layout": {
            "text-field": ["get", name],
            "text-font": _FONT,
            "text-size": 12,
            "text-max-width": 7,
            **placement,
            **offset,
        },
        "paint": {"text-color": _INK, "text-halo-color": _PAPER, "text-halo-width": 1.5},
    }


def _colour(entry: Entry, fields: tuple[Field, ...]) -> Any:
    """By the layer's first code list; one colour where it has none."""
    coded = next((each for each in fields if each.codes), None)
    if entry.id in _GROUND or entry.id in _BORDERS_ONLY or coded is None:
        return _GROUND.get(entry.id, _COLOURS[1])
    pairs = [
        part
        for number, code in enumerate(coded.codes)
        for part in (code, _COLOUR_OF_CODE.get(code, _COLOURS[number % len(_COLOURS)]))
    ]
    return ["match", ["get", coded.name], *pairs, _OTHER]


def _by_zoom(*stops: tuple[float, float]) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], *(part for stop in stops for part in stop)]


def _title(text: Text, language: str) -> Json:
    return {"title": in_language(text, language)}
