"""The pictures that an installation offers, read from its settings.

A template is the address of a tile with placeholders: `{z}`, `{x}`, `{y}` (`{-y}` counts from the
south), or as WMTS calls them `{TileMatrix}`, `{TileCol}`, `{TileRow}`. It may hold a key, so it
leaves this process for the server that it names, and for nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from layers.catalogue import Text
from spatial.errors import SetupError
from spatial.settings import Settings

_VARIABLE = "GRIDWHISTLE_BASEMAPS"
_REMEDY = f"{_VARIABLE}='名称=https://host/{{z}}/{{x}}/{{y}}.png | 名称[gcj02,max=18]=https://…'"
_ENTRY = re.compile(r"(?P<name>[^=\[\]]+?)\s*(\[(?P<options>[^\]]*)\])?\s*=\s*(?P<template>\S+)")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DEEPEST = 22
# Tianditu's matrix set `w`: Web Mercator on CGCS2000, numbered as everybody's tiles are.
_TIANDITU = (
    "{base}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
_TIANDITU_PICTURES = (
    ("tianditu-vector", Text("天地图·矢量", "Tianditu, vector"), ("vec", "cva")),
    ("tianditu-imagery", Text("天地图·影像", "Tianditu, imagery"), ("img", "cia")),
)
_TIANDITU_NOTE = "天地图 国家地理信息公共服务平台"


class Tile(NamedTuple):
    """A tile of Web Mercator: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """Something to draw over.

    Attributes:
        tiles: ids of its tile sources, the lowest first.
        is_shifted: it is in GCJ-02, hundreds of metres beside the truth.
    """

    id: str
    title: Text
    tiles: tuple[str, ...]
    min_zoom: int = 0
    max_zoom: int = 18
    is_shifted: bool = False
    attribution: str = ""


class TileSource(NamedTuple):
    """Where the tiles of one source are, and of which zooms."""

    template: str
    min_zoom: int
    max_zoom: int


@dataclass(frozen=True)
class Pictures:
    """All that an installation offers.

    Attributes:
        sources: by id; `repr` leaves them out, for they hold keys.
    """

    pictures: tuple[Picture, ...] = ()
    sources: Mapping[str, TileSource] = field(default_factory=dict, repr=False)


def read_pictures(settings: Settings) -> Pictures:
    """What the settings say.

    Raises:
        SetupError: an entry can't be understood; tells its name, not its address.
    """
    found = [*_tianditu(settings), *_stated(settings.basemaps)]
    sources = {
        source: TileSource(template, picture.min_zoom, picture.max_zoom)
        for picture, templates in found
        for source, template in zip(picture.tiles, templates, strict=True)
    }
    return Pictures(tuple(picture for picture, _ in found), sources)


def tile_address(template: str, tile: Tile) -> str:
    """The address of one tile."""
    values = _values(tile)
    return _PLACEHOLDER.sub(lambda found: str(values[found[1].lower()]), template)


def _values(tile: Tile) -> dict[str, int]:
    z, x, y = tile
    flipped = 2**z - 1 - y
    return {"z": z, "x": x, "y": y, "-y": flipped, "tilematrix": z, "tilecol": x, "tilerow": y}


def _tianditu(settings: Settings) -> Iterator[tuple[Picture, list[str]]]:
    if settings.tianditu_key is None:
        return
    base, key = settings.tianditu_url.rstrip("/"), quote(settings.tianditu_key, safe="")
    for picture_id, title, layers in _TIANDITU_PICTURES:
        templates = [_TIANDITU.format(base=base, layer=layer, key=key) for layer in layers]
        for template in templates:
            _check_template(title.zh, template)
        picture = Picture(picture_id, title, layers, min_zoom=1, attribution=_TIANDITU_NOTE)
        yield picture, templates


def _stated(entries: Sequence[str]) -> Iterator[tuple[Picture, list[str]]]:
    for number, entry in enumerate(entries, start=1):
        parts = _ENTRY.fullmatch(entry.strip())
        if parts is None:
            raise SetupError(f"{_VARIABLE}: entry {number} is no NAME=ADDRESS", remedy=_REMEDY)
        name, template = parts["name"].strip(), parts["template"]
        _check_template(name, template)
        picture = Picture(f"picture-{number}", Text(name, name), (f"tiles-{number}",))
        yield _with_options(picture, parts["options"] or ""), [template]


def _with_options(picture: Picture, options: str) -> Picture:
    zooms = {"min": picture.min_zoom, "max": picture.max_zoom}
    is_shifted = False
    for option in filter(None, (each.strip() for each in options.split(","))):
        name, _, value = option.partition("=")
        if option == "gcj02":
            is_shifted = True
        elif name in zooms and value.isascii() and value.isdigit() and int(value) <= _DEEPEST:
            zooms[name] = int(value)
        else:
            raise SetupError(
                f"{_VARIABLE}: {picture.title.zh}: [{option}] is neither gcj02 nor min=… or max=…"
                f" up to {_DEEPEST}",
                remedy=_REMEDY,
            )
    title, tiles = picture.title, picture.tiles
    return Picture(picture.id, title, tiles, zooms["min"], zooms["max"], is_shifted)


def _check_template(name: str, template: str) -> None:
    """The host is the setting's alone; each of column, row and zoom has a place."""
    address = urlsplit(template)
    known = set(_values(Tile(0, 0, 0)))
    used = {each.lower() for each in _PLACEHOLDER.findall(template)}
    wanted = ({"z", "tilematrix"}, {"x", "tilecol"}, {"y", "-y", "tilerow"})
    if address.scheme not in ("http", "https") or not address.hostname or "{" in address.netloc:
        fault = "its address begins with no http(s)://host"
    elif used - known or not all(used & each for each in wanted):
        fault = "its address needs {z}, {x} and {y}, and no other placeholder"
    else:
        return
    raise SetupError(f"{_VARIABLE}: {name}: {fault}", remedy=_REMEDY)
