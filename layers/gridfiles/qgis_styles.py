"""The table `layer_styles` of a GeoPackage, from which QGIS takes a layer's default style."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import NamedTuple

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import LEVEL_TITLES
from layers.gridfiles.look import LINES, SHARED_LINE, LineLook
from layers.gridfiles.share_rows import SHARES_LAYER, SHARES_TITLE

# As QGIS itself makes it when a style is saved into a GeoPackage (GeoPackage 1.3, annex on
# additional tables: registered as `attributes`).
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier)
VALUES ('layer_styles', 'attributes', 'layer_styles')
"""
_LAYERS = "SELECT table_name, column_name FROM gpkg_geometry_columns"
_INSERT = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
    styleName, styleQML, styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '')
"""


class _Labels(NamedTuple):
    """From which scale on names are drawn, and how large."""

    field: str
    size_pt: float
    from_scale: int


_LABELS = {
    1: _Labels("name", 14, 500_000),
    2: _Labels("name", 11, 100_000),
    3: _Labels("name", 9, 25_000),
    4: _Labels("code", 7, 5_000),
}
_SHARE_LABELS = _Labels("name", 7, 5_000)


class _Look(NamedTuple):
    """How a layer is drawn."""

    title: str
    line: LineLook
    labels: _Labels


def add_styles(package: Path) -> None:
    """A default style for every layer that is called as a level."""
    with closing(sqlite3.connect(package)) as connection, connection:
        connection.execute(_TABLE)
        connection.execute(_REGISTER)
        levels = {name: level for level, name in LEVEL_NAMES.items()}
        looks = {
            name: _Look(LEVEL_TITLES[level].zh, LINES[level], _LABELS[level])
            for name, level in levels.items()
        }
        looks[SHARES_LAYER] = _Look(SHARES_TITLE.zh, SHARED_LINE, _SHARE_LABELS)
        for layer, column in connection.execute(_LAYERS).fetchall():
            look = looks[layer]
            styles = (_style(look, "qml"), _style(look, "sld"))
            connection.execute(_INSERT, (layer, column, look.title, *styles, look.title))


def _style(look: _Look, kind: str) -> str:
    title, line, labels = look
    text = files(__package__).joinpath(f"style.{kind}").read_text(encoding="utf-8")
    return Template(text).substitute(
        title=title,
        color=",".join(map(str, line.rgb)),
        hex_color="#{:02x}{:02x}{:02x}".format(*line.rgb),
        width_mm=line.width_mm,
        width_px=round(line.width_mm / 0.28, 2),  # SLD's pixel is 0.28 mm (OGC 05-077r4)
        field=labels.field,
        size_pt=labels.size_pt,
        from_scale=labels.from_scale,
    )
